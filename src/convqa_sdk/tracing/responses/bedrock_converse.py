"""Amazon Bedrock's Converse API, as botocore parses it; the response names no model, because the request does.

A stream's events are put together into the same shape as a complete response and read by the same code.
"""

from __future__ import annotations

from typing import Final

from convqa_sdk.tracing.pieces import Pieces, Room
from convqa_sdk.tracing.responses.arguments import copied
from convqa_sdk.tracing.responses.messages import Part, message, put_messages, tool_call
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import MAX_ITEMS, Node, count, items, leaf, node, put, text

__all__ = ["BedrockConverse", "BedrockConverseStream"]

_KINDS: Final = {
    "image": "image",
    "document": "document",
    "video": "video",
    "audio": "audio",
    "toolResult": "tool_call_response",
    "citationsContent": "citations",
    "searchResult": "search_result",
    "guardContent": "guard_content",
}
"""Key of a block whose content is not kept: the type of its part."""


class BedrockConverse:
    """Reads the dictionary that `converse` returns."""

    name = "bedrock_converse"
    snapshot = None

    def read(self, value: object) -> Fields | None:
        """Return the fields of a response, or None."""
        found = node(value)
        stopped = found.get("stopReason")
        if stopped is None or text(stopped) is None:
            return None
        said = node(node(found.get("output")).get("message"))
        if text(said.get("role")) is None or not isinstance(said.get("content"), (list, tuple)):
            return None
        return _fields(found)

    def accumulator(self) -> BedrockConverseStream:
        """Return a fresh accumulator of events."""
        return BedrockConverseStream()


class BedrockConverseStream:
    """Joins the events of `converse_stream`, each a dictionary with one key that names it."""

    __slots__ = ("_blocks", "_room", "_stop_reason", "_trace", "_usage")

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._room = Room()
        self._stop_reason: str | None = None
        self._usage: object = None
        self._trace: object = None

    def add(self, chunk: object) -> bool:
        """Take one event."""
        event = node(chunk)
        if (found := event.get("contentBlockDelta")) is not None:
            return self._continue(node(found))
        if (found := event.get("contentBlockStart")) is not None:
            return self._start(node(found))
        if (found := event.get("messageStart")) is not None:
            return text(node(found).get("role")) is not None
        if (found := event.get("messageStop")) is not None:
            reason = text(node(found).get("stopReason"))
            self._stop_reason = reason or self._stop_reason
            return reason is not None
        if (found := event.get("metadata")) is not None:
            counted = node(found)
            self._usage, self._trace = counted.get("usage"), counted.get("trace")
            return count(leaf(self._usage, "inputTokens")) is not None
        return event.get("contentBlockStop") is not None and bool(self._blocks)

    def _start(self, event: Node) -> bool:
        index, began = count(event.get("contentBlockIndex")), event.get("start")
        if index is None or began is None:
            return False
        block = self._block(index)
        if block is not None:
            block.began = node(began)
        return True

    def _continue(self, event: Node) -> bool:
        index, given = count(event.get("contentBlockIndex")), event.get("delta")
        if index is None or given is None:
            return False
        block = self._block(index)
        if block is not None:
            block.add(node(given))
        return True

    def _block(self, index: int) -> _Block | None:
        """Return a block by its place, None where there is no room for another."""
        if index not in self._blocks and len(self._blocks) < MAX_ITEMS:
            self._blocks[index] = _Block(self._room)
        return self._blocks.get(index)

    def fields(self) -> Fields:
        """Return the fields of the response as far as it arrived."""
        content = [block.whole() for _, block in sorted(self._blocks.items())]
        return _fields(
            {
                "output": {"message": {"role": "assistant", "content": content}},
                "stopReason": self._stop_reason,
                "usage": self._usage,
                "trace": self._trace,
            }
        )


class _Block:
    """One streamed content block: how it began, and its text, of which the most comes after."""

    __slots__ = ("began", "kind", "pieces")

    def __init__(self, room: Room) -> None:
        self.began: Node = {}
        self.kind = ""
        self.pieces = Pieces(room)

    def add(self, delta: Node) -> None:
        for kind, piece in (
            ("text", delta.get("text")),
            ("toolUse", leaf(delta.get("toolUse"), "input")),
            ("reasoningContent", leaf(delta.get("reasoningContent"), "text")),
        ):
            if (written := text(piece)) is not None:
                self.kind = kind
                self.pieces.add(written)
                return

    def whole(self) -> dict[str, object]:
        """Return the block as a complete response has it."""
        said = self.pieces.text()
        if (asked := self.began.get("toolUse")) is not None:
            named = node(asked)
            return {"toolUse": {"toolUseId": named.get("toolUseId"), "name": named.get("name"), "input": said or {}}}
        if self.kind == "toolUse":
            return {"toolUse": {"input": said}}
        if self.kind == "reasoningContent":
            return {"reasoningContent": {"reasoningText": {"text": said}}}
        if self.kind == "text":
            return {"text": said}
        return {key: True for key in _KINDS if self.began.get(key) is not None}


def _fields(found: Node) -> Fields:
    fields: Fields = {"provider": "aws.bedrock"}
    # a prompt router chooses the model itself, and says which one in its trace
    put(fields, "response_model", text(leaf(found.get("trace"), "promptRouter", "invokedModelId")))
    _put_usage(fields, node(found.get("usage")))
    said = node(node(found.get("output")).get("message"))
    parts = [part for block in items(said.get("content")) if (part := _part(node(block))) is not None]
    put_messages(fields, [message(parts, text(found.get("stopReason")))])
    return fields


def _put_usage(fields: Fields, usage: Node) -> None:
    """Set the tokens; `inputTokens` is without what was read from and written to the cache.

    Source: Amazon Bedrock's user guide on prompt caching: total input tokens = inputTokens + cacheReadInputTokens +
    cacheWriteInputTokens.
    """
    fresh, read, written = [
        count(usage.get(name)) for name in ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    ]
    if fresh is not None:
        put(fields, "input_tokens", count(fresh + (read or 0) + (written or 0)))
    put(fields, "output_tokens", count(usage.get("outputTokens")))
    put(fields, "cache_read_tokens", read)
    put(fields, "cache_write_tokens", written)


def _part(block: Node) -> Part | None:
    """Return the part of a content block, which is named by its only key; None of an unknown or empty one."""
    if (said := text(block.get("text"))) is not None:
        return {"type": "text", "content": said}
    if (asked := block.get("toolUse")) is not None:
        call = node(asked)
        return tool_call(text(call.get("toolUseId")), text(call.get("name")), copied(call.get("input")))
    if (thought := block.get("reasoningContent")) is not None:
        return {"type": "reasoning", "content": text(leaf(thought, "reasoningText", "text")) or ""}
    cited = [said for piece in items(node(block.get("citationsContent")).get("content")) if (said := _said(piece))]
    if cited:
        return {"type": "text", "content": "".join(cited)}
    other = next((kind for key, kind in _KINDS.items() if block.get(key) is not None), None)
    return None if other is None else {"type": other}


def _said(piece: object) -> str | None:
    return text(node(piece).get("text"))
