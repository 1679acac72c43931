"""Rolling windows of bounded memory: what was observed in the last so many seconds, as one value and its volume.

A window is cut into slices; the newest, which is still being filled, and those before it count, so that it covers
between 59 and 60 sixtieths of its length. Times are nanoseconds of a clock that never runs backwards.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from typing import Final, NamedTuple

from convqa_sdk.guard.metrics import Statistic

SLICES: Final = 60
PER_OCTAVE: Final = 16
"""Steps in which a duration may double: a percentile is at most 4.4 % above the true one, and never below it."""
_LOWEST: Final = -10 * PER_OCTAVE
_HIGHEST: Final = 40 * PER_OCTAVE


class Reading(NamedTuple):
    """What a window shows.

    Attributes:
        value: Its value; None where it holds nothing: unknown is not zero.
        samples: Observations behind it.
    """

    value: float | None
    samples: int


class _Slice:
    __slots__ = ("count", "steps", "sum", "tick")

    def __init__(self, tick: int) -> None:
        self.tick = tick
        self.count = 0
        self.sum = 0
        self.steps: Counter[int] = Counter()


class Window:
    """The observations of one metric.

    Args:
        statistic: How they become one value.
        window_s: Length, seconds.
    """

    def __init__(self, statistic: Statistic, window_s: float) -> None:
        self._statistic = statistic
        self._width_ns = max(1, int(window_s * 1e9 / SLICES))
        self._slices: deque[_Slice] = deque()
        self._all = _Slice(0)  # running totals, so that reading takes the same time however much there is
        self._newest_ns = 0
        self._newest = 0.0

    def add(self, value: float, at_ns: int, *, counts: bool = True) -> None:
        """Take an observation; one that is older than the window is left out.

        Args:
            value: 0 or 1 for a share, a count for a sum, else what was measured.
            at_ns: When it was made.
            counts: Whether it is an observation by itself; else it adds to the sum of others.
        """
        place = self._place(at_ns // self._width_ns)
        if place is None:
            return
        for each in (place, self._all):
            each.count += counts
            if self._statistic == "p95":
                each.steps[_step(value)] += 1
            elif self._statistic != "age":
                each.sum += int(value)  # integers add up exactly, whatever is taken away again
        if at_ns >= self._newest_ns:
            self._newest_ns, self._newest = at_ns, value

    def _place(self, tick: int) -> _Slice | None:
        """Return the slice of a time, which is nearly always the last; None: it is too old."""
        slices = self._slices
        self._forget(tick)
        index = len(slices)
        while index and slices[index - 1].tick > tick:
            index -= 1
        if index and slices[index - 1].tick == tick:
            return slices[index - 1]
        if slices and tick <= slices[-1].tick - SLICES:
            return None
        slices.insert(index, _Slice(tick))
        return slices[index]

    def _forget(self, tick: int) -> None:
        while self._slices and self._slices[0].tick <= tick - SLICES:
            old = self._slices.popleft()
            self._all.count -= old.count
            self._all.sum -= old.sum
            self._all.steps -= old.steps  # keeps what is positive, so that nothing is left of what is gone

    def read(self, now_ns: int) -> Reading:
        """Return what the window shows; what has become too old is forgotten."""
        self._forget(now_ns // self._width_ns)
        count = self._all.count
        if not count:
            return Reading(None, 0)
        if self._statistic == "p95":
            return Reading(self._percentile(count), count)
        if self._statistic == "age":
            return Reading(self._newest + (now_ns - self._newest_ns) / 1e9, count)
        if self._statistic == "share":
            return Reading(min(1.0, self._all.sum / count), count)  # what was added to may be older than the window
        return Reading(float(self._all.sum), count)

    def _percentile(self, count: int) -> float:
        """Return the upper end of the step that holds the nearest-rank 95th percentile."""
        rank = -(-95 * count // 100)
        for step in sorted(self._all.steps):
            rank -= self._all.steps[step]
            if rank <= 0:
                return 0.0 if step == _LOWEST else float(2.0 ** (step / PER_OCTAVE))
        raise AssertionError  # pragma: no cover - the ranks add up to the count


def _step(value: float) -> int:
    """Return the step whose upper end is the first at or above a value; the lowest one stands for nothing."""
    if value <= 0.0:
        return _LOWEST
    return min(_HIGHEST, max(_LOWEST + 1, math.ceil(math.log2(value) * PER_OCTAVE)))
