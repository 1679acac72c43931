"""Safe copies of what the bot passes by: immutable values as they are, mutable ones copied, sizes counted.

Runs on the request thread, so it never calls into the bot's objects: no `str()`, no `repr()`, no attribute access.
What is neither plain data nor a dataclass becomes the name of its type.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

MAX_DEPTH = 32
MAX_NODES = 10_000

CIRCULAR = "[CIRCULAR]"
TOO_DEEP = "[TOO_DEEP]"
TOO_LARGE = "[TOO_LARGE]"

_PLAIN = frozenset({str, int, float, bool, type(None)})
_AS_TEXT = (datetime, date, time, timedelta, Decimal, UUID)


class CutText(str):
    """The head of a text that was too long to keep; `original_length` counts characters."""

    __slots__ = ("original_length",)

    original_length: int


def cut(text: str, limit: int) -> str:
    """Return `text`, or its first `limit` characters as `CutText`."""
    if len(text) <= limit:
        return text
    head = CutText(text[:limit])
    head.original_length = len(text)
    return head


class Snapshot:
    """Copies values within one budget of nodes and counts their bytes."""

    __slots__ = ("_limit", "_nodes", "_open", "size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._nodes = 0
        self._open: set[int] = set()
        self.size = 0

    def take(self, value: Any, depth: int = 0) -> Any:
        """Return a copy that the bot can no longer change: str, int, float, bool, None, tuple or dict of these."""
        kind = type(value)
        if kind in _PLAIN:
            return self._plain(value, kind)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            return TOO_LARGE
        if depth >= MAX_DEPTH:
            return TOO_DEEP
        if id(value) in self._open:
            return CIRCULAR
        self._open.add(id(value))
        try:
            return self._composite(value, kind, depth + 1)
        finally:
            self._open.discard(id(value))

    def _plain(self, value: Any, kind: type) -> Any:
        if kind is str and len(value) > self._limit:
            value = cut(value, self._limit)
        self.size += sys.getsizeof(value)
        return value

    def _composite(self, value: Any, kind: type, depth: int) -> Any:
        if isinstance(value, Mapping):
            return {self._key(key): self.take(item, depth) for key, item in _bounded(dict(value).items())}
        if isinstance(value, (list, tuple, set, frozenset)):
            return tuple(self.take(item, depth) for item in _bounded(tuple(value)))
        if isinstance(value, Enum):
            return self.take(value._value_, depth)
        if isinstance(value, (str, int, float)):  # subclasses: their base's value, without their methods
            base = next(b for b in (str, bool, int, float) if isinstance(value, b))
            return self._plain(base.__str__(value) if base is str else base.__add__(value, 0), base)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f"<{len(value)} bytes>"
        if kind in _AS_TEXT:
            return self._plain(kind.__str__(value), str)
        if is_dataclass(kind):
            return {f.name: self.take(_raw(value, f.name), depth) for f in fields(kind)}
        if "__pydantic_fields__" in kind.__dict__ or hasattr(kind, "model_fields"):
            return self.take(_raw(value, "__dict__"), depth)
        return f"<{kind.__module__}.{kind.__qualname__}>"

    def _key(self, key: Any) -> str:
        text = str.__str__(key) if isinstance(key, str) else self.take(key, MAX_DEPTH - 1)
        return text if isinstance(text, str) else f"{text}"


def _raw(value: Any, name: str) -> Any:
    try:
        return object.__getattribute__(value, name)
    except Exception:  # noqa: BLE001 - a descriptor of the bot's may raise anything
        return None


def _bounded(items: Any) -> Any:
    return items if len(items) <= MAX_NODES else tuple(items)[:MAX_NODES]
