"""Parts of a message's content, as each provider's client takes them, in the form of the GenAI conventions.

OpenAI, Anthropic and LangChain give a part a `type`; Bedrock and Gemini name it by the key that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from convqa_sdk.export.response_items import TEXTS
from convqa_sdk.tracing.responses.arguments import parsed

__all__ = ["part_of"]

Part = dict[str, Any]


def part_of(item: object) -> object:
    """Return one part; what is none that is known stays as it is, but for a type."""
    if isinstance(item, str):
        return {"type": "text", "content": item}
    if not isinstance(item, dict):
        return item
    given = cast("dict[str, Any]", item)
    kind = given.get("type")
    if isinstance(kind, str):
        return _TYPED[kind](given) if kind in _TYPED else given
    for key, make in _KEYED.items():
        if given.get(key) is not None:
            return make(given)
    known = {key: value for key, value in given.items() if value is not None}  # an object of a client has every key
    return {"type": next(iter(known)), **known} if known else given


def _text(given: Mapping[str, Any]) -> Part:
    return dict(given) if "content" in given else {"type": "text", "content": given.get("text")}


def _reasoning(given: Mapping[str, Any]) -> Part:
    if "content" in given:
        return dict(given)
    return {"type": "reasoning", "content": given.get("thinking", given.get("reasoning", ""))}


def _call(call_id: object, name: object, arguments: object) -> Part:
    said = parsed(arguments) if isinstance(arguments, str) else arguments
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": said}


def _langchain_call(given: Mapping[str, Any]) -> Part:
    return _call(given.get("id"), given.get("name"), given["args"]) if "args" in given else dict(given)


def _anthropic_call(given: Mapping[str, Any]) -> Part:
    return _call(given.get("id"), given.get("name"), given.get("input"))


def _anthropic_result(given: Mapping[str, Any]) -> Part:
    return {"type": "tool_call_response", "id": given.get("tool_use_id"), "response": given.get("content")}


_TYPED: Final[dict[str, Callable[[Mapping[str, Any]], Part]]] = {
    **dict.fromkeys(TEXTS, _text),
    "reasoning": _reasoning,
    "thinking": _reasoning,
    "tool_call": _langchain_call,
    "tool_use": _anthropic_call,
    "tool_result": _anthropic_result,
}


def _inside(given: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the mapping under the first of the keys that has one; an empty one without any."""
    found = next((given[key] for key in keys if isinstance(given.get(key), dict)), None)
    return {} if found is None else cast("Mapping[str, Any]", found)


def _untyped_text(given: Mapping[str, Any]) -> Part:
    return {"type": "reasoning" if given.get("thought") is True else "text", "content": given["text"]}


def _bedrock_reasoning(given: Mapping[str, Any]) -> Part:
    said = _inside(_inside(given, "reasoningContent"), "reasoningText")
    return {"type": "reasoning", "content": said.get("text", "")}


def _bedrock_call(given: Mapping[str, Any]) -> Part:
    call = _inside(given, "toolUse")
    return _call(call.get("toolUseId"), call.get("name"), call.get("input"))


def _bedrock_result(given: Mapping[str, Any]) -> Part:
    result = _inside(given, "toolResult")
    return {"type": "tool_call_response", "id": result.get("toolUseId"), "response": result.get("content")}


def _gemini_call(given: Mapping[str, Any]) -> Part:
    call = _inside(given, "function_call", "functionCall")
    return _call(call.get("id"), call.get("name"), call.get("args"))


def _gemini_result(given: Mapping[str, Any]) -> Part:
    result = _inside(given, "function_response", "functionResponse")
    part = {"type": "tool_call_response", "id": result.get("id"), "response": result.get("response")}
    return {**part, "name": result.get("name")}


_KEYED: Final[dict[str, Callable[[Mapping[str, Any]], Part]]] = {
    "text": _untyped_text,
    "reasoningContent": _bedrock_reasoning,
    "toolUse": _bedrock_call,
    "toolResult": _bedrock_result,
    "function_call": _gemini_call,
    "functionCall": _gemini_call,
    "function_response": _gemini_result,
    "functionResponse": _gemini_result,
}
