"""The input items of OpenAI's Responses API that are no messages, as messages of the GenAI conventions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from convqa_sdk.tracing.responses.arguments import parsed
from convqa_sdk.tracing.responses.shapes import items, node, text

Message = dict[str, Any]


def _call(item: Mapping[str, Any]) -> Message:
    written = item.get("arguments")
    said = parsed(written) if isinstance(written, str) else item.get("input", written)
    part = {"type": "tool_call", "id": item.get("call_id"), "name": item.get("name"), "arguments": said}
    return {"role": "assistant", "parts": (part,)}


def _result(item: Mapping[str, Any]) -> Message:
    part = {"type": "tool_call_response", "id": item.get("call_id"), "response": item.get("output")}
    return {"role": "tool", "parts": (part,)}


def _reasoning(item: Mapping[str, Any]) -> Message:
    texts = [text(node(piece).get("text")) for piece in items(item.get("content") or item.get("summary"))]
    return {"role": "assistant", "parts": tuple({"type": "reasoning", "content": said} for said in texts if said)}


ITEMS: Final[dict[object, Callable[[Mapping[str, Any]], Message]]] = {
    "function_call": _call,
    "custom_tool_call": _call,
    "function_call_output": _result,
    "custom_tool_call_output": _result,
    "reasoning": _reasoning,
}
"""Type of an item that is no message: how it becomes one."""

TEXTS: Final = frozenset({"text", "input_text", "output_text"})
"""Types of a content part that hold a `text`."""
