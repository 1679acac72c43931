"""How long `flush(t)` and `shutdown(t)` take when the exporter hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import variants
from exporters import Hanging
from measure import Case, Column, Figures, Measure, Target

TIMEOUT_S = 1.0


def run(case: Case, patience_s: float) -> Figures:
    """Let the exporter hang, then ask for a flush and a shutdown."""
    variant = variants.make(case.variant, Hanging())
    for _ in range(100):
        variant.turn()
    time.sleep(1.0)
    return {
        "flush": overshoot(variant.flush, patience_s),
        "shutdown": overshoot(variant.shutdown, patience_s),
    }


def overshoot(ends: Callable[[float], Any], patience_s: float) -> float:
    """Return the seconds beyond the time limit; at most `patience_s`."""
    start = time.perf_counter()
    thread = threading.Thread(target=ends, args=(TIMEOUT_S,), daemon=True)
    thread.start()
    thread.join(TIMEOUT_S + patience_s)
    return max(0.0, time.perf_counter() - start - TIMEOUT_S)


MEASURE = Measure(
    title="Deadlines with an exporter that hangs",
    explanation="Seconds that `flush(1.0)` and `shutdown(1.0)` take beyond the one second that they are given.\n"
    "40 means: not back by then. Some take no time limit for a shutdown.",
    cases=tuple(
        Case(variants.SOURCES[name].label, name)
        for name in ("by_hand", "convqa", *variants.PEERS)
        if name != "logfire_unscrubbed"
    ),
    columns=(Column("flush", "flush s over", 2), Column("shutdown", "shutdown s over", 2)),
    run=run,
    effort=(40, 3),
    repeat=1,
    together=True,
    targets=(
        Target("**convqa-sdk**", "flush", 0.2),
        Target("**convqa-sdk**", "shutdown", 0.2),
    ),
)
