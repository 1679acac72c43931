"""Writes the measured shares into the package, where a rate finds the recall that it has to be published with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "src" / "convqa_sdk" / "signals" / "measured.py"
MEASURES = ("recall", "precision", "precision, read by hand", "false alarms")
_BEGIN = "MEASURED: dict[str, tuple[Measured, ...]] = {\n"
_WIDTH = 120


def refresh(kept: dict[str, Any]) -> None:
    """Replace the table at the end of `measured.py` by the figures that were kept."""
    head, _, _ = FILE.read_text(encoding="utf-8").partition(_BEGIN)
    FILE.write_text(head + _BEGIN + "".join(_lines(kept)) + "}\n", encoding="utf-8")


def shares(kept: dict[str, Any]) -> dict[str, list[tuple[str, str, int, int]]]:
    """Return source, measure, successes and trials by detector, of the measures that the package tells."""
    found: dict[str, list[tuple[str, str, int, int]]] = {}
    for name in sorted(kept):
        for one in kept[name]["rows"]:
            if one["measure"] in MEASURES:
                share = (one["source"], one["measure"], one["successes"], one["trials"])
                found.setdefault(one["detector"], []).append(share)
    return found


def _lines(kept: dict[str, Any]) -> list[str]:
    lines = []
    for detector, rows in shares(kept).items():
        lines.append(f'    "{detector}": (\n')
        for source, measure, successes, trials in rows:
            short = f'        Measured("{source}", "{measure}", {successes}, {trials}),\n'
            parts = (f'"{source}"', f'"{measure}"', successes, trials)
            long = "        Measured(\n            " + ", ".join(map(str, parts)) + "\n        ),\n"
            lines.append(short if len(short) <= _WIDTH + 1 else long)
        lines.append("    ),\n")
    return lines
