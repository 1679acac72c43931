"""Windows agree with a recount of everything that was observed, and hold a bounded number of slices."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.guard.windows import PER_OCTAVE, SLICES, Reading, Window

S = 1_000_000_000
WINDOW_S = 60
steps = st.lists(
    st.tuples(st.integers(0, 40 * S), st.integers(0, 90 * S), st.integers(0, 1), st.floats(0.01, 1e6)), max_size=60
)


def recounted(seen: list[tuple[int, float]], now_ns: int) -> list[float]:
    """What a window of sixty slices of one second holds, counted anew from everything, in order of time."""
    newest = max([now_ns // S, *(at // S for at, _ in seen)])
    return [value for at, value in sorted(seen, key=lambda each: each[0]) if at // S > newest - SLICES]


@settings(max_examples=200)
@given(steps)
def test_shares_and_sums_agree_with_a_recount(moves: list[tuple[int, int, int, float]]) -> None:
    """Whatever the order: time goes on by the first number, and observations are the second older than that."""
    share, total = Window("share", WINDOW_S), Window("sum", WINDOW_S)
    seen: list[tuple[int, float]] = []
    now = 1_000 * S
    for ahead, age, hit, _ in moves:
        now += ahead
        share.read(now)  # as the guard does, all the time
        total.read(now)
        share.add(hit, now - age)
        total.add(hit, now - age)
        seen.append((now - age, hit))
        kept = recounted(seen, now)
        assert total.read(now) == (Reading(float(sum(kept)), len(kept)) if kept else Reading(None, 0))
        assert share.read(now) == (Reading(sum(kept) / len(kept), len(kept)) if kept else Reading(None, 0))


@settings(max_examples=200)
@given(steps)
def test_percentiles_agree_with_a_recount(moves: list[tuple[int, int, int, float]]) -> None:
    """The nearest-rank 95th percentile is at most one step below what is shown."""
    window = Window("p95", WINDOW_S)
    seen: list[tuple[int, float]] = []
    now = 1_000 * S
    for ahead, age, _, value in moves:
        now += ahead
        window.read(now)
        window.add(value, now - age)
        seen.append((now - age, value))
        kept = sorted(recounted(seen, now))
        shown = window.read(now)
        assert shown.samples == len(kept)
        if kept:
            true = kept[math.ceil(0.95 * len(kept) - 1e-9) - 1]
            assert shown.value is not None
            assert true * (1 - 1e-12) <= shown.value <= true * 2 ** (1 / PER_OCTAVE) * (1 + 1e-12)


def test_an_age_is_of_the_newest_and_goes_on() -> None:
    """Of what was seen last, by its own time; it grows until somebody sees something newer, or it is forgotten."""
    window = Window("age", WINDOW_S)
    assert window.read(0) == Reading(None, 0)
    window.add(500.0, 10 * S)
    window.add(9_000.0, 5 * S)
    assert window.read(10 * S) == Reading(500.0, 2)
    assert window.read(40 * S) == Reading(530.0, 2)
    window.add(1.0, 41 * S)
    assert window.read(41 * S).value == 1.0
    assert window.read(200 * S) == Reading(None, 0)


@pytest.mark.parametrize("statistic", ["share", "sum", "p95", "age"])
def test_memory_is_bounded(statistic: Any) -> None:
    """Sixty slices, and steps of a duration that are counted and not listed, whatever comes in."""
    window = Window(statistic, WINDOW_S)
    for n in range(20_000):
        window.add(1.7 ** (n % 200) / 1e30, n * S // 7)
    assert len(window._slices) <= SLICES
    assert all(len(each.steps) <= 50 * PER_OCTAVE for each in (*window._slices, window._all))


def test_durations_at_the_ends() -> None:
    """Nothing, next to nothing and for ever: each has a step, and nothing overflows."""
    for value, shown in ((0.0, 0.0), (1e-300, 2.0 ** (-10 + 1 / PER_OCTAVE)), (1e300, 2.0**40)):
        window = Window("p95", WINDOW_S)
        window.add(value, S)
        assert window.read(S).value == pytest.approx(shown)


def test_a_burst_of_old_news_is_left_out() -> None:
    """What lies before the window does not count, and takes no room."""
    window = Window("share", WINDOW_S)
    window.add(1, 1_000 * S)
    for n in range(900):
        window.add(1, n * S)
    assert window.read(1_000 * S) == Reading(1.0, 1)


@pytest.mark.parametrize(("age_s", "samples"), [(59, 2), (60, 1)])
def test_the_oldest_slice(age_s: int, samples: int) -> None:
    """Sixty slices of a second: what is 59 s old counts, what is 60 s old does not, whichever was observed first."""
    for order in (1, -1):
        window = Window("share", WINDOW_S)
        for at_s in (1_000, 1_000 - age_s)[::order]:
            window.add(1, at_s * S)
        assert window.read(1_000 * S).samples == samples


@pytest.mark.parametrize(("count", "rank"), [(1, 1), (17, 17), (19, 19), (20, 19), (39, 38), (40, 38), (100, 95)])
def test_the_nearest_rank(count: int, rank: int) -> None:
    """The smallest value that 95 % of all do not exceed: of 20 the 19th, of 19 the 19th."""
    window = Window("p95", WINDOW_S)
    for n in range(1, count + 1):
        window.add(2.0 ** (n / 4), S)
    assert window.read(S).value == pytest.approx(2.0 ** (rank / 4))


def test_what_adds_to_an_observation_is_none_itself() -> None:
    """It is in the sum and not in the volume; when what it adds to has become too old, a share is still one."""
    window = Window("share", WINDOW_S)
    window.add(0, 1_000 * S)
    window.add(0, 1_030 * S)
    window.add(1, 1_031 * S, counts=False)
    window.add(1, 1_031 * S, counts=False)
    assert window.read(1_031 * S) == Reading(1.0, 2)
    assert window.read(1_080 * S) == Reading(1.0, 1)
    assert window.read(1_090 * S) == Reading(None, 0)
