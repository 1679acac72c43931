"""A clock that ticks by itself and ids that count: the same test gives the same spans."""

from __future__ import annotations

START_NS = 1_767_225_600_000_000_000
"""2026-01-01T00:00:00Z."""
TICK_NS = 1_000_000


class TestClock:
    """Advances by one millisecond each time it is read."""

    __test__ = False  # not a test case, whatever its name suggests to pytest

    def __init__(self) -> None:
        self._now = 0
        self._ids = 0

    def time_ns(self) -> int:
        """Return Unix nanoseconds."""
        return START_NS + self._tick()

    def perf_ns(self) -> int:
        """Return monotonic nanoseconds."""
        return self._tick()

    def span_id(self) -> int:
        """Return the next id, counting from 1."""
        self._ids += 1
        return self._ids

    def _tick(self) -> int:
        self._now += TICK_NS
        return self._now
