"""OpenAI's Responses API, and whoever speaks it (Azure, OpenRouter, vLLM …).

Its last event carries the whole response, which is then read like any other; a stream that was cut short before that
is put together from its pieces into the same shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from convqa_sdk.tracing.pieces import Pieces, Room
from convqa_sdk.tracing.responses.arguments import parsed
from convqa_sdk.tracing.responses.messages import Part, message, put_messages, tool_call
from convqa_sdk.tracing.responses.openai_usage import put_usage
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import MAX_ITEMS, Node, count, items, leaf, node, put, text

__all__ = ["OpenAIResponses", "OpenAIResponsesStream"]

_REASONS = {"max_output_tokens": "length", "failed": "error", "cancelled": "cancelled"}
"""Why a response ended: in its words, and in those of chat completions, so that one chart counts both."""
_CALLS = ("function_call", "custom_tool_call")
_BEGINNINGS = ("response.created", "response.queued", "response.in_progress")
_ENDINGS = ("response.completed", "response.incomplete", "response.failed")
_ITEMS = ("response.output_item.added", "response.output_item.done")
_DELTAS = {
    "response.output_text.delta": ("message", "text"),
    "response.refusal.delta": ("message", "refusal"),
    "response.reasoning_text.delta": ("reasoning", "text"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary"),
    "response.function_call_arguments.delta": ("function_call", "arguments"),
    "response.custom_tool_call_input.delta": ("custom_tool_call", "input"),
}
"""Kind of event: the kind of item that it continues, and which of its texts."""


class OpenAIResponses:
    """Reads `Response` and its dict forms."""

    name = "openai_responses"
    snapshot = None

    def read(self, value: object) -> Fields | None:
        """Return the fields of a response, or None."""
        response = node(value)
        return _fields(response) if _is_response(response) else None

    def accumulator(self) -> OpenAIResponsesStream:
        """Return a fresh accumulator of events."""
        return OpenAIResponsesStream()


class OpenAIResponsesStream:
    """Takes the events of `responses.create(stream=True)`, which the helper `responses.stream()` passes on."""

    __slots__ = ("_begun", "_ended", "_items", "_room")

    def __init__(self) -> None:
        self._begun: Node = {}
        self._ended: Node | None = None
        self._items: dict[int, _Item] = {}
        self._room = Room()

    def add(self, chunk: object) -> bool:
        """Take one event; False for one that adds nothing to the answer."""
        event = node(chunk)
        kind = text(event.get("type"))
        if kind in _DELTAS:
            return self._continue(event, *_DELTAS[kind])
        if kind in _ITEMS:
            return self._take(event)
        if kind in _BEGINNINGS or kind in _ENDINGS:
            response = node(event.get("response"))
            if not _is_response(response):
                return False
            if kind in _ENDINGS:
                self._ended = response
            else:
                self._begun = response
            return True
        return False

    def _continue(self, event: Node, kind: str, name: str) -> bool:
        index, delta = count(event.get("output_index")), text(event.get("delta"))
        if index is None or delta is None:
            return False
        if index in self._items or self._keep(index, {"type": kind}):
            self._items[index].add(name, delta)
        return True

    def _take(self, event: Node) -> bool:
        index, item = count(event.get("output_index")), node(event.get("item"))
        if index is None or text(item.get("type")) is None:
            return False
        self._keep(index, item)  # done: whole, so it takes the place of its pieces
        return True

    def _keep(self, index: int, item: Node) -> bool:
        """Keep an item; tell whether there was room for it."""
        if len(self._items) >= MAX_ITEMS and index not in self._items:
            return False
        self._items[index] = _Item(item, self._room)
        return True

    def fields(self) -> Fields:
        """Return the fields of the response as far as it arrived."""
        output = [item.whole() for _, item in sorted(self._items.items())]
        if self._ended is None:
            return _fields({"id": self._begun.get("id"), "model": self._begun.get("model"), "output": output})
        if items(self._ended.get("output")):
            return _fields(self._ended)
        names = ("id", "model", "status", "incomplete_details", "usage")
        return _fields({**{name: self._ended.get(name) for name in names}, "output": output})


class _Item:
    """One streamed output item: how it began, and the texts that came after."""

    __slots__ = ("_began", "_room", "_texts")

    def __init__(self, began: Node, room: Room) -> None:
        self._began = began
        self._room = room
        self._texts: dict[str, Pieces] = {}

    def add(self, name: str, delta: str) -> None:
        if name not in self._texts:
            self._texts[name] = Pieces(self._room)
        self._texts[name].add(delta)

    def whole(self) -> Node:
        """Return the item as a complete response has it."""
        if not self._texts:
            return self._began
        said = {name: pieces.text() for name, pieces in self._texts.items()}
        content = [
            {"type": kind, name: said[name]}
            for kind, name in (("output_text", "text"), ("refusal", "refusal"))
            if name in said
        ]
        names = ("type", "call_id", "name")
        summary = [{"text": said["summary"]}] if "summary" in said else []
        return {**said, **{name: self._began.get(name) for name in names}, "content": content, "summary": summary}


def _is_response(response: Node) -> bool:
    return text(response.get("object")) == "response" and isinstance(response.get("output"), (list, tuple))


def _fields(response: Node) -> Fields:
    fields: Fields = {"provider": "openai"}
    put(fields, "response_model", text(response.get("model")))
    put(fields, "response_id", text(response.get("id")))
    put_usage(fields, response.get("usage"), "input_tokens", "output_tokens")
    output = [node(item) for item in items(response.get("output"))]
    parts = list(islice((part for item in output for part in _parts(item)), MAX_ITEMS))
    reason = _finish_reason(response, output)
    answered = parts or reason is not None  # a response in the background has neither yet
    put_messages(fields, [message(parts, reason)] if answered else [])
    return fields


def _finish_reason(response: Node, output: Sequence[Node]) -> str | None:
    """Return why the response ended, in the words of chat completions; None while it has not."""
    status = text(response.get("status"))
    if status == "completed":
        return "tool_calls" if any(text(item.get("type")) in _CALLS for item in output) else "stop"
    if status == "incomplete":
        reason = text(leaf(response.get("incomplete_details"), "reason"))
        return _REASONS.get(reason or "", reason)
    return _REASONS.get(status or "")


def _parts(item: Node) -> Sequence[Part]:
    """Return the parts of an output item: of an unknown kind its type only, of one without any text nothing."""
    kind = text(item.get("type"))
    if kind == "message":
        return [part for piece in items(item.get("content")) if (part := _said(node(piece))) is not None]
    if kind == "reasoning":
        thought = _joined(item.get("content")) or _joined(item.get("summary"))
        return [{"type": "reasoning", "content": thought}] if thought else []
    if kind == "function_call":
        written = text(item.get("arguments"))
        arguments = None if written is None else parsed(written)
        return [tool_call(text(item.get("call_id")), text(item.get("name")), arguments)]
    if kind == "custom_tool_call":  # takes free text, which stays text even when it looks like JSON
        return [tool_call(text(item.get("call_id")), text(item.get("name")), text(item.get("input")))]
    return [] if kind is None else [{"type": kind}]


def _said(piece: Node) -> Part | None:
    if (said := text(piece.get("text"))) is not None:
        return {"type": "text", "content": said}
    refusal = text(piece.get("refusal"))
    return None if refusal is None else {"type": "refusal", "content": refusal}


def _joined(pieces: object) -> str:
    texts = [said for piece in items(pieces) if (said := text(node(piece).get("text"))) is not None]
    return texts[0] if len(texts) == 1 else "\n\n".join(texts)  # one that is cut stays marked so
