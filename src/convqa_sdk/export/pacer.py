"""Keeps the interpreter within reach of the bot while the export threads work.

Giving it away means to sleep for a moment: who only lets go of it has it back before a waiting thread is awake, and
that one waits on. A sleep costs 40 µs of processor time, a third of a slice, so it is kept for when somebody waits.
Whether somebody does shows in how long letting go takes: waking a thread takes ten times as long as waking none.
"""

from __future__ import annotations

import sys
import time
from select import select

SLICE_NS = 150_000
"""Work after which a thread of ours gives the interpreter away."""
WOKE_NS = 8_000
"""Letting go for so long has woken somebody, on any machine."""
_WOKE_TIMES = 8
"""So many times the shortest has woken somebody as well."""
_ANYWAY = 8
"""Every eighth time it is given away whether somebody seems to wait or not."""
_MOMENT_S = 1e-6


class Pacer:
    """Gives the interpreter away between pieces of work, so that no request waits long for it; one thread's."""

    __slots__ = ("_count", "_shortest", "_since")

    def __init__(self) -> None:
        self._since = 0
        self._count = 0
        self._shortest = WOKE_NS

    def pause(self) -> None:
        """Yield if the last yield is too long ago."""
        began = time.perf_counter_ns()
        if began - self._since <= SLICE_NS:
            return
        self._count += 1
        if self._count % _ANYWAY == 0 or self._is_awaited(began):
            time.sleep(_MOMENT_S)
        self._since = time.perf_counter_ns()

    def _is_awaited(self, began: int) -> bool:
        """Let go of the interpreter, and tell whether that has woken another thread."""
        if sys.platform == "win32":
            return True  # no call there does nothing, and lets go
        select((), (), (), 0)
        took = time.perf_counter_ns() - began
        self._shortest = min(self._shortest, took)
        return took > min(WOKE_NS, _WOKE_TIMES * self._shortest)
