"""Which kinds of identifier a value can be, by where it has letters and digits."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from convqa_sdk.redaction.identifier_words import WORDS
from convqa_sdk.redaction.identifiers import LONGEST, Identifier, identifiers_of_length, kinds

_MEMORY: Final = 4_096
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM: Final = {**dict.fromkeys(map(ord, _DIGITS), "0"), **dict.fromkeys(map(ord, _LETTERS), "A")}
_PIECES: Final = re.compile("\\[[^\\]]*\\]|\\{[^}]*\\}|\\(\\?:|.")


class Possible(NamedTuple):
    """Kinds that a value of some form can be.

    Attributes:
        all: All of them.
        standing: Those accepted without a word for them, inside a longer text.
        message: Those accepted without a word where they are the whole message, the ones above included.
        named: Those that their own name makes credible, because a check digit tells more.
    """

    all: tuple[Identifier, ...]
    standing: tuple[Identifier, ...]
    message: tuple[Identifier, ...]
    named: tuple[Identifier, ...]


_NONE: Final = Possible((), (), (), ())
_by_form: dict[str, Possible] = {}


def possible(compact: str) -> Possible:
    """Return the kinds that have letters and digits where a compact value has them.

    Args:
        compact: Upper-case ASCII letters and digits.
    """
    if len(compact) > LONGEST:
        return _NONE
    form = compact.translate(_FORM)
    found = _by_form.get(form)
    if found is None:
        if len(_by_form) >= _MEMORY:
            _by_form.clear()
        found = _by_form[form] = _possible(form)
    return found


def _possible(form: str) -> Possible:
    every = tuple(kind for kind in identifiers_of_length(len(form)) if _formed(kind.shape).fullmatch(form))
    return Possible(
        all=every,
        standing=tuple(kind for kind in every if kind.alone in ("always", "written")),
        message=tuple(kind for kind in every if kind.alone != "never"),
        named=tuple(kind for kind in every if kind.check != "none"),
    )


@cache
def _formed(shape: str) -> re.Pattern[str]:
    """Return an expression for the forms of what a shape matches: A for letters, 0 for digits."""
    formed: list[str] = []
    for piece in _PIECES.findall(shape):
        if piece[0] == "[":
            inside = re.compile(piece)
            formed.append(f"[{'A' * any(map(inside.match, _LETTERS))}{'0' * any(map(inside.match, _DIGITS))}]")
        else:
            formed.append(piece.translate(_FORM) if piece.isalnum() else piece)
    return re.compile("".join(formed))


@cache
def _names() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return, by the last word of each name of a kind, the words of that name and the kind."""
    names: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for kind in kinds():
        for phrase in kind.words - WORDS.get(kind.label, frozenset()):
            words = tuple(phrase.split())
            names.setdefault(words[-1], []).append((words, kind.name))
    return names


def kinds_named(words: list[str]) -> frozenset[str]:
    """Return the names of the kinds that words name themselves, not only their class.

    Args:
        words: In lower case, the nearest to the value first.
    """
    names = _names()
    found: set[str] = set()
    for position, word in enumerate(words):
        for phrase, kind in names.get(word.lower(), ()):
            if len(phrase) == 1 or tuple(words[position : position + len(phrase)][::-1]) == phrase:
                found.add(kind)
    return frozenset(found)
