"""The words in front of a number: what a customer says it is.

Markers that an earlier redaction left are skipped, because `[PHONE]` would otherwise turn the next number into a phone.
"""

from __future__ import annotations

import re

REACH = 48
"""How many characters in front of a number are read."""

_WORD = re.compile("[a-z\u00df-\u024f\u0370-\u03ff\u0400-\u052f]+")
_MARKERS = re.compile(r"(?:^[A-Z_:a-z0-9]*|\[[A-Z][A-Z_]*(?::[a-z0-9]+:[a-z]+)?)\]")


def vocabulary(words: str) -> frozenset[str]:
    """Return the words of a text, for tables that stay readable in the source."""
    return frozenset(words.split())


def words_before(text: str, start: int) -> list[str]:
    """Return the lower-cased words that precede an offset, the nearest first.

    Args:
        text: The whole text.
        start: Offset of the value.

    Returns:
        The words within `REACH` characters; a word cut by that limit is left out.
    """
    left = max(0, start - REACH)
    before = text[left:start]
    if "]" in before:
        before = _MARKERS.sub(" ", before)
    words = _WORD.findall(before.lower())
    if left and words and text[left - 1].isalpha() and before[0].isalpha():
        del words[0]
    words.reverse()
    return words
