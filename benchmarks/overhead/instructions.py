"""Instructions per turn, counted by callgrind: repeatable where microseconds are not, so that CI can hold a bound.

    python benchmarks/overhead/instructions.py                     counts, and ratios to OpenTelemetry by hand
    python benchmarks/overhead/instructions.py --gate              the same; exits 1 when worse than instructions.json
    python benchmarks/overhead/instructions.py --accept            the same, and writes instructions.json
    python benchmarks/overhead/instructions.py --profile FOLDER    keeps callgrind's files, for callgrind_annotate:
        convqa.callgrind.1-01 is the request, convqa.callgrind-02 sends, convqa.callgrind-03 redacts and makes spans

`request` is the thread that answers, up to the queue; `export` is everything behind it, up to encoded OTLP.
Needs valgrind and a C compiler.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from burst import TURNS
from variants import SOURCES

HERE = Path(__file__).parent
BASELINE = HERE / "instructions.json"
VARIANTS = ("by_hand", "convqa")
PARTS = ("request", "export")
TOLERANCE = 0.03
"""How much worse than the baseline a ratio may be; counts repeat to 0.002."""

Counts = dict[str, dict[str, int]]


def main() -> int:
    """Count, print, and compare when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gate", action="store_true", help="exit 1 when a ratio is worse than the baseline")
    parser.add_argument("--accept", action="store_true", help="write the ratios as the new baseline")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="keep callgrind's files there")
    args = parser.parse_args()
    if lacking():
        print(f"instructions not counted: {lacking()}")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        counts = count_all(args.profile or Path(scratch))
    found = ratios(counts)
    print(table(counts, found))
    if args.accept:
        BASELINE.write_text(json.dumps(here() | found, indent=2) + "\n", encoding="utf-8")
    return gate(found) if args.gate else 0


def lacking() -> str:
    """Return what is not installed here; empty when all is."""
    tools = [tool for tool in ("valgrind", "cc") if shutil.which(tool) is None]
    return f"{' and '.join(tools)} not installed" if tools else ""


def count_all(folder: Path) -> Counts:
    """Count every variant, each in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "callgrind.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(HERE / "callgrind.c")], check=True)
    with ThreadPoolExecutor() as pool:
        counted = pool.map(lambda variant: count(variant, library, folder), VARIANTS)
        return dict(zip(VARIANTS, counted, strict=True))


def count(variant: str, library: Path, folder: Path) -> dict[str, int]:
    """Return the instructions of one turn in both parts."""
    out = folder / f"{variant}.callgrind"
    options = ("--instr-atstart=no", "--separate-threads=yes", f"--callgrind-out-file={out}")
    valgrind = ["valgrind", "--tool=callgrind", *options]
    command = [*valgrind, sys.executable, str(HERE / "burst.py"), variant, str(library)]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONHASHSEED": "0",
    }  # anything more moves counts by a part in a hundred
    subprocess.run(command, env=environment, capture_output=True, check=False)
    request = total(Path(f"{out}.1-01"))
    export = sum(total(dump) for dump in folder.glob(f"{out.name}-*") if dump != Path(f"{out}-01"))
    return {"request": request // TURNS, "export": export // TURNS}


def total(dump: Path) -> int:
    """Return the instructions in one dump of one thread; 01 is the main one."""
    return int(re.findall(r"^(?:totals|summary): (\d+)", dump.read_text(encoding="utf-8"), re.MULTILINE)[0])


def rows() -> dict[str, list[dict[str, float]] | str]:
    """Return the counts as rows of a table, or why there are none."""
    if lacking():
        return {SOURCES[variant].label: lacking() for variant in VARIANTS}
    with tempfile.TemporaryDirectory() as scratch:
        return {SOURCES[variant].label: [dict(counted)] for variant, counted in count_all(Path(scratch)).items()}


def ratios(counts: Counts) -> dict[str, float]:
    """Return convqa's share of what OpenTelemetry takes by hand, for each part."""
    return {part: round(counts["convqa"][part] / counts["by_hand"][part], 4) for part in PARTS}


def table(counts: Counts, found: dict[str, float]) -> str:
    """Return the counts as a table."""
    lines = ["| instructions per turn | by hand | convqa-sdk | by hand = 1 |", "|---|---|---|---|"]
    for part in PARTS:
        hand, ours = counts["by_hand"][part], counts["convqa"][part]
        lines.append(f"| {part} | {hand:,} | {ours:,} | {found[part]:.3f} |")
    return "\n".join(lines)


def here() -> dict[str, str]:
    """Return what the counts depend on besides our code."""
    return {"python": platform.python_version(), "opentelemetry-sdk": version("opentelemetry-sdk")}


def gate(found: dict[str, float]) -> int:
    """Compare with what was accepted, say what is worse, and return the exit code."""
    accepted = json.loads(BASELINE.read_text(encoding="utf-8"))
    if accepted["python"].rpartition(".")[0] != here()["python"].rpartition(".")[0]:
        print(f"nothing compared: accepted for Python {accepted['python']}, this is {here()['python']}")
        return 0
    worse = [part for part in PARTS if found[part] > accepted[part] * (1 + TOLERANCE)]
    for part in worse:
        print(f"{part}: {found[part]:.3f} of OpenTelemetry by hand, {accepted[part]:.3f} accepted ({accepted})")
    if worse:
        print(f"Here: {here()}. Mend it, or accept it with: python benchmarks/overhead/instructions.py --accept")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
