"""Look up what is known about identifiers: by the length of a value, and by the words that name it.

The tables load on first use. Check digits come from python-stdnum where the extra `redaction` is installed. Without it,
a kind that needs it has no `valid` and is accepted only behind a word that names it; `missing` lists these kinds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec

from convqa_sdk.redaction.identifier_checks import Library
from convqa_sdk.redaction.identifier_kind import Identifier
from convqa_sdk.redaction.identifier_words import WORDS
from convqa_sdk.redaction.shape_lengths import lengths

__all__ = ["Identifier", "identifiers_of_length", "kinds", "labels_named_by", "missing"]

LONGEST = 30
"""No identifier has more letters and digits than this."""


@dataclass(frozen=True)
class _Catalogue:
    by_name: dict[str, Identifier]
    by_length: tuple[tuple[Identifier, ...], ...]
    labels: dict[str, frozenset[str]]
    unverified: tuple[str, ...]


def identifiers_of_length(length: int) -> tuple[Identifier, ...]:
    """Return the kinds whose compact value can have so many letters and digits, those that prove most first.

    Args:
        length: Count of characters without separators.

    Returns:
        The kinds; their `words` hold the words of their class too. Empty when no kind has this length.
    """
    return _catalogue(_library_installed()).by_length[length] if 0 <= length <= LONGEST else ()


def labels_named_by(word: str) -> frozenset[str]:
    """Return the classes that a lower-case word, or a phrase of words joined by one blank, names."""
    return _catalogue(_library_installed()).labels.get(word, frozenset())


def names() -> Mapping[str, frozenset[str]]:
    """Return which classes each word or phrase names."""
    return _catalogue(_library_installed()).labels


def kinds() -> tuple[Identifier, ...]:
    """Return every kind as this install knows it."""
    return tuple(_catalogue(_library_installed()).by_name.values())


def missing() -> tuple[str, ...]:
    """Return the names of the kinds whose check digits this install cannot verify; empty with the extra `redaction`."""
    return _catalogue(_library_installed()).unverified


@cache
def _library_installed() -> bool:
    found = find_spec("stdnum")
    return found is not None and found.origin is not None  # a folder of that name has none


@cache
def _catalogue(library: bool) -> _Catalogue:
    by_name: dict[str, Identifier] = {}
    unverified: list[str] = []
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for label, words in WORDS.items():
        for word in words:
            labels[word].add(label)
    for row in _tables():
        for word in row.words:
            labels[word].add(row.label)
        found = replace(row, words=row.words | WORDS.get(row.label, frozenset()))
        if isinstance(row.valid, Library) and not library:
            unverified.append(row.name)
            found = replace(found, valid=None, check="none", alone="never")
        if row.name in by_name:
            raise ValueError(f"two kinds of identifier are called {row.name!r}; give one another name")
        by_name[row.name] = found
    ordered = sorted(by_name.values(), key=lambda found: ("strong", "weak", "none").index(found.check))
    by_length: list[list[Identifier]] = [[] for _ in range(LONGEST + 1)]
    for found in ordered:
        for length in lengths(found.shape):
            by_length[length].append(found)
    return _Catalogue(
        by_name=by_name,
        by_length=tuple(map(tuple, by_length)),
        labels={word: frozenset(names) for word, names in labels.items()},
        unverified=tuple(unverified),
    )


def _tables() -> Iterator[Identifier]:
    from convqa_sdk.redaction import (
        identifiers_accounts,
        identifiers_americas,
        identifiers_asia,
        identifiers_british,
        identifiers_eastern_europe,
        identifiers_northern_europe,
        identifiers_oceania_africa,
        identifiers_southern_europe,
        identifiers_travel,
        identifiers_vehicles,
        identifiers_western_europe,
    )

    yield from identifiers_british.IDENTIFIERS
    yield from identifiers_western_europe.IDENTIFIERS
    yield from identifiers_southern_europe.IDENTIFIERS
    yield from identifiers_northern_europe.IDENTIFIERS
    yield from identifiers_eastern_europe.IDENTIFIERS
    yield from identifiers_americas.IDENTIFIERS
    yield from identifiers_asia.IDENTIFIERS
    yield from identifiers_oceania_africa.IDENTIFIERS
    yield from identifiers_travel.IDENTIFIERS
    yield from identifiers_vehicles.IDENTIFIERS
    yield from identifiers_accounts.IDENTIFIERS
