"""OpenAI's chat completions, and whoever speaks their format (Azure, OpenRouter, vLLM, DeepSeek, Mistral …).

A stream is put together into the same shape as a complete response and read by the same code.
"""

from __future__ import annotations

from collections.abc import Sequence

from convqa_sdk.tracing.pieces import Pieces, Room
from convqa_sdk.tracing.responses.arguments import parsed
from convqa_sdk.tracing.responses.messages import Part, message, put_messages, tool_call
from convqa_sdk.tracing.responses.openai_usage import put_usage
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import MAX_ITEMS, Node, count, items, node, put, text

__all__ = ["OpenAIChat", "OpenAIChatStream"]

MAX_CHOICES = 128
"""Choices that are read, as many as the format's `n` may ask for."""


class OpenAIChat:
    """Reads `ChatCompletion` and its dict forms."""

    name = "openai_chat"
    snapshot = "current_completion_snapshot"

    def read(self, value: object) -> Fields | None:
        """Return the fields of a chat completion, or None."""
        response = node(value)
        kind = response.get("object")
        known = text(kind) == "chat.completion" if kind is not None else _is_unnamed(response, "message")
        if not known or not isinstance(response.get("choices"), (list, tuple)):
            return None
        return _fields(response, named=kind is not None)

    def accumulator(self) -> OpenAIChatStream:
        """Return a fresh accumulator of chunks."""
        return OpenAIChatStream()


class OpenAIChatStream:
    """Joins `ChatCompletionChunk`s, plain or inside the `chunk` events of `client.chat.completions.stream()`."""

    __slots__ = ("_choices", "_id", "_model", "_named", "_room", "_usage")

    def __init__(self) -> None:
        self._id: str | None = None
        self._model: str | None = None
        self._named = False
        self._usage: object = None
        self._choices: dict[int, _Choice] = {}
        self._room = Room()

    def add(self, chunk: object) -> bool:
        """Take one chunk; False for the helper's other events, which repeat what its `chunk` events said."""
        found = node(chunk)
        if found.get("object") is None and found.get("type") == "chunk":
            found = node(found.get("chunk"))
        kind = found.get("object")
        if kind is None:
            last = bool(self._choices) and not items(found.get("choices")) and found.get("usage") is not None
            if not last and not _is_unnamed(found, "delta"):
                return False
        elif type(kind) is not str or kind != "chat.completion.chunk":
            return False
        self._named = self._named or kind is not None
        if self._id is None:
            self._id = text(found.get("id"))
        if self._model is None:
            self._model = text(found.get("model"))
        usage = found.get("usage")
        if usage is not None:  # a null precedes the last chunk's; where each chunk has one they are cumulative
            self._usage = usage
        for position, piece in enumerate(items(found.get("choices"))):
            self._add_choice(node(piece), position)
        return True

    def _add_choice(self, piece: Node, position: int) -> None:
        index = count(piece.get("index"))
        index = position if index is None else index
        choice = self._choices.get(index)
        if choice is None:
            if len(self._choices) >= MAX_CHOICES:
                return
            choice = self._choices[index] = _Choice(self._room)
        choice.add(piece)

    def fields(self) -> Fields:
        """Return the fields of the completion as far as it arrived."""
        choices = [choice.whole() for _, choice in sorted(self._choices.items())]
        whole = {"id": self._id, "model": self._model, "usage": self._usage, "choices": choices}
        return _fields(whole, named=self._named)


class _Choice:
    """The pieces of one streamed choice."""

    __slots__ = ("calls", "content", "current", "finish_reason", "reasoning", "refusal", "room")

    def __init__(self, room: Room) -> None:
        self.room = room
        self.content = Pieces(room)
        self.reasoning = Pieces(room)
        self.refusal = Pieces(room)
        self.calls: list[_Call] = []
        self.current: dict[int, _Call] = {}  # the call that pieces of an index belong to
        self.finish_reason: str | None = None

    def add(self, piece: Node) -> None:
        delta = node(piece.get("delta"))
        if (said := _content(delta)) is not None:
            self.content.add(said)
        if (said := _reasoning(delta)) is not None:
            self.reasoning.add(said)
        if (refusal := delta.get("refusal")) is not None:
            self.refusal.add(text(refusal) or "")
        for position, call in enumerate(_calls(delta)):
            self._add_call(node(call), position)
        if (reason := piece.get("finish_reason")) is not None:
            self.finish_reason = text(reason)

    def _add_call(self, piece: Node, position: int) -> None:
        index = count(piece.get("index"))
        index = position if index is None else index
        call_id = text(piece.get("id"))
        call = self.current.get(index)
        # Gemini's endpoint gives every parallel call index 0: another id is another call
        if call is None or (call_id is not None and call.id is not None and call_id != call.id):
            if len(self.calls) >= MAX_ITEMS:
                return
            call = self.current[index] = _Call(self.room)
            self.calls.append(call)
        call.id = call.id or call_id
        call.add(piece)

    def whole(self) -> dict[str, object]:
        """Return the choice as a complete response has it."""
        said = {
            "content": self.content.text(),
            "refusal": self.refusal.text(),
            "reasoning_content": self.reasoning.text(),
            "tool_calls": [call.whole() for call in self.calls],
        }
        return {"message": said, "finish_reason": self.finish_reason}


class _Call:
    """The pieces of one streamed tool call."""

    __slots__ = ("arguments", "custom", "id", "name")

    def __init__(self, room: Room) -> None:
        self.id: str | None = None
        self.name: str | None = None
        self.custom = False
        self.arguments = Pieces(room)

    def add(self, piece: Node) -> None:
        custom = piece.get("custom")
        self.custom = self.custom or custom is not None
        asked = node(piece.get("function") if custom is None else custom)
        self.name = self.name or text(asked.get("name"))
        arguments = text(asked.get("arguments" if custom is None else "input"))
        if arguments is not None:
            self.arguments.add(arguments)

    def whole(self) -> dict[str, object]:
        arguments = self.arguments.text()
        asked = {"name": self.name, "input" if self.custom else "arguments": arguments}
        return {"id": self.id, "custom" if self.custom else "function": asked}


def _is_unnamed(response: Node, part: str) -> bool:
    """Tell whether a completion or a chunk of one, without the word that says so, has the leaves of one.

    Gateways and hand-written stand-ins leave `object` out; then a role or a text in the first choice has to prove it,
    and a model or a number of tokens beside it. Who provides it, nobody has said then.
    """
    choices = items(response.get("choices"))
    usage = node(response.get("usage"))
    tokens = count(usage.get("prompt_tokens"))
    if not choices:
        return False
    said = node(node(choices[0]).get(part))
    return (text(response.get("model")) is not None or tokens is not None) and (
        text(said.get("role")) is not None or text(said.get("content")) is not None
    )


def _fields(response: Node, *, named: bool) -> Fields:
    fields: Fields = {"provider": "openai"} if named else {}
    put(fields, "response_model", text(response.get("model")))
    put(fields, "response_id", text(response.get("id")))
    put_usage(fields, response.get("usage"), "prompt_tokens", "completion_tokens")
    put_messages(fields, [_message(node(choice)) for choice in items(response.get("choices"))[:MAX_CHOICES]])
    return fields


def _message(choice: Node) -> dict[str, object]:
    said = node(choice.get("message"))
    parts: list[Part] = []
    if (reasoning := _reasoning(said)) is not None:
        parts.append({"type": "reasoning", "content": reasoning})
    if (answer := _content(said)) is not None:
        parts.append({"type": "text", "content": answer})
    if (refusal := text(said.get("refusal"))) is not None:
        parts.append({"type": "refusal", "content": refusal})
    parts.extend([_tool_call(node(call)) for call in _calls(said)])
    return message(parts, text(choice.get("finish_reason")))


def _tool_call(call: Node) -> Part:
    custom = call.get("custom")
    if custom is not None:  # a custom tool takes free text, which stays text even when it looks like JSON
        asked = node(custom)
        return tool_call(text(call.get("id")), text(asked.get("name")), text(asked.get("input")))
    asked = node(call.get("function"))
    written = text(asked.get("arguments"))
    return tool_call(text(call.get("id")), text(asked.get("name")), None if written is None else parsed(written))


def _calls(said: Node) -> Sequence[object]:
    """Return the tool calls of a message or delta, or the one call of the format before them."""
    tool_calls = said.get("tool_calls")
    if tool_calls is not None:
        return items(tool_calls)
    function_call = said.get("function_call")
    return () if function_call is None else ({"function": function_call},)


def _content(said: Node) -> str | None:
    """Return the answer's text: one string, or (Mistral) a list with text parts; None when there is none."""
    content = said.get("content")
    if content is None or isinstance(content, str):
        return text(content)
    return "".join([text(node(part).get("text")) or "" for part in items(content)]) or None


def _reasoning(said: Node) -> str | None:
    """Return the reasoning under either name that servers of this format give it (DeepSeek and vLLM, OpenRouter)."""
    for name in ("reasoning_content", "reasoning"):
        if (reasoning := said.get(name)) is not None and (written := text(reasoning)) is not None:
            return written
    return None
