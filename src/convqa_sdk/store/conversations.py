"""Spans put together again as conversations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast, get_args

from convqa_sdk.errors import StoreError
from convqa_sdk.schema.archetypes import Assigned, hardest
from convqa_sdk.schema.vocabulary import TierValue
from convqa_sdk.store.segments import StoredSpan, Tally, read_spans, sampling_probability
from convqa_sdk.store.versions import in_force


class Conversation:
    """One conversation: its turns in order, what hangs below them, and the outcomes that arrived later.

    Attributes:
        id: Conversation id as stored.
        spans: All of its spans, by start time; one that was delivered twice stands here once.
        turns: Turns that are not inside another turn of the conversation.
        loose: Stages that hang below no span of the conversation.
        outcomes: Outcomes in force: of each kind and id, the version observed last.
        revisions: Versions of outcomes that said something else than the one before.
        repeats: Versions of outcomes that said the same again.
        ends: Ends of the session.
    """

    def __init__(self, conversation_id: str, spans: Iterable[StoredSpan]) -> None:
        self.id = conversation_id
        once = {(span.trace_id, span.span_id): span for span in spans}
        held = in_force(span for span in once.values() if span.stage == "outcome")
        self.outcomes, self.revisions, self.repeats = held.outcomes, held.revisions, held.repeats
        self.spans = sorted(once.values(), key=_start)
        self.ends = [span for span in self.spans if span.stage == "snapshot"]
        self._children: dict[tuple[str, str], list[StoredSpan]] = {}
        roots: list[StoredSpan] = []
        standing = {ids: span for ids, span in once.items() if span.stage not in ("outcome", "snapshot")}
        for span in sorted(standing.values(), key=_start):
            parent = (span.trace_id, span.parent_id)
            if parent in standing and not _circular(span, standing):
                self._children.setdefault(parent, []).append(span)
            else:
                roots.append(span)
        self.turns = _in_order([span for span in roots if span.stage == "turn"])
        self.loose = [span for span in roots if span.stage != "turn" and not self._adopt(span)]

    def _adopt(self, span: StoredSpan) -> bool:
        """Hang a stage whose parent is another instrumentation's span below the turn around it."""
        for turn in self.turns:
            if turn.trace_id == span.trace_id and span.parent_id and turn.start_ns <= span.start_ns <= turn.end_ns:
                self._children.setdefault((turn.trace_id, turn.span_id), []).append(span)
                return True
        return False

    def children(self, span: StoredSpan) -> list[StoredSpan]:
        """Return what hangs directly below a span, by start time."""
        return sorted(self._children.get((span.trace_id, span.span_id), ()), key=_start)

    @property
    def start_ns(self) -> int:
        """Start of the first turn, else of the first span, Unix nanoseconds."""
        return (self.turns or self.spans)[0].start_ns

    @property
    def milliseconds(self) -> float:
        """From the first turn's start to the last turn's end."""
        if not self.turns:
            return 0.0
        return (max(turn.end_ns for turn in self.turns) - self.turns[0].start_ns) / 1e6

    @property
    def is_known(self) -> bool:
        """Whether there is a turn or a stage of it; if not, its outcomes belong to nothing here."""
        return bool(self.turns or self.loose)

    @property
    def archetype(self) -> Assigned | None:
        """The one archetype of the conversation, from those of its intents; None where none has any."""
        stated = [span.attributes for span in self.spans if _ARCHETYPE in span.attributes]
        return hardest(Assigned(str(a[_ARCHETYPE]), _tier(a)) for a in stated) if stated else None

    @property
    def first_message(self) -> str:
        """The first message of the customer, empty when there is none."""
        messages = (turn.attributes.get("convqa.message.text") for turn in self.turns)
        return next((str(message) for message in messages if message), "")


_ARCHETYPE = "convqa.intent.archetype"


def _tier(a: Mapping[str, object]) -> TierValue | None:
    given = a.get("convqa.archetype.tier")
    return cast("TierValue", given) if given in get_args(TierValue) else None


def _start(span: StoredSpan) -> tuple[int, str]:
    return (span.start_ns, span.span_id)


def _in_order(turns: list[StoredSpan]) -> list[StoredSpan]:
    """Return turns as they are numbered, when all are; else by start, which a clock that was set back confuses."""
    numbers = {turn.span_id: turn.attributes.get("convqa.turn.index") for turn in turns}
    numbered = all(type(number) is int for number in numbers.values()) and len({*numbers.values()}) == len(turns)
    return sorted(turns, key=lambda turn: numbers[turn.span_id] or 0) if numbered else turns


def _circular(span: StoredSpan, spans: Mapping[tuple[str, str], StoredSpan]) -> bool:
    """Tell whether a span is its own ancestor, which only damaged telemetry says."""
    seen: set[str] = set()
    above: StoredSpan | None = span
    while above is not None and above.span_id not in seen:
        seen.add(above.span_id)
        above = spans.get((above.trace_id, above.parent_id))
    return above is not None


def conversations(store: Path, tally: Tally | None = None) -> dict[str, Conversation]:
    """Return all conversations of a store by id.

    Args:
        store: Folder of segments.
        tally: As for `read_spans`.

    Raises:
        StoreError: The store does not exist or cannot be read.
    """
    grouped: dict[str, list[StoredSpan]] = {}
    for span in read_spans(store, tally):
        if span.conversation_id and span.stage:
            grouped.setdefault(span.conversation_id, []).append(span)
    return {name: Conversation(name, spans) for name, spans in grouped.items()}


def find(store: Path, name: str, tally: Tally | None = None) -> Conversation:
    """Return the conversation with this id, or the only one whose id begins so.

    Args:
        store: Folder of segments.
        name: The id, or its beginning.
        tally: As for `read_spans`.

    Raises:
        StoreError: There is none, or more than one.
    """
    spans: list[StoredSpan] = []
    probabilities: set[float] = set()
    for span in read_spans(store, tally):
        if span.stage:
            probabilities.add(sampling_probability(span))
            if span.conversation_id.startswith(name):
                spans.append(span)
    exact = [span for span in spans if span.conversation_id == name]
    ids = sorted({span.conversation_id for span in spans})
    if exact:
        return Conversation(name, exact)
    if len(ids) == 1:
        return Conversation(ids[0], spans)
    if not ids:
        raise StoreError(
            f"no conversation with this id in {store}; `convqa show` without an id lists them. "
            "An id that holds personal data, or that is not plain ASCII, is stored as a pseudonym: looking it up by "
            f"itself needs the key, in CONVQA_KEY or beside the store{sampled(probabilities, '; ')}"
        )
    some = ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
    raise StoreError(f"{len(ids)} conversations begin so: {some}{sampled(probabilities, '; ')}")


def sampled(probabilities: Iterable[float], lead: str = "") -> str:
    """Say, behind `lead`, why a conversation may not be in a store; empty where every customer is recorded."""
    given = ", ".join(f"{share:.4g}" for share in sorted({*probabilities} - {1.0}))
    return f"{lead}this store was recorded with sampling {given}, so it may have been left out" if given else ""
