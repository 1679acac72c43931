"""Memory when the backend has gone away: the exporter hangs while turns go on."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path

import variants
from exporters import Hanging
from measure import Case, Column, Figures, Measure, Target

QUEUE_BYTES = 32 * 2**20
"""The setting `queue_bytes` by default."""


def run(case: Case, turns: float) -> Figures:
    """Record turns against an exporter that hangs; sizes in MiB."""
    variant = variants.make(case.variant, Hanging())
    for _ in range(20):
        variant.turn()
    gc.collect()
    before = resident()
    start = time.thread_time_ns()
    for _ in range(int(turns)):
        variant.turn()
    request = (time.thread_time_ns() - start) / turns / 1000
    growth = resident() - before
    figures = {"growth": growth / 2**20, "request": request}
    if case.variant == "convqa":
        figures["of_queue"] = growth / QUEUE_BYTES
    return figures


def resident() -> int:
    """Return the bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


MEASURE = Measure(
    title="Memory with an exporter that hangs",
    explanation="Growth of the process over 100,000 turns while `export` never returns.\n"
    "The standard processor bounds spans by count, convqa-sdk bounds turns by bytes (`queue_bytes`, 32 MiB).",
    cases=(
        Case("OpenTelemetry by hand", "by_hand"),
        Case("**convqa-sdk**", "convqa"),
    ),
    columns=(
        Column("growth", "growth MiB"),
        Column("of_queue", "of `queue_bytes`", 2),
        Column("request", "request µs"),
    ),
    run=run,
    effort=(100_000, 5_000),
    repeat=3,
    targets=(Target("**convqa-sdk**", "of_queue", 2.0),),
)
