"""How long a thread that answers stands still because another one holds the interpreter or a lock."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import variants
import workload
from exporters import EXPORTERS
from measure import Case, Column, Figures, Measure, Target

WAIT_S = 0.0003
"""Each step of the request waits so long, as for a network, and then works about as long."""
SHARES = {"p50": 0.5, "p99": 0.99, "p999": 0.999, "max": 1.0}
HOSTILE_BYTES = 50_000
HOSTILE = tuple(
    (piece * (HOSTILE_BYTES // len(piece) + 1))[:HOSTILE_BYTES]
    for piece in (
        "a.b-",
        "x@",
        "4111 ",
        "+49 (0) ",
        '{"key": "',
        "-----BEGIN ",
        "eyJhbGciOi.",
        "DE89 3704 ",
        "1.2.3.",
        "password=",
    )
)
"""Texts that almost match, everywhere."""


def run(case: Case, seconds: float) -> Figures:
    """Work in steps for some seconds, first without any turn; milliseconds of standing still by their shares."""
    variant = variants.make(case.variant, EXPORTERS["store" if case.settings.get("store") else "http"]())
    for _ in range(200):
        variant.turn()
    variant.flush(30.0)
    idle = stalls(variants.Variant(lambda: None), 1, seconds / 4)
    hostile = "hostile" in case.settings
    recording = replace(variant, turn=_hostile(variant)) if hostile else variant
    busy = stalls(recording, float(case.settings["rate"]), seconds)
    return {name: quantile(busy, share) for name, share in SHARES.items()} | {"idle": quantile(idle, 0.999)}


def _hostile(variant: variants.Variant) -> Callable[[], None]:
    texts = itertools.cycle(HOSTILE)

    def turn() -> None:
        variant.record(replace(workload.TURNS[0], question=next(texts)))

    return turn


def stalls(variant: variants.Variant, rate: float, seconds: float) -> list[float]:
    """Return, in milliseconds, how long each step stood still.

    That is its time less what it waited for on purpose, less its processor time, less what it waited for a core:
    the last would measure the machine's other guests.
    """
    found: list[float] = []
    scheduling = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
    start = time.perf_counter()
    turns = 0
    while (now := time.perf_counter()) < start + seconds:
        due = int((now - start) * rate) >= turns
        for_core = _waited_ns(scheduling)
        began, worked = time.perf_counter_ns(), time.thread_time_ns()
        time.sleep(WAIT_S)
        _work()
        if due:
            variant.turn()
            turns += 1
        stood = time.perf_counter_ns() - began - (time.thread_time_ns() - worked) - WAIT_S * 1e9
        found.append(max(0.0, stood - (_waited_ns(scheduling) - for_core)) / 1e6)
    os.close(scheduling)
    return found


def _waited_ns(scheduling: int) -> int:
    return int(os.pread(scheduling, 100, 0).split()[1])


def _work() -> int:
    return sum(number * number for number in range(4_000))


def quantile(values: list[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    return sorted(values)[max(0, int(share * len(values) + 0.5) - 1)]


MEASURE = Measure(
    title="Stall of the request thread",
    explanation="A thread waits 0.3 ms and works as long, over and over, and records turns in between.\n"
    "A stall is what one such step takes beyond its wait, its processor time and its wait for a core.\n"
    "`idle p99.9` is the same thread in the same process before it records anything: the machine's own share.",
    cases=(
        Case("OpenTelemetry by hand, 200 turns/s", "by_hand", settings={"rate": 200}),
        Case("**convqa-sdk**, 200 turns/s", "convqa", settings={"rate": 200}),
        Case("**convqa-sdk**, 200 turns/s into the store", "convqa", settings={"rate": 200, "store": 1}),
        Case("OpenTelemetry by hand, 10 texts of 50 KB/s", "by_hand", settings={"rate": 10, "hostile": 1}),
        Case("**convqa-sdk**, 10 hostile texts of 50 KB/s", "convqa", settings={"rate": 10, "hostile": 1}),
    ),
    columns=(
        Column("p50", "p50 ms", 2),
        Column("p99", "p99 ms", 2),
        Column("p999", "p99.9 ms", 2),
        Column("max", "max ms", 2),
        Column("idle", "idle p99.9 ms", 2),
    ),
    run=run,
    effort=(16, 3),
    repeat=5,
    targets=(
        Target("**convqa-sdk**, 200 turns/s", "p999", 0.6),
        Target("**convqa-sdk**, 200 turns/s into the store", "p999", 0.6),
        Target("**convqa-sdk**, 10 hostile texts of 50 KB/s", "p999", 0.6),
    ),
)
