"""Processor time of working out what a turn means, beside making its spans: both on the export thread."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from typing import Any

import variants
from exporters import EXPORTERS
from measure import Case, Column, Figures, Measure, Target

from measures import cost


def run(case: Case, chunks: float) -> Figures:
    """Record chunks of turns; of every other one nothing is worked out, so that drift meets both alike."""
    variant = variants.make(case.variant, EXPORTERS["nowhere"]())
    noted = _noted()
    for _ in range(int(chunks) + 4):
        for _ in range(cost.CHUNK):
            variant.turn()
        variant.flush(30.0)
        gc.collect()
    return figures(noted[4 * cost.CHUNK :])


def figures(noted: list[tuple[bool, int, int]]) -> Figures:
    """Return the medians of turns with their meaning and without it.

    Args:
        noted: Of each turn whether its meaning was worked out, and nanoseconds of all its rendering and of the meaning.
    """
    spans = statistics.median(whole for told, whole, _ in noted if not told) / 1000
    meaning = statistics.median(part for told, _, part in noted if told) / 1000
    both = statistics.median(whole for told, whole, _ in noted if told) / 1000
    return {"spans": spans, "meaning": meaning, "share": meaning / spans, "both": both / spans}


def _noted() -> list[tuple[bool, int, int]]:
    """Have the export thread note what each turn takes, and return the list that grows with it."""
    from convqa_sdk.export.meaning import Meaning
    from convqa_sdk.export.renderings import Renderings

    told, spans = Meaning.told, Renderings.spans
    turns = itertools.cycle((True, False))
    noted: list[tuple[bool, int, int]] = []
    here = {"told": True, "ns": 0}

    def timed_told(self: Any, flat: Any) -> Any:
        if not here["told"]:
            return flat
        began = time.thread_time_ns()
        try:
            return told(self, flat)
        finally:
            here["ns"] = time.thread_time_ns() - began

    def timed_spans(self: Any, unit: Any) -> Any:
        here["told"], here["ns"] = next(turns), 0
        began = time.thread_time_ns()
        try:
            return spans(self, unit)
        finally:
            noted.append((bool(here["told"]), time.thread_time_ns() - began, here["ns"]))

    Meaning.told, Renderings.spans = timed_told, timed_spans  # type: ignore[method-assign] # reason: that is measured
    return noted


MEASURE = Measure(
    title="What a turn means",
    explanation="Processor time of the export thread per turn: making its spans, and working out its events "
    "(grounding, refusal, signals of the customer, the state of the conversation).\n"
    "Every other turn is exported without the second, in the same process; medians over turns.\n"
    "`with / without` also counts what the events add to the spans.",
    cases=(Case("**convqa-sdk**", "convqa"),),
    columns=(
        Column("spans", "spans µs"),
        Column("meaning", "meaning µs"),
        Column("share", "meaning / spans", 2),
        Column("both", "with / without", 2),
    ),
    run=run,
    effort=(40, 4),
    targets=(Target("**convqa-sdk**", "share", 0.2),),
)
