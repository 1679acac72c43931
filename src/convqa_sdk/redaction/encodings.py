r"""Texts as a machine would decode them: `%40`, `\u0040`, `&#64;` and ` [at] ` are read as `@`.

So are values that people spell out, for which `spelling` knows the ways. What is written so is replaced, in views
above the readable one, by what it stands for, and only the surroundings of such places are searched again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from convqa_sdk.redaction import spelling
from convqa_sdk.redaction.telling import DIGITS, POINTS, SIGNS, Tell
from convqa_sdk.redaction.views import PIECE, View, edited, readable

Span = tuple[int, int]
Place = tuple[int, int, str]
Pause = Callable[[], None] | None

AROUND: Final = 160
"""Characters searched before and behind a decoded place."""

REACH = 512
_ROUNDS = 3  # of texts that are encoded more than once
_NO_MARKS: Final = bytes(set(range(128)) - set(b"%\\&<({*_`[+"))
_MARK: Final = re.compile("[%\\\\&<({*_`\\[+]")
_BRACKETED = re.compile(
    rf"[\[({{<*_]{{1,2}}[ \t]?(?:({spelling.AT})|{spelling.DOT})[ \t]?[\])}}>*_]{{1,2}}[ \t]{{0,3}}"
)
_EMPHASIS = re.compile(r"\*\*|__|``?")
_TAG = re.compile("</?[A-Za-z][^<>]{0,200}>|<!--[^<>]{0,200}-->")
_PERCENT = re.compile("(?:%[0-9A-Fa-f]{2}){1,64}")
_QUOTED = re.compile("=(?:([2-7][0-9A-F])|\r?\n)")
_ENTITY = re.compile("&(?:#([0-9]{1,7});?|#[xX]([0-9A-Fa-f]{1,6});?|([A-Za-z]{2,24};))")
_ESCAPE = re.compile(
    r"\\0{2,4}([0-9A-Fa-f]{2}) ?|\\{1,16}(?:u([0-9A-Fa-f]{4})"
    r"|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([01][0-7]{2}))"
    r"|\\{1,64}([nrtbfv/\"'@.\-_])"
)
_CODE_POINT = re.compile(r"(?:U\+(?:0000|00)?|u\+(?:0000|00))([0-9A-Fa-f]{2})(?: (?=[Uu]\+))?")


@dataclass(frozen=True)
class _Search:
    """A way to find encoded places.

    Attributes:
        needs: Bits of which a piece must tell one.
        occurs: Tells cheaply whether any may begin in a piece of text; gets the piece, and its bytes in ASCII.
        find: Finds those that begin between two offsets of the whole text.
        rounds: How often what was found is searched again.
    """

    needs: int
    occurs: Callable[[str, bytes], object]
    find: Callable[[str, int, int], Iterable[Place]]
    rounds: int = 1


def decoded(view: View, tell: Tell, pause: Pause = None) -> Iterator[tuple[View, list[Span]]]:
    """Give views of a view, each of which decodes more: encodings, what is spelled out, and letters among digits.

    Each comes with its regions around what differs; none comes where nothing does. What mail encodes with `=` comes in
    a view of its own, on which no other stands.

    Args:
        view: The view.
        tell: Tells what a piece of text can hold.
        pause: Called between two pieces.
    """
    pieces = _pieces(view.text, tell, pause)
    printable, regions, _ = _changed(view, pieces, (_QUOTED_PRINTABLE,), tell, pause)
    if printable is not view:
        yield printable, regions
    for searches in (_ENCODINGS, _SPELLINGS, _LOOKALIKES):
        plain, regions, pieces = _changed(view, pieces, searches, tell, pause)
        if plain is not view:
            yield plain, regions
            view = plain


_Piece = tuple[int, int, str, bytes, int]
"""Where a piece begins and ends, its text and some more, its bytes, and what it tells."""


def _pieces(text: str, tell: Tell, pause: Pause) -> list[_Piece]:
    """Return the pieces of a text, so that no call works on more; those that tell nothing are left out."""
    pieces: list[_Piece] = []
    for low in range(0, len(text), PIECE):
        if low and pause is not None:
            pause()
        high = low + PIECE
        piece = text if high >= len(text) and not low else text[low : high + REACH]
        raw = piece.encode("ascii", "replace")
        bits = tell(piece, raw)
        if bits & _TELLING:
            pieces.append((low, min(high, len(text)), piece, raw, bits))
    return pieces


def _changed(
    view: View, pieces: list[_Piece], searches: Iterable[_Search], tell: Tell, pause: Pause
) -> tuple[View, list[Span], list[_Piece]]:
    regions: list[Span] = []
    for search in searches:
        for _ in range(search.rounds):
            places = list(_places(search, view.text, pieces, pause))
            if not places:
                break
            view = edited(view, places)
            pieces = _pieces(view.text, tell, pause)
            regions = [(view.over(start), view.over(end)) for start, end in regions]
            regions += [(edit.start, edit.end) for edit in view.edits]
    return view, _joined(regions, len(view.text)) if regions else regions, pieces


def _places(search: _Search, text: str, pieces: Iterable[_Piece], pause: Pause) -> Iterator[Place]:
    resume = 0
    for low, high, piece, raw, bits in pieces:
        if bits & search.needs and search.occurs(piece, raw):
            if low and pause is not None:
                pause()
            for place in search.find(text, max(low, resume), high):
                if place[0] >= resume:
                    resume = place[1]
                    yield place


def _joined(regions: Iterable[Span], length: int) -> list[Span]:
    """Return regions widened by their surroundings, those that meet as one."""
    joined: list[Span] = []
    for start, end in sorted(regions):
        low, high = max(0, start - AROUND), min(length, end + AROUND)
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return joined


def _encoded(text: str, low: int, high: int) -> Iterator[Place]:
    """Find what is encoded character by character."""
    resume = low
    for mark in _MARK.finditer(text, low, high):
        start = mark.start()
        if start < resume:
            continue
        for decode in _DECODERS[mark.group()]:
            place = decode(text, start)
            if place is not None:
                begin, end, plain = place
                begin, resume = max(begin, resume), end
                yield begin, end, plain if plain.isascii() else readable(plain).text
                break


def _percent(text: str, start: int) -> Place | None:
    match = _PERCENT.match(text, start)
    return match and (start, match.end(), bytes.fromhex(match.group().replace("%", "")).decode("utf-8", "replace"))


def _quoted_printable(text: str, low: int, high: int) -> Iterator[Place]:
    """Find characters as mail writes them, `=40`; apart from other encodings, because `q=4111` is no such thing."""
    for match in _QUOTED.finditer(text, low, high + 3):
        yield match.start(), match.end(), chr(int(match[1], 16)) if match[1] else ""


def _entity(text: str, start: int) -> Place | None:
    match = _ENTITY.match(text, start)
    if match is None:
        return None
    if match[3]:
        from html import entities  # on first need: a table of two thousand names

        plain = entities.html5.get(match[3])
    else:
        plain = _character(match[1], 10) if match[1] else _character(match[2], 16)
    return None if plain is None else (start, match.end(), plain)


def _escape(text: str, start: int) -> Place | None:
    match = _ESCAPE.match(text, start)
    if match is None:
        return None
    if match[7]:
        plain: str | None = " " if match[7] in "nrtbfv" else match[7]
    else:
        plain = _character(match[6], 8) if match[6] else _character(match[match.lastindex or 0], 16)
    return None if plain is None else (start, match.end(), plain)


def _code_point(text: str, start: int) -> Place | None:
    match = _CODE_POINT.match(text, start - 1) if start else None
    return match and (start - 1, match.end(), chr(int(match[1], 16)))


def _tag(text: str, start: int) -> Place | None:
    match = _TAG.match(text, start)
    return match and (start, match.end(), "")


def _bracketed(text: str, start: int) -> Place | None:
    match = _BRACKETED.match(text, start)
    if match is None:
        return None
    before = text[max(0, start - 3) : start]
    return start - len(before) + len(before.rstrip(" \t")), match.end(), "@" if match[1] else "."


def _emphasis(text: str, start: int) -> Place | None:
    match = _EMPHASIS.match(text, start)
    return match and (start, match.end(), "")


def _character(number: str, base: int) -> str | None:
    code = int(number, base)
    return chr(code) if code < 0x110000 else None


_DECODERS: Final[dict[str, tuple[Callable[[str, int], Place | None], ...]]] = {
    "%": (_percent,),
    "&": (_entity,),
    "\\": (_escape,),
    "+": (_code_point,),
    "<": (_bracketed, _tag),
    "(": (_bracketed,),
    "[": (_bracketed,),
    "{": (_bracketed,),
    "*": (_bracketed, _emphasis),
    "_": (_bracketed, _emphasis),
    "`": (_emphasis,),
}


_TELLING: Final = SIGNS | POINTS | DIGITS
_QUOTED_PRINTABLE: Final = _Search(SIGNS, lambda _, raw: b"=" in raw, _quoted_printable)
_ENCODINGS: Final = (
    _Search(SIGNS, lambda _, raw: raw.translate(None, _NO_MARKS), _encoded, rounds=_ROUNDS),
    _Search(SIGNS | POINTS, lambda piece, _: spelling.signs_may_be_words(piece), spelling.addresses),
)
_SPELLINGS: Final = (
    _Search(SIGNS, lambda _, raw: spelling.letters_apart(raw), spelling.letter_by_letter),
    _Search(DIGITS, lambda _, __: True, spelling.digit_words),
    _Search(SIGNS, lambda _, raw: spelling.signs_apart(raw), spelling.groups_apart),
)
_LOOKALIKES: Final = (_Search(SIGNS, lambda _, raw: spelling.letters_among_digits(raw), spelling.digits_alike),)
