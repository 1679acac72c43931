"""Safe copies of what the bot passes by: immutable values as they are, mutable ones copied, sizes counted.

Runs on the request thread, so it never calls into the bot's objects: no `str()`, no `repr()`, no attribute access,
and subclasses of built-in types are read by their base's methods. Only mappings that are no dicts are asked for
their items, and numbers of numpy, torch and the like for their value. What is neither plain data nor a dataclass
becomes the name of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import chain, islice
from operator import methodcaller
from typing import Any, TypeVar
from uuid import UUID

R = TypeVar("R")

MAX_DEPTH = 32
MAX_NODES = 10_000
MAX_KEY = 1_000

MAX_TRIES = 8

CHANGING = "[CHANGING]"
CIRCULAR = "[CIRCULAR]"
TOO_DEEP = "[TOO_DEEP]"
TOO_LARGE = "[TOO_LARGE]"

type_of: Callable[[object], type[Any]] = type
"""`type` of one argument, as type checkers can follow it: not `__class__`, which an object may lie about."""

size_of: Callable[[object], int] = methodcaller("__sizeof__")
"""Bytes of a plain value itself; `sys.getsizeof` takes twice as long."""

_NUMBERS: frozenset[type] = frozenset({int, float, bool, type(None)})
_NAMES = frozenset({str})
_KEPT = _NUMBERS | _NAMES
_PLAIN = _KEPT | {bytes, datetime}
_VALUES: Callable[[dict[str, Any]], Iterable[Any]] = dict[str, Any].values
_SEQUENCES: tuple[type, ...] = (list, tuple, set, frozenset)
_FIXED = frozenset({timezone, type(None)})
"""Zones that run no code of the bot's when they are asked."""
_AS_TEXT: tuple[type, ...] = (datetime, date, time, timedelta, Decimal, UUID)


class CutText(str):
    """The head of a text that was too long to keep; `original_length` counts characters."""

    __slots__ = ("original_length",)

    original_length: int


def cut(text: str, limit: int) -> str:
    """Return `text`, or its first `limit` characters as `CutText`."""
    if len(text) <= limit:
        return text
    head = CutText(text[:limit])
    head.original_length = text.original_length if isinstance(text, CutText) else len(text)
    return head


def is_a(value: Any, *kinds: type[Any]) -> bool:
    """Tell whether a value is of one of the types; a mock that only claims to be is not."""
    return issubclass(type(value), kinds)


def settled_time(when: datetime) -> datetime:
    """Return a time whose zone can be asked later, elsewhere: in UTC unless its zone is fixed.

    One whose zone does not answer counts as naive, which validation refuses and names.
    """
    if type_of(when) is datetime and type_of(when.tzinfo) in _FIXED:
        return when
    plain = datetime.combine(datetime.date(when), datetime.time(when))
    try:
        offset = datetime.utcoffset(when)
        return plain if offset is None else (plain - offset).replace(tzinfo=timezone.utc)
    except Exception:  # noqa: BLE001 - a time zone of the bot's may raise anything
        return plain


def are_plain(values: dict[Any, Any]) -> bool:
    """Tell whether a dictionary can be taken as it is: short names, and values that are plain and short together."""
    return (
        _NAMES.issuperset(map(type, values))
        and sum(map(len, values)) <= MAX_KEY
        and _KEPT.issuperset(map(type, values.values()))
        and sum(map(size_of, values.values())) <= MAX_KEY
    )


def items_of(value: Any, limit: int) -> list[Any]:
    """Return at most `limit` items of a list, tuple or set, read by its base's method."""
    kind: Any = type_of(value)
    if kind not in _SEQUENCES:
        kind = next(base for base in _SEQUENCES if issubclass(kind, base))
    return list(islice(kind.__iter__(value), limit))


class Snapshot:
    """Copies values within one budget of nodes and counts their bytes.

    Attributes:
        size: Bytes of what was copied.
        lossy: Whether a part was left out, because it was circular, too deep or too large.
    """

    __slots__ = ("_limit", "_open", "_room", "_text_room", "lossy", "size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._room = MAX_NODES
        self._text_room = 4 * limit  # more than redaction accepts of one value
        self._open: set[int] = set()
        self.size = 0
        self.lossy = False

    def take(self, value: Any, depth: int = 0) -> Any:
        """Return a copy that the bot can no longer change: str, int, float, bool, None, tuple or dict of these."""
        kind = type_of(value)
        if kind is str or kind is CutText:
            return self._text(value)
        if kind in _NUMBERS:
            self.size += 32
            return value
        if depth >= MAX_DEPTH:
            return self._lose(TOO_DEEP)
        if id(value) in self._open:
            return self._lose(CIRCULAR)
        self._open.add(id(value))
        try:
            return self._composite(value, kind, depth + 1)
        finally:
            self._open.discard(id(value))

    def settle(self, record: R, kind: type[R]) -> R:
        """Return a frozen dataclass of ours that holds plain values: as a rule itself.

        Nothing validates what the bot puts into one. Its texts stay whole, also long ones: they cannot change.
        """
        values: dict[str, Any] = object.__getattribute__(record, "__dict__")
        held = values.values()
        self.size += 200
        if type_of(record) is kind and _are_settled(held):
            self.size += sum(map(size_of, held))
            return record
        names = {field.name for field in fields(kind)}  # type: ignore[arg-type] # reason: only dataclasses are given
        return kind(**{name: self._settled(value) for name, value in values.items() if name in names})

    def settle_all(self, records: Sequence[R], kind: type[R]) -> tuple[R, ...]:
        """Return records that are of exactly this kind, settled."""
        held: tuple[object, ...] = tuple(chain.from_iterable(map(_VALUES, map(vars, records))))
        if _are_settled(held):
            self.size += 200 * len(records) + sum(map(size_of, filter(None, held)))
            return tuple(records)
        return tuple([self.settle(record, kind) for record in records])

    def _settled(self, value: Any) -> Any:
        if is_a(value, datetime):
            return settled_time(value)
        if type_of(value) in _PLAIN:
            self.size += size_of(value)
            return value
        try:
            return float(value) if is_a(value, Decimal, Fraction) else self.take(value)
        except Exception:  # noqa: BLE001 - a value of the bot's may raise anything when it is read
            self.lossy = True
            return None

    def _lose(self, marker: str) -> str:
        self.lossy = True
        return marker

    def _text(self, text: str) -> str:
        if self._text_room < 0:
            return self._lose(TOO_LARGE)
        text = cut(text, self._limit)
        self._text_room -= len(text)
        self.size += size_of(text)
        return text

    def _composite(self, value: Any, kind: Any, depth: int) -> Any:
        if kind is dict or issubclass(kind, dict):
            return self._mapping(self._pairs(value), depth)
        if kind is list or issubclass(kind, _SEQUENCES):
            return self._sequence(value, depth)
        if is_a(value, Enum):
            return self.take(_raw(value, "_value_"), depth)
        if is_a(value, str, int, float):
            return self.take(_base_value(value), depth)
        if is_a(value, bytes, bytearray, memoryview):
            return f"<{memoryview(value).nbytes} bytes>"
        if kind in _AS_TEXT:
            return self._text(kind.__str__(value))
        if is_dataclass(kind):
            return self._mapping([(field.name, _raw(value, field.name)) for field in fields(kind)], depth)
        if hasattr(kind, "__pydantic_fields__") or hasattr(kind, "model_fields"):
            return self.take(_raw(value, "__dict__"), depth)
        if hasattr(kind, "__array__") and hasattr(kind, "item"):
            return self._number(value, kind)
        if is_a(value, Mapping):
            return self._mapping(list(islice(value.items(), self._room + 1)), depth)
        return f"<{kind.__module__}.{kind.__qualname__}>"

    def _number(self, value: Any, kind: Any) -> Any:
        """Return the value of an array library's number; an array of several becomes the name of its type."""
        try:
            number = kind.item(value)
        except Exception:  # noqa: BLE001 - each library raises something of its own
            number = None
        return f"<{kind.__module__}.{kind.__qualname__}>" if number is None else self.take(number, MAX_DEPTH - 1)

    def _pairs(self, value: Any) -> list[tuple[Any, Any]]:
        """Return a dict's items: uninterrupted while they are few, for another thread may be changing it."""
        base: Any = dict
        for _ in range(MAX_TRIES):
            try:
                few = base.__len__(value) <= MAX_NODES
                return list(base.items(value)) if few else list(islice(base.items(value), self._room + 1))
            except RuntimeError:  # noqa: PERF203 - it was changed meanwhile all the same
                continue
        return [("", self._lose(CHANGING))]

    def _mapping(self, pairs: list[tuple[Any, Any]], depth: int) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for key, item in pairs:
            self._room -= 1
            if self._room < 0:
                taken[self._lose(TOO_LARGE)] = True
                break
            name = key if type(key) is str and len(key) <= MAX_KEY else self._key(key)
            kind = type_of(item)
            if kind is str and len(item) <= MAX_KEY:
                self.size += size_of(item)
            elif kind not in _NUMBERS:
                item = self.take(item, depth)  # noqa: PLW2901 - a call per plain value would double the cost
            taken[name] = item
        self.size += 100 * len(taken)
        return taken

    def _sequence(self, value: Any, depth: int) -> tuple[Any, ...]:
        taken: list[Any] = []
        for item in items_of(value, self._room + 1):
            self._room -= 1
            if self._room < 0:
                taken.append(self._lose(TOO_LARGE))
                break
            taken.append(self.take(item, depth))
        return tuple(taken)

    def _key(self, key: Any) -> str:
        text = str.__str__(key) if issubclass(type(key), str) else f"{self.take(key, MAX_DEPTH - 1)}"
        self.size += len(text)
        return cut(text, MAX_KEY)


def _are_settled(held: Collection[Any]) -> bool:
    """Tell whether values are plain, and times among them of a fixed zone."""
    return _KEPT.issuperset(map(type, held)) or (
        _PLAIN.issuperset(map(type, held))
        and all(type_of(value.tzinfo) in _FIXED for value in held if type_of(value) is datetime)
    )


def _base_value(value: Any) -> Any:
    """Return the exact built-in value of an instance of a subclass, without that subclass's methods."""
    if is_a(value, str):
        return str.__str__(value)
    return int.__int__(value) if is_a(value, int) else float.__float__(value)


def _raw(value: Any, name: str) -> Any:
    try:
        return object.__getattribute__(value, name)
    except Exception:  # noqa: BLE001 - a descriptor of the bot's may raise anything
        return None
