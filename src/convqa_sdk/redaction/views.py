"""Texts as a reader sees them: characters that look alike become one, with a way back to the given offsets.

Patterns are written for ASCII. A view puts what stands for a digit, a dash, a space or a Latin letter into that form,
and leaves out what nobody sees, so that no spelling needs a pattern of its own. Work goes in pieces, because one call
on a long text would hold the interpreter.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

PIECE: Final = 4_096

_DASHES = frozenset("\u2212\u2043\u02d7\u2796\uff5e\u223c\u30fc")
_POINTS = frozenset("\u3002\uff61\u2024\u00b7\u2219\u2022\u30fb\u22c5")
_SLASHES = frozenset("\u2044\u2215\u29f8")
_INVISIBLE = frozenset(("Cf", "Mn", "Me", "Cs", "Co", "Cn", "Cc"))
_CONTROLS = frozenset(map(chr, {*range(32), 127} - {9, 10, 13}))
_SEEN = bytes({*range(32, 127), 9, 10, 13})
_OTHERS = re.compile("[^\t\n\r -~]+")
_FEW = 24

# Letters of other scripts that look like Latin ones (Unicode Technical Standard 39, confusables), lower and upper case.
_CONFUSABLE_PAIRS = (
    "\u0430a\u0441c\u0435e\u043eo\u0440p\u0445x\u0443y\u0456i\u0458j\u0455s\u04bbh\u0501d\u051bq\u051dw\u0433r\u043am\u0442t"
    "\u0410A\u0412B\u0421C\u0415E\u041dH\u0406I\u0408J\u041aK\u041cM\u041eO\u0420P\u0405S\u0422T\u0425X\u0423Y\u0417Z\u050cG\u051aQ\u051cW"
    "\u03b1a\u03b9i\u03bav\u03bdv\u03bfo\u03c1p\u03c5u\u03c7x\u03b3y\u03f2c\u03f3j"
    "\u0391A\u0392B\u0395E\u0396Z\u0397H\u0399I\u039aK\u039cM\u039dN\u039fO\u03a1P\u03a4T\u03a5Y\u03a7X\u03f9C\u037fJ"
    "\u0561w\u0570h\u0578n\u057du\u0585o\u0581g\u0566q\u0555O\u054fS\u053cL\u0553P"
    "\u13aaG\u13acE\u13b3W\u13c0G\u13c2H\u13c3Z\u13d2R\u13d9V\u13daS\u13deL\u13dfC\u13e2P\u13e6K\u13f4B\u13a2T\u13aaA"
)
_CONFUSABLE: Final = dict(zip(_CONFUSABLE_PAIRS[::2], _CONFUSABLE_PAIRS[1::2], strict=True)) | {
    "\u043a": "k", "\u043c": "m", "\u03ba": "k", "\u03c4": "t",
    "\u0131": "i", "\u0251": "a", "\u0261": "g", "\u0269": "i", "\u2170": "i",
}  # fmt: skip
_LOOKALIKES = frozenset(_CONFUSABLE)
_WORD = re.compile("[A-Za-z0-9_{}]+".format("".join(sorted(_CONFUSABLE))))
_MIXED = re.compile("[A-Za-z0-9_][{0}]|[{0}][A-Za-z0-9_]".format("".join(sorted(_CONFUSABLE))))
_TRANSLATION = str.maketrans(_CONFUSABLE)


class Edit(NamedTuple):
    """A place where a view differs from the text below it: the offsets here, and the offsets there."""

    start: int
    end: int
    below_start: int
    below_end: int


class View:
    """A text to search, made from another one.

    Args:
        text: What patterns see.
        edits: Where it differs from the text below, in order.
        below: The view it was made from; None when that is the given text.
    """

    __slots__ = ("_begins", "below", "edits", "text")

    def __init__(self, text: str, edits: Sequence[Edit] = (), below: View | None = None) -> None:
        self.text = text
        self.edits = edits
        self.below = below
        self._begins = [edit.start for edit in edits]

    def given(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the given text that a span of the view stands for, with what is unseen in it."""
        if self.edits:
            start, end = self._under(start)[0], self._under(end - 1)[1]
        return (start, end) if self.below is None else self.below.given(start, end)

    def _under(self, position: int) -> tuple[int, int]:
        """Return the span below that one character stands for."""
        index = bisect_right(self._begins, position) - 1
        if index < 0:
            return position, position + 1
        edit = self.edits[index]
        if position < edit.end:
            return edit.below_start, edit.below_end
        shifted = position + edit.below_end - edit.end
        return shifted, shifted + 1

    def over(self, position: int) -> int:
        """Return where a place of the text below stands in this one."""
        index = bisect_right(self.edits, position, key=_below_start) - 1
        if index < 0:
            return position
        edit = self.edits[index]
        return edit.start if position < edit.below_end else position + edit.end - edit.below_end


def edited(view: View, places: Iterable[tuple[int, int, str]]) -> View:
    """Return a view with places of another one replaced.

    Args:
        view: The text below.
        places: Start, end and replacement, in order, none overlapping another.
    """
    edits: list[Edit] = []
    pieces: list[str] = []
    position = length = 0
    for start, end, replacement in places:
        length += start - position
        pieces += (view.text[position:start], replacement)
        edits.append(Edit(length, length + len(replacement), start, end))
        length += len(replacement)
        position = end
    pieces.append(view.text[position:])
    return View("".join(pieces), edits, view)


def _below_start(edit: Edit) -> int:
    return edit.below_start


class _Readable(dict[int, str]):
    """What each character is read as, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        read = self[code] = _read_as(chr(code))
        return read


def _read_as(character: str) -> str:
    if character < "\x7f" and character not in _CONTROLS:
        return character
    if character == "\u0130":
        return "I"  # the one letter that is longer in lower case
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES:
        return "-"
    if category == "Zs":
        return " "
    if category in ("Zl", "Zp") or character == "\x85":
        return "\n"
    if character in _POINTS:
        return "."
    if character in _SLASHES:
        return "/"
    if category in _INVISIBLE or character in "\ufffd\u3164\u115f\u1160\uffa0":
        return ""
    compatible = unicodedata.normalize("NFKC", character)
    if compatible != character and compatible.isascii():
        return compatible
    return character


_READABLE: Final = _Readable()


def readable(text: str, pause: Callable[[], None] | None = None) -> View:
    """Return the view of a text in which each character stands for what it is read as.

    Args:
        text: The text that was given.
        pause: Called between two pieces of a long text.
    """
    if text.isascii() and not text.encode("ascii").translate(None, _SEEN):
        return View(text)
    pieces: list[str] = []
    places: list[tuple[int, int, str]] = []
    mixed = False
    for low in range(0, len(text), PIECE):
        if low and pause is not None:
            pause()
        piece = text[low : low + PIECE]
        others = set("".join(_OTHERS.findall(piece)))
        mixed = mixed or not _LOOKALIKES.isdisjoint(others)
        pieces.append(_piece(piece, low, others, places))
    view = View("".join(pieces))
    if places:
        view = edited(view, places)
    if mixed:
        view.text = _latinised(view.text, pause)
    return view


def _piece(given: str, low: int, others: set[str], places: list[tuple[int, int, str]]) -> str:
    """Return how a piece is read character by character; what is read as none or as several is added to `places`."""
    changed = {character: read for character in others if (read := _READABLE[ord(character)]) != character}
    uneven = {character for character, read in changed.items() if len(read) != 1}
    if uneven:
        places.extend(
            (low + offset, low + offset + 1, changed[character])
            for offset, character in enumerate(given)
            if character in uneven
        )
    if len(changed) - len(uneven) > _FEW:
        given = given.translate(
            {ord(character): read for character, read in changed.items() if character not in uneven}
        )
    else:
        for character, read in changed.items():
            if character not in uneven:
                given = given.replace(character, read)
    return given


def _latinised(text: str, pause: Callable[[], None] | None) -> str:
    """Return a text of the same length, with look-alikes of Latin letters as Latin in words that mix scripts."""
    pieces: list[str] = []
    for low in range(0, len(text), PIECE):
        if low and pause is not None:
            pause()
        piece = text[low : low + PIECE]
        pieces.append(_WORD.sub(_latin, piece) if _MIXED.search(piece) else piece)
    return "".join(pieces)


def _latin(word: re.Match[str]) -> str:
    """Return a word with look-alikes of Latin letters as Latin, when it mixes them with Latin letters or digits."""
    text = word.group()
    return text if _LOOKALIKES.issuperset(text) else text.translate(_TRANSLATION)
