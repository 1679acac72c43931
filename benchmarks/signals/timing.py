"""Time as a ratio: a detector beside the plain rule that somebody would write instead, on the same texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from rows import Row

_REPEAT = 7


def times(detector: str, source: str, ours: Callable[..., Any], plain: Callable[..., Any], calls: Sequence[Any]) -> Row:
    """Return the ratio of both times, and its spread over interleaved runs; successes and trials are nanoseconds.

    Args:
        detector: Name of the row.
        source: Where the calls' arguments are from.
        ours: The detector.
        plain: What it is compared with.
        calls: Arguments of each call, as tuples.
    """
    pairs = [(_nanoseconds(ours, calls), _nanoseconds(plain, calls)) for _ in range(_REPEAT)]
    ratios = sorted(mine / other for mine, other in pairs)
    mine, other = min(mine for mine, _ in pairs), min(other for _, other in pairs)
    return Row(detector, source, "time, in times of the baseline's", mine, other, ratios[0], ratios[-1], 1.0)


def _nanoseconds(call: Callable[..., Any], calls: Sequence[Any]) -> int:
    began = time.process_time_ns()
    for arguments in calls:
        call(*arguments)
    return (time.process_time_ns() - began) // len(calls)
