"""A chart of bars as SVG, legible on light and dark ground."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

BAR, GAP, LEFT, WIDTH = 18, 8, 230, 720


def write(path: Path, title: str, values: dict[str, float], *, unit: str = "µs", digits: int = 0) -> None:
    """Write one bar for each value, shortest first; ours, whose label is bold, in a colour of its own."""
    ordered = sorted(values.items(), key=lambda item: item[1])
    scale = (WIDTH - LEFT - 70) / max(values.values())
    rows = [
        _row(index, label, value, scale, f"{value:,.{digits}f} {unit}") for index, (label, value) in enumerate(ordered)
    ]
    height = len(rows) * (BAR + GAP) + GAP
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="13" fill="#808080">\n'
        f"<title>{escape(title)}</title>\n{''.join(rows)}</svg>\n",
        encoding="utf-8",
    )


def _row(index: int, label: str, value: float, scale: float, shown: str) -> str:
    top = GAP + index * (BAR + GAP)
    middle = top + BAR - 4
    colour = "#0f766e" if "**" in label else "#9ca3af"
    return (
        f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">{escape(label.replace("**", ""))}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{max(1, value * scale):.0f}" height="{BAR}" rx="2" fill="{colour}"/>'
        f'<text x="{LEFT + max(1, value * scale) + 6:.0f}" y="{middle}">{shown}</text>\n'
    )
