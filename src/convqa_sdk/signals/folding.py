"""Texts as the phrases are written: lower case, no apostrophes, no accents, single spaces, of bounded length."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2_000
"""Characters of a text that are looked at: whoever contradicts an answer does so in the first lines."""

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʹ`´′＇\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SIGNS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Return the beginning of a text with case, accents, apostrophes and kinds of space folded.

    `That’s WRONG` becomes `thats wrong`, `Das stimmt so nicht` stays readable, `fałsz` becomes `falsz`; a line break
    becomes a full stop, because it ends a clause as one does.
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
