"""What a decision of the guard costs, beside a plain call and beside what it does on the turn anyway; a table.

`python benchmarks/guard` prints the table that stands in benchmarks/README.md. Ratios are taken within one repetition.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import convqa_sdk as convqa
from convqa_sdk.guard import Entry, GuardPlan, Rule, TurnFacts

CALLS = 20_000
RULES = tuple(
    Rule.model_validate({"name": f"r{n}", "metric": metric, "threshold": high, "reset_at": low, "min_count": 1_000_000})
    for n, (metric, high, low) in enumerate(
        (
            ("policy_violations", 0.1, 0.05),
            ("corrections", 0.1, 0.05),
            ("error_rate", 0.1, 0.05),
            ("latency_p95_ms", 9_000, 5_000),
            ("kb_age_s", 90_000, 80_000),
            ("suggestion_acceptance", 0.5, 0.7),
        )
    )
)
PLAN = GuardPlan(
    owner="bench",
    archetypes={f"a{n}": Entry(tier="automate", deflect=True, threshold=0.5) for n in range(30)},
    trips=RULES,
)


def plain(archetype: str, *, confidence: float) -> str:
    """Do nothing: what any call with these arguments costs."""
    return archetype


def microseconds(step: Callable[[], Any], calls: int = CALLS) -> float:
    """Return the processor time of one call in this thread."""
    begun = time.thread_time_ns()
    for _ in range(calls):
        step()
    return (time.thread_time_ns() - begun) / calls / 1_000


def measured(guard: convqa.Guard) -> dict[str, float]:
    """Return the figures of one repetition, in microseconds."""
    facts = TurnFacts("c", "a7", "ok", 900.0, (), None, time.time_ns(), time.time_ns())
    figures = {
        "a plain call": microseconds(lambda: plain("a7", confidence=0.9)),
        "decide, outside a turn": microseconds(lambda: guard.decide("a7", confidence=0.9)),
        "watch, a turn (export thread)": microseconds(lambda: guard.watch(facts)),
        "tick, 6 rules at 30 archetypes (guard's thread)": microseconds(guard.tick, 200),
    }
    with convqa.turn("c-1", "Where is it?") as turn:
        both = {"automation_tier": "automate", "guard_state": "normal"}
        figures["set two fields, in a recorded turn"] = microseconds(lambda: turn.record(both))
        figures["decide, in a recorded turn"] = microseconds(lambda: guard.decide("a7", confidence=0.9))
    with convqa.turn("c-2", "Where is it?"):
        figures["a recorded stage"] = microseconds(stage, 2_000)
    return figures


def stage() -> None:
    """Record a stage, as the smallest unit of a turn."""
    with convqa.policy_check(name="refunds", result="pass"):
        pass


BESIDE = {
    "decide, outside a turn": "a plain call",
    "decide, in a recorded turn": "set two fields, in a recorded turn",
    "watch, a turn (export thread)": "a recorded stage",
    "tick, 6 rules at 30 archetypes (guard's thread)": "a recorded stage",
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/guard", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with TemporaryDirectory() as folder, convqa.configure("bench", store=folder):
        guards = {
            "": convqa.Guard(PLAN, flags=lambda: False),
            ", the flag provider hangs": convqa.Guard(PLAN, flags=lambda: time.sleep(3_600)),
        }
        found = {name: [measured(guard) for _ in range(runs)] for name, guard in guards.items()}
    print("| | µs | of | ratio |\n|---|---|---|---|")
    for name, rows in found.items():
        for figure in rows[0]:
            beside = BESIDE.get(figure)
            if name and not figure.startswith("decide"):
                continue
            times = spread([row[figure] for row in rows])
            ratios = spread([row[figure] / row[beside] for row in rows]) if beside else ""
            print(f"| {figure}{name} | {times} | {beside or ''} | {ratios} |")


def spread(figures: list[float]) -> str:
    """Return the median with its extremes."""
    return f"{median(figures):.2f} ({min(figures):.2f} to {max(figures):.2f})"


if __name__ == "__main__":
    main()
