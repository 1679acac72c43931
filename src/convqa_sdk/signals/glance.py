"""What a passage cannot hold of a claim, seen at a glance: its words are compared by marks, and no sentence is read.

What is told is one-sided: a stem that does not show is in no sentence of the text; one that shows may not be either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from convqa_sdk.signals.sentences import spelled
from convqa_sdk.signals.terms import FUNCTION_WEIGHT, LIGHT_WEIGHT, Terms
from convqa_sdk.signals.word_forms import WordForms


class Wanted(NamedTuple):
    """What of a sentence a passage has to hold.

    Attributes:
        weights: Weight of the stems that carry its meaning, by their marks.
        total: Weight of these and of all that is not looked for.
    """

    weights: Mapping[int, float]
    total: float


def wanted_words(words: list[str], forms: WordForms) -> Wanted:
    """Return what is wanted of plain words."""
    function, light = forms.function, forms.light
    meaning = [word for word in words if word not in function]
    heavy = [word for word in meaning if word not in light]
    total = FUNCTION_WEIGHT * (len(words) - len(meaning)) + LIGHT_WEIGHT * (len(meaning) - len(heavy)) + len(heavy)
    return Wanted(Counter(forms.marks([word for word in heavy if "'" not in word])), total)


def wanted_terms(claim: Terms) -> Wanted:
    """Return what is wanted of terms: their stems, apart from those that have other letters than `a` to `z`."""
    weights = {hash(stem): claim.weights[stem] for stem in claim.polarity if stem.isascii() and stem.isalpha()}
    return Wanted(weights, sum(claim.weights.values()) + len(claim.figures))


class Glance:
    """A text of which it can be told what it lacks.

    Args:
        text: Any text.
        forms: The words of its language.
    """

    def __init__(self, text: str, forms: WordForms) -> None:
        words = spelled(text)
        if not words.isdisjoint(forms.negative):
            words |= {meant for word, meant in forms.negative.items() if word in words}
        self._marks = set(forms.marks(words))
        if "'" in text or not text.isascii():
            self._marks.update(map(hash, words))  # the stem of `James's` is `james`, and that of `James` is not

    def share(self, wanted: Wanted) -> float:
        """Return the greatest share of what is wanted that the text can hold, 0 to 1."""
        weights = wanted.weights
        return (wanted.total - sum(map(weights.__getitem__, weights.keys() - self._marks))) / wanted.total
