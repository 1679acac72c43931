"""Read the value behind a secret's name: where it begins and ends, in quotes of any kind, in brackets, or bare."""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.rule import Span

LONGEST_BARE: Final = 512
LONGEST_LINE: Final = 1024

_ENTITIES = ("&quot;", "&#34;", "&#39;", "&apos;")
_CLOSERS: Final = {
    '"': '"',
    "'": "'",
    "`": "`",
    "\u201c": "\u201d\u201c",
    "\u201e": "\u201c\u201d",
    "\u201d": "\u201d",
    "\u2018": "\u2019",
    "\u201a": "\u2018",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
}
_OPENING = re.compile(
    "[bBrRuUfF@$]{0,2}(\\\\{0,64})(\"\"\"|'''|[\"'`\u201c\u201e\u201d\u2018\u201a\u00ab\u00bb\u300c\u300e])"
)
_BRACKET = re.compile(r"[A-Za-z_.]{0,64}[({\[]")
_NUMBER = re.compile("-?[0-9][0-9.eE+-]{0,400}")
_BRACKETS_AND_QUOTES = re.compile(r"[()\[\]{}\"']")
_BARE = re.compile("[^\\s\"'`<>\u201c\u201d\u201e\u00ab\u00bb\u3002\uff0c]{1,512}")
_NEXT_NAME = re.compile(
    "[;,&][A-Za-z][A-Za-z0-9_.\\- ]{0,32}[=:]|[;,]$|&quot;|&#34;|&#39;|&apos;|&lt;/|\\\\?[\\\\\"']$|\\\\[\\\\nrt]"
)
MARKER: Final = re.compile(r"\[[A-Z][A-Z_]*(?::[A-Za-z0-9_.:-]+)?\]")
_LONGEST_MARKER = 64
_MAY_END = re.compile("[;,&\\\\]")
_TRAILING = ".,;:)]}\\|\uff0c\u3002"


def in_marker(text: str, position: int) -> bool:
    """Return whether an offset lies inside a marker that an earlier redaction left."""
    opened = text.rfind("[", max(0, position - _LONGEST_MARKER), position)
    marker = MARKER.match(text, opened) if opened >= 0 else None
    return marker is not None and marker.end() > position


def quoted(text: str, start: int) -> Span | None:
    """Return the inside of the quotes that open at an offset; None when none open there.

    A quote that is left open has the rest of the line, and a triple one or one in escaped JSON the rest of the text.
    """
    for entity in _ENTITIES:
        if text.startswith(entity, start):
            begin = start + len(entity)
            stop = text.find(entity, begin, begin + LONGEST_LINE)
            return (begin, stop) if stop >= 0 else None
    opening = _OPENING.match(text, start)
    if opening is None:
        return None
    begin, quote, depth = opening.end(), opening.group(2), len(opening.group(1))
    if len(quote) == 3:
        stop = text.find(quote, begin)
        return begin, stop if stop >= 0 else _line_end(text, begin)
    if quote in "\"'" and quote == _CLOSERS[quote]:
        return begin, closing(text, begin, quote, depth)
    stops = [
        stop for stop in (text.find(closer, begin, begin + LONGEST_LINE) for closer in _CLOSERS[quote]) if stop >= 0
    ]
    return (begin, min(stops)) if stops else (begin, _line_end(text, begin))


def one_line(text: str, span: Span) -> Span:
    """Return a span cut where its line ends, for a quote that was left open."""
    stop = text.find("\n", span[0], span[1])
    return (span[0], stop) if stop >= 0 else span


def bare(text: str, start: int) -> Span:
    """Return the unquoted value at an offset, without the punctuation or the next member behind it; may be empty."""
    match = _BARE.match(text, start)
    if match is None:
        return start, start
    stop = match.end()
    if _MAY_END.search(text, start + 1, stop) is not None:
        following = _NEXT_NAME.search(text, start + 1, stop)
        stop = following.start() if following is not None else stop
    while stop > start and text[stop - 1] in _TRAILING:
        stop -= 1
    return start, stop


def member(text: str, start: int) -> Span | None:
    """Return the value of a member of an object, whatever it is: quoted, in brackets, or a number."""
    found = quoted(text, start)
    if found is not None:
        return found
    if _BRACKET.match(text, start):
        return start, closing_bracket(text, start)
    number = _NUMBER.match(text, start)
    return number.span() if number is not None else None


def closing(text: str, begin: int, quote: str, depth: int) -> int:
    """Return where a value ends whose quotes have `depth` backslashes; one that is left open has all the rest."""
    floor = begin
    while (found := text.find(quote, floor)) >= 0:
        first = found
        while first > floor and text[first - 1] == "\\":
            first -= 1
        escapes = found - first - depth
        if escapes < 0 or escapes // (depth + 1) % 2 == 0:
            return found - min(depth, found - first)
        floor = found + 1
    return len(text)


def closing_bracket(text: str, begin: int) -> int:
    """Return where an object, array, tuple or call ends, or the text when it is left open."""
    depth, position = 0, begin
    while (found := _BRACKETS_AND_QUOTES.search(text, position)) is not None:
        sign, position = found.group(), found.end()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return position
        else:
            escapes = 1 if text[found.start() - 1] == "\\" else 0
            position = closing(text, position, sign, escapes) + escapes + 1
    return len(text)


def _line_end(text: str, begin: int) -> int:
    stop = text.find("\n", begin, begin + LONGEST_LINE)
    return stop if stop >= 0 else min(len(text), begin + LONGEST_LINE)
