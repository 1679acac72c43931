"""Which kinds of identifier a value can be, by where it has letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from convqa_sdk.redaction.identifiers import LONGEST, Identifier, identifiers_of_length

_MEMORY: Final = 4_096
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM: Final = {**dict.fromkeys(map(ord, _DIGITS), "0"), **dict.fromkeys(map(ord, _LETTERS), "A")}
_PIECES: Final = re.compile("\\[[^\\]]*\\]|\\{[^}]*\\}|\\(\\?:|.")


class Possible(NamedTuple):
    """Kinds that a value of some form can be.

    Attributes:
        strong: By class, those whose shape and check digits prove much.
        others: By class, the rest.
        standing: Those accepted without a word for them, inside a longer text.
        message: Those accepted without a word where they are the whole message, the ones above included.
        named: Those that their own name makes credible, because a check digit tells more.
    """

    strong: Mapping[str, tuple[Identifier, ...]]
    others: Mapping[str, tuple[Identifier, ...]]
    standing: tuple[Identifier, ...]
    message: tuple[Identifier, ...]
    named: tuple[Identifier, ...]


_NONE: Final = Possible({}, {}, (), (), ())
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
        strong=_by_label(kind for kind in every if kind.check == "strong"),
        others=_by_label(kind for kind in every if kind.check != "strong"),
        standing=tuple(kind for kind in every if kind.alone in ("always", "written")),
        message=tuple(kind for kind in every if kind.alone != "never"),
        named=tuple(kind for kind in every if kind.check != "none"),
    )


def _by_label(found_kinds: Iterable[Identifier]) -> dict[str, tuple[Identifier, ...]]:
    found: dict[str, tuple[Identifier, ...]] = {}
    for kind in found_kinds:
        found[kind.label] = (*found.get(kind.label, ()), kind)
    return found


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
