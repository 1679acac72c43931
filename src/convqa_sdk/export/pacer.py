"""Keeps the interpreter within reach of the bot while the export threads work."""

from __future__ import annotations

import time

SLICE_NS = 150_000
"""Work after which a thread of ours gives the interpreter away."""


class Pacer:
    """Gives the interpreter away between pieces of work, so that no request waits long for it."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since = 0

    def pause(self) -> None:
        """Yield if the last yield is too long ago."""
        if time.perf_counter_ns() - self._since > SLICE_NS:
            time.sleep(0)
            self._since = time.perf_counter_ns()
