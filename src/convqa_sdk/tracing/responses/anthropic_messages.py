"""Anthropic's messages (the API itself, Bedrock and Vertex through Anthropic's client).

A stream is put together into the same shape as a complete response and read by the same code.
"""

from __future__ import annotations

from convqa_sdk.tracing.pieces import Pieces, Room
from convqa_sdk.tracing.responses.arguments import copied
from convqa_sdk.tracing.responses.messages import Part, message, put_cost, put_messages, tool_call
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import MAX_ITEMS, Node, count, items, leaf, node, put, text

__all__ = ["AnthropicMessages", "AnthropicMessagesStream"]

_USAGE = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens_details",
    "cost",
)

_DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("tool_use", "partial_json"),
}
"""Kind of delta: the kind of block it continues, and the name of its text."""


class AnthropicMessages:
    """Reads `Message` and its dict forms."""

    name = "anthropic_messages"
    snapshot = "current_message_snapshot"

    def read(self, value: object) -> Fields | None:
        """Return the fields of a message, or None.

        The model is part of the shape, because OpenAI's Responses API has output items of type "message" too.
        """
        found = node(value)
        if not isinstance(found.get("content"), (list, tuple)) or text(found.get("model")) is None:
            return None
        if found.get("type") is None and found.get("role") is None:
            return _fields(found, named=False) if _is_unnamed(found) else None
        if text(found.get("type")) != "message" or text(found.get("role")) != "assistant":
            return None
        return _fields(found, named=True)

    def accumulator(self) -> AnthropicMessagesStream:
        """Return a fresh accumulator of events."""
        return AnthropicMessagesStream()


class AnthropicMessagesStream:
    """Joins raw stream events, which the helper `client.messages.stream()` passes on among events of its own."""

    __slots__ = ("_blocks", "_id", "_model", "_room", "_stop_reason", "_usage")

    def __init__(self) -> None:
        self._id: str | None = None
        self._model: str | None = None
        self._stop_reason: str | None = None
        self._usage: dict[str, object] = {}
        self._blocks: dict[int, _Block] = {}
        self._room = Room()

    def add(self, chunk: object) -> bool:
        """Take one event; False for the helper's own (`text`, `thinking` …), which repeat the raw ones."""
        event = node(chunk)
        kind = text(event.get("type"))
        if kind == "content_block_delta":
            return self._continue_block(event)
        if kind == "content_block_start":
            return self._start_block(event)
        if kind == "message_start":
            return self._start(event)
        if kind == "message_delta":
            return self._close(event)
        return kind in ("content_block_stop", "message_stop") and self._model is not None

    def _start(self, event: Node) -> bool:
        started = node(event.get("message"))
        model = text(started.get("model"))
        if model is None:
            return False
        self._id, self._model = text(started.get("id")), model
        usage = node(started.get("usage"))
        # the output counted so far is a beginning, not a count of the answer: unknown until `message_delta` has it
        self._usage = {name: usage.get(name) for name in _USAGE if not name.startswith("output_")}
        return True

    def _start_block(self, event: Node) -> bool:
        index, block = count(event.get("index")), event.get("content_block")
        if index is None or block is None:
            return False
        self._keep(index, block)
        return True

    def _keep(self, index: int, block: object) -> bool:
        """Keep a block; tell whether there was room for it."""
        if len(self._blocks) >= MAX_ITEMS and index not in self._blocks:
            return False
        self._blocks[index] = _Block(block, self._room)
        return True

    def _continue_block(self, event: Node) -> bool:
        index, delta = count(event.get("index")), node(event.get("delta"))
        kind = text(delta.get("type"))
        if index is None or kind is None:
            return False
        if kind not in _DELTAS:  # citations, signatures: no part of the answer
            return True
        continued, name = _DELTAS[kind]
        piece = text(delta.get(name))
        if piece is not None and (index in self._blocks or self._keep(index, {"type": continued})):
            self._blocks[index].pieces.add(piece)
        return True

    def _close(self, event: Node) -> bool:
        self._stop_reason = text(node(event.get("delta")).get("stop_reason")) or self._stop_reason
        usage = node(event.get("usage"))
        # the counts are cumulative, so they replace; one that is left out keeps the value it had
        self._usage.update({name: usage.get(name) for name in _USAGE if usage.get(name) is not None})
        return self._model is not None

    def fields(self) -> Fields:
        """Return the fields of the message as far as it arrived."""
        content = [block.whole() for _, block in sorted(self._blocks.items())]
        return _fields(
            {
                "id": self._id,
                "model": self._model,
                "usage": self._usage,
                "content": content,
                "stop_reason": self._stop_reason,
            },
            named=True,
        )


class _Block:
    """One streamed content block: how it began, and its text, of which the most comes after."""

    __slots__ = ("began", "pieces")

    def __init__(self, began: object, room: Room) -> None:
        self.began = node(began)
        self.pieces = Pieces(room)
        self.pieces.add(text(self.began.get("text")) or text(self.began.get("thinking")) or "")

    def whole(self) -> dict[str, object]:
        """Return the block as a complete message has it."""
        kind, said = self.began.get("type"), self.pieces.text()
        began = self.began
        return {
            "type": kind,
            "id": began.get("id"),
            "name": began.get("name"),
            "text": said,
            "thinking": said,
            "input": said or began.get("input"),
        }


def _is_unnamed(found: Node) -> bool:
    """Tell whether a message without the words that say so has the leaves of one: typed blocks and counted tokens."""
    blocks = items(found.get("content"))
    counted = count(node(found.get("usage")).get("input_tokens")) is not None
    return counted and bool(blocks) and all(text(node(block).get("type")) is not None for block in blocks)


def _fields(found: Node, *, named: bool) -> Fields:
    fields: Fields = {"provider": "anthropic"} if named else {}
    put(fields, "response_model", text(found.get("model")))
    put(fields, "response_id", text(found.get("id")))
    usage = node(found.get("usage"))
    fresh, read, written = [
        count(usage.get(name)) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    ]
    if fresh is not None:  # without what was read from and written to the cache, which the conventions include
        put(fields, "input_tokens", count(fresh + (read or 0) + (written or 0)))
    put(fields, "output_tokens", count(usage.get("output_tokens")))
    put(fields, "cache_read_tokens", read)
    put(fields, "cache_write_tokens", written)
    details = usage.get("output_tokens_details")
    if details is not None:
        put(fields, "reasoning_tokens", count(leaf(details, "thinking_tokens")))
    put_cost(fields, usage.get("cost"))
    parts = [part for block in items(found.get("content")) if (part := _part(node(block))) is not None]
    put_messages(fields, [message(parts, text(found.get("stop_reason")))])
    return fields


def _part(block: Node) -> Part | None:
    """Return the part of a content block: of an unknown kind its type only; None when there is nothing in it."""
    kind = text(block.get("type"))
    if kind == "text":
        said = text(block.get("text"))
        return None if said is None else {"type": "text", "content": said}
    if kind == "thinking":
        return {"type": "reasoning", "content": text(block.get("thinking")) or ""}
    if kind == "tool_use":
        arguments = copied(block.get("input"))
        return tool_call(text(block.get("id")), text(block.get("name")), arguments)
    return None if kind is None else {"type": kind}
