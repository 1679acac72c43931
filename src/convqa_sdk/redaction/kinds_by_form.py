"""Which kinds of identifier a value can be, by where it has letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
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
        layouts: Matches what any of those that stand alone is written like in groups; None when none is.
        named: Those that their own name makes credible, because a check digit tells more.
    """

    strong: Mapping[str, tuple[Identifier, ...]]
    others: Mapping[str, tuple[Identifier, ...]]
    standing: tuple[Identifier, ...]
    message: tuple[Identifier, ...]
    layouts: re.Pattern[str] | None
    named: tuple[Identifier, ...]


_NONE: Final = Possible({}, {}, (), (), None, ())
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
    fitting = [number for formed, numbers in _formed_kinds(len(form)) if formed.fullmatch(form) for number in numbers]
    return _grouped(len(form), tuple(sorted(fitting)))


@cache
def _formed_kinds(length: int) -> tuple[tuple[re.Pattern[str], tuple[int, ...]], ...]:
    """Return the forms of the kinds of a length, each once, with the numbers of the kinds that have it."""
    numbers: dict[re.Pattern[str], tuple[int, ...]] = {}
    for number, kind in enumerate(identifiers_of_length(length)):
        formed = _formed(kind.shape)
        numbers[formed] = (*numbers.get(formed, ()), number)
    return tuple(numbers.items())


@lru_cache(maxsize=_MEMORY)
def _grouped(length: int, numbers: tuple[int, ...]) -> Possible:
    """Return some of the kinds of a length in their groups; forms are many, what they let through is not."""
    kinds = identifiers_of_length(length)
    every = tuple(kinds[number] for number in numbers)
    standing = tuple(kind for kind in every if kind.alone in ("always", "written"))
    layouts = "|".join(f"(?:{kind.layout})" for kind in standing if kind.layout)
    return Possible(
        strong=_by_label(kind for kind in every if kind.check == "strong"),
        others=_by_label(kind for kind in every if kind.check != "strong"),
        standing=standing,
        message=tuple(kind for kind in every if kind.alone != "never"),
        layouts=re.compile(layouts) if layouts else None,
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
