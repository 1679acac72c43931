"""How well a passage supports a claim, by its words: the built-in floor of grounding.

Every word of a claim is looked for in the passage by its stem, function words at a lower weight. Most of its meaning
must stand close together, and what no other word can stand for must be there: figures with their units, names, codes,
and the polarity of what is said. Nothing here understands a paraphrase.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from convqa_sdk.signals.sentences import sentences
from convqa_sdk.signals.terms import Figure, Terms, terms
from convqa_sdk.signals.word_forms import WordForms

SUPPORTED: Final = 0.8
"""Share of a claim's words from which it is supported."""

_CLOSE: Final = 2
"""Sentences that are close together."""

_CLOSE_SHARE: Final = 0.6
"""Share of a claim's meaning that must stand close together."""

_BEST: Final = 0.15
"""How far a sentence may be behind the one that says most of a claim, and still be what the claim is taken from."""

_CONTRADICTED: Final = 0.4
"""Factor for a claim whose figures, names or polarity the passage does not have."""

_SCATTERED: Final = 0.75
"""Factor for a claim whose words stand far from each other."""


@dataclass(slots=True)
class IndexedPassage:
    """A passage, read once for all claims.

    Attributes:
        sentences: The terms of each sentence.
        places: In which sentences a stem stands.
    """

    sentences: list[Terms]
    places: dict[str, list[int]]


def indexed(text: str, forms: WordForms, pause: Callable[[], None]) -> IndexedPassage:
    """Read a passage; `pause` is called behind each sentence."""
    read: list[Terms] = []
    places: dict[str, list[int]] = {}
    for number, sentence in enumerate(sentences(text)):
        read.append(terms(sentence, forms))
        for stem in read[-1].weights:
            places.setdefault(stem, []).append(number)
        pause()
    return IndexedPassage(read, places)


def support(claim: Terms, passage: IndexedPassage) -> float:
    """Return how much of a claim a passage supports, 0 to 1; from `SUPPORTED` on, all that matters of it."""
    total = sum(claim.weights.values()) + len(claim.figures)
    if not total:
        return 0.0
    windows, scattered = _close_windows(claim, passage)
    figures = max(sum(_has_figure(window, *figure) for figure in claim.figures.items()) for window in windows)
    covered = sum(weight for stem, weight in claim.weights.items() if stem in passage.places)
    share = min(1.0, (covered + figures) / total)
    if figures < len(claim.figures) or not _has_exact(claim, passage) or _is_contradicted(claim, passage):
        return share * _CONTRADICTED
    return share * _SCATTERED if scattered else share


def _close_windows(claim: Terms, passage: IndexedPassage) -> tuple[list[list[Terms]], bool]:
    """Return the groups of neighbouring sentences that hold most of a claim's meaning; all sentences if none does."""
    meaning: dict[int, float] = {}
    for stem in claim.polarity:
        starts = {place - back for place in passage.places.get(stem, ()) for back in range(_CLOSE)}
        for start in starts:
            meaning[start] = meaning.get(start, 0.0) + claim.weights[stem]
    needed = _CLOSE_SHARE * claim.content_weight
    close = [start for start, weight in meaning.items() if weight >= needed]
    if close:
        return [passage.sentences[max(0, start) : start + _CLOSE] for start in close], False
    return [passage.sentences], bool(claim.polarity)


def _has_figure(window: list[Terms], figure: Figure, written: float) -> bool:
    """Return whether a figure stands in a window: with the same unit, or, where one has none, with the same number."""
    unit = figure[1]
    return any(
        figure in sentence.figures
        or (written, "") in sentence.figures
        or (not unit and written in sentence.figures.values())
        for sentence in window
    )


def _has_exact(claim: Terms, passage: IndexedPassage) -> bool:
    return all(
        word in passage.places or any(word in sentence.exact for sentence in passage.sentences) for word in claim.exact
    )


def _is_contradicted(claim: Terms, passage: IndexedPassage) -> bool:
    """Return whether the sentences that say most of a claim all say some of its words with the other polarity."""
    said: dict[int, float] = {}
    opposed: set[int] = set()
    for stem, polarity in claim.polarity.items():
        for place in passage.places.get(stem, ()):
            said[place] = said.get(place, 0.0) + claim.weights[stem]
            if not polarity & passage.sentences[place].polarity.get(stem, polarity):
                opposed.add(place)
    if not opposed:
        return False
    enough = max(said.values()) - _BEST * claim.content_weight
    return all(place in opposed for place, weight in said.items() if weight >= enough)
