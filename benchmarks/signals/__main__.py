"""Measure every detector of `convqa_sdk.signals` by source, beside the rule everyone starts with, and print tables.

    python benchmarks/signals                     all detectors: under a minute
    python benchmarks/signals corrections         some
    python benchmarks/signals --write             keeps the figures in results.json, and tells them in the package

The labelled sets stay outside the repository; CONVQA_SIGNALS_DATA names their folder. Rows are reported by source:
the sets differ in how people talk to a bot, and a pooled figure would tell only which set is the largest.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from pathlib import Path
from typing import Any

import datasets
import literal
from rows import Row, table

KEPT = Path(__file__).parent / "results.json"
PARTS = ("corrections", "refusals", "grounding", "policy")
"""Modules beside this one, each with `measure() -> list[Row]`."""


def main() -> None:
    """Measure, print, and keep what is to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"which (default: all of {', '.join(PARTS)})")
    parser.add_argument("--write", action="store_true", help="keep the figures")
    args = parser.parse_args()
    for name in set(args.parts) - set(PARTS):
        parser.error(f"no detectors {name}; there are {', '.join(PARTS)}")
    try:
        datasets.folder()
    except datasets.AbsentError as error:
        parser.error(str(error))
    kept = read()
    for name in args.parts or PARTS:
        rows: list[Row] = importlib.import_module(name).measure()
        print(f"## {name}\n\n{table(rows)}\n", flush=True)
        kept[name] = {"date": time.strftime("%Y-%m-%d"), "rows": [one._asdict() for one in rows]}
    if args.write:
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        literal.refresh(kept)


def read() -> dict[str, Any]:
    """Return what was kept."""
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    return kept


if __name__ == "__main__":
    main()
