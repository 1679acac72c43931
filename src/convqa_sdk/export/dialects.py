"""Dialects: what leaves for a backend that needs another form than the standard one; the embedded store never does.

`tempo` writes long texts as arrays of pieces, because Tempo cuts strings and not the elements of arrays. `compat` adds
names that Phoenix, MLflow and Langfuse know. Both are pure functions of a span's finished, redacted attributes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, cast

from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk.export.exporters import copied
from convqa_sdk.isolation import fault

Dialect = Literal["standard", "tempo", "compat"]
Attributes = Mapping[str, Any]
Limit = Callable[[list[ReadableSpan]], list[ReadableSpan]]
"""Returns spans within the span limits in force."""
Translate = Callable[[list[ReadableSpan], Limit], list[ReadableSpan]]

TEMPO_BYTES = 2_048
"""Bytes of a string that Tempo keeps (its `max_attribute_bytes`)."""
ADDED_BYTES = 1_000_000
"""Bytes that `compat` adds to a span at most, so that a span of the largest size still fits into 4 MiB."""


def translator(dialect: Dialect) -> Translate | None:
    """Return what makes spans of a dialect within limits, None for the standard one: then they are only limited."""
    return {"standard": None, "tempo": _into_tempo, "compat": _into_compat}[dialect]


def _into_tempo(spans: list[ReadableSpan], limit: Limit) -> list[ReadableSpan]:
    """Return spans in the dialect; limited first: a length is meant of a text, and not of each of its pieces."""
    return [_translated(tempo, span) for span in limit(spans)]


def _into_compat(spans: list[ReadableSpan], limit: Limit) -> list[ReadableSpan]:
    """Return spans in the dialect; limited last: names that are added count, and JSON that is cut cannot be read."""
    return limit([_translated(compat, span) for span in spans])


def _translated(into: Callable[[Attributes], dict[str, Any]], span: ReadableSpan) -> ReadableSpan:
    """Return a span in a dialect, made anew; one that cannot be translated leaves as it is."""
    try:
        return copied(span, attributes=into(span.attributes or {}))
    except Exception as error:  # noqa: BLE001 - a fault of ours costs the dialect, never the span
        fault("dialect", error)
        return copied(span)


# --------------------------------------------------------------------------------------------------------- Tempo


def tempo(attributes: Attributes) -> dict[str, Any]:
    """Return attributes of which each `convqa.*` text longer than 2,048 bytes is an array that joins to the text."""
    return {
        key: pieces(value) if isinstance(value, str) and key.startswith("convqa.") else value
        for key, value in attributes.items()
    }


def pieces(text: str) -> str | tuple[str, ...]:
    """Return a text as pieces of at most 2,048 bytes of UTF-8 each, cut between characters; a short one as it is."""
    raw = text.encode()
    if len(raw) <= TEMPO_BYTES:
        return text
    found: list[str] = []
    start = 0
    while start < len(raw):
        piece = raw[start : start + TEMPO_BYTES].decode(errors="ignore")  # a character that is cut goes to the next
        found.append(piece)
        start += len(piece.encode())
    return tuple(found)


# --------------------------------------------------------------------------------------------------------- compat

_KINDS = {
    "turn": "AGENT",
    "intent_detection": "CHAIN",
    "retrieval": "RETRIEVER",
    "rerank": "RERANKER",
    "generation": "LLM",
    "tool": "TOOL",
    "access_check": "GUARDRAIL",
    "policy_check": "GUARDRAIL",
    "escalation": "CHAIN",
    "outcome": "EVALUATOR",
}
_INPUT = {
    "turn": "convqa.message.text",
    "intent_detection": "convqa.message.text",
    "retrieval": "gen_ai.retrieval.query.text",
    "rerank": "gen_ai.retrieval.query.text",
    "generation": "gen_ai.input.messages",
    "tool": "gen_ai.tool.call.arguments",
    "policy_check": "convqa.answer.text",
    "access_check": "convqa.access.resource",
    "outcome": "convqa.outcome.kind",
}
_OUTPUT = {
    "turn": "convqa.answer.text",
    "intent_detection": "convqa.intent.class",
    "generation": "gen_ai.output.messages",
    "tool": "gen_ai.tool.call.result",
    "policy_check": "convqa.policy.check.result",
    "access_check": "convqa.access.decision",
    "escalation": "convqa.handoff.summary",
}
_SAME = {
    "gen_ai.request.model": "llm.model_name",
    "gen_ai.provider.name": "llm.provider",
    "gen_ai.usage.input_tokens": "llm.token_count.prompt",
    "gen_ai.usage.output_tokens": "llm.token_count.completion",
    "gen_ai.usage.cache_read.input_tokens": "llm.token_count.prompt_details.cache_read",
    "gen_ai.usage.cache_write.input_tokens": "llm.token_count.prompt_details.cache_write",
    "gen_ai.usage.reasoning.output_tokens": "llm.token_count.completion_details.reasoning",
    "convqa.cost.usd": "llm.cost.total",
}
_DOCUMENTS = {"retrieval": "retrieval.documents", "rerank": "reranker.output_documents"}
_MESSAGES = {"gen_ai.input.messages": "llm.input_messages", "gen_ai.output.messages": "llm.output_messages"}


def compat(attributes: Attributes) -> dict[str, Any]:
    """Return attributes and, beside them, what they say in OpenInference's and Langfuse's names.

    What is added stays within a bound, and a text that has no room is left out; nothing of ours is ever replaced.
    """
    stage = attributes.get("convqa.stage")
    if stage not in _KINDS:
        return dict(attributes)
    added = {"openinference.span.kind": _KINDS[stage]}
    room = ADDED_BYTES
    for key, value in _other_names(stage, attributes):
        size = len(key) + 16 + (len(value.encode()) if isinstance(value, str) else 0)
        if size <= room:
            room -= size
            added[key] = value
    return {**added, **attributes}


def _other_names(stage: str, attributes: Attributes) -> Iterator[tuple[str, Any]]:
    for other, key in (("input", _INPUT.get(stage)), ("output", _OUTPUT.get(stage))):
        if key is not None and key in attributes:
            yield f"{other}.value", attributes[key]
            yield f"{other}.mime_type", "application/json" if key in _JSON else "text/plain"
    if stage == "generation":
        yield from _generation(attributes)
    if stage in _DOCUMENTS:
        yield from _documents(_DOCUMENTS[stage], attributes)
    if "gen_ai.tool.name" in attributes:
        yield "tool.name", attributes["gen_ai.tool.name"]


_JSON = frozenset(
    {"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"}
)


def _generation(attributes: Attributes) -> Iterator[tuple[str, Any]]:
    for key, other in _SAME.items():
        if key in attributes:
            yield other, attributes[key]
    tokens = [attributes.get(f"gen_ai.usage.{side}_tokens") for side in ("input", "output")]
    if None not in tokens:
        yield "llm.token_count.total", sum(cast("list[int]", tokens))
    if "convqa.cost.usd" in attributes:
        yield "gen_ai.usage.cost", attributes["convqa.cost.usd"]
    if "gen_ai.usage.cache_write.input_tokens" in attributes:
        yield "gen_ai.usage.cache_creation.input_tokens", attributes["gen_ai.usage.cache_write.input_tokens"]
    for key, other in _MESSAGES.items():
        for number, (role, text) in enumerate(_messages(attributes.get(key))):
            yield f"{other}.{number}.message.role", role
            yield f"{other}.{number}.message.content", text


def _messages(written: Any) -> Iterator[tuple[str, str]]:
    """Yield role and text of each message; what has no role, and parts that are no text, have no place there."""
    for message in _objects(_parsed(written)):
        role = message.get("role")
        if isinstance(role, str):
            contents = [part.get("content") for part in _objects(message.get("parts"))]
            yield role, "\n".join(content for content in contents if isinstance(content, str))


def _parsed(written: Any) -> Any:
    """Return what a text of JSON holds, None when it is none: somebody has cut it."""
    try:
        return json.loads(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _objects(given: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON array, none of anything else: the messages are the bot's."""
    items = cast("list[object]", given) if isinstance(given, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _documents(prefix: str, attributes: Attributes) -> Iterator[tuple[str, Any]]:
    columns = {
        "id": attributes.get("convqa.retrieval.document.ids", ()),
        "score": attributes.get("convqa.retrieval.document.scores", ()),
        "content": attributes.get("convqa.retrieval.document.passages", ()),
    }
    for field, values in columns.items():
        for number, value in enumerate(values):
            yield f"{prefix}.{number}.document.{field}", value
