"""Instrumentation fidelity: how much of what the schema requires is really there, per stage and field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import Field, fields_of, record_for
from convqa_sdk.schema.wire import decode, is_array, validate
from convqa_sdk.store.joins import Joins, join
from convqa_sdk.store.segments import StoredSpan, Tally, read_spans, sampling_probability

VERSIONS = ("convqa.model.version", "gen_ai.prompt.version", "convqa.policy.version", "convqa.kb.snapshot")
"""What a claim about the bot rests on; a turn without them cannot be compared with another."""


_ABOUT = frozenset({"outcome", "snapshot"})
"""Stages that speak of a conversation without being part of it."""


@dataclass
class FieldFidelity:
    """One field of one stage: whether it is required, and on how many spans it is present, missing or invalid.

    A value is invalid when it breaks the schema, in the store or already when it was recorded (then it was dropped).
    """

    required: bool
    present: int = 0
    missing: int = 0
    invalid: int = 0


@dataclass
class Fidelity:
    """The fidelity of a store.

    Attributes:
        spans: Spans of ours.
        foreign: Spans of others, which are not judged.
        conversations: Conversations seen.
        lost_turns: Turns that the bot reported as lost.
        losses: The same by cause.
        missing_in: Everything lost, by the destination that did not get it.
        lost_records: The same for outcomes, changes and single stages, by cause.
        sampled: Turns of customers who were drawn, by the probability of that where it is below 1.
        outcomes_only: Conversations that have outcomes and nothing else.
        joins: How outcomes find their conversation.
        orphans: Stages whose parent is not in the store and whose trace has no turn around them.
        torn_lines: Lines that could not be read.
        skipped: What to tell people about segments that were skipped; empty when none was.
        violations: Instrumentation violations by field name.
        redaction: Spans by redaction status.
        stages: Spans by stage.
        unversioned: Turns that lack a version, by attribute key; that of the knowledge base where any is searched.
        fields: Stage to attribute key to fidelity.
    """

    spans: int = 0
    foreign: int = 0
    conversations: int = 0
    lost_turns: int = 0
    losses: Counter[str] = field(default_factory=Counter[str])
    missing_in: Counter[str] = field(default_factory=Counter[str])
    lost_records: Counter[str] = field(default_factory=Counter[str])
    sampled: Counter[float] = field(default_factory=Counter[float])
    outcomes_only: int = 0
    joins: Joins = field(default_factory=Joins)
    orphans: int = 0
    torn_lines: int = 0
    skipped: str = ""
    violations: Counter[str] = field(default_factory=Counter[str])
    redaction: Counter[str] = field(default_factory=Counter[str])
    stages: Counter[str] = field(default_factory=Counter[str])
    unversioned: Counter[str] = field(default_factory=Counter[str])
    fields: dict[str, dict[str, FieldFidelity]] = field(default_factory=dict[str, dict[str, FieldFidelity]])

    @property
    def complete(self) -> float:
        """Required values that are present and valid, as a share of those required; 0.0 without any span of ours."""
        present, required = self.required
        return present / required if required else 0.0

    @property
    def required(self) -> tuple[int, int]:
        """(present and valid, required) values over all spans."""
        judged = [f for stage in self.fields.values() for f in stage.values() if f.required]
        present = sum(f.present for f in judged)
        return present, present + sum(f.missing + f.invalid for f in judged)

    @property
    def left_out(self) -> float:
        """Estimate of the turns that were left out of the draw: of 1 with probability p there were 1/p."""
        return sum(count * (1 / probability - 1) for probability, count in self.sampled.items())

    def as_json(self) -> dict[str, Any]:
        """Return the form of `convqa doctor --json`."""
        return {
            "complete": self.complete,
            "spans": self.spans,
            "conversations": self.conversations,
            "lost_turns": self.lost_turns,
            "orphans": self.orphans,
            "torn_lines": self.torn_lines,
            "fields": {
                stage: {key: vars(judged) for key, judged in keys.items()} for stage, keys in self.fields.items()
            },
        }


def measure(store: Path, *, recommended: bool = True) -> Fidelity:
    """Judge a store.

    Args:
        store: Folder of segments.
        recommended: Count recommended fields too (profile `full`), not only required ones (`minimal`).

    Raises:
        StoreError: There is no such folder, or it cannot be read.
    """
    tally = Tally()
    result = judge(read_spans(store, tally), recommended=recommended)
    result.torn_lines = tally.torn
    result.skipped = tally.skipped
    return result


def judge(spans: Iterable[StoredSpan], *, recommended: bool = True) -> Fidelity:
    """Judge spans; the parts of `measure` that need no store."""
    result = Fidelity()
    conversations: dict[str, set[str]] = {}
    outcomes: dict[str, list[StoredSpan]] = {}
    ours: set[tuple[str, str]] = set()
    children: list[StoredSpan] = []
    turns: dict[str, list[tuple[int, int]]] = {}
    for span in spans:
        record = record_for(span.stage, str(span.attributes.get("convqa.outcome.kind", "")))
        if record is None:
            result.foreign += 1
            continue
        if (span.trace_id, span.span_id) in ours:
            continue  # delivered or replayed twice
        ours.add((span.trace_id, span.span_id))
        result.spans += 1
        result.stages[span.stage] += 1
        if span.stage == "turn":
            turns.setdefault(span.trace_id, []).append((span.start_ns, span.end_ns))
            if (probability := sampling_probability(span)) < 1.0:
                result.sampled[probability] += 1
            result.unversioned.update(key for key in VERSIONS if key not in span.attributes)
        elif span.parent_id:
            children.append(span)
        if span.conversation_id:
            conversations.setdefault(span.conversation_id, set()).add(span.stage)
        if span.stage == "outcome":
            outcomes.setdefault(span.conversation_id, []).append(span)
        if span.stage == "loss":
            _count_loss(result, span)
        result.violations.update(_violations(span))
        result.redaction[str(span.attributes.get("convqa.redaction.status", "none"))] += 1
        _judge_span(result, span, record, recommended=recommended)
    if "retrieval" not in result.stages:
        del result.unversioned["convqa.kb.snapshot"]
    result.conversations = len(conversations)
    result.joins = join(outcomes, {name for name, stages in conversations.items() if stages - _ABOUT})
    result.outcomes_only = sum(stages - {"snapshot"} == {"outcome"} for stages in conversations.values())
    result.orphans = sum(
        (span.trace_id, span.parent_id) not in ours
        and not any(start <= span.start_ns <= end for start, end in turns.get(span.trace_id, ()))
        for span in children
    )
    return result


def _count_loss(result: Fidelity, span: StoredSpan) -> None:
    turns, records = (_count(span.attributes.get(f"convqa.loss.{kind}")) for kind in ("turns", "records"))
    cause = str(span.attributes.get("convqa.loss.cause", "unknown"))
    result.lost_turns += turns
    for counts, count in ((result.losses, turns), (result.lost_records, records)):
        if count:
            counts[cause] += count
    destinations: Any = span.attributes.get("convqa.loss.destinations")
    if is_array(destinations):
        result.missing_in.update({str(name): turns + records for name in destinations})


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _violations(span: StoredSpan) -> list[str]:
    names: Any = span.attributes.get("convqa.instrumentation.violations")
    return [str(name) for name in names] if is_array(names) else []


def _judge_span(result: Fidelity, span: StoredSpan, record: type[Record], *, recommended: bool) -> None:
    status = str(span.attributes.get("convqa.status", ""))
    declared = fields_of(record)
    given, invalid = _read(span, declared)
    invalid.update(validate(record, given)[1])
    complained = _violations(span)
    stage = result.fields.setdefault(span.stage, {})
    for name, declaration in declared.items():
        present = name in given or name in invalid
        required = _required(declaration, status, present=present, complained=name in complained)
        excused = declaration.level == "conditional" and not required and not present
        if declaration.attribute.encoding == "prefix" or excused or not (required or recommended):
            continue
        judged = stage.setdefault(declaration.attribute.key, FieldFidelity(required))
        judged.required = judged.required or required
        if name in invalid or (not present and not required and name in complained):
            judged.invalid += 1
        elif present:
            judged.present += 1
        else:
            judged.missing += 1


def _read(span: StoredSpan, declared: Mapping[str, Field]) -> tuple[dict[str, Any], set[str]]:
    """Return the values of a span by field name, and the names of those that cannot be decoded."""
    given: dict[str, Any] = {}
    wrong: set[str] = set()
    for name, declaration in declared.items():
        value = span.attributes.get(declaration.attribute.key)
        if value is None:
            continue
        try:
            given[name] = decode(declaration.attribute, value)
        except (ValueError, RecursionError):
            wrong.add(name)
    return given, wrong


def _required(declaration: Field, status: str, *, present: bool, complained: bool) -> bool:
    """Tell whether a span must carry a field.

    What the bot had configured is not in the store: a version is required where there is one, and where the bot
    complained that there is none.
    """
    conditional = present or (complained and declaration.when_configured)
    return declaration.required_for(status) or (declaration.level == "conditional" and conditional)
