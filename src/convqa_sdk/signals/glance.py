"""What a passage cannot hold of a claim, seen at a glance: its words are compared by marks, and no sentence is read.

What is told is one-sided. A stem that does not show is in no sentence of the text; one that shows may not be either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from convqa_sdk.signals.sentences import spelled
from convqa_sdk.signals.terms import FUNCTION_WEIGHT, LIGHT_WEIGHT, Terms
from convqa_sdk.signals.word_forms import WordForms


class Wanted(NamedTuple):
    """Words of which a passage may not lack too many.

    Attributes:
        weights: Weight of each stem, by its mark.
        total: Weight of these and of all that is not looked for.
    """

    weights: Mapping[int, float]
    total: float


def wanted_words(words: list[str], forms: WordForms) -> Wanted:
    """Return what is wanted of plain words: those that carry meaning."""
    function, light = forms.function, forms.light
    meaning = [word for word in words if word not in function]
    heavy = [word for word in meaning if word not in light]
    total = FUNCTION_WEIGHT * (len(words) - len(meaning)) + LIGHT_WEIGHT * (len(meaning) - len(heavy)) + len(heavy)
    return Wanted(Counter(forms.marks(heavy)), total)


def wanted_terms(claim: Terms) -> Wanted:
    """Return what is wanted of terms: stems that carry meaning, of letters that a glance sees."""
    stems = [stem for stem in claim.polarity if stem.isascii() and stem.isalpha()]
    total = sum(claim.weights.values()) + len(claim.figures)
    return Wanted({hash(stem): claim.weights[stem] for stem in stems}, total)


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
        if not (text.isascii() and "'" not in text):
            self._marks.update(map(hash, words))  # the stem of `James's` is `james`, and that of `James` is not

    def share(self, of: Wanted) -> float:
        """Return the greatest share of what is wanted that the text can hold, 0 to 1."""
        return (of.total - sum(map(of.weights.__getitem__, of.weights.keys() - self._marks))) / of.total
