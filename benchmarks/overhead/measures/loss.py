"""Turns lost at a fixed offered load: a saturating loop would offer more to whoever is cheaper."""

from __future__ import annotations

import time

import sink
import variants
from exporters import EXPORTERS
from measure import Case, Column, Figures, Measure, Target, beside_by_hand


def run(case: Case, seconds: float) -> Figures:
    """Offer turns at the times at which they are due, late ones at once, and ask the sink what came."""
    variant = variants.make(case.variant, EXPORTERS["http"]())
    rate = float(case.settings["rate"])
    for _ in range(100):
        variant.turn()
    variant.flush(30.0)
    sink.collect()
    before = variant.lost()
    offered, wall = offer(variant, rate, int(rate * seconds))
    variant.flush(60.0)
    came = sink.collect()
    lost = offered - came["whole"]
    figures = {
        "offered": offered / wall,
        "lost": 100 * lost / offered,
        "torn": came["torn"],
    }
    if before is not None:
        figures["uncounted"] = lost - ((variant.lost() or 0) - before)
    return figures


def offer(variant: variants.Variant, rate: float, turns: int) -> tuple[int, float]:
    """Record turns at a rate per second; return how many, and the seconds that it took."""
    start = time.perf_counter()
    done = 0
    while done < turns:
        due = min(turns, int((time.perf_counter() - start) * rate) + 1)
        while done < due:
            variant.turn()
            done += 1
        time.sleep(0.001)
    return done, time.perf_counter() - start


MEASURE = Measure(
    title="Turns lost at a fixed load",
    explanation="One thread offers turns at a fixed rate; every default on, queues as they come.\n"
    "`offered/s` below the rate means that the thread itself could not keep up.\n"
    "A torn turn arrived in part; an uncounted one is lost without being in `stats()`.",
    cases=beside_by_hand({f"{rate:,}/s": {"rate": rate} for rate in (1_000, 1_500, 2_500, 3_500)}),
    columns=(
        Column("offered", "offered/s", 0),
        Column("lost", "lost %", 2),
        Column("torn", "torn turns", 0),
        Column("uncounted", "uncounted", 0),
    ),
    run=run,
    effort=(8, 2),
    repeat=3,
    targets=(
        Target("**convqa-sdk**, 1,500/s", "lost", 0.0),
        Target("**convqa-sdk**, google-re2, 2,500/s", "lost", 0.0),
        Target("**convqa-sdk**, 3,500/s", "torn", 0),
        Target("**convqa-sdk**, 3,500/s", "uncounted", 0),
    ),
)
