"""The output messages of OpenTelemetry's GenAI semantic conventions, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import amount

__all__ = ["Part", "message", "put_cost", "put_messages", "tool_call"]

Part = dict[str, object]
"""One part of a message: `type` and what belongs to it ("text" and "reasoning": `content`)."""


def tool_call(call_id: str | None, name: str | None, arguments: object) -> Part:
    """Return a tool call part; what is None is left out."""
    part: Part = {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}
    return {key: value for key, value in part.items() if value is not None}


def message(parts: list[Part], finish_reason: str | None) -> dict[str, object]:
    """Return an assistant message; without `finish_reason` when the answer was cut short (None)."""
    made: dict[str, object] = {"role": "assistant", "parts": parts}
    if finish_reason is not None:
        made["finish_reason"] = finish_reason
    return made


def put_messages(fields: Fields, messages: Sequence[dict[str, object]]) -> None:
    """Set `output_messages`, and `finish_reasons` and `text` as far as the messages know them."""
    fields["output_messages"] = tuple(messages)
    reasons = tuple([made["finish_reason"] for made in messages if "finish_reason" in made])
    if reasons:
        fields["finish_reasons"] = reasons
    if messages:
        parts = cast("list[Part]", messages[0]["parts"])
        # a refusal is what the model says instead of an answer, so it stands in for one
        answer = _joined(parts, "text") or _joined(parts, "refusal")
        if answer:
            fields["text"] = answer


def put_cost(fields: Fields, stated: object) -> None:
    """Set the cost in US dollars when the provider states one above 0 (OpenRouter's `usage.cost`)."""
    cost = amount(stated)
    if cost is not None:
        fields["cost_usd"] = cost
        fields["cost_source"] = "provider"


def _joined(parts: list[Part], kind: str) -> str:
    return "".join([cast("str", part["content"]) for part in parts if part["type"] == kind])
