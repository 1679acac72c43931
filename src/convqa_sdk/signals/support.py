"""How well a passage supports a claim, by its words: the built-in floor of grounding.

Every word of a claim is looked for in the passage by its stem, function words at a lower weight. Most of its meaning
must stand close together, and what no other word can stand for must be there: figures with their units, names, codes,
and the polarity of what is said. A figure must be that of what is said: where the sentence that says as much of the
claim has another one, it is not. Nothing here understands a paraphrase.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

from convqa_sdk.signals.glance import Glances, Wanted
from convqa_sdk.signals.sentences import sentences
from convqa_sdk.signals.terms import Figure, Terms, plain_words, terms
from convqa_sdk.signals.word_forms import WordForms

_Key = TypeVar("_Key", bound=Hashable)

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


_NEARLY: Final = math.nextafter(SUPPORTED, 0.0)
"""The greatest score below it."""


class ClaimSentence:
    """A sentence of a claim, of which no more is worked out than somebody asks for.

    Args:
        sentence: Its text, without marks.
        look: Looks at texts of its language.
    """

    def __init__(self, sentence: str, look: Glances) -> None:
        self._sentence = sentence
        self._look = look

    @cached_property
    def terms(self) -> Terms:
        """What it states."""
        return terms(self._sentence, self._look.forms)

    def wanted(self) -> Wanted:
        """Return the words of which a passage may not lack too many."""
        words = plain_words(self._sentence, self._look.forms) if "'" not in self._sentence else None
        return self._look.wanted_terms(self.terms) if words is None else self._look.wanted_words(words)

    @property
    def is_empty(self) -> bool:
        """Whether it states nothing at all."""
        return not any(map(str.isalnum, self._sentence))


class SeenPassage:
    """A passage that is read once for all claims, when one of them first needs it.

    Args:
        text: What it says.
        look: Looks at texts of its language.
        pause: Called behind each sentence that is read.
    """

    def __init__(self, text: str, look: Glances, pause: Callable[[], None]) -> None:
        self._text = text
        self._look = look
        self._pause = pause

    @cached_property
    def indexed(self) -> IndexedPassage:
        """What it says, sentence by sentence."""
        return indexed(self._text, self._look.forms, self._pause)

    def may_support(self, wanted: Iterable[Wanted]) -> bool:
        """Tell whether it may hold enough of the words of each sentence of a claim; it is not read for that."""
        held = self._look.held(self._text, self._pause)
        return held is None or all(sentence.share(held) >= SUPPORTED for sentence in wanted)

    def supports(self, sentence: ClaimSentence) -> bool:
        """Tell whether it supports a claim's sentence."""
        return support(sentence.terms, self.indexed, _NEARLY) >= SUPPORTED


@dataclass(slots=True)
class IndexedPassage:
    """A passage, read once for all claims.

    Attributes:
        sentences: The terms of each sentence.
        places: In which sentences a stem stands.
        figures: In which sentences a figure stands with its unit.
        numbers: In which sentences a number stands as it was written, with whatever unit.
        exact: What stands in it that no other word can stand for.
    """

    sentences: list[Terms] = field(default_factory=list[Terms])
    places: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    figures: dict[Figure, list[int]] = field(default_factory=dict[Figure, list[int]])
    numbers: dict[float, list[int]] = field(default_factory=dict[float, list[int]])
    exact: set[str] = field(default_factory=set[str])


def indexed(text: str, forms: WordForms, pause: Callable[[], None]) -> IndexedPassage:
    """Read a passage; `pause` is called behind each sentence."""
    passage = IndexedPassage()
    for number, sentence in enumerate(sentences(text)):
        read = terms(sentence, forms)
        passage.sentences.append(read)
        passage.exact |= read.exact
        for stem in read.weights:
            passage.places.setdefault(stem, []).append(number)
        for figure, written in read.figures.items():
            passage.figures.setdefault(figure, []).append(number)
            passage.numbers.setdefault(written, []).append(number)
        pause()
    return passage


def support(claim: Terms, passage: IndexedPassage, beyond: float = 0.0) -> float:
    """Return how much of a claim a passage supports, 0 to 1; from `SUPPORTED` on, all that matters of it.

    Args:
        claim: One sentence of a claim.
        passage: What may support it.
        beyond: What another passage reached; 0 is returned where this one cannot reach more.
    """
    total = sum(claim.weights.values()) + len(claim.figures)
    covered = sum(weight for stem, weight in claim.weights.items() if stem in passage.places)
    if not total or min(1.0, (covered + len(claim.figures)) / total) <= beyond:
        return 0.0
    meaning = _by_window(passage.places, {stem: claim.weights[stem] for stem in claim.polarity})
    needed = _CLOSE_SHARE * claim.content_weight
    close = {start for start, weight in meaning.items() if weight >= needed}
    places = _figure_places(claim, passage)
    figures = _figures(places, close)
    share = min(1.0, (covered + figures) / total)
    if figures < len(claim.figures) or not _has_exact(claim, passage) or _is_contradicted(claim, passage, places):
        return share * _CONTRADICTED
    return share if close or not claim.polarity else share * _SCATTERED


def _by_window(places: Mapping[_Key, Collection[int]], weights: Mapping[_Key, float]) -> dict[int, float]:
    """Return how much stands in each window of `_CLOSE` neighbouring sentences, by the window's first sentence."""
    found: dict[int, float] = {}
    for key, weight in weights.items():
        for start in {place - back for place in places.get(key, ()) for back in range(_CLOSE)}:
            found[start] = found.get(start, 0.0) + weight
    return found


def _figure_places(claim: Terms, passage: IndexedPassage) -> dict[Figure, set[int]]:
    """Return in which sentences each figure of a claim stands: the same number with the same unit, or one without."""
    return {
        figure: {
            *passage.figures.get(figure, ()),
            *passage.figures.get((written, ""), ()),
            *(() if figure[1] else passage.numbers.get(written, ())),
        }
        for figure, written in claim.figures.items()
    }


def _figures(places: Mapping[Figure, set[int]], close: set[int]) -> int:
    """Return how many figures of a claim stand together where most of its meaning stands, or anywhere if none does."""
    if not close:
        return sum(map(bool, places.values()))
    windows = _by_window(places, dict.fromkeys(places, 1.0))
    return int(max((count for start, count in windows.items() if start in close), default=0))


def _has_exact(claim: Terms, passage: IndexedPassage) -> bool:
    return all(word in passage.places or word in passage.exact for word in claim.exact)


def _is_contradicted(claim: Terms, passage: IndexedPassage, figures: Mapping[Figure, set[int]]) -> bool:
    """Return whether the sentences that say most of a claim say it with the other polarity, or with another figure."""
    said: dict[int, float] = {}
    opposed: set[int] = set()
    for stem, polarity in claim.polarity.items():
        for place in passage.places.get(stem, ()):
            said[place] = said.get(place, 0.0) + claim.weights[stem]
            if not polarity & passage.sentences[place].polarity.get(stem, polarity):
                opposed.add(place)
    if not said or not (opposed or figures):
        return False
    enough = max(said.values()) - _BEST * claim.content_weight
    best = {place for place, weight in said.items() if weight >= enough}
    return best <= opposed or not _are_of_it(claim, passage, figures, best)


def _are_of_it(claim: Terms, passage: IndexedPassage, figures: Mapping[Figure, set[int]], best: set[int]) -> bool:
    """Return whether each figure of a claim stands in a sentence that says some of it, and that no rival outdoes.

    A rival is one of the best sentences, has none of the claim's figures but another one of such a unit, and says of
    the claim what the figure's own sentence does not.
    """
    held = [claim.polarity.keys() & sentence.polarity.keys() for sentence in passage.sentences]
    others = best.difference(*figures.values())
    for (_, unit), places in figures.items():
        rivals = [place for place in others if _has_unit(passage.sentences[place], unit)]
        if not any(held[place] and all(held[rival] <= held[place] for rival in rivals) for place in places):
            return False
    return True


def _has_unit(sentence: Terms, unit: str) -> bool:
    """Return whether a sentence has a figure that may be of a unit."""
    return any(not unit or other in ("", unit) for _, other in sentence.figures)
