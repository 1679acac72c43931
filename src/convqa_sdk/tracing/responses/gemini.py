"""Google's Gemini API and Vertex AI: `GenerateContentResponse` of `google-genai`, its dicts, and the APIs' own JSON.

The client writes names with underscores, the APIs in camel case; chunks of a stream are responses of the same shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from convqa_sdk.tracing.pieces import Pieces, Room
from convqa_sdk.tracing.responses.arguments import copied
from convqa_sdk.tracing.responses.messages import Part, message, put_messages, tool_call
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import MAX_ITEMS, Node, count, items, node, put, text

__all__ = ["Gemini", "GeminiStream"]

MAX_CANDIDATES = 128
"""Candidates that are read; the API gives eight at most."""
_KINDS: Final = {
    "executable_code": "executable_code",
    "executableCode": "executable_code",
    "code_execution_result": "code_execution_result",
    "codeExecutionResult": "code_execution_result",
    "inline_data": "blob",
    "inlineData": "blob",
    "file_data": "file",
    "fileData": "file",
    "function_response": "tool_call_response",
    "functionResponse": "tool_call_response",
    "tool_call": "server_tool_call",
    "toolCall": "server_tool_call",
    "tool_response": "server_tool_call_response",
    "toolResponse": "server_tool_call_response",
}
"""Key of a part whose content is not kept: its type."""


class Gemini:
    """Reads complete responses."""

    name = "gemini"
    snapshot = None

    def read(self, value: object) -> Fields | None:
        """Return the fields of a response, or None."""
        response = node(value)
        if not _is_response(response):
            return None
        candidates = [_Candidate.of(node(given)) for given in items(response.get("candidates"))[:MAX_CANDIDATES]]
        return _fields(response, _usage(response), candidates, _block_reason(response))

    def accumulator(self) -> GeminiStream:
        """Return a fresh accumulator of chunks."""
        return GeminiStream()


class GeminiStream:
    """Joins chunks: texts add up, counts are cumulative."""

    __slots__ = ("_blocked", "_candidates", "_last", "_room", "_usage")

    def __init__(self) -> None:
        self._candidates: dict[int, _Candidate] = {}
        self._last: Node | None = None
        self._usage: Node = {}
        self._blocked: str | None = None
        self._room = Room()

    def add(self, chunk: object) -> bool:
        """Take one chunk."""
        response = node(chunk)
        if not _is_response(response) and (self._last is None or _prompt_tokens(response) is None):
            return False
        if self._last is None or _model(response) is not None:
            self._last = response
        if _prompt_tokens(response) is not None:
            self._usage = _usage(response)
        self._blocked = _block_reason(response) or self._blocked
        for position, given in enumerate(items(response.get("candidates"))):
            candidate = node(given)
            index = count(candidate.get("index"))
            index = position if index is None else index
            if index not in self._candidates:
                if len(self._candidates) >= MAX_CANDIDATES:
                    continue
                self._candidates[index] = _Candidate(self._room)
            self._candidates[index].add(candidate)
        return True

    def fields(self) -> Fields:
        """Return the fields of the response as far as it arrived."""
        candidates = [candidate for _, candidate in sorted(self._candidates.items())]
        fields = _fields(self._last or {}, self._usage, candidates, self._blocked)
        if "finish_reasons" not in fields:  # cut short: the output was only counted at its beginning
            fields.pop("output_tokens", None)
            fields.pop("reasoning_tokens", None)
        return fields


class _Candidate:
    """One answer: its parts, where text in several pieces is one part, and why it ended."""

    __slots__ = ("_parts", "_room", "finish_reason")

    def __init__(self, room: Room | None = None) -> None:
        self._room = room
        self._parts: list[tuple[str, Pieces | Part]] = []
        self.finish_reason: str | None = None

    @classmethod
    def of(cls, candidate: Node) -> _Candidate:
        made = cls(Room())
        made.add(candidate)
        return made

    def add(self, candidate: Node) -> None:
        self.finish_reason = _reason(candidate) or self.finish_reason
        for part in items(node(candidate.get("content")).get("parts")):
            self._add_part(node(part))

    def _add_part(self, part: Node) -> None:
        said = text(part.get("text"))
        if said is not None:
            kind = "reasoning" if part.get("thought") is True else "text"
            last = self._parts[-1] if self._parts else None
            if last is not None and last[0] == kind and isinstance(last[1], Pieces):
                last[1].add(said)
            elif len(self._parts) < MAX_ITEMS:
                pieces = Pieces(self._room)
                pieces.add(said)
                self._parts.append((kind, pieces))
        elif (made := _other_part(part)) is not None and len(self._parts) < MAX_ITEMS:
            self._parts.append(("", made))

    def message(self) -> dict[str, object]:
        """Return the message of the conventions."""
        parts: list[Part] = [
            {"type": kind, "content": held.text()} if isinstance(held, Pieces) else held for kind, held in self._parts
        ]
        return message(parts, self.finish_reason)


def _is_response(response: Node) -> bool:
    """Tell whether these are a response's leaves: candidates or why there are none, and a model or tokens beside."""
    given = response.get("candidates")
    if given is not None and not isinstance(given, (list, tuple)):
        return False
    candidates = items(cast("object", given))
    if not candidates:
        if _prompt_tokens(response) is None:
            return False
        return _block_reason(response) is not None or _model(response) is not None
    first = node(candidates[0])
    content = first.get("content")
    if _reason(first) is None and not isinstance(node(content).get("parts"), (list, tuple)):
        return False
    return (
        _model(response) is not None
        or _prompt_tokens(response) is not None
        or _id(response) is not None
        or text(node(content).get("role")) == "model"
    )


def _fields(response: Node, usage: Node, candidates: Sequence[_Candidate], blocked: str | None) -> Fields:
    # only Vertex AI tells a time and a kind of traffic
    vertex = _either(response, "create_time", "createTime") or _either(usage, "traffic_type", "trafficType")
    fields: Fields = {"provider": "gcp.vertex_ai" if vertex else "gcp.gemini"}
    put(fields, "response_model", _model(response))
    put(fields, "response_id", _id(response))
    _put_usage(fields, usage)
    messages = [candidate.message() for candidate in candidates]
    if not messages and blocked is not None:  # the prompt was refused, so that nothing was generated
        messages = [message([], blocked)]
    put_messages(fields, messages)
    return fields


def _put_usage(fields: Fields, usage: Node) -> None:
    """Set the tokens.

    Source: the descriptions of `GenerateContentResponseUsageMetadata`: the prompt's count includes cached content, and
    the total is the sum of prompt, candidates, results of tools given back to the model, and thoughts. Where that sum
    is right without the thoughts, the candidates' count includes them already.
    """
    asked = _prompt_count(usage)
    tools = count(_either(usage, "tool_use_prompt_token_count", "toolUsePromptTokenCount")) or 0
    answered = count(_either(usage, "candidates_token_count", "candidatesTokenCount"))
    thought = count(_either(usage, "thoughts_token_count", "thoughtsTokenCount"))
    total = count(_either(usage, "total_token_count", "totalTokenCount"))
    if asked is not None:
        put(fields, "input_tokens", count(asked + tools))
        if answered is None and total == asked + tools + (thought or 0):  # a 0 is left out of the APIs' JSON
            answered = 0
    if answered is not None:
        included = asked is not None and total == asked + tools + answered
        put(fields, "output_tokens", count(answered if included else answered + (thought or 0)))
    put(fields, "cache_read_tokens", count(_either(usage, "cached_content_token_count", "cachedContentTokenCount")))
    put(fields, "reasoning_tokens", thought)


def _other_part(part: Node) -> Part | None:
    """Return a part that is no text: a call, or of any other known kind its type only."""
    asked = _either(part, "function_call", "functionCall")
    if asked is not None:
        call = node(asked)
        name, arguments = text(call.get("name")), call.get("args")
        if name is None:  # a further piece of a call whose arguments are streamed
            return None
        return tool_call(text(call.get("id")), name, None if arguments is None else copied(arguments))
    other = next((kind for key, kind in _KINDS.items() if part.get(key) is not None), None)
    return None if other is None else {"type": other}


def _block_reason(response: Node) -> str | None:
    feedback = _either(response, "prompt_feedback", "promptFeedback")
    return None if feedback is None else text(_either(node(feedback), "block_reason", "blockReason"))


def _model(response: Node) -> str | None:
    return text(_either(response, "model_version", "modelVersion"))


def _id(response: Node) -> str | None:
    return text(_either(response, "response_id", "responseId"))


def _reason(candidate: Node) -> str | None:
    return text(_either(candidate, "finish_reason", "finishReason"))


def _usage(response: Node) -> Node:
    return node(_either(response, "usage_metadata", "usageMetadata"))


def _prompt_tokens(response: Node) -> int | None:
    return _prompt_count(_usage(response))


def _prompt_count(usage: Node) -> int | None:
    return count(_either(usage, "prompt_token_count", "promptTokenCount"))


def _either(found: Node, underscored: str, camel: str) -> object:
    value = found.get(underscored)
    return found.get(camel) if value is None else value
