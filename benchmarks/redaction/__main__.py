"""Measure what redaction finds and what it costs, in every install and beside the peers, and print tables.

    python benchmarks/redaction                   ours: about five minutes
    python benchmarks/redaction --peers           the peers as well: about half an hour
    python benchmarks/redaction recall cost       some measures
    python benchmarks/redaction --write           keeps the figures and refreshes the pages that show them
    python benchmarks/redaction --pages           refreshes the pages from the figures that were kept
    python benchmarks/redaction --invent FOLDER   only writes the invented sets there

The labelled sets hold dead tokens and stay outside the repository; CONVQA_REDACTION_DATA names their folder.
Runs are interleaved: every repetition visits every row once. `environments.py presidio scrubadub datafog` beside the
other benchmark installs the peers, each in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "overhead"))

import datasets  # noqa: E402 - what both benchmarks use lies beside the other one
import environments  # noqa: E402
import invented  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
from detectors import OURS, PEERS, Detector  # noqa: E402

KEPT = HERE / "results.json"
REPEAT = {"recall": 1, "cost": 5, "hostile": 3, "stall": 5, "calls": 3, "import": 5}
"""Measures, and interleaved runs of each; what is found does not vary."""
OURS_ALONE = ("stall", "calls", "import")
LIMIT_S = 1_500
"""Longest time of one run: most of the hostile texts may take as long as they are given."""


def main() -> None:
    """Measure, print, and keep what is to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", nargs="*", help=f"which (default: all of {', '.join(REPEAT)})")
    parser.add_argument("--peers", action="store_true", help="measure Presidio, scrubadub and datafog as well")
    parser.add_argument("--repeat", type=int, help="interleaved runs (default: what each measure needs)")
    parser.add_argument("--seed", type=int, default=1, help="of the invented sets (default: 1)")
    parser.add_argument("--invented-only", action="store_true", help="leave the labelled sets out")
    parser.add_argument("--invent", type=Path, metavar="FOLDER", help="only write the invented sets there")
    parser.add_argument("--write", action="store_true", help="keep the figures and refresh the pages")
    parser.add_argument("--pages", action="store_true", help="only refresh the pages")
    args = parser.parse_args()
    for name in set(args.measures) - set(REPEAT):
        parser.error(f"no measure {name}; there are {', '.join(REPEAT)}")
    if args.invent:
        print("\n".join(map(str, invented.write(args.invent, args.seed))))
        return
    if not args.pages:
        kept = results.read(KEPT)
        try:
            folders = [datasets.invented(args.seed), *([] if args.invented_only else [datasets.folder()])]
        except datasets.AbsentError as error:
            parser.error(str(error))
        for name in args.measures or REPEAT:
            detectors = (*OURS, *(PEERS if args.peers and name not in OURS_ALONE else ()))
            rows = measured(name, detectors, args.repeat or REPEAT[name], folders)
            before = kept.get(name, {}).get("rows", {})
            kept[name] = results.stamped(before | rows)  # a run without the peers keeps theirs
            print(f"{report.section(name, kept[name])}\n", flush=True)
            if args.write:
                results.write(kept, KEPT)
    if args.write or args.pages:
        report.refresh(results.read(KEPT))


def measured(name: str, detectors: tuple[Detector, ...], repeat: int, folders: list[Path]) -> dict[str, Any]:
    """Run all rows of a measure; one that cannot run has the reason in place of figures."""
    rows: dict[str, Any] = {detector.label: environments.missing(detector.environment) or [] for detector in detectors}
    for repetition in range(repeat):
        for detector in detectors:
            if isinstance(rows[detector.label], str) or (repetition and name == "hostile" and detector in PEERS):
                continue  # for a peer, that is minutes
            figures = run(name, detector, folders)
            if isinstance(figures, str):
                rows[detector.label] = figures
            else:
                rows[detector.label].append(figures)
            sys.stderr.write(f"{time.strftime('%H:%M:%S')} {name}: {detector.label}\n")
    return rows


def run(name: str, detector: Detector, folders: list[Path]) -> dict[str, Any] | str:
    """Measure a detector in a process of its own; return its figures, or why there are none."""
    command = [environments.python(detector.environment), HERE / "worker.py", name, detector.label, *folders]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "CONVQA_"))}
    try:
        done = subprocess.run(
            [*map(str, command)],
            capture_output=True,
            check=False,
            env=clean | {"PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"},
            text=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return f"no result within {LIMIT_S} s"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
