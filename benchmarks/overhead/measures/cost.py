"""Processor time of one recorded turn: of the thread that answers, and of the whole process with its export."""

from __future__ import annotations

import gc
import statistics
import time

import variants
from exporters import EXPORTERS
from measure import Case, Column, Figures, Measure, Target

CHUNK = 50
"""Turns between two flushes: few enough that no queue ever overflows."""


def run(case: Case, chunks: float) -> Figures:
    """Record chunks of turns, each followed by a flush."""
    exporter = "http" if case.mode == "on" else "nowhere"
    variant = variants.make(case.variant, EXPORTERS[exporter](), case.mode)
    for _ in range(4):
        for _ in range(CHUNK):
            variant.turn()
        variant.flush(30.0)
    gc.collect()
    requests: list[float] = []
    began = time.process_time_ns()
    for _ in range(int(chunks)):
        start = time.thread_time_ns()
        for _ in range(CHUNK):
            variant.turn()
        requests.append((time.thread_time_ns() - start) / CHUNK / 1000)
        variant.flush(30.0)
    process = (time.process_time_ns() - began) / chunks / CHUNK / 1000
    return {"request": statistics.median(requests), "process": process}


MEASURE = Measure(
    title="A recorded turn",
    explanation="Processor time per turn, sent as OTLP over HTTP to a sink in another process.\n"
    "`request` is the thread that answers, `process` the whole process.",
    cases=tuple(Case(source.label, name) for name, source in variants.SOURCES.items() if name != "bare"),
    columns=(Column("request", "request µs", ratio=True), Column("process", "process µs", ratio=True)),
    run=run,
    effort=(40, 5),
    repeat=7,
    targets=(
        Target(variants.SOURCES["convqa"].label, "request", 0.25, ratio=True),
        Target(variants.SOURCES["convqa"].label, "process", 2.0, ratio=True),
        Target(variants.SOURCES["convqa_re2"].label, "process", 1.3, ratio=True),
    ),
)
