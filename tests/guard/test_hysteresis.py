"""A rule trips at its threshold and resets only after the value was good for the hold; it does not flap."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.guard import Rule
from convqa_sdk.guard.hysteresis import Hysteresis
from convqa_sdk.guard.windows import Reading

S = 1_000_000_000
HOLD_S = 30


def rule(**settings: Any) -> Rule:
    """A rule on corrections: trips at 20 %, resets below 10 %."""
    given: dict[str, Any] = {"name": "A", "metric": "corrections", "threshold": 0.2, "reset_at": 0.1}
    return Rule(**{**given, "hold_s": HOLD_S, "min_count": 10, **settings})


def turns(tested: Rule, readings: list[tuple[int, float | None, int]]) -> list[tuple[int, str]]:
    """When the rule turns, which way, by (second, value, count)."""
    state = Hysteresis(tested)
    found = [(at, state.judge(Reading(value, count), at * S)) for at, value, count in readings]
    return [(at, turned) for at, turned in found if turned is not None]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, 0.19, 100)], []),
        ([(0, 0.2, 100)], [(0, "tripped")]),
        ([(0, 0.9, 9)], []),
        ([(0, 0.9, 10)], [(0, "tripped")]),
        ([(0, None, 0)], []),
        ([(0, 0.9, 10), (1, 0.0, 10), (30, 0.0, 10)], [(0, "tripped")]),
        ([(0, 0.9, 10), (1, 0.0, 10), (31, 0.0, 10)], [(0, "tripped"), (31, "reset")]),
        ([(0, 0.9, 10), (1, 0.0, 10), (20, 0.1, 10), (31, 0.0, 10), (60, 0.0, 10)], [(0, "tripped")]),
        ([(0, 0.9, 10), (1, 0.0, 10), (20, None, 0), (31, 0.0, 10)], [(0, "tripped")]),
        ([(0, 0.9, 10), (1, 0.15, 10), (500, 0.15, 10)], [(0, "tripped")]),
        ([(0, 0.9, 10), (1, 0.0, 10), (31, 0.0, 10), (32, 0.9, 10)], [(0, "tripped"), (31, "reset"), (32, "tripped")]),
    ],
    ids=[
        "below the threshold",
        "at the threshold",
        "too few",
        "just enough",
        "unknown",
        "good, not long enough",
        "good for the hold",
        "at the bound is not below it",
        "unknown is not good",
        "between the bounds for ever",
        "trips again at once",
    ],
)
def test_when_it_turns(readings: list[tuple[int, float | None, int]], expected: list[tuple[int, str]]) -> None:
    """Each case by hand."""
    assert turns(rule(), readings) == expected


def test_what_is_bad_when_it_falls() -> None:
    """Acceptance trips at or below the threshold and resets above the other bound."""
    tested = rule(metric="suggestion_acceptance", threshold=0.5, reset_at=0.7)
    readings = [(0, 0.51, 10), (1, 0.5, 10), (2, 0.7, 10), (3, 0.71, 10), (40, 0.71, 10)]
    assert turns(tested, readings) == [(1, "tripped"), (40, "reset")]


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 20), st.none() | st.sampled_from((0.0, 0.05, 0.1, 0.15, 0.2, 0.9)), st.integers(0, 20)
        ),
        max_size=80,
    )
)
def test_it_never_flaps_faster_than_the_hold(moves: list[tuple[int, float | None, int]]) -> None:
    """Whatever the values do: trips and resets alternate, and each reset comes a hold after its trip or later."""
    now = 0
    readings: list[tuple[int, float | None, int]] = []
    for ahead, value, count in moves:
        now += ahead
        readings.append((now, value, count))
    found = turns(rule(), readings)
    assert [turned for _, turned in found] == ["tripped", "reset"] * (len(found) // 2) + ["tripped"] * (len(found) % 2)
    for (before, _), (after, turned) in pairwise(found):
        assert turned == "tripped" or after - before >= HOLD_S


def test_the_owner_can_lift_it() -> None:
    """It is armed again, as if it had never tripped."""
    state = Hysteresis(rule())
    state.judge(Reading(0.9, 10), 0)
    assert state.tripped
    state.lift()
    assert (state.tripped, state.since_ns) == (False, None)
    assert state.judge(Reading(0.9, 10), S) == "tripped"
