"""What is delivered when the bot takes all the processor time that it can get."""

from __future__ import annotations

import asyncio
import threading
import time

import sink
import variants
from exporters import EXPORTERS
from measure import Case, Column, Figures, Measure, Target, beside_by_hand


def run(case: Case, seconds: float) -> Figures:
    """Record as fast as it goes; what came is divided by all the time until the flush is done."""
    variant = variants.make(case.variant, EXPORTERS["http"]())
    for _ in range(100):
        variant.turn()
    variant.flush(30.0)
    sink.collect()
    start = time.perf_counter()
    recorded = _tasks(variant, seconds) if "tasks" in case.settings else _threads(variant, seconds)
    offering = time.perf_counter() - start
    variant.flush(60.0)
    came = sink.collect()
    return {
        "offered": recorded / offering,
        "delivered": came["whole"] / (time.perf_counter() - start),
        "lost": 100 * (1 - came["whole"] / recorded),
        "torn": came["torn"],
    }


def _threads(variant: variants.Variant, seconds: float) -> int:
    counts: list[int] = []
    end = time.perf_counter() + seconds

    def loop() -> None:
        done = 0
        while time.perf_counter() < end:
            variant.turn()
            done += 1
        counts.append(done)

    threads = [threading.Thread(target=loop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def _tasks(variant: variants.Variant, seconds: float) -> int:
    end = time.perf_counter() + seconds

    async def loop() -> int:
        done = 0
        while time.perf_counter() < end:
            await variant.aturn()
            done += 1
        return done

    async def everything() -> int:
        return sum(await asyncio.gather(*(loop() for _ in range(100))))

    return asyncio.run(everything())


MEASURE = Measure(
    title="Delivered at saturation",
    explanation="8 threads, or 100 asyncio tasks, record turns as fast as they can.\n"
    "`delivered/s` are whole turns at the sink by all the time until the last flush is done.\n"
    "The share lost says little: who is cheaper offers more.",
    cases=beside_by_hand({"8 threads": {"threads": 1}, "100 tasks": {"tasks": 1}}),
    columns=(
        Column("delivered", "delivered/s", 0),
        Column("offered", "offered/s", 0),
        Column("lost", "lost %", 1),
        Column("torn", "torn turns", 0),
    ),
    run=run,
    effort=(6, 2),
    repeat=3,
    targets=tuple(
        Target(f"**convqa-sdk**, {load}", "delivered", 1_500, at_least=True) for load in ("8 threads", "100 tasks")
    ),
)
