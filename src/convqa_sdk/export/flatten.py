"""From what a stage holds to the fields of its record: documents become parallel arrays, messages become parts,
a turn gets the sums of its stages. Pure; nothing is redacted or validated here yet.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from convqa_sdk.export.pricing import price
from convqa_sdk.isolation import fault
from convqa_sdk.schema.records import SEGMENT_FIELDS
from convqa_sdk.schema.vocabulary import EscalationReasonValue
from convqa_sdk.schema.wire import rfc3339
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Document, Versions

Fields = dict[str, Any]
_REASONS = frozenset(EscalationReasonValue.__args__)  # type: ignore[attr-defined] # reason: a Literal's own accessor

_VERSIONS_BY_STAGE: dict[str, tuple[str, ...]] = {
    "intent_detection": ("taxonomy_version",),
    "retrieval": ("kb_snapshot", "kb_built_at", "index_version"),
    "generation": ("model_version", "prompt_name", "prompt_version"),
    "policy_check": ("policy_version",),
}


def version_fields(versions: Versions) -> Fields:
    """Return the fields of a turn that its versions fill."""
    flags = versions.feature_flags
    fields = {
        "model_version": versions.model,
        "prompt_name": versions.prompt_name,
        "prompt_version": versions.prompt,
        "policy_version": versions.policy,
        "kb_snapshot": versions.kb_snapshot,
        "kb_built_at": versions.kb_built_at,
        "index_version": versions.index,
        "taxonomy_version": versions.taxonomy,
        "feature_flags": tuple(f"{flag}={variant}" for flag, variant in sorted(flags.items())) if flags else None,
        "experiment_id": versions.experiment,
        "experiment_arm": versions.arm,
        "experiment_unit": versions.unit,
    }
    return {name: value for name, value in fields.items() if value is not None}


def shared_fields(turn: Turn) -> Fields:
    """Return what a turn copies to each of its stages."""
    values = turn.values
    fields = {name: values[name] for name in SEGMENT_FIELDS if values.get(name) is not None}
    fields["conversation_id"] = turn.conversation_id
    fields["session_id"] = turn.session_id or turn.conversation_id
    fields["time_zone_assumed"] = values.get("time_zone_assumed")
    fields["sampling_probability"] = 1.0
    return fields


def stage_fields(stage: Stage, versions: Fields, key: bytes | None) -> Fields:
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
        except Exception as error:  # noqa: BLE001 - values are the bot's; what is left still leaves
            stage.mark(stage.kind)
            fault("flatten", error)
    return fields


def turn_fields(turn: Turn, stages: Sequence[tuple[Stage, Fields]], versions: Fields) -> Fields:
    """Return the fields of a turn, with the sums over its stages."""
    fields = {**versions, **turn.values, "status": turn.status}
    fields["total_ms"] = (turn.end_ns - turn.start_ns) / 1e6
    for kind in ("retrieval", "rerank", "generation"):
        spent = [stage.end_ns - stage.start_ns for stage, _ in stages if stage.kind == kind]
        if spent:
            fields[f"{kind}_ms"] = sum(spent) / 1e6
    _add_usage(fields, [f for stage, f in stages if stage.kind == "generation"])
    for stage, given in stages:
        if stage.kind == "intent_detection":
            for name in ("intent", "risk", "archetype", "archetype_tier"):
                if given.get(name) is not None:
                    fields[name] = given[name]
        elif stage.kind == "tool":
            fields["tool_calls"] = fields.get("tool_calls", 0) + 1
        elif stage.kind == "escalation":
            fields["escalated"] = True
            fields["escalation_reason"] = given.get("reason")
    if turn.status == "error" and turn.failure is not None:
        fields.setdefault("failure_type", turn.failure.type)
    return fields


def _add_usage(fields: Fields, generations: Sequence[Fields]) -> None:
    """Sum tokens and cost; a sum with an unknown part is unknown."""
    if not generations:
        return
    for name in ("input_tokens", "output_tokens"):
        parts = [g.get(name, g.get(f"child_{name}")) for g in generations]
        if all(isinstance(part, int) for part in parts):
            fields[name] = sum(parts)
    costs = [g.get("cost_usd") for g in generations]
    if all(isinstance(cost, (int, float)) for cost in costs):
        fields["cost_usd"] = sum(costs)


# ---------------------------------------------------------------------------------------------- by kind of stage


def _finish_documents(fields: Fields, stage: Stage, key: bytes | None) -> None:
    documents = fields.pop("documents", None)
    if documents is None:
        return
    if any(document is None for document in documents):
        stage.mark("documents")
        documents = tuple(document for document in documents if document is not None)
    fields.update(document_fields(documents, key))


def _finish_retrieval(fields: Fields, stage: Stage, key: bytes | None) -> None:
    _finish_documents(fields, stage, key)
    if "hit" not in fields and "document_ids" in fields:
        fields["hit"] = bool(fields["document_ids"])


def document_fields(documents: Sequence[Document], key: bytes | None) -> Fields:
    """Return documents as parallel arrays; an array is left out when no document, or not every score, fills it."""
    fields: Fields = {"document_ids": tuple(d.id for d in documents)}
    if not documents:
        return fields
    fields["document_ranks"] = tuple(range(1, len(documents) + 1))
    fields["documents"] = tuple({"id": d.id, "score": d.score} for d in documents)
    scores = tuple(d.score for d in documents)
    if None not in scores:
        fields["document_scores"] = scores
    texts = tuple(d.text or "" for d in documents)
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


def _passage_hash(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")[:16].hex()


def _when(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) and value.tzinfo is not None else ""


def _finish_generation(fields: Fields, stage: Stage, key: bytes | None) -> None:  # noqa: ARG001 - one signature for all
    for name in ("messages", "output_messages", "system_instructions"):
        if name in fields:
            fields[name] = parts_of(fields[name], role=name != "system_instructions")
    if "prompt" in fields:
        fields.setdefault("messages", parts_of(fields.pop("prompt"), role=True))
    if fields.get("model") is None and fields.get("response_model") is not None:
        fields["model"] = fields["response_model"]
    if stage.chunk_ns and "time_to_first_chunk" not in fields:
        fields["time_to_first_chunk"] = max(0, stage.chunk_ns - stage.start_ns) / 1e9
    _finish_cost(fields, stage)
    if fields.pop("usage", "own") == "child":
        for name in ("input_tokens", "output_tokens"):
            if name in fields:
                fields[f"child_{name}"] = fields.pop(name)


def _finish_cost(fields: Fields, stage: Stage) -> None:
    """Say what the call cost and who says so; unknown is unknown, never 0."""
    if fields.get("cost_usd") is not None:
        fields.setdefault("cost_source", "caller")
        return
    fields.pop("cost_usd", None)
    if fields.get("cost_source") is not None:
        return
    cost = price(
        _text(fields.get("response_model")) or _text(fields.get("model")),
        _text(fields.get("provider")),
        input_tokens=_count(fields.get("input_tokens")),
        output_tokens=_count(fields.get("output_tokens")),
        cache_read_tokens=_count(fields.get("cache_read_tokens")),
        cache_write_tokens=_count(fields.get("cache_write_tokens")),
        at_ns=stage.start_ns,
    )
    fields["cost_source"] = "unknown" if cost is None else "price_table"
    if cost is not None:
        fields["cost_usd"] = cost


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _finish_tool(fields: Fields, stage: Stage, key: bytes | None) -> None:  # noqa: ARG001 - one signature for all
    fields.setdefault("result", "ok" if stage.status == "ok" else "error")


def _finish_policy_check(fields: Fields, stage: Stage, key: bytes | None) -> None:  # noqa: ARG001 - one signature for all
    if stage.status != "ok":
        fields.setdefault("result", "error")


def _finish_access_check(fields: Fields, stage: Stage, key: bytes | None) -> None:  # noqa: ARG001 - one signature for all
    if stage.status != "ok":
        fields.setdefault("decision", "deny")  # nothing was granted


def _finish_escalation(fields: Fields, stage: Stage, key: bytes | None) -> None:  # noqa: ARG001 - one signature for all
    reason = fields.get("reason")
    if reason is not None and reason not in _REASONS:
        fields["reason"] = "other"
        stage.mark("reason")


_FINISHERS = {
    "retrieval": _finish_retrieval,
    "rerank": _finish_documents,
    "generation": _finish_generation,
    "tool": _finish_tool,
    "policy_check": _finish_policy_check,
    "access_check": _finish_access_check,
    "escalation": _finish_escalation,
}


# ---------------------------------------------------------------------------------------------------- messages


def parts_of(given: object, *, role: bool) -> object:
    """Return messages in the form of the GenAI conventions: a role and typed parts.

    Takes a string, a sequence of strings or of messages as OpenAI and Anthropic write them, or the form itself.
    """
    if isinstance(given, str):
        part = {"type": "text", "content": given}
        return ({"role": "user", "parts": (part,)},) if role else (part,)
    if isinstance(given, (list, tuple)):
        return tuple(_message(item) for item in given) if role else tuple(_part(item) for item in given)
    return given


def _message(item: object) -> object:
    if isinstance(item, str):
        return {"role": "user", "parts": ({"type": "text", "content": item},)}
    if not isinstance(item, Mapping) or "parts" in item:
        return item
    message: dict[str, Any] = {"role": item.get("role", "user")}
    parts = [*_contents(item.get("content"))]
    if item.get("role") == "tool" and "tool_call_id" in item:
        parts = [{"type": "tool_call_response", "id": item["tool_call_id"], "response": item.get("content")}]
    for call in item.get("tool_calls") or ():
        function = call.get("function", call) if isinstance(call, Mapping) else {}
        parts.append(
            {
                "type": "tool_call",
                "id": call.get("id") if isinstance(call, Mapping) else None,
                "name": function.get("name"),
                "arguments": function.get("arguments"),
            }
        )
    message["parts"] = tuple(parts)
    if isinstance(item.get("name"), str):
        message["name"] = item["name"]
    return message


def _contents(content: object) -> Iterable[object]:
    if content is None:
        return ()
    if isinstance(content, str):
        return ({"type": "text", "content": content},)
    if isinstance(content, (list, tuple)):
        return tuple(_part(item) for item in content)
    return (_part(content),)


def _part(item: object) -> object:
    if isinstance(item, str):
        return {"type": "text", "content": item}
    if isinstance(item, Mapping) and item.get("type") == "text" and "content" not in item:
        return {"type": "text", "content": item.get("text")}
    return item
