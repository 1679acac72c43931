"""Result files of tau2-bench and tau-bench, as transcripts in the generic format.

tau2-bench: `{"info": …, "simulations": [{"id", "start_time", "messages": […], "reward_info", …}]}`, or one simulation.
tau-bench: `[{"task_id", "trial", "reward", "traj": [messages of the OpenAI chat format]}]`, or one such object.
Tasks, instructions and expected actions are never read: they say what the bot should have done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

Converted = tuple[str, dict[str, Any] | None]
"""Where in the document, and the conversation as the transcript format spells it; None: not recognised."""

_ERROR = "Error"
"""tau-bench has no flag for a failed tool: its environment's answer then begins with this word."""


def transcripts_of(value: Any, name: str, form: str) -> Iterator[Converted]:
    """Find the conversations in one JSON value.

    Args:
        value: A document or one line.
        name: The file's name, from which conversations of tau-bench get ids.
        form: `transcript`, `tau2`, or `auto`.
    """
    if _is_list(value):
        for index, item in enumerate(value):
            yield from _one(item, f", item {index}", name, form)
    else:
        yield from _one(value, "", name, form)


def _one(item: Any, place: str, name: str, form: str) -> Iterator[Converted]:
    if not _is_object(item):
        yield place, None
    elif form == "transcript" or (form == "auto" and "turns" in item):
        yield place, item
    elif _is_list(simulations := item.get("simulations")):
        for index, run in enumerate(simulations):
            found = _simulation(run, _object(item, "info")) if _is_object(run) else None
            yield f"{place}, simulation {index}", found
    elif _is_list(item.get("traj")):
        yield place, _trajectory(item, name)
    elif "messages" in item and "task_id" in item:
        yield place, _simulation(item, {})
    else:
        yield place, item if form == "auto" and "id" in item else None


# ------------------------------------------------------------------------------------------------------ tau2-bench


def _simulation(run: Mapping[str, Any], info: Mapping[str, Any]) -> dict[str, Any]:
    agent = _object(info, "agent_info")
    return {
        "id": run.get("id"),
        "source": "tau2-bench",
        "domain": _object(info, "environment_info").get("domain_name"),
        "arm": {"name": agent.get("llm"), "agent_model": agent.get("llm"), "agent_impl": agent.get("implementation")},
        "started_at": run.get("start_time"),
        "ended_at": run.get("end_time"),
        "turns": [turn for message in _list(run, "messages") for turn in _turns(message)],
        "outcome": {"resolved": _resolved(_object(run, "reward_info").get("reward"))},
    }


def _turns(message: Any) -> Iterator[Any]:
    """Yield one entry per message; several tool answers in one message are unpacked, system prompts left out."""
    if not _is_object(message):
        yield message  # refused by the format, with its place
    elif _is_list(several := message.get("tool_messages")):
        for inner in several:
            yield from _turns(inner)
    elif message.get("role") != "system":
        yield _turn(message)


def _turn(message: Mapping[str, Any]) -> dict[str, Any]:
    calls = message.get("tool_calls")
    turn: dict[str, Any] = {
        "role": message.get("role"),
        "text": message.get("content"),
        "ts": message.get("timestamp"),
        "usage": message.get("usage"),
        "cost_usd": message.get("cost"),
        "finish_reason": _object(message, "raw_data").get("finish_reason"),
        "requestor": message.get("requestor"),
        "error": message.get("error"),
    }
    if message.get("role") == "tool":
        turn["tool_call_id"] = message.get("id")
    if _is_list(calls):
        turn["tool_calls"] = [_call(call) for call in calls]
    return turn


def _call(call: Any) -> Any:
    if not _is_object(call):
        return call
    return {
        "id": call.get("id") or None,
        "name": call.get("name"),
        "args": call.get("arguments"),
        "requestor": call.get("requestor"),
    }


# ------------------------------------------------------------------------------------------------------- tau-bench


def _trajectory(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        "id": f"{name}:{record.get('task_id')}:{record.get('trial', 0)}",
        "source": "tau-bench",
        "turns": [_chat(m) for m in record["traj"] if not _is_system(m)],
        "outcome": {"resolved": _resolved(record.get("reward"))},
    }


def _chat(message: Any) -> Any:
    if not _is_object(message):
        return message
    text = message.get("content")
    turn: dict[str, Any] = {"role": message.get("role"), "text": text}
    if message.get("role") == "tool":
        turn["tool_call_id"] = message.get("tool_call_id")
        turn["error"] = isinstance(text, str) and text.startswith(_ERROR)
    calls = message.get("tool_calls")
    if _is_list(calls):
        turn["tool_calls"] = [_function(call) for call in calls]
    return turn


def _function(call: Any) -> Any:
    if not _is_object(call):
        return call
    function = _object(call, "function")
    return {"id": call.get("id"), "name": function.get("name"), "args": _decoded(function.get("arguments"))}


def _decoded(arguments: Any) -> Any:
    """Return arguments that were written as JSON text as what they are; text that is not JSON stays text."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments


# ---------------------------------------------------------------------------------------------------------- shared


def _resolved(reward: Any) -> bool | None:
    """Both benchmarks give the reward 1 exactly when their check of the end state passed."""
    return reward == 1 if isinstance(reward, (int, float)) else None


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_system(message: Any) -> bool:
    return _is_object(message) and message.get("role") == "system"


def _object(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if _is_object(found) else {}


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if _is_list(found) else []
