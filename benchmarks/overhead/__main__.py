"""Measure what convqa-sdk costs, beside OpenTelemetry by hand and beside the peers, and print tables.

    python benchmarks/overhead                    everything, about three quarters of an hour
    python benchmarks/overhead cost stall         some measures
    python benchmarks/overhead --quick            all of it, little of each: to see that it runs
    python benchmarks/overhead cost --write       keeps the figures and refreshes the pages that show them
    python benchmarks/overhead --pages            refreshes the pages from the figures that were kept

`make bench` installs the peers first. Runs are interleaved: every repetition visits every row once, so that the drift
of a shared machine meets all rows alike; ratios are taken within a repetition.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environments
import instructions
import pages
import results
import sink
from measure import Case, Measure
from measures import MEASURES

HERE = Path(__file__).parent
EVERYTHING = (*MEASURES, "instructions")
LIMIT_S = 300
"""Longest time of one run."""


def main() -> None:
    """Measure, print, and keep what is to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", nargs="*", help=f"which (default: all of {', '.join(EVERYTHING)})")
    parser.add_argument("--repeat", type=int, help="interleaved runs (default: what each measure needs)")
    parser.add_argument("--quick", action="store_true", help="little of each, once")
    parser.add_argument("--write", action="store_true", help="keep the figures and refresh the pages")
    parser.add_argument("--pages", action="store_true", help="only refresh the pages")
    args = parser.parse_args()
    for name in set(args.measures) - set(EVERYTHING):
        parser.error(f"no measure {name}; there are {', '.join(EVERYTHING)}")
    if not args.pages:
        chosen = args.measures or EVERYTHING
        kept = results.read()
        with sink.running():
            for name in chosen:
                rows = measured(name, args.repeat, quick=args.quick) if name in MEASURES else instructions.rows()
                kept[name] = results.stamped(rows)
                print(f"{pages.section(name, kept[name])}\n", flush=True)
                if args.write:
                    results.write(kept)
    if args.write or args.pages:
        pages.refresh(results.read())


def measured(name: str, repeat: int | None, *, quick: bool) -> results.Rows:
    """Run all cases of a measure; a case that cannot run has the reason in place of figures."""
    measure = MEASURES[name]
    repeat = 1 if quick else repeat or measure.repeat
    rows: results.Rows = {case.label: why(case) or [] for case in measure.cases}
    due = [case for _ in range(repeat) for case in measure.cases if not rows[case.label]]
    with ThreadPoolExecutor(len(measure.cases) if measure.together else 1) as pool:
        for done, (case, figures) in enumerate(pool.map(lambda case: (case, run(name, case, quick=quick)), due), 1):
            progress(f"{name} {done}/{len(due)}")
            row = rows[case.label]
            if isinstance(figures, str) or isinstance(row, str):
                rows[case.label] = figures if isinstance(figures, str) else row
            else:
                row.append(figures)
    return rows


def why(case: Case) -> str:
    """Return why a case cannot be measured here; empty when it can."""
    if case.variant.startswith("convqa"):
        from variants import SOURCES, ours

        return ours.unavailable(str(SOURCES[case.variant].options.get("engine", "re")))
    return environments.missing(case.environment)


def run(name: str, case: Case, *, quick: bool) -> dict[str, float] | str:
    """Measure a case in a process of its own; return its figures, or why there are none."""
    measure: Measure = MEASURES[name]
    command = [str(environments.python(case.environment)), str(HERE / "child.py"), name, case.label]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "CONVQA_"))}
    try:
        done = subprocess.run(
            [*command, str(measure.effort[quick])],
            capture_output=True,
            check=False,
            env=clean | {"PYTHONHASHSEED": "0"},
            text=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return f"no result within {LIMIT_S} s"
    if not done.stdout.strip():
        return f"failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def progress(text: str) -> None:
    """Show how far it is."""
    sys.stderr.write(f"\r{time.strftime('%H:%M:%S')} {text}\033[K" if sys.stderr.isatty() else f"{text}\n")


if __name__ == "__main__":
    main()
