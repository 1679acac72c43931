"""An answer as sentences of words, read once from left to right in steps that never grow with the text.

Contractions are written out (`I've` is `i` and `have`), so that rules name each word once. A place that another rule
has read already, such as a mail address, stands as one token of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

MAX_TOKENS: Final = 160
"""Words of one sentence; what has no full stop is cut there, so that the work on a sentence is bounded."""

_TOKEN: Final = re.compile(  # each alternative is bounded, and one always matches: a step never searches on
    r"[^\S\n]{0,200}(?:"
    r"([^\W\d_]{1,40}(?:['\u2019][^\W\d_]{1,8}){0,2})"
    r"|(\d{1,3}(?:[\u00a0\u202f ]\d{3}){1,3}(?:[.,]\d{1,2})(?!\d)"
    r"|\d{1,2}:\d{2}(?!\d)|\d{1,15}(?:[.,'\u2019\u00a0\u202f]\d{1,15}){0,6})"
    r"|(\S|\n)|)"
)
_SHORT: Final = frozenset({"e", "g", "i", "approx", "no", "mr", "mrs", "ms", "dr", "st", "vs", "etc", "ca", "bzw"})
_SHORTENED: Final = {
    "n't": "not",
    "'ve": "have",
    "'ll": "will",
    "'re": "are",
    "'m": "am",
    "'d": "would",
}
_IS: Final = frozenset({"it", "that", "there", "here", "what", "he", "she", "this", "who", "how"})
_IRREGULAR: Final = {
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "cannot": ("can", "not"),
    "shan't": ("shall", "not"),
}


class Token(NamedTuple):
    """One word, number or sign.

    Attributes:
        text: In small letters.
        start: Offset of its first character in the text.
        end: Offset behind its last.
        kind: `w` word, `n` number, `s` sign, `x` a place that was read already.
    """

    text: str
    start: int
    end: int
    kind: str


class Sentence(NamedTuple):
    """The words of one sentence.

    Attributes:
        tokens: At most `MAX_TOKENS`.
        words: Their texts.
        asks: Whether it ends with a question mark.
    """

    tokens: tuple[Token, ...]
    words: tuple[str, ...]
    asks: bool


def sentences(text: str, read: Sequence[tuple[int, int]] = ()) -> Iterator[Sentence]:
    """Yield the sentences of a text.

    Args:
        text: Any text.
        read: Places that are one token each, as offsets in order, none overlapping another.
    """
    tokens: list[Token] = []
    for token in _tokens(text, read):
        if token.kind == "s" and token.text in ".!?\n" and not _goes_on(token, tokens):
            if tokens:
                yield _sentence(tokens, token.text == "?")
                tokens = []
            continue
        tokens.append(token)
        if len(tokens) >= MAX_TOKENS:
            yield _sentence(tokens, False)
            tokens = []
    if tokens:
        yield _sentence(tokens, False)


def word_set(listed: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(listed.split())


def _sentence(tokens: list[Token], asks: bool) -> Sentence:
    return Sentence(tuple(tokens), tuple([token.text for token in tokens]), asks)


def _goes_on(stop: Token, before: list[Token]) -> bool:
    """Tell whether a full stop belongs to an abbreviation, as in `a.m.` and `e.g.`."""
    if stop.text != "." or not before:
        return False
    last = before[-1]
    return last.end == stop.start and last.kind == "w" and (last.text in _SHORT or last.text in ("a", "p", "m"))


def _tokens(text: str, read: Sequence[tuple[int, int]]) -> Iterator[Token]:
    places = iter(read)
    place = next(places, None)
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        if kind is None:
            continue
        start, end = match.span(kind)
        while place is not None and start >= place[1]:
            place = next(places, None)
        if place is not None and end > place[0]:
            if start <= place[0] or start == place[0]:
                yield Token("", place[0], place[1], "x")
            continue
        if kind == 1:
            yield from _word(match[1].lower(), start, end)
        else:
            yield Token(match[kind], start, end, "n" if kind == 2 else "s")


def _word(word: str, start: int, end: int) -> Iterator[Token]:
    if "'" not in word and "\u2019" not in word:
        if word == "cannot":
            yield Token("can", start, end, "w")
            word = "not"
        yield Token(word, start, end, "w")
        return
    word = word.replace("\u2019", "'")
    for part in _IRREGULAR.get(word) or _parts(word):
        yield Token(part, start, end, "w")


def _parts(word: str) -> tuple[str, ...]:
    for ending, meaning in _SHORTENED.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)], meaning
    stem, _, rest = word.partition("'")
    if rest == "s" and stem in _IS:
        return stem, "is"
    return (stem,) if rest == "s" else (word,)
