"""From what a stage holds to the fields of its record; nothing is redacted or validated here yet.

Documents become parallel arrays, messages become parts, a turn gets the sums of its stages. Unknown is not zero: a sum
with an unknown part is absent, and so is a cost that nobody states.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, cast, get_args

from convqa_sdk.export.pricing import price
from convqa_sdk.export.request_messages import parts_of
from convqa_sdk.isolation import fault
from convqa_sdk.schema.archetypes import ArchetypeMap
from convqa_sdk.schema.records import SEGMENT_FIELDS
from convqa_sdk.schema.vocabulary import EscalationReasonValue
from convqa_sdk.schema.wire import rfc3339
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Document, Versions

Fields = dict[str, Any]
_REASONS = frozenset(get_args(EscalationReasonValue))
_USAGE = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")

_ARCHETYPE = ("archetype", "archetype_tier", "archetype_map")

_VERSIONS_BY_STAGE: dict[str, tuple[str, ...]] = {
    "intent_detection": ("taxonomy_version",),
    "retrieval": ("kb_snapshot", "kb_built_at", "index_version"),
    "generation": ("model_version", "prompt_name", "prompt_version"),
    "policy_check": ("policy_version",),
}


def version_fields(versions: Versions) -> Fields:
    """Return the fields of a turn that its versions fill."""
    fields = {
        "model_version": versions.model,
        "prompt_name": versions.prompt_name,
        "prompt_version": versions.prompt,
        "policy_version": versions.policy,
        "kb_snapshot": versions.kb_snapshot,
        "kb_built_at": versions.kb_built_at,
        "index_version": versions.index,
        "taxonomy_version": versions.taxonomy,
        "feature_flags": _flags(versions.feature_flags),
        "experiment_id": versions.experiment,
        "experiment_arm": versions.arm,
        "experiment_unit": versions.unit,
    }
    return {name: value for name, value in fields.items() if value is not None}


_TOGETHER = (
    ("experiment_id", "experiment_arm", "experiment_unit"),
    ("prompt_name", "prompt_version"),
    ("kb_snapshot", "kb_built_at"),
)


def merged_versions(configured: Fields, own: Fields) -> Fields:
    """Return a turn's versions: its own, and what they leave out as configured.

    What belongs together comes from one of the two: an arm of another experiment would be one that nobody ran.
    """
    hidden = {name for group in _TOGETHER if not own.keys().isdisjoint(group) for name in group}
    return {**{name: value for name, value in configured.items() if name not in hidden}, **own}


def _flags(flags: Any) -> object:
    """Return flags as sorted texts; what is no mapping stays as it is, for validation to refuse."""
    if not flags or not isinstance(flags, Mapping):
        return flags or None
    return tuple(sorted(f"{flag}={variant}" for flag, variant in cast("Mapping[object, object]", flags).items()))


def shared_fields(turn: Turn) -> Fields:
    """Return what a turn copies to each of its stages."""
    values = turn.values
    fields = {name: values[name] for name in SEGMENT_FIELDS if values.get(name) is not None}
    fields["conversation_id"] = fields["session_id"] = turn.conversation_id
    session: object = turn.session_id
    if is_a(session, str) and session:
        fields["session_id"] = session
    elif session is not None:
        turn.mark("session_id")
    fields["time_zone_assumed"] = values.get("time_zone_assumed")
    fields["sampling_probability"] = turn.probability
    return fields


def stage_fields(
    stage: Stage, versions: Fields, key: bytes | None, archetypes: ArchetypeMap | None = None
) -> Fields:
    """Return the fields of one stage, without what it shares with its turn."""
    fields = dict(stage.values)
    fields["status"] = stage.status
    for name in _VERSIONS_BY_STAGE.get(stage.kind, ()):
        if name in versions:
            fields.setdefault(name, versions[name])
    finish = _FINISHERS.get(stage.kind)
    if finish is not None:
        try:
            finish(fields, stage, key)
        except BaseException as error:  # noqa: BLE001 - the bot's values may be anything; what is left is still screened
            fault("flatten", error)
            stage.mark(stage.kind)
    if archetypes is not None and stage.kind == "intent_detection":
        _add_archetype(fields, archetypes)
    return fields


def _add_archetype(fields: Fields, archetypes: ArchetypeMap) -> None:
    """Add what the map knows and the bot has not stated: the archetype of an intent, or the tier of an archetype."""
    found = archetypes.added(fields.get("intent"), fields.get("archetype"), fields.get("archetype_tier"))
    if found is not None:
        fields.update(archetype=found.archetype, archetype_tier=found.tier, archetype_map=archetypes.version)


def turn_fields(turn: Turn, stages: Sequence[tuple[Stage, Fields]], versions: Fields) -> Fields:
    """Return the fields of a turn, with the sums over its stages."""
    fields = {**versions, **turn.values, "status": turn.status}
    fields["total_ms"] = _milliseconds(turn)
    called: Fields = {}
    shown: list[Any] = [turn.exposed]
    for stage, given in stages:
        if stage.kind == "intent_detection":
            fields.update(_known(given, ("intent", "risk")))
            _take_archetype(fields, given)
        elif stage.kind == "generation":
            called = _known(given, ("model", "response_model", "provider")) or called
        elif stage.kind == "access_check":
            shown.append(given.get("fields_exposed"))
        elif stage.kind == "escalation":
            fields["escalated"] = True
            if given.get("reason") is not None:
                fields["escalation_reason"] = given["reason"]
    fields.update(called)  # all of the last call: a model of one and a provider of another would be nobody's
    if any(shown) or "fields_exposed" in fields:
        _add_exposed(fields, shown, turn)
    if not turn.spilled:
        _add_sums(fields, stages)
    if turn.status == "error" and turn.failure is not None:
        fields.setdefault("failure_type", turn.failure.type)
    return fields


def _take_archetype(fields: Fields, given: Fields) -> None:
    """Take what one intent says of its archetype, all of it: a tier of one and a version of another would be wrong."""
    found = _known(given, _ARCHETYPE)
    if found:
        for name in _ARCHETYPE:
            fields.pop(name, None)
        fields.update(found)


def _milliseconds(stage: Stage) -> float:
    return max(0, stage.end_ns - stage.start_ns) / 1e6


def _known(fields: Fields, names: Iterable[str]) -> Fields:
    return {name: fields[name] for name in names if fields.get(name) is not None}


def _add_sums(fields: Fields, stages: Sequence[tuple[Stage, Fields]]) -> None:
    for kind in ("retrieval", "rerank", "generation"):
        spent = [_milliseconds(stage) for stage, _ in stages if stage.kind == kind]
        if spent:
            fields[f"{kind}_ms"] = sum(spent)
    calls = sum(stage.kind == "tool" for stage, _ in stages)
    if calls:
        fields["tool_calls"] = calls
    _add_usage(fields, [given for stage, given in stages if stage.kind == "generation"])


def _add_usage(fields: Fields, generations: Sequence[Fields]) -> None:
    """Sum tokens and cost; a sum with an unknown part is unknown."""
    if not generations:
        return
    for name in ("input_tokens", "output_tokens"):
        counts = [_count(g.get(name, g.get(f"child_{name}"))) for g in generations]
        known = [count for count in counts if count is not None]
        if len(known) == len(counts):
            fields[name] = sum(known)
    costs = [g["cost_usd"] for g in generations if "cost_usd" in g]
    if len(costs) == len(generations):
        fields["cost_usd"] = sum(costs)


# ---------------------------------------------------------------------------------------------- by kind of stage


def _finish_documents(fields: Fields, stage: Stage, key: bytes | None) -> None:
    documents = fields.pop("documents", None)
    if documents is None:
        return
    found = [document for document in documents if isinstance(document, Document)]
    if len(found) != len(documents):
        stage.mark("documents")
    if any(d.updated_at is not None and not _when(d.updated_at) for d in found):
        stage.mark("document_updated_at")
    fields.update(document_fields(found, key))


def _finish_retrieval(fields: Fields, stage: Stage, key: bytes | None) -> None:
    _finish_documents(fields, stage, key)
    if "hit" not in fields and "document_ids" in fields:
        fields["hit"] = bool(fields["document_ids"])


def document_fields(documents: Sequence[Document], key: bytes | None) -> Fields:
    """Return documents as parallel arrays; an array is left out when no document, or not every score, fills it."""
    fields: Fields = {"document_ids": tuple(d.id for d in documents)}
    if not documents:
        return fields
    scores = tuple(_score(d.score) for d in documents)
    fields["document_ranks"] = tuple(range(1, len(documents) + 1))
    fields["documents"] = tuple({"id": d.id, "score": score} for d, score in zip(documents, scores, strict=True))
    if all(score is not None for score in scores):
        fields["document_scores"] = scores
    texts: tuple[Any, ...] = tuple("" if d.text is None else d.text for d in documents)
    if any(texts):
        fields["document_passages"] = texts
        if key is not None and all(isinstance(text, str) for text in texts):
            fields["document_passage_hashes"] = tuple(_passage_hash(key, text) for text in texts)
    if any(d.version for d in documents):
        fields["document_versions"] = tuple(d.version or "" for d in documents)
    if any(d.updated_at for d in documents):
        fields["document_updated_at"] = tuple(_when(d.updated_at) for d in documents)
    if any(d.approval for d in documents):
        fields["document_approval"] = tuple(d.approval or "" for d in documents)
    if any(d.canonical for d in documents):
        fields["document_canonical"] = tuple(d.canonical for d in documents)
    return fields


def _score(score: Any) -> Any:
    """Return a score as float; what is no number, or too large for one, stays, to be refused."""
    try:
        return float(score) if type(score) is int else score
    except OverflowError:
        return score


def _passage_hash(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")[:16].hex()


def _when(value: object) -> str:
    """Return a time in RFC 3339; empty for one that is naive or cannot be written in UTC."""
    try:
        return rfc3339(value) if isinstance(value, datetime) and value.utcoffset() is not None else ""
    except BaseException:  # noqa: BLE001 - also a time zone of the bot's that raises
        return ""


def _finish_generation(fields: Fields, stage: Stage, key: bytes | None) -> None:
    for name in ("messages", "output_messages", "system_instructions"):
        if name in fields:
            fields[name] = parts_of(fields[name], role=name != "system_instructions")
    if "output_text" in fields:  # of a function that returns plain text
        part = {"type": "text", "content": fields.pop("output_text")}
        fields.setdefault("output_messages", ({"role": "assistant", "parts": (part,)},))
    if "prompt" in fields:
        fields.setdefault("messages", parts_of(fields.pop("prompt"), role=True))
    if fields.get("model") is None and fields.get("response_model") is not None:
        fields["model"] = fields["response_model"]
    if stage.chunk_ns and "time_to_first_chunk" not in fields:
        fields["time_to_first_chunk"] = max(0, stage.chunk_ns - stage.start_ns) / 1e9
    _finish_cost(fields, stage)
    if fields.pop("usage", "own") == "child":
        fields.update({f"child_{name}": fields.pop(name) for name in _USAGE if name in fields})


def _finish_cost(fields: Fields, stage: Stage) -> None:
    """Say what the call cost and who says so.

    A caller's 0 is a statement. A provider's is none, and never falls through to a price table; nor does a source that
    was named without a cost.
    """
    source = fields.get("cost_source")
    given = fields.pop("cost_usd", None)
    cost = _dollars(given)
    if given is not None and cost is None:
        stage.mark("cost_usd")
    elif cost is None and source is None:
        cost, source = _listed_price(fields, stage), "price_table"
    if cost is None or source == "unknown" or (source == "provider" and cost == 0):
        fields["cost_source"] = "unknown"
        return
    fields["cost_source"] = "caller" if source is None else source
    fields["cost_usd"] = cost


def _dollars(value: Any) -> float | None:
    """Return an amount of money, also one that capture wrote as text (a Decimal); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        amount = float(value)
    except (ValueError, OverflowError):
        return None
    return amount if amount >= 0 and math.isfinite(amount) else None


def _listed_price(fields: Fields, stage: Stage) -> float | None:
    return price(
        _text(fields.get("response_model")) or _text(fields.get("model")),
        _text(fields.get("provider")),
        input_tokens=_count(fields.get("input_tokens")),
        output_tokens=_count(fields.get("output_tokens")),
        cache_read_tokens=_count(fields.get("cache_read_tokens")),
        cache_write_tokens=_count(fields.get("cache_write_tokens")),
        at_ns=stage.start_ns,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _finish_tool(fields: Fields, stage: Stage, key: bytes | None) -> None:
    fields.setdefault("result", "ok" if stage.status == "ok" else "error")


def _finish_policy_check(fields: Fields, stage: Stage, key: bytes | None) -> None:
    if stage.status != "ok":
        fields.setdefault("result", "error")


def _add_exposed(fields: Fields, shown: Iterable[Any], stage: Stage) -> None:
    """Add what was exposed to the names that the bot gave itself; what is no name among those is a violation."""
    given = fields.pop("fields_exposed", None)
    own = _names(given)
    if given is not None and (not isinstance(given, (str, list, tuple)) or len(own) < len(_listed(given))):
        stage.mark("fields_exposed")
    names = tuple(dict.fromkeys(chain(own, *map(_names, shown))))
    if names or (isinstance(given, (list, tuple)) and not given):  # none is an answer too
        fields["fields_exposed"] = names


def _names(given: Any) -> list[str]:
    """Return the names among what was given; a single text is one name."""
    return [name for name in _listed(given) if isinstance(name, str) and name]


def _listed(given: Any) -> Sequence[object]:
    if isinstance(given, str):
        return (given,)
    return cast("Sequence[object]", given) if isinstance(given, (list, tuple)) else ()


def _finish_access_check(fields: Fields, stage: Stage, key: bytes | None) -> None:
    if stage.exposed or "fields_exposed" in fields:
        _add_exposed(fields, [stage.exposed], stage)
    if stage.status != "ok":
        fields.setdefault("decision", "deny")  # nothing was granted


def _finish_escalation(fields: Fields, stage: Stage, key: bytes | None) -> None:
    reason = fields.get("reason")
    if reason is not None and not (isinstance(reason, str) and reason in _REASONS):
        fields["reason"] = "other"
        stage.mark("reason")


_FINISHERS: dict[str, Callable[[Fields, Stage, bytes | None], None]] = {
    "retrieval": _finish_retrieval,
    "rerank": _finish_documents,
    "generation": _finish_generation,
    "tool": _finish_tool,
    "policy_check": _finish_policy_check,
    "access_check": _finish_access_check,
    "escalation": _finish_escalation,
}
