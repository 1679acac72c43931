"""Run all variants several times, interleaved, and print a table of medians, spread and ratios.

`python benchmarks/overhead` from the project's folder, or `make bench`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
RUNS = (("by hand", "encoded"), ("convqa", "encoded"), ("convqa off", "nowhere"))
IMPORTS = {
    "pydantic and the OpenTelemetry API": "from pydantic import BaseModel; import opentelemetry.trace",
    "convqa_sdk": "import convqa_sdk",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="interleaved runs of each variant (default: 7)")
    repeat: int = parser.parse_args().repeat
    found: dict[str, list[dict[str, float]]] = {variant: [] for variant, _ in RUNS}
    imports: dict[str, list[float]] = {name: [] for name in IMPORTS}
    total = repeat * (len(RUNS) + len(IMPORTS))
    done = 0
    for _ in range(repeat):
        for variant, exporter in RUNS:
            found[variant].append(measured(variant, exporter))
            done = progress(done, total)
        for name, code in IMPORTS.items():
            imports[name].append(imported(code))
            done = progress(done, total)
    print(table(found))
    print()
    print(import_table(imports))


def measured(variant: str, exporter: str) -> dict[str, float]:
    """Measure one variant in a process of its own."""
    command = [sys.executable, str(HERE / "measure.py"), variant, exporter]
    result: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return result


def imported(code: str) -> float:
    """Return how many milliseconds an import takes in a new process, without the interpreter's own start."""
    timed = f"import time; t = time.process_time_ns(); {code}; print((time.process_time_ns() - t) / 1e6)"
    return float(subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True, text=True).stdout)


def progress(done: int, total: int) -> int:
    """Show how far it is, on a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done + 1}/{total} measurements")
    return done + 1


def spread(values: list[float]) -> str:
    """Return median and extremes."""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def table(found: dict[str, list[dict[str, float]]]) -> str:
    """Return the table of processor time per turn; ratios are within each repetition."""
    lines = ["| variant | request µs | by hand = 1 | process µs | by hand = 1 |", "|---|---|---|---|---|"]
    for variant, runs in found.items():
        cells = [variant]
        for figure in ("request", "process"):
            values = [run[figure] for run in runs]
            ratios = [run[figure] / hand[figure] for run, hand in zip(runs, found["by hand"], strict=True)]
            cells += [spread(values), f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def import_table(imports: dict[str, list[float]]) -> str:
    """Return the table of import times."""
    base = next(iter(imports.values()))
    lines = ["| import | ms | first = 1 |", "|---|---|---|"]
    for name, values in imports.items():
        ratios = [value / first for value, first in zip(values, base, strict=True)]
        lines.append(f"| {name} | {spread(values)} | {statistics.median(ratios):.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stderr.write(time.strftime("overhead benchmark, %Y-%m-%d\n"))
    main()
