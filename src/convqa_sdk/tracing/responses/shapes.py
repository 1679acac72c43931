"""Read foreign objects by name, and believe nothing but the type of a leaf.

SDK objects, `model_dump()` dicts and raw JSON read alike. A mock, an object that answers every name and a property
that raises all read as "nothing there".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from math import isfinite
from typing import Protocol, cast

from convqa_sdk.tracing.snapshot import MAX_NODES, CutText

__all__ = [
    "MAX_ITEMS",
    "PLAIN",
    "Node",
    "amount",
    "count",
    "is_imitation",
    "items",
    "leaf",
    "node",
    "private",
    "put",
    "text",
]

PLAIN = frozenset({type(None), str, bytes, bytearray, bool, int, float, complex, list, tuple, set, frozenset})
"""Exact types that are never a response, for a rejection that costs one look-up."""

MAX_ITEMS = MAX_NODES // 2
"""Elements of one list that are read: parts that were made of so many are too large for a snapshot, which says so."""

_ABSENT = object()
_ITERATORS: tuple[object, ...] = (list[object].__iter__, tuple[object, ...].__iter__)
_MAX_COUNT = 2**63  # the wire's integers have 64 bits


class Node(Protocol):
    """Something with named children: `get` returns a child, or None."""

    def get(self, name: str, /) -> object:
        """Return the child of that name, or None."""
        ...


class _View:
    """The attributes, else the mapping keys, of an object that is neither a dict nor a pydantic model."""

    __slots__ = ("_has_keys", "_value")

    def __init__(self, value: object) -> None:
        self._value = value
        self._has_keys: bool | None = None  # asked once: the answer takes longer than all the names of a response

    def get(self, name: str, /) -> object:
        """Return the child of that name, or None; what the object's own code raises is "nothing there"."""
        try:
            found = getattr(self._value, name, _ABSENT)
            if found is not _ABSENT:
                return found
            if self._has_keys is None:
                self._has_keys = isinstance(self._value, Mapping)
            if self._has_keys:
                return cast("Mapping[str, object]", self._value).get(name)
        except Exception:  # noqa: BLE001 - a property of a foreign object may raise anything
            return None
        return None


class _Keys:
    """The keys of a dict's subclass, past whatever the subclass has overridden."""

    __slots__ = ("_value",)

    def __init__(self, value: dict[str, object]) -> None:
        self._value = value

    def get(self, name: str, /) -> object:
        """Return the child of that name, or None."""
        return dict[str, object].get(self._value, name)


_NOTHING: Node = cast("dict[str, object]", {})


def node(value: object) -> Node:
    """Return the named children of any value; a value without any has none.

    Pydantic models are read through their instance dictionary: an undeclared name costs a failed look-up there
    instead of pydantic's 1 µs `AttributeError`, and no code of the object runs.
    """
    kind = type(value)
    if kind is dict:
        return cast("dict[str, object]", value)
    if kind in PLAIN:
        return _NOTHING
    try:
        extras = getattr(value, "__pydantic_extra__", _ABSENT)
        if extras is None or type(extras) is dict:
            declared = cast("dict[str, object]", value.__dict__)
            return {**cast("dict[str, object]", extras), **declared} if extras else declared
        if isinstance(value, dict):
            return _Keys(cast("dict[str, object]", value))
    except Exception:  # noqa: BLE001 - a foreign object's `__getattr__` may raise anything
        return _NOTHING
    return _View(value)


def private(value: object, name: str) -> object:
    """Return a private attribute of a pydantic model, which is no child of its node; None where there is none."""
    kept: object = getattr(value, "__pydantic_private__", None)
    return cast("dict[str, object]", kept).get(name) if type(kept) is dict else None


def leaf(value: object, *path: str) -> str | int | float | None:
    """Follow names down from a value; return a text, int or float found there (a bool is none of them), or None."""
    for name in path:
        value = node(value).get(name)
    return cast("int | float", value) if type(value) in (int, float) else text(value)


def text(value: object) -> str | None:
    """Return a non-empty exact `str` (of an enum member or subclass: its plain text), or None; a cut one stays cut."""
    if type(value) is str:
        return value or None
    if not isinstance(value, str):
        return None
    return (value if type(value) is CutText else str.__str__(value)) or None


def count(value: object) -> int | None:
    """Return a number of tokens or a position that fits the wire (0 ≤ n < 2⁶³), or None; a bool is not a number."""
    return value if type(value) is int and 0 <= value < _MAX_COUNT else None


def amount(value: object) -> float | None:
    """Return a finite amount of money above 0, or None: a provider that states 0 has not stated a cost."""
    if type(value) is float or type(value) is int:
        return float(value) if value > 0 and isfinite(value) else None
    return None


def items(value: object) -> Sequence[object]:
    """Return the elements of a list or tuple, the first 5,000 of a longer one; of anything else, none.

    Raises:
        TypeError: The list has an iterator of its own.
    """
    if not isinstance(value, (list, tuple)):
        return ()
    given = cast("Sequence[object]", value)
    if type(given) in PLAIN and len(given) <= MAX_ITEMS:
        return given
    if type(given).__iter__ not in _ITERATORS:
        raise TypeError("a list that is read in a way of its own may never end")
    return list(islice(given, MAX_ITEMS))


def put(fields: dict[str, object], name: str, value: object) -> None:
    """Set a field that is known (not None)."""
    if value is not None:
        fields[name] = value


def is_imitation(value: object) -> bool:
    """Return whether this is a mock, or an object that answers every name: `mock_calls` is a name no response has."""
    return type(node(value)) is _View and getattr(value, "mock_calls", _ABSENT) is not _ABSENT
