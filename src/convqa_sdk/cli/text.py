"""Plain text for people: tables, trees and a progress bar. Colour and progress only where a terminal reads them."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

WIDTH = 118
"""Columns that a line of output may take on a terminal."""

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_STYLE = re.compile("(\033\\[[0-9]*m)")
_ASCII = str.maketrans("─│├└·…→✓✗█░µ", "-||`..>vx#.u")


def colour_wanted(stream: TextIO) -> bool:
    """Tell whether `stream` is a terminal whose user did not ask for plain text (NO_COLOR)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str, *, on: bool) -> str:
    """Return `text` in an ANSI style, or as it is."""
    return f"\033[{_CODES[style]}m{text}\033[0m" if on and text else text


def room(width: int = WIDTH) -> int:
    """Return how many columns a text may take: `width` on a terminal; whoever pipes the output wants all of it."""
    return width if sys.stdout.isatty() else sys.maxsize


def clean(text: str, width: int = 1000) -> str:
    """Return text on one line, without control characters and escape codes, at most `width` columns wide."""
    flat = "".join(c if c.isprintable() else " " for c in text[: 8 * width])
    return fit(" ".join(flat.split()), width)


def columns(text: str) -> int:
    """Return how many columns a terminal gives to a text without escape codes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(line: str, width: int | None = None) -> str:
    """Return a line that is at most `width` columns wide (None: as wide as the output takes); styles are closed."""
    width = room() if width is None else width
    pieces = _STYLE.split(line)
    if sum(columns(piece) for piece in pieces[::2]) <= width:
        return line
    left = width - 1
    kept: list[str] = []
    for index, piece in enumerate(pieces):
        whole = index % 2 == 1 or columns(piece) <= left
        kept.append(piece if whole else _head(piece, left))
        if not whole:
            break
        left -= 0 if index % 2 else columns(piece)
    return "".join(kept) + "…" + ("\033[0m" if len(pieces) > 1 else "")


def _head(text: str, width: int) -> str:
    for index, character in enumerate(text):
        width -= columns(character)
        if width < 0:
            return text[:index]
    return text


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return text filled with spaces to `width` columns."""
    space = " " * (width - columns(text))
    return space + text if right else text + space


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return rows as aligned columns under a head; `right` names columns of numbers."""
    widths = [max(columns(row[i]) for row in (head, *rows)) for i in range(len(head))]
    widths[-1] = max(columns(head[-1]), min(widths[-1], room() - sum(widths[:-1]) - 2 * len(widths[:-1])))

    def line(row: Sequence[str]) -> str:
        cells = (pad(cell, width, right=i in right) for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
        return fit("  ".join(cells).rstrip())

    return "\n".join([line(head), fit("  ".join("─" * min(width, WIDTH) for width in widths), WIDTH), *map(line, rows)])


@dataclass
class Node:
    """An entry of a tree, of one line or more, with what hangs below it."""

    text: str
    children: list[Node] = field(default_factory=list["Node"])

    def add(self, text: str) -> Node:
        """Hang a line below this one and return it."""
        child = Node(text)
        self.children.append(child)
        return child

    def lines(self, lead: str = "", hang: str = "") -> list[str]:
        """Return the tree as lines."""
        first, *more = self.text.split("\n")
        beside = hang + ("│  " if self.children else "")
        result = [fit(line).rstrip() for line in (lead + first, *(beside + line for line in more))]
        for index, child in enumerate(self.children):
            last = index == len(self.children) - 1
            result += child.lines(hang + ("└─ " if last else "├─ "), hang + ("   " if last else "│  "))
        return result


def as_json(value: Any) -> str:
    """Return strict JSON: infinities and NaN, which it does not know, become text."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(value), parse_constant=str))


def plain_where_needed(stream: TextIO) -> None:
    """Let a stream of another encoding than UTF-8 show what it cannot encode as ASCII instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and "utf" not in (stream.encoding or "").lower():
        codecs.register_error("convqa", _as_ascii)
        reconfigure(errors="convqa")


def _as_ascii(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - a stream that is written to does not decode
    unknown = error.object[error.start : error.end].translate(_ASCII)
    return "".join(c if c.isascii() else "?" for c in unknown), error.end


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
