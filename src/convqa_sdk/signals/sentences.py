"""Split a text into sentences, and a sentence into words, in steps so short that no other thread waits for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from convqa_sdk.signals.word_phrases import word_set

MOST_CHARACTERS: Final = 400
"""Longest sentence; a longer one is cut at a blank, so that no pattern sees more at once."""

_STEP: Final = 1_600
"""Characters that one call into C may see: about a tenth of a millisecond of the slowest."""

_PLAIN: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00a0": " ", "*": None, "`": None})
_END = re.compile(  # begins with one set of signs, so that a search skips all others at the speed of C
    r"[.!?\u2026\u3002\uff01\uff1f\n\r\u2028]"
    r"(?:(?<=[\n\r\u2028])|[.!?\u2026\u3002\uff01\uff1f]{0,2}[\"')\]\u201d]{0,2}(?=\s|$))"
)
_LETTER = re.compile(r"[^\W\d_]")
_LAST_WORD = re.compile(r"[^\s(]{1,8}$")
_ABBREVIATIONS: Final = word_set("mr. mrs. ms. dr. st. vs. inc. ltd. co. e.g. i.e. approx. u.s. u.k. jr. sr.")
_ITEM = re.compile(r"[\s>#|\u2022\u2013\u2014-]{0,8}(?:\d{1,2}[.)]\s{1,4})?")
_WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+){0,4}")
_SPELLED: Final = bytes(code if code < 128 and chr(code).isalpha() else 32 for code in range(256))
_EMPHASIS: Final = b"*`"
"""Signs that sentences are read without (`_PLAIN`), so that the letters around them touch."""
_BLOCK: Final = MOST_CHARACTERS // 4
"""Where every block of so many characters has a blank, half a sentence has one: there a long sentence is cut."""
_APART: Final = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences, list items and lines of a text, without emphasis, each with the sign that ends it."""
    for step in _steps(text):
        start = 0
        for end in _ends(step):
            yield from _bounded(step[start:end])
            start = end
        if start < len(step):
            yield from _bounded(step[start:])


def words(sentence: str) -> list[str]:
    """Return the words of a sentence in lower case; `can't`, `non-refundable` and `3.5` are one word each."""
    plain = sentence.lower()
    if plain.isascii() and "'" not in plain and "-" not in plain and plain.find(".", 0, -1) < 0:
        return plain.translate(_APART).split()  # nothing joins words: the same, for a quarter of the time
    return _WORD.findall(plain)


def after_words(sentence: str, count: int) -> str:
    """Return what is left of a sentence behind its first words."""
    for skipped, word in enumerate(_WORD.finditer(sentence)):
        if skipped == count:
            return sentence[word.start() :]
    return ""


def _steps(text: str) -> Iterator[str]:
    """Cut a text where a line, a sentence or at least a word ends, into pieces of at most `_STEP` characters."""
    start = 0
    while start < len(text):
        end = start + _STEP
        if end < len(text):
            half = start + _STEP // 2
            cuts = (text.rfind(sign, half, end) + 1 for sign in ("\n", ". ", " "))
            end = next((cut for cut in cuts if cut), end)
        yield text[start:end].translate(_PLAIN)
        start = end


def _ends(step: str) -> Iterator[int]:
    """Yield where sentences end: not after an abbreviation, nor after what has no letter, as the number of an item."""
    searched = 0
    lettered = False
    for found in _END.finditer(step):
        end = found.end()
        if step[end - 1] not in "\n\r\u2028":
            lettered = lettered or _LETTER.search(step, searched, end) is not None
            searched = end
            last = _LAST_WORD.search(step, max(0, end - 9), end)
            if not lettered or (last and last[0].lower() in _ABBREVIATIONS):
                continue
        yield end
        searched, lettered = end, False


def _bounded(sentence: str) -> Sequence[str]:
    """Return a sentence without the sign or number of a list's item, cut to its bound."""
    item = _ITEM.match(sentence)
    sentence = sentence[item.end() if item else 0 :].strip()
    if len(sentence) <= MOST_CHARACTERS:
        return (sentence,) if sentence else ()
    pieces: list[str] = []
    while len(sentence) > MOST_CHARACTERS:
        cut = sentence.rfind(" ", MOST_CHARACTERS // 2, MOST_CHARACTERS) + 1 or MOST_CHARACTERS
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:]
    return [*pieces, sentence] if sentence else pieces


def spelled(text: str) -> set[str]:
    """Return all that the letters from `a` to `z` spell in a text, in lower case, whatever they are joined to.

    It holds each word of such letters that a sentence of the text holds, if it `is_cut_between_words`: that a word is
    in none of them is told here for a tenth of what it costs to read them.
    """
    return set(text.lower().encode("ascii", "replace").translate(_SPELLED, _EMPHASIS).decode("ascii").split())


def is_cut_between_words(text: str) -> bool:
    """Tell whether all sentences of a text are for sure cut where a word ends."""
    blocks = (text[start : start + _BLOCK] for start in range(0, len(text) - _BLOCK + 1, _BLOCK))
    return all(" " in block or "\n" in block for block in blocks)
