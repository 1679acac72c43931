"""LangChain's messages: `AIMessage` and its chunks, and the results that hold them (`ChatResult`, `LLMResult`).

Its dicts, of `model_dump()` as of its own ways of writing messages down, read alike. A stream's chunks are put together
into the same shape as a complete message and read by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from convqa_sdk.tracing.pieces import Pieces, Room
from convqa_sdk.tracing.responses.arguments import copied, parsed
from convqa_sdk.tracing.responses.messages import Part, message, put_cost, put_messages, tool_call
from convqa_sdk.tracing.responses.openai_usage import put_usage
from convqa_sdk.tracing.responses.provider_names import provider_name
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import MAX_ITEMS, Node, count, items, leaf, node, put, text

__all__ = ["LangChain", "LangChainStream"]

MAX_CHOICES = 128
"""Generations that are read."""
_AI = ("ai", "AIMessageChunk")
_REASONS: Final = ("finish_reason", "stop_reason", "stopReason", "done_reason")
"""Why a message ended: the key in `response_metadata`, which is the provider's own."""
_CACHE_WRITES: Final = ("cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
"""Tokens written to the cache; Anthropic's integration tells them by how long they are kept, and then sets 0 first."""
_OWN_IDS: Final = ("lc_", "run-")
"""How ids begin that LangChain makes up where the provider gave none."""
_CALLS: Final = ("tool_use", "tool_call", "tool_call_chunk", "function_call", "input_json_delta", "invalid_tool_call")
"""Content blocks that repeat what stands in `tool_calls`."""


class LangChain:
    """Reads messages and results."""

    name = "langchain"
    snapshot = None

    def read(self, value: object) -> Fields | None:
        """Return the fields of a message or result, or None."""
        found = node(value)
        generations = found.get("generations")
        if generations is not None:
            return _result(found, generations)
        said = _message(found)
        return None if said is None else _fields([[said]])

    def accumulator(self) -> LangChainStream:
        """Return a fresh accumulator of chunks."""
        return LangChainStream()


class LangChainStream:
    """Joins `AIMessageChunk`s, plain or inside `ChatGenerationChunk`s; counts of several chunks add up."""

    __slots__ = ("_calls", "_current", "_ended", "_id", "_known", "_reasoning", "_refusal", "_room", "_said", "_usage")

    def __init__(self) -> None:
        self._room = Room()
        self._said = Pieces(self._room)
        self._reasoning = Pieces(self._room)
        self._refusal = Pieces(self._room)
        self._known: dict[str, object] = {}
        self._id: str | None = None
        self._ended = False
        self._usage: list[Node] = []
        self._calls: list[_Call] = []
        self._current: dict[object, _Call] = {}  # the call that pieces of an index belong to

    def add(self, chunk: object) -> bool:
        """Take one chunk."""
        found = node(chunk)
        said = _message(found) or _message(node(found.get("message")))
        if said is None:
            return False
        known = node(said.get("response_metadata"))
        for name in (*_REASONS, "model_name", "model", "model_provider", "id"):
            if (given := text(known.get(name))) is not None:
                self._known[name] = given
                self._ended = self._ended or name in _REASONS
        self._ended = self._ended or text(said.get("chunk_position")) == "last"
        given = text(said.get("id"))
        if given is not None and not given.startswith(_OWN_IDS):
            self._id = given
        usage = said.get("usage_metadata")
        if usage is not None and len(self._usage) < MAX_ITEMS:
            self._usage.append(node(usage))
        for kind, piece in _texts(said):
            {"text": self._said, "reasoning": self._reasoning, "refusal": self._refusal}[kind].add(piece)
        for position, call in enumerate(items(said.get("tool_call_chunks"))):
            self._add_call(node(call), position)
        return True

    def _add_call(self, piece: Node, position: int) -> None:
        index = piece.get("index")
        key: object = index if type(index) in (int, str) else position
        call_id = text(piece.get("id"))
        call = self._current.get(key)
        if call is None or (call_id is not None and call.id is not None and call_id != call.id):
            if len(self._calls) >= MAX_ITEMS:
                return
            call = self._current[key] = _Call(self._room)
            self._calls.append(call)
        call.id = call.id or call_id
        call.name = call.name or text(piece.get("name"))
        call.arguments.add(text(piece.get("args")) or "")

    def fields(self) -> Fields:
        """Return the fields of the message as far as it arrived."""
        whole: Node = {
            "id": self._id,
            "content": self._said.text(),
            "additional_kwargs": {"reasoning_content": self._reasoning.text(), "refusal": self._refusal.text()},
            "response_metadata": self._known,
            "usage_metadata": _sum(self._usage),
            "tool_calls": [call.whole() for call in self._calls],
        }
        fields = _fields([[whole]])
        if not self._ended:  # cut short: the output was only counted at its beginning
            fields.pop("output_tokens", None)
            fields.pop("reasoning_tokens", None)
        return fields


class _Call:
    """The pieces of one streamed tool call."""

    __slots__ = ("arguments", "id", "name")

    def __init__(self, room: Room) -> None:
        self.id: str | None = None
        self.name: str | None = None
        self.arguments = Pieces(room)

    def whole(self) -> dict[str, object]:
        return {"id": self.id, "name": self.name, "args": self.arguments.text() or {}}


def _message(found: Node) -> Node | None:
    """Return the leaves of a message of the model's, as an object or a dict or written down as one; else None."""
    kind = text(found.get("type"))
    if kind is None:
        return None
    if kind == "constructor" and found.get("lc") is not None:
        found = node(found.get("kwargs"))
    elif kind in _AI and found.get("data") is not None:
        found = node(found.get("data"))
    if text(found.get("type")) not in _AI or not isinstance(found.get("content"), (str, list, tuple)):
        return None
    proven = found.get("response_metadata") is not None or isinstance(found.get("tool_calls"), (list, tuple))
    return found if proven else None  # else a dictionary of the bot's own


def _result(found: Node, generations: object) -> Fields | None:
    """Return the fields of a result: a list of generations, or a list of such lists, one for each prompt."""
    prompts = items(generations)
    if not prompts:
        return None
    if type(prompts[0]) not in (list, tuple):
        prompts = [prompts]
    read = [[_generation(node(given)) for given in items(prompt)[:MAX_CHOICES]] for prompt in prompts[:MAX_CHOICES]]
    said = [[one for one in prompt if one is not None] for prompt in read]
    if not any(said):
        return None
    fields = _fields(said)
    output = node(found.get("llm_output"))
    if "input_tokens" not in fields and "output_tokens" not in fields:
        put_usage(fields, output.get("token_usage"), "prompt_tokens", "completion_tokens")
    if "response_model" not in fields:
        put(fields, "response_model", text(output.get("model_name")) or text(output.get("model")))
    return fields


def _generation(given: Node) -> Node | None:
    """Return the leaves of a generation: its message, or (of a model without messages) its text."""
    said = _message(node(given.get("message")))
    if said is not None:
        return said
    kind, written = text(given.get("type")), given.get("text")
    if kind is None or not kind.startswith("Generation") or not isinstance(written, str):
        return None
    known = given.get("generation_info")
    return {"content": written, "response_metadata": {} if known is None else known}


def _fields(prompts: Sequence[Sequence[Node]]) -> Fields:
    """Return the fields of what was generated, by prompt; each message of one prompt repeats the usage of them all."""
    fields: Fields = {}
    said = [one for prompt in prompts for one in prompt]
    known = node(said[0].get("response_metadata"))
    put(fields, "provider", provider_name(text(known.get("model_provider"))))
    put(fields, "response_model", text(known.get("model_name")) or text(known.get("model")))
    own = text(said[0].get("id"))
    put(fields, "response_id", text(known.get("id")) or (None if own is None or own.startswith(_OWN_IDS) else own))
    _put_usage(fields, [node(prompt[0].get("usage_metadata")) for prompt in prompts if prompt])
    put_cost(fields, leaf(known.get("token_usage"), "cost"))
    put_messages(fields, [message(_parts(one), _finish_reason(one)) for one in said[:MAX_CHOICES]])
    return fields


def _put_usage(fields: Fields, stated: Sequence[Node]) -> None:
    usage = stated[0] if len(stated) == 1 else _sum(stated)
    put(fields, "input_tokens", count(usage.get("input_tokens")))  # the sum of all types of input
    put(fields, "output_tokens", count(usage.get("output_tokens")))
    asked = node(usage.get("input_token_details"))
    put(fields, "cache_read_tokens", count(asked.get("cache_read")))
    written = [tokens for name in _CACHE_WRITES if (tokens := count(asked.get(name))) is not None]
    put(fields, "cache_write_tokens", count(sum(written)) if written else None)
    put(fields, "reasoning_tokens", count(leaf(usage.get("output_token_details"), "reasoning")))


def _sum(stated: Sequence[Node]) -> Node:
    """Return counts added up; one that nobody states stays unknown."""
    summed: dict[str, object] = {name: _total(stated, name) for name in ("input_tokens", "output_tokens")}
    for group, names in (
        ("input_token_details", ("cache_read", *_CACHE_WRITES)),
        ("output_token_details", ("reasoning",)),
    ):
        details = [node(usage.get(group)) for usage in stated]
        summed[group] = {name: _total(details, name) for name in names}
    return summed


def _total(stated: Sequence[Node], name: str) -> int | None:
    counts = [tokens for usage in stated if (tokens := count(usage.get(name))) is not None]
    return count(sum(counts)) if counts else None


def _finish_reason(said: Node) -> str | None:
    known = node(said.get("response_metadata"))
    return next((reason for name in _REASONS if (reason := text(known.get(name))) is not None), None)


def _parts(said: Node) -> list[Part]:
    parts: list[Part] = []
    for kind, written in _texts(said):
        if parts and parts[-1]["type"] == kind == "text":
            parts[-1]["content"] = f"{parts[-1]['content']}{written}"
        else:
            parts.append({"type": kind, "content": written})
    parts.extend(_others(said.get("content")))
    for calls in (said.get("tool_calls"), said.get("invalid_tool_calls")):
        parts.extend([_call(node(given)) for given in items(calls)])
    return parts[:MAX_ITEMS]


def _call(call: Node) -> Part:
    """Return a tool call; the arguments of an invalid one are the text that could not be read."""
    given = call.get("args")
    arguments = parsed(given) if isinstance(given, str) else copied(given)
    return tool_call(text(call.get("id")), text(call.get("name")), arguments)


def _texts(said: Node) -> Iterator[tuple[str, str]]:
    """Give each text of a message with its kind: reasoning, text or refusal."""
    more = node(said.get("additional_kwargs"))
    if (thought := text(more.get("reasoning_content"))) is not None:
        yield "reasoning", thought
    content = said.get("content")
    if (written := text(content)) is not None:
        yield "text", written
    for block in items(content):
        if (written := text(block)) is not None:
            yield "text", written
            continue
        found = node(block)
        kind = text(found.get("type"))
        if kind == "text" and (written := text(found.get("text"))) is not None:
            yield "text", written
        elif (thought := _thought(found)) is not None:
            yield "reasoning", thought
        elif kind == "refusal" and (refusal := text(found.get("refusal"))) is not None:
            yield "refusal", refusal
    if (refusal := text(more.get("refusal"))) is not None:
        yield "refusal", refusal


def _thought(block: Node) -> str | None:
    """Return the reasoning of a block: LangChain's own, Anthropic's and Bedrock's way of writing it."""
    thought = block.get("reasoning")
    if thought is None:
        thought = block.get("thinking")
    if thought is None:
        thought = leaf(block.get("reasoning_content"), "text")
    return text(thought)


def _others(content: object) -> Iterator[Part]:
    """Give the type of each block that is no text and no call: an image, a citation, a tool of the provider's."""
    for block in items(content):
        found = node(block)
        kind = text(found.get("type"))
        if kind is not None and kind not in (*_CALLS, "text", "refusal") and _thought(found) is None:
            yield {"type": kind}
