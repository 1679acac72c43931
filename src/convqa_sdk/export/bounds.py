"""Bounds of exported text, in bytes: of one field, and of all texts of a span. What does not leave whole says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from convqa_sdk.export.screened import Screened
from convqa_sdk.redaction.structures import TOO_LONG
from convqa_sdk.schema.registry import Field
from convqa_sdk.tracing.snapshot import CutText

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def bounded(key: str, text: str, original: str, limit: int, into: Screened) -> str:
    """Return redacted `text` within `limit` UTF-8 bytes; one that does not leave whole keeps its length and hash."""
    raw = text.encode()
    length = characters(original)
    if len(raw) > limit:
        into.cut(key, length, text)
        return raw[: max(0, limit - len(TOO_LONG))].decode(errors="ignore") + TOO_LONG
    if text.endswith(TOO_LONG) and (isinstance(original, CutText) or length > len(text)):
        into.cut(key, length, text)
    return text


def bound(declared: Mapping[str, Field], fields: dict[str, Any], into: Screened, room: int) -> None:
    """Shorten the longest texts of a span until all of them fit into `room` bytes."""
    if _most_bytes(fields) <= room:
        return
    sizes = {
        name: _size(value)
        for name, value in fields.items()
        if declared[name].attribute.sensitivity != "none"  # small when valid, and not validated yet
    }
    excess = sum(sizes.values()) - room
    for name in sorted(sizes, key=lambda name: sizes[name], reverse=True):
        if excess <= 0:
            return
        attribute = declared[name].attribute
        if attribute.encoding == "prefix":
            excess -= _bound_own(attribute.key, fields[name], into, excess)
            continue
        value = fields[name]
        if isinstance(value, str) and attribute.encoding == "value" and sizes[name] > len(TOO_LONG):
            fields[name] = bounded(attribute.key, value, value, max(0, sizes[name] - excess), into)
            excess -= sizes[name] - len(fields[name].encode())
        elif attribute.encoding == "json" or isinstance(value, (tuple, list)):
            del fields[name]  # no shorter form is still the same document or parallel to the other arrays
            into.companions.pop(f"{attribute.key}.sha256", None)
            into.companions[f"{attribute.key}.original_length"] = sizes[name]
            excess -= sizes[name]


def _most_bytes(fields: Mapping[str, Any]) -> int:
    """Return a bound of the bytes of all texts, without encoding any."""
    most = 0
    for value in fields.values():
        if isinstance(value, str):
            most += 4 * len(value)
        elif isinstance(value, (tuple, list)):
            most += sum([8 + 4 * len(item) if isinstance(item, str) else 16 for item in cast("list[object]", value)])
        elif isinstance(value, dict):
            own = cast("dict[str, object]", value)
            most += sum([4 * len(key) + (4 * len(item) if isinstance(item, str) else 16) for key, item in own.items()])
        else:
            most += 16
    return most


def _bound_own(key: str, values: dict[str, Any], into: Screened, excess: int) -> int:
    """Shorten the longest of the bot's own values; return the bytes that this saved."""
    saved = 0
    for name in sorted(values, key=lambda name: text_size(values[name]), reverse=True):
        size = text_size(values[name])
        if saved >= excess or size <= len(TOO_LONG):
            break
        values[name] = bounded(key + name, values[name], values[name], max(0, size - (excess - saved)), into)
        saved += size - text_size(values[name])
    return saved


def shorten(value: Any, limit: int) -> Any:
    """Return a structure of which no text is longer than `limit` characters and the marker."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + TOO_LONG
    if isinstance(value, dict):
        return {key: shorten(item, limit) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [shorten(item, limit) for item in cast("list[Any]", value)]
    return value


def holds_cut(value: object) -> bool:
    """Tell whether any text of a redacted value was withheld for its length."""
    if isinstance(value, dict):
        return any(map(holds_cut, cast("dict[str, Any]", value).values()))
    if isinstance(value, (list, tuple)):
        return any(map(holds_cut, cast("list[Any]", value)))
    return isinstance(value, str) and value.endswith(TOO_LONG)


def characters(value: Any) -> int:
    """Count the characters of all texts of a value, as they were before capture cut them."""
    if isinstance(value, str):
        return value.original_length if isinstance(value, CutText) else len(value)
    if isinstance(value, dict):
        return sum([characters(item) for item in cast("dict[str, Any]", value).values()])
    if isinstance(value, (list, tuple)):
        return sum([characters(item) for item in cast("list[Any]", value)])
    return 0


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(key) + text_size(item) for key, item in cast("dict[str, Any]", value).items())
    if isinstance(value, (list, tuple)):
        return sum(8 + text_size(item) for item in cast("list[Any]", value))
    return text_size(value)


def text_size(value: Any) -> int:
    """Return the bytes of a text; anything else is small."""
    if not isinstance(value, str):
        return 8
    return len(value) if value.isascii() else len(value.encode())


def written(value: Any) -> str:
    """Return a structure as the JSON that leaves."""
    return _ENCODER.encode(value)
