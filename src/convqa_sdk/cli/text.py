"""Plain text for people: tables, trees and a progress bar. Colour and progress only where a terminal reads them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36"}


def colour_wanted(stream: TextIO) -> bool:
    """Tell whether `stream` is a terminal whose user did not ask for plain text (NO_COLOR)."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str, *, on: bool) -> str:
    """Return `text` in an ANSI style, or as it is."""
    return f"\033[{_CODES[style]}m{text}\033[0m" if on and text else text


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return rows as aligned columns under a head; `right` names columns of numbers."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = (cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths)))
        return "  ".join(cells).rstrip()

    return "\n".join([line(head), "  ".join("─" * width for width in widths), *map(line, rows)])


@dataclass
class Node:
    """A line of a tree with what hangs below it."""

    text: str
    children: list[Node] = field(default_factory=lambda: [])

    def add(self, text: str) -> Node:
        """Hang a line below this one and return it."""
        child = Node(text)
        self.children.append(child)
        return child

    def lines(self, lead: str = "", hang: str = "") -> list[str]:
        """Return the tree as lines."""
        result = [f"{lead}{self.text}"]
        for index, child in enumerate(self.children):
            last = index == len(self.children) - 1
            result += child.lines(hang + ("└─ " if last else "├─ "), hang + ("   " if last else "│  "))
        return result


def clean(text: str, width: int) -> str:
    """Return text on one line, without control characters, at most `width` characters long."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


class Progress:
    """A progress bar on standard error, only when that is a terminal."""

    def __init__(self, label: str, stream: TextIO | None = None) -> None:
        self._label = label
        self._stream = stream if stream is not None else sys.stderr
        self._shown_at = 0.0
        self._on = self._stream.isatty()

    def update(self, done: float, total: float, note: str = "") -> None:
        """Show `done` of `total`, at most ten times a second."""
        now = time.monotonic()
        if not self._on or (now - self._shown_at < 0.1 and done < total):
            return
        self._shown_at = now
        share = min(1.0, done / total) if total else 1.0
        bar = ("█" * round(share * 30)).ljust(30, "░")
        self._stream.write(f"\r{self._label} {bar} {share:4.0%} {note}\033[K")
        self._stream.flush()

    def close(self) -> None:
        """End the line."""
        if self._on:
            self._stream.write("\n")
            self._stream.flush()
