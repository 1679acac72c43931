"""The figures that were kept, in `results.json`: every run of every row, with day and machine of each measure."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "results.json"

Rows = dict[str, list[dict[str, float]] | str]
"""Label to the figures of each run, or to the reason why there are none."""


def stamped(rows: Rows) -> dict[str, Any]:
    """Return rows with when and where they were measured."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} shared cores, {platform.machine()}",
        "python": platform.python_version(),
        "opentelemetry": version("opentelemetry-sdk"),
        "rows": rows,
    }


def read(file: Path = KEPT) -> dict[str, Any]:
    """Return what was kept."""
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return kept


def write(kept: dict[str, Any], file: Path = KEPT) -> None:
    """Keep figures, to four digits: more would be noise."""
    text = json.dumps(kept, default=str, indent=1)
    file.write_text(json.dumps(_rounded(json.loads(text)), indent=1) + "\n", encoding="utf-8")


def spread(values: list[float], digits: int) -> str:
    """Return the median, and the extremes where they differ."""
    if not values:
        return "-"
    median, low, high = (f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return median if low == high else f"{median} ({low} to {high})"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
