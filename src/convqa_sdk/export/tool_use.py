"""Which tools a turn asked for, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from convqa_sdk.export.flatten import Fields
from convqa_sdk.export.flattening import Flat
from convqa_sdk.tracing.snapshot import is_a

MAX_TOOLS = 64
MAX_NAME = 200


def tool_use(flat: Flat) -> dict[str, tuple[str, ...]]:
    """Return the names of tools by what became of them, each name once, in the order of their calls.

    Requested are those that a model asked for or that ran; executed, those that gave a result; failed, those that ran
    and did not; unsupported, those that do not exist, which is what a `tool` stage says.
    """
    names: dict[str, dict[str, None]] = {"requested": {}, "executed": {}, "unsupported": {}, "failed": {}}
    for stage, fields in flat.stages:
        if stage.kind == "generation":
            names["requested"].update(dict.fromkeys(_asked_for(fields.get("output_messages"))))
        elif stage.kind == "tool":
            name: Any = fields.get("name")
            result = fields.get("result")
            if _is_name(name):
                names["requested"][name] = None
                names[_BECAME.get(result, "failed") if is_a(result, str) else "failed"][name] = None
    return {f"{became}_tools": tuple(found)[:MAX_TOOLS] for became, found in names.items()}


_BECAME: Mapping[object, str] = {"ok": "executed", "unsupported": "unsupported"}


def _asked_for(messages: object) -> Iterator[str]:
    """Return the names of the tools that a model's output calls."""
    for message in _items(messages):
        for part in _items(cast("Fields", message).get("parts") if is_a(message, dict) else None):
            if is_a(part, dict) and part.get("type") == "tool_call" and _is_name(name := part.get("name")):
                yield name


def _items(given: object) -> Sequence[Any]:
    return cast("Sequence[Any]", given) if is_a(given, tuple, list) else ()


def _is_name(value: object) -> bool:
    return is_a(value, str) and 0 < len(cast("str", value)) <= MAX_NAME
