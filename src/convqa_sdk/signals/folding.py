"""Texts as the phrases are written: lower case, no apostrophes, no accents, single spaces, of bounded length."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_000
"""Characters of a text that are looked at: whoever contradicts an answer does so in the first lines."""

_APOSTROPHES = "'`\u2018\u2019\u02b9\u02bc\u00b4\u2032\uff07"
_WITHOUT_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SIGNS = str.maketrans(
    "\u0142\u00f8\u0111\u0131\u201c\u201d\u201e\u00ab\u00bb", 'lodi"""""', _APOSTROPHES + _WITHOUT_WIDTH
)
"""Letters that no decomposition makes plain, quotation marks, and what is left out."""
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")
_WORD = re.compile(r"\w+")
_APART = {code: chr(code) if chr(code).isalnum() or chr(code) == "_" else " " for code in range(128)}


def folded(text: str) -> str:
    """Return the beginning of a text with case, accents, apostrophes and kinds of space folded.

    `That's WRONG` becomes `thats wrong`; a line break becomes a full stop, because it ends a clause as one does.
    """
    start = text[:LONGEST]
    if start.isascii():
        start = start.lower().replace("'", "").replace("`", "")
    else:
        start = unicodedata.normalize("NFKD", start.translate(_SIGNS).casefold())[:LONGEST].translate(_SIGNS)
        start = "".join(sign for sign in start if not unicodedata.combining(sign))
    start = start.strip()
    if start.isprintable() and "  " not in start:
        return start  # has no other kind of space, and no break
    return _BREAKS.sub(" . ", _SPACES.sub(" ", start))[:LONGEST]


def words(text: str) -> frozenset[str]:
    """Return the words of a folded text."""
    return frozenset(text.translate(_APART).split() if text.isascii() else _WORD.findall(text))
