"""What a passage cannot hold of a claim, seen at a glance: its words are compared by marks, and no sentence is read.

What is told is one-sided: a stem that does not show is in no sentence of the text; one that shows may not be either.

Words and passages come again turn after turn, so their marks are remembered. No text is: a mark is a number, `hash` of
a stem, which is keyed anew in each process, and what it is remembered by is the `hash` of the word or of the passage.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from convqa_sdk.signals.sentences import is_cut_between_words, spelled
from convqa_sdk.signals.terms import FUNCTION_WEIGHT, LIGHT_WEIGHT, Terms
from convqa_sdk.signals.word_forms import FORMS, NO_FORMS, WordForms

MOST_WORDS: Final = 16_384
"""Words whose marks are remembered, some 2 MB; all are forgotten when there are more."""
MOST_MARKS: Final = 65_536
"""Marks of passages that are remembered, some 5 MB; likewise."""
_SLICE: Final = 200
"""Words between two pauses, a tenth of a millisecond where all of them are new."""


class Wanted(NamedTuple):
    """What of a sentence a passage has to hold.

    Attributes:
        marks: Marks of the stems that carry its meaning, each as often as it weighs.
        total: Weight of these and of all that is not looked for.
    """

    marks: list[int]
    total: float

    def share(self, held: frozenset[int]) -> float:
        """Return the greatest share of this that a text with such marks can hold, 0 to 1."""
        lacking = len(self.marks) - sum(map(held.__contains__, self.marks))
        return (self.total - lacking) / self.total


class Glances:
    """Looks at texts of one language.

    Args:
        forms: The words of the language.
    """

    def __init__(self, forms: WordForms) -> None:
        self.forms = forms
        self._words: dict[int, int] = {}
        self._texts: dict[int, frozenset[int] | None] = {}
        self._room = MOST_MARKS

    def wanted_words(self, words: list[str]) -> Wanted:
        """Return what is wanted of plain words without an apostrophe."""
        function, light = self.forms.function, self.forms.light
        meaning = [word for word in words if word not in function]
        heavy = [word for word in meaning if word not in light]
        total = FUNCTION_WEIGHT * (len(words) - len(meaning)) + LIGHT_WEIGHT * (len(meaning) - len(heavy)) + len(heavy)
        return Wanted(self._marks(heavy), total)

    def wanted_terms(self, claim: Terms) -> Wanted:
        """Return what is wanted of terms: their stems, apart from those that have other letters than `a` to `z`."""
        marks: list[int] = []
        for stem in claim.polarity:
            if stem.isascii() and stem.isalpha():
                marks += [hash(stem)] * int(claim.weights[stem])
        return Wanted(marks, sum(claim.weights.values()) + len(claim.figures))

    def held(self, text: str, pause: Callable[[], None]) -> frozenset[int] | None:
        """Return the marks of all stems that a text can hold; None where its sentences may be cut within a word.

        `pause` is called where a text is new, behind some of its words.
        """
        key = hash(text)
        try:
            return self._texts[key]
        except KeyError:  # looking first would not do: another thread may clear them in between
            pass
        held = self._held(text, pause) if is_cut_between_words(text) else None
        self._room -= 1 + len(held or ())
        if self._room < 0:
            self._texts.clear()
            self._room = MOST_MARKS
        self._texts[key] = held
        return held

    def _held(self, text: str, pause: Callable[[], None]) -> frozenset[int]:
        words = spelled(text)
        if not words.isdisjoint(self.forms.negative):
            words |= {meant for word, meant in self.forms.negative.items() if word in words}
        marks: set[int] = set()
        if "'" in text or not text.isascii():
            marks.update(map(hash, words))  # the stem of `James's` is `james`, and that of `James` is not
        listed = list(words)
        for start in range(0, len(listed), _SLICE):
            marks.update(self._marks(listed[start : start + _SLICE]))
            pause()
        return frozenset(marks)

    def _marks(self, words: list[str]) -> list[int]:
        """Return the mark of each word's stem."""
        known, own = self._words, list(map(hash, words))
        marks: list[Any] = list(map(known.get, own))
        if None in marks:
            if len(known) > MOST_WORDS:
                known.clear()
            for place, word in enumerate(words):
                if marks[place] is None:
                    marks[place] = known[own[place]] = hash(self.forms.stem(word))
        return marks


def glances(language: str) -> Glances:
    """Return what looks at texts of a language: ISO 639-1, or a tag that begins with it."""
    code = language[:2].lower()
    return _glances(code if code in FORMS else "")


@cache
def _glances(code: str) -> Glances:
    return Glances(FORMS.get(code, NO_FORMS))
