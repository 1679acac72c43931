"""Texts as the phrases are written: lower case, no apostrophes, no accents, single spaces, of bounded length."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_000
"""Characters of a text that are looked at: whoever contradicts an answer does so in the first lines."""

_APOSTROPHES = dict.fromkeys(
    map(ord, "'`\u2018\u2019\u02b9\u02bc\u00b4\u2032\uff07\u200b\u200c\u200d\u2060\ufeff\u00ad")
)
"""Apostrophes of all kinds, and signs without width."""
_SIGNS = str.maketrans("\u0142\u00f8\u0111\u0131\u201c\u201d\u201e\u00ab\u00bb", 'lodi"""""')
"""Letters that no decomposition makes plain, and quotation marks."""
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Return the beginning of a text with case, accents, apostrophes and kinds of space folded.

    `That's WRONG` becomes `thats wrong`; a line break becomes a full stop, because it ends a clause as one does.
    """
    start = text[:LONGEST].translate(_APOSTROPHES)
    if not start.isascii():
        start = unicodedata.normalize("NFKD", start.casefold())[:LONGEST]
        start = "".join(sign for sign in start if not unicodedata.combining(sign)).translate(_APOSTROPHES)
    start = _SPACES.sub(" ", start.casefold().translate(_SIGNS).strip())
    return _BREAKS.sub(" . ", start)[:LONGEST]


def words(text: str) -> frozenset[str]:
    """Return the words of a folded text."""
    return frozenset(_WORD.findall(text))
