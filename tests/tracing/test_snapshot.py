"""Copies of the bot's values: exact, safe, bounded, and without a call into the bot's objects."""

from __future__ import annotations

import functools
import json
import math
import sys
import threading
from collections import namedtuple
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from convqa_sdk.tracing.snapshot import CIRCULAR, MAX_NODES, TOO_DEEP, TOO_LARGE, CutText, Snapshot, cut
from convqa_sdk.tracing.values import Document
from strategies import HOSTILE, anything

LIMIT = 1_000
PLAIN = {str, CutText, int, float, bool, type(None), tuple, dict}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)


def take(value: Any) -> Any:
    """Copy a value with a small limit of characters."""
    return Snapshot(LIMIT).take(value)


def kinds_in(value: Any) -> set[type]:
    """The types of everything inside a copy."""
    found = {type(value)}
    if isinstance(value, dict):
        for key, item in value.items():
            found |= {type(key)} | kinds_in(item)
    elif isinstance(value, tuple):
        for item in value:
            found |= kinds_in(item)
    return found


@given(json_values)
def test_plain_data_is_copied_exactly(value: Any) -> None:
    """What JSON can say is copied unchanged; lists become tuples."""
    assert json.dumps(take(value)) == json.dumps(value)


@given(anything)
def test_anything_becomes_plain_data_or_is_refused(value: Any) -> None:
    """The copy holds exact built-in types only (and cut texts), or taking it raises an ordinary exception."""
    try:
        taken = take(value)
    except Exception:  # noqa: BLE001 - a hostile object's own exception: capture isolates it
        return
    assert kinds_in(taken) <= PLAIN


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "bad metaclass"])
def test_hostile_values_are_read_without_their_methods(name: str) -> None:
    """Nothing of a hostile object's own is called."""
    taken = take(HOSTILE[name]())
    assert kinds_in(taken) <= {str, CutText, int, float, bool, type(None), tuple, dict}


def test_what_becomes_of_each_kind() -> None:
    """The copies of common kinds."""
    point = namedtuple("point", "x y")

    class Colour(Enum):
        RED = "red"

    class Level(IntEnum):
        LOW = 1

    @dataclass
    class Order:
        id: str
        lines: list[int]

    class Model(BaseModel):
        name: str

    when = datetime(2026, 3, 1, tzinfo=timezone.utc)
    assert take({1: {2}, None: point(1, 2), "e": [Colour.RED, Level.LOW]}) == {
        "1": (2,),
        "None": (1, 2),
        "e": ("red", 1),
    }
    assert take(Order("o-1", [1])) == {"id": "o-1", "lines": (1,)}
    assert take(Model(name="n")) == {"name": "n"}
    assert take(MappingProxyType({"a": 1})) == {"a": 1}
    assert take([when, Decimal("1.50"), UUID(int=1)]) == (str(when), "1.50", str(UUID(int=1)))
    assert take([b"abc", bytearray(2), memoryview(b"abcd")]) == ("<3 bytes>", "<2 bytes>", "<4 bytes>")
    assert take(threading.Lock()).startswith("<_thread.")
    assert math.isnan(take(float("nan")))


def test_later_changes_do_not_reach_the_copy() -> None:
    """The bot may go on changing what it passed."""
    value = {"a": [1, {"b": 2}]}
    taken = take(value)
    value["a"][1]["b"] = 3
    value["a"].append(4)
    assert taken == {"a": (1, {"b": 2})}


def test_what_is_left_out_is_marked_where_it_was() -> None:
    """Circular, too deep and too large parts become markers, and the snapshot says that it is lossy."""
    loop: list[Any] = [1]
    loop.append(loop)
    shared = [1]
    for value, marker, lossy in (
        (loop, CIRCULAR, True),
        ([shared, shared], CIRCULAR, False),
        (HOSTILE["deep"](), TOO_DEEP, True),
        (list(range(MAX_NODES + 1)), TOO_LARGE, True),
        (list(range(MAX_NODES)), TOO_LARGE, False),
        ({str(i): i for i in range(MAX_NODES + 1)}, TOO_LARGE, True),
        ([[0] * 100] * 200, TOO_LARGE, True),
        (HOSTILE["endless mapping"](), TOO_LARGE, True),
    ):
        snapshot = Snapshot(LIMIT)
        taken = snapshot.take(value)
        assert snapshot.lossy == lossy
        assert (marker in str(taken)) == lossy
        assert len(str(taken)) < 500_000


def test_long_texts_are_cut_and_say_how_long_they_were() -> None:
    """A text over the limit keeps its head; keys are cut too."""
    taken = take(["x" * LIMIT, "x" * (LIMIT + 1)])
    assert [type(text) for text in taken] == [str, CutText]
    assert len(taken[1]) == LIMIT
    assert taken[1].original_length == LIMIT + 1
    (key,) = take({"k" * 8_000_000: 1})
    assert len(key) == LIMIT
    assert cut("abc", 3) == "abc"


@given(st.lists(st.text(max_size=50), max_size=20))
def test_sizes_are_accounted(texts: list[str]) -> None:
    """The counted size is at least that of the characters, and grows with them."""
    snapshot = Snapshot(LIMIT)
    snapshot.take({text: text for text in texts})
    assert snapshot.size >= sum(len(text) for text in set(texts))


def test_a_dict_that_another_thread_changes_is_copied(request: pytest.FixtureRequest) -> None:
    """Copying a dict or list while another thread changes it neither raises nor waits."""
    request.addfinalizer(functools.partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-6)
    value: dict[str, int] = {}
    items: list[int] = []
    stop = threading.Event()

    def change() -> None:
        index = 0
        while not stop.is_set():
            value[f"k{index % 500}"] = index
            items.append(index)
            if index % 300 == 0:
                value.clear()
                items.clear()
            index += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(2_000):
            assert len(take([value, items])) == 2
    finally:
        stop.set()
        thread.join()


def test_numbers_of_array_libraries_keep_their_value() -> None:
    """A classifier's `np.float32` is a confidence like any other; an array of several is no number."""
    taken = take({"a": np.float32(0.5), "b": np.int64(7), "c": np.bool_(True), "d": np.array(2.5), "e": np.arange(2)})
    assert taken == {"a": 0.5, "b": 7, "c": True, "d": 2.5, "e": "<numpy.ndarray>"}
    assert [type(value) for value in taken.values()] == [float, int, bool, float, str]


def test_a_record_of_plain_values_is_kept_as_it_is() -> None:
    """Copying every retrieved document would cost the request for nothing."""
    document = Document("kb-1", "text", 0.5, updated_at=datetime(2026, 1, 1, tzinfo=timezone.utc))
    snapshot = Snapshot(LIMIT)
    assert snapshot.settle(document, Document) is document
    assert snapshot.size >= sys.getsizeof("text")


def test_one_emoji_does_not_count_all_texts_of_a_retrieval_four_times() -> None:
    """Each text is counted by itself: only the one that holds it takes four bytes a character."""
    plain, wide = Snapshot(LIMIT), Snapshot(LIMIT)
    documents = [Document(f"kb-{n}", "word " * 1_000) for n in range(20)]
    plain.settle_all(documents, Document)
    wide.settle_all([*documents[:-1], Document("kb-19", "\N{GRINNING FACE}")], Document)
    assert plain.size >= 20 * 5_000
    assert wide.size <= plain.size


class Sized:
    """An object of the bot's that tells its size itself, as a table of pandas does."""

    def __init__(self, told: Any) -> None:
        self.told = told

    def __sizeof__(self) -> Any:
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


@pytest.mark.parametrize("told", [-(10**9), "large", ValueError("x"), 10**12])
def test_what_a_record_holds_is_not_asked_for_its_size(told: Any) -> None:
    """It could give bytes back that others hold, take all of them, or cost the field; its type's name counts."""
    for value, name in ((Sized(told), f"<{__name__}.Sized>"), (Sized, "<builtins.type>")):
        snapshot = Snapshot(LIMIT)
        assert snapshot.settle_all([Document("d", value), Document("e", "text")], Document)[0].text == name  # type: ignore[arg-type]
        assert 400 < snapshot.size < 1_000


@given(anything, anything)
def test_anything_in_a_record_becomes_plain_data(first: Any, second: Any) -> None:
    """Nothing validates what a bot puts into a document, also not that it ends."""
    settled = Snapshot(LIMIT).settle(Document(first, score=second, text="t"), Document)
    assert kinds_in((settled.id, settled.score)) <= PLAIN | {bytes, datetime}
    assert settled.text == "t"


class Counting(tzinfo):
    """A time zone of the bot's that counts how often it is asked."""

    def __init__(self, offset: timedelta | None = timedelta(hours=2)) -> None:
        self.asked = 0
        self.offset = offset

    def utcoffset(self, when: Any) -> timedelta | None:
        self.asked += 1
        return self.offset

    def dst(self, when: Any) -> timedelta | None:
        self.asked += 1
        return None


class Odd(datetime):
    """A time whose own methods lie."""

    def utcoffset(self) -> timedelta | None:
        raise AssertionError("asked")

    def __sub__(self, other: Any) -> Any:
        raise AssertionError("asked")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (datetime(2026, 1, 1, 14, tzinfo=Counting()), datetime(2026, 1, 1, 12, tzinfo=timezone.utc)),
        (Odd(2026, 1, 1, 14, tzinfo=Counting()), datetime(2026, 1, 1, 12, tzinfo=timezone.utc)),
        (Odd(2026, 1, 1, 14), datetime(2026, 1, 1, 14)),
        (datetime(2026, 1, 1, tzinfo=Counting(None)), datetime(2026, 1, 1)),
        (datetime(2026, 1, 1, tzinfo=Counting("no")), datetime(2026, 1, 1)),  # type: ignore[arg-type] # reason: wrong on purpose
        (datetime.max.replace(tzinfo=Counting(-timedelta(hours=5))), datetime.max),
    ],
    ids=["zone", "subclass", "naive", "no offset", "nonsense", "overflow"],
)
def test_a_time_is_settled_at_capture(given: datetime, kept: datetime) -> None:
    """Zones are asked once, here; one that does not answer leaves a naive time, for validation to refuse."""
    settled = Snapshot(LIMIT).settle(Document("kb-1", updated_at=given), Document)
    (among,) = Snapshot(LIMIT).settle_all([Document("kb-1", updated_at=given)], Document)
    for found in (settled.updated_at, among.updated_at):
        assert found == kept
        assert type(found) is datetime
        assert found.tzinfo is kept.tzinfo


def test_a_number_that_is_none_costs_itself() -> None:
    """A signalling NaN raises when it is converted."""
    settled = Snapshot(LIMIT).settle(Document("kb-1", "t", Decimal("sNaN")), Document)  # type: ignore[arg-type] # reason: wrong on purpose
    assert settled == Document("kb-1", "t", None)


def test_a_subclass_of_a_record_is_read_without_its_methods() -> None:
    """The export thread never runs code of the bot's."""

    class Odd(Document):
        @property
        def score(self) -> Any:  # type: ignore[override] # reason: wrong on purpose
            raise AssertionError("called")

        @score.setter
        def score(self, value: Any) -> None: ...

    odd = object.__new__(Odd)
    odd.__dict__.update(id="kb-1", text="t", score=0.5)
    assert Snapshot(LIMIT).settle(odd, Document) == Document("kb-1", "t", 0.5)
