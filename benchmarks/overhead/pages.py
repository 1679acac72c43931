"""Tables of the figures, and the pages that show them: benchmarks/README.md and docs/explanation/what-it-costs.md.

A page says where a table goes with a line `<!-- bench: NAME -->` and one `<!-- /bench -->` below.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

import chart
from measure import Column, Target
from measures import MEASURES
from results import spread
from shortfalls import SHORTFALLS

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "benchmarks" / "README.md", ROOT / "docs" / "explanation" / "what-it-costs.md")
CHARTS = {
    "request": "Processor time of the request thread per turn, in microseconds",
    "process": "Processor time of the whole process per turn, in microseconds",
}
"""Figures of the measure `cost` that are drawn, and what each is."""
PLACE = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def refresh(kept: dict[str, Any]) -> None:
    """Write the tables of all pages, and the chart."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(PLACE.sub(lambda found: _filled(found, kept), text), encoding="utf-8")
    for key, title in CHARTS.items():
        drawn = ROOT / "docs" / "explanation" / f"what-it-costs-{key}.svg"
        chart.write(drawn, title, medians(kept["cost"]["rows"], key))


def _filled(found: re.Match[str], kept: dict[str, Any]) -> str:
    name = found[2]
    body = targets(kept) if name == "targets" else section(name, kept[name]) if name in kept else "Not measured yet."
    return f"{found[1]}\n{body}\n\n{found[3]}"


def section(name: str, result: dict[str, Any]) -> str:
    """Return the table of a measure with how it was measured."""
    stamp = f"{result['date']}, {result['machine']}, Python {result['python']}, SDK {result['opentelemetry']}"
    if name == "instructions":
        title, explanation = "Instructions", "Counted by callgrind, repeatable to 0.2%: what CI holds a bound on."
        columns: tuple[Column, ...] = tuple(Column(part, part, 0, ratio=True) for part in ("request", "export"))
    else:
        measure = MEASURES[name]
        title, explanation, columns = measure.title, measure.explanation, measure.columns
    runs = max((len(row) for row in result["rows"].values() if isinstance(row, list)), default=0)
    return f"### {title}\n\n{explanation}\n\n{table(columns, result['rows'])}\n\nMeasured {stamp}; runs: {runs}."


def table(columns: tuple[Column, ...], rows: dict[str, Any]) -> str:
    """Return rows with the median of each figure, its extremes, and its ratio to the first row."""
    headings = [heading for column in columns for heading in (column.heading, *(["first = 1"] if column.ratio else []))]
    lines = [f"| | {' | '.join(headings)} |", "|---" * (len(headings) + 1) + "|"]
    first = next(iter(rows.values()))
    for label, runs in rows.items():
        if isinstance(runs, str):
            cells = [runs, *[""] * (len(headings) - 1)]
        else:
            cells = [cell for column in columns for cell in _cells(column, runs, first)]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(column: Column, runs: list[dict[str, float]], first: Any) -> list[str]:
    values = [run[column.key] for run in runs if column.key in run]
    cells = [spread(values, column.digits)]
    if column.ratio:
        cells.append(spread(ratios(column.key, runs, first), 2))
    return cells


def ratios(key: str, runs: list[dict[str, float]], first: Any) -> list[float]:
    """Return the ratios to the first row within each repetition."""
    if isinstance(first, str):
        return []
    return [run[key] / base[key] for run, base in zip(runs, first, strict=False) if base[key]]


def medians(rows: dict[str, Any], key: str) -> dict[str, float]:
    """Return the median of one figure for each row that has it."""
    return {
        label: statistics.median(run[key] for run in runs) for label, runs in rows.items() if isinstance(runs, list)
    }


def targets(kept: dict[str, Any]) -> str:
    """Return the table of what was to be reached, what was, and why not."""
    lines = ["| measure | target | measured | |", "|---|---|---|---|"]
    for name, measure in MEASURES.items():
        for target in measure.targets:
            column = next(column for column in measure.columns if column.key == target.column)
            rows = kept[name]["rows"] if name in kept else {}
            verdict = _verdict(target, rows)
            if verdict == "**no**":
                verdict = f"**no**: {SHORTFALLS.get((name, target.label, target.column), 'not looked into yet')}"
            found = reached(target, rows)
            unit = f"{column.heading} (first = 1)" if target.ratio else column.heading
            bound = f"{'≥' if target.at_least else '≤'} {target.limit:,g}"
            shown = found if isinstance(found, str) else f"{found:,.{2 if target.ratio else column.digits}f}"
            lines.append(f"| {measure.title}: {target.label}, {unit} | {bound} | {shown} | {verdict} |")
    return "\n".join(lines)


def reached(target: Target, rows: dict[str, Any]) -> float | str:
    """Return the median that a target is about, or why there is none."""
    runs = rows.get(target.label, "not measured")
    if isinstance(runs, str):
        return runs
    if target.ratio:
        return statistics.median(ratios(target.column, runs, next(iter(rows.values()))))
    return statistics.median(run[target.column] for run in runs)


def _verdict(target: Target, rows: dict[str, Any]) -> str:
    found = reached(target, rows)
    if isinstance(found, str):
        return "-"
    met = found >= target.limit if target.at_least else found <= target.limit
    return "yes" if met else "**no**"
