"""Messages of a request, as the providers' clients take them, in the form of the GenAI conventions.

Runs on the export thread, on snapshots: an object of a client is a dictionary of its attributes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from convqa_sdk.export.content_parts import part_of
from convqa_sdk.export.response_items import ITEMS
from convqa_sdk.tracing.responses.arguments import parsed

__all__ = ["parts_of"]

_LANGCHAIN_ROLES: Final = {
    "human": "user",
    "ai": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
    "developer": "developer",
    "HumanMessageChunk": "user",
    "AIMessageChunk": "assistant",
    "SystemMessageChunk": "system",
    "ToolMessageChunk": "tool",
}
"""Types of LangChain's messages, which have them in place of a role."""
_ROLES: Final = {"model": "assistant", "function": "tool", "human": "user", "ai": "assistant"}
"""Roles under another name: Gemini's, OpenAI's first one for tools, and LangChain's in pairs of role and text."""
_PAIRED: Final = frozenset({"user", "assistant", "system", "developer", "human", "ai"})


def parts_of(given: object, *, role: bool) -> object:
    """Return messages in the form of the GenAI conventions: a role and typed parts.

    Args:
        given: A string, a message or a part, or a sequence of those, as OpenAI (input items of the Responses API among
            them), Anthropic, Bedrock, Gemini and LangChain write them, or the form itself. Anything else stays.
        role: Whether these are messages; system instructions are parts alone.
    """
    if isinstance(given, str):
        part = {"type": "text", "content": given}
        return ({"role": "user", "parts": (part,)},) if role else (part,)
    if isinstance(given, (list, tuple)):
        items = cast("Sequence[object]", given)
        return tuple(_message(item) for item in items) if role else tuple(part_of(item) for item in items)
    if isinstance(given, dict):
        return _single(cast("dict[str, Any]", given), role)
    return given


def _single(given: dict[str, Any], role: bool) -> object:
    """Return what stands alone for a sequence: a prompt that holds messages, one message, or one part."""
    if isinstance(given.get("messages"), (list, tuple)):
        return parts_of(given["messages"], role=role)
    if role and ("parts" in given or "content" in given):
        return (_message(given),)
    if not role and isinstance(given.get("parts"), (list, tuple)):
        return parts_of(given["parts"], role=False)
    if not role and "content" in given:  # a system message
        return tuple(_contents(given["content"]))
    return parts_of(given["text"], role=role) if isinstance(given.get("text"), str) else given


def _message(item: object) -> object:
    if isinstance(item, str):
        return _said("user", item)
    if isinstance(item, tuple) and _is_pair(cast("tuple[object, ...]", item)):
        speaker, text = cast("tuple[str, str]", item)
        return _said(_ROLES.get(speaker, speaker), text)
    if not isinstance(item, dict):
        return item  # pyright: ignore[reportUnknownVariableType] # reason: any object
    given = _langchain(cast("dict[str, Any]", item))
    if "parts" in given:
        return _with_parts(given)
    make = ITEMS.get(_word(given.get("type")))
    if make is not None:
        return make(given)
    if given and not given.keys() & {"role", "content", "tool_calls"}:
        return {"role": "user", "parts": (part_of(given),)}
    return _with_content(given)


def _said(role: str, text: str) -> dict[str, object]:
    return {"role": role, "parts": ({"type": "text", "content": text},)}


def _is_pair(item: tuple[object, ...]) -> bool:
    return len(item) == 2 and _word(item[0]) in _PAIRED and isinstance(item[1], str)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _role(given: object) -> object:
    """Return a role under the conventions' name; what is no text stays, to be seen."""
    return "user" if given is None else _ROLES.get(given, given) if isinstance(given, str) else given


def _with_parts(given: Mapping[str, Any]) -> object:
    """Return a message that has parts: of the conventions already, or Gemini's."""
    parts = given["parts"]
    if not isinstance(parts, (list, tuple)):
        return given
    made = tuple(part_of(part) for part in cast("Sequence[object]", parts))
    return {**given, "role": _role(given.get("role")), "parts": made}


def _with_content(given: Mapping[str, Any]) -> object:
    content, role = given.get("content"), _role(given.get("role"))
    parts = list(_contents(content))
    if _word(role) == "tool" and "tool_call_id" in given:
        parts = [{"type": "tool_call_response", "id": given["tool_call_id"], "response": content}]
    calls = given.get("tool_calls")
    if isinstance(calls, (list, tuple)):
        parts += [_call(call) for call in cast("Sequence[object]", calls)]
    message = {"role": role, "parts": tuple(parts)}
    if isinstance(given.get("name"), str):
        message["name"] = given["name"]
    return message


def _langchain(item: dict[str, Any]) -> dict[str, Any]:
    """Return a message of LangChain's, also one that it has written down, with a role; any other as it is."""
    given = item
    if item.get("lc") is not None and isinstance(item.get("kwargs"), dict):
        given = item["kwargs"]
    elif _word(item.get("type")) in _LANGCHAIN_ROLES and isinstance(item.get("data"), dict):
        given = item["data"]
    kind = _word(given.get("type"))
    if kind not in _LANGCHAIN_ROLES or "role" in given or "content" not in given:
        return item
    content, calls = given["content"], given.get("tool_calls")
    if calls and isinstance(content, (list, tuple)):  # Anthropic's integration has each call in both
        content = tuple(block for block in cast("Sequence[object]", content) if not _is_call(block))
    made = {"role": _LANGCHAIN_ROLES[kind], "content": content, "tool_calls": calls, "name": given.get("name")}
    return made if given.get("tool_call_id") is None else {**made, "tool_call_id": given["tool_call_id"]}


def _is_call(block: object) -> bool:
    return isinstance(block, dict) and cast("dict[str, Any]", block).get("type") == "tool_use"


def _call(call: object) -> object:
    if not isinstance(call, dict):
        return {"type": "tool_call", "call": call}
    given = cast("dict[str, Any]", call)
    function = given.get("function", given)
    if not isinstance(function, dict):
        return {"type": "tool_call", **given}
    named = cast("dict[str, Any]", function)
    said = named.get("arguments", named.get("args"))
    arguments = parsed(said) if isinstance(said, str) else said  # as data, so that redaction sees unescaped values
    return {"type": "tool_call", "id": given.get("id"), "name": named.get("name"), "arguments": arguments}


def _contents(content: object) -> Iterable[object]:
    if content is None:
        return ()
    if isinstance(content, str):
        return ({"type": "text", "content": content},)
    if isinstance(content, (list, tuple)):
        return tuple(part_of(item) for item in cast("Sequence[object]", content))
    return (part_of(content),)
