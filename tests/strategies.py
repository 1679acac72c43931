"""Hypothesis strategies that several floors share: values as bots really pass them, and worse ones."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NoReturn
from unittest.mock import MagicMock
from uuid import UUID

from hypothesis import strategies as st

any_text = st.text(st.characters(exclude_categories=()), max_size=40)
"""Every code point, also lone surrogates, controls and noncharacters."""

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    any_text,
    st.binary(max_size=20),
    st.datetimes(timezones=st.sampled_from([None, dt.timezone.utc])),
    st.decimals(),
    st.uuids(),
)


def _raise(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("hostile")


class Raising:
    """Raises from everything that Python calls by itself."""

    __str__ = __repr__ = __eq__ = __bool__ = __len__ = __iter__ = __format__ = __getattr__ = __int__ = _raise  # type: ignore[assignment] # reason: wrong on purpose
    __float__ = __index__ = __contains__ = __getitem__ = __copy__ = __deepcopy__ = __reduce_ex__ = _raise  # type: ignore[assignment] # reason: as above
    __hash__ = object.__hash__


class LyingClass:
    """Raises when asked for its class, as `isinstance` does."""

    @property
    def __class__(self) -> Any:  # type: ignore[override] # reason: wrong on purpose
        raise RuntimeError("hostile")


class HostileDict(dict[Any, Any]):
    """A dict whose own methods raise or never end."""

    keys = items = values = __getitem__ = __contains__ = __len__ = copy = get = _raise  # type: ignore[assignment] # reason: wrong on purpose

    def __iter__(self) -> Iterator[Any]:
        while True:
            yield "again"


class HostileList(list[Any]):
    """A list whose own methods raise or never end."""

    __len__ = __getitem__ = __contains__ = copy = _raise  # type: ignore[assignment] # reason: wrong on purpose

    def __iter__(self) -> Iterator[Any]:
        while True:
            yield "again"


class HostileStr(str):
    """A str whose own methods raise."""

    __slots__ = ()
    __str__ = __repr__ = __len__ = __getitem__ = __format__ = encode = __iter__ = _raise  # type: ignore[assignment] # reason: wrong on purpose


class HostileInt(int):
    """An int whose own methods raise."""

    __str__ = __repr__ = __add__ = __int__ = __index__ = __format__ = _raise  # type: ignore[assignment] # reason: wrong on purpose


class HostileBytes(bytes):
    """Bytes whose own methods raise."""

    __len__ = __repr__ = __str__ = __iter__ = _raise  # type: ignore[assignment] # reason: wrong on purpose


class EndlessMapping(Mapping[str, int]):
    """A mapping without an end."""

    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        index = 0
        while True:
            yield f"k{index}"
            index += 1

    def __len__(self) -> int:
        return 1


@dataclass
class HostileData:
    """A dataclass with a property that raises under a field's name."""

    name: str = "x"


HostileData.name = property(_raise)  # type: ignore[assignment] # reason: wrong on purpose


class HostileEnum(Enum):
    """An enum whose value raises."""

    A = "a"


HostileEnum.A._value_ = Raising()


class BadMeta(type):
    """A metaclass whose classes cannot be asked anything."""

    __instancecheck__ = __subclasscheck__ = __getattr__ = _raise


class BadClass(metaclass=BadMeta):
    """An instance of a class with such a metaclass."""


def circular() -> dict[str, Any]:
    """A dict that holds itself, directly and through a list."""
    value: dict[str, Any] = {"mail": "jane@example.com"}
    value["self"] = value
    value["list"] = [value, [value]]
    return value


def deep(levels: int = 5_000) -> Any:
    """A list in a list in a list."""
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


HOSTILE: dict[str, Callable[[], Any]] = {
    "raising": Raising,
    "raising class": lambda: Raising,
    "lying class": LyingClass,
    "hostile dict": lambda: HostileDict(a=1),
    "hostile list": lambda: HostileList([1, 2]),
    "hostile str": lambda: HostileStr("jane@example.com"),
    "hostile int": lambda: HostileInt(7),
    "hostile bytes": lambda: HostileBytes(b"abc"),
    "endless mapping": EndlessMapping,
    "hostile dataclass": lambda: HostileData.__new__(HostileData),
    "hostile enum": lambda: HostileEnum.A,
    "bad metaclass": lambda: BadClass.__new__(BadClass),
    "circular": circular,
    "deep": deep,
    "8 MB text": lambda: "jane@example.com " * 500_000,
    "8 MB list": lambda: list(range(1_000_000)),
    "8 MB bytes": lambda: b"x" * 8_000_000,
    "8 MB key": lambda: {"k" * 8_000_000: 1},
    "huge int": lambda: 10**6_000,
    "surrogates": lambda: "a\ud800b\udfffc",
    "surrogates inside": lambda: {"a\ud800": ["\udfff"]},
    "keys of other types": lambda: {1: "a", None: "b", (1, "x"): "c", b"k": "d", 1.5: "e", False: "f"},
    "hostile keys": lambda: {Raising(): 1, Plain.A: 2},
    "bytes": lambda: b"\x00\xff",
    "memoryview": lambda: memoryview(b"abc"),
    "NaN": lambda: float("nan"),
    "infinity inside": lambda: [float("inf"), {"x": float("-inf")}],
    "mock": MagicMock,
    "mock of a dict": lambda: MagicMock(spec=dict),
    "generator": lambda: (i for i in range(3)),
    "lambda": lambda: lambda: 1,
    "module": lambda: dt,
    "set": lambda: {1, "a", (2, 3)},
    "ordered dict": lambda: OrderedDict(a=1),
    "user dict": lambda: UserDict(a=1),
    "decimal": lambda: Decimal("NaN"),
    "uuid": lambda: UUID(int=1),
    "control characters": lambda: "".join(map(chr, range(32))) + "\x7f\u2028\u202e",
}
"""By name: makes a value that has broken an instrumentation library somewhere."""


class Plain(Enum):
    """An ordinary enum."""

    A = "a"


hostile = st.sampled_from(
    [name for name in HOSTILE if not name.startswith("8 MB") and name not in ("lying class", "bad metaclass")]
).map(lambda name: HOSTILE[name]())
"""Hostile values, without the large ones and those that Hypothesis itself does not survive."""

anything = st.recursive(
    plain | hostile,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(any_text, inner, max_size=4),
        st.tuples(inner, inner),
    ),
    max_leaves=8,
)
"""Values of any kind, in structures of any shape."""


# ------------------------------------------------------------------------------------------------ trees of stages

STAGE_KINDS = (
    "intent_detection",
    "retrieval",
    "rerank",
    "generation",
    "tool",
    "access_check",
    "policy_check",
    "escalation",
)


@dataclass(frozen=True)
class Node:
    """A stage of a bot that Hypothesis makes up.

    Attributes:
        kind: Which stage.
        way: How it is written; those with `async` are written without it inside a sync stage.
        ending: How it ends; only generators are closed, others return then.
        together: Whether its children run as tasks at the same time, where they can.
        children: Stages inside.
    """

    kind: str
    way: str
    ending: str
    together: bool
    children: tuple[Node, ...]


def _nodes(children: st.SearchStrategy[tuple[Node, ...]]) -> st.SearchStrategy[Node]:
    return st.builds(
        Node,
        kind=st.sampled_from(STAGE_KINDS),
        way=st.sampled_from(["block", "function", "generator", "async block", "async function", "async generator"]),
        ending=st.sampled_from(["return", "return", "raise", "cancel", "close"]),
        together=st.booleans(),
        children=children,
    )


trees = st.lists(
    st.recursive(_nodes(st.just(())), lambda inner: _nodes(st.lists(inner, max_size=4).map(tuple)), max_leaves=12),
    min_size=1,
    max_size=3,
).map(tuple)
"""What happens inside one turn."""
