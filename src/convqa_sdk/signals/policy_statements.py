"""Which topics a sentence mentions, and which of its words belong to one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from convqa_sdk.signals.policy_quantities import Quantity
from convqa_sdk.signals.policy_topics import Topic
from convqa_sdk.signals.policy_words import Words, typed
from convqa_sdk.signals.wording import Sentence

_STOPS: Final = frozenset({";", "\u2014"})


class Mention(NamedTuple):
    """A place where a sentence mentions a topic."""

    topic: Topic
    first: int
    last: int


class Lexicon:
    """The terms of all topics, by their first word.

    Args:
        topics: Topics, of which one later in the list wins over an equal one.
    """

    __slots__ = ("_by_first",)

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Topic]]] = {}
        for topic in topics:
            for term in topic.terms:
                for written in {term, term.replace(" ", "-"), typed(term)}:  # `money-back`, `zurueckgeben`
                    words = tuple(stem(word) for word in written.lower().replace("-", " - ").split())
                    self._by_first.setdefault(words[0], []).append((words, topic))

    def mentions(self, stems: Sequence[str], words: Sequence[str]) -> list[Mention]:
        """Return the topics that a sentence mentions, in order."""
        found: list[Mention] = []
        held = frozenset(words)
        for index, word in enumerate(stems):
            for term, topic in self._by_first.get(word, ()):
                if tuple(stems[index : index + len(term)]) != term:
                    continue
                if (topic.needs and topic.needs.isdisjoint(held)) or not topic.shuns.isdisjoint(held):
                    continue
                found.append(Mention(topic, index, index + len(term)))
        return found


def stem(word: str) -> str:
    """Return a word without the ending of its plural."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word


class Statements:
    """A sentence with the statements it is made of: they end at `;` and begin at words such as `but`.

    Args:
        sentence: The sentence.
        stems: Stems of its words.
        known: Words of its language.
        amounts: Its quantities; a word inside one (`between 5 and 7`) begins no statement.

    Attributes:
        words: Its words.
        stems: As given.
        known: As given.
        sentence: As given.
    """

    __slots__ = ("_number", "known", "sentence", "stems", "words")

    def __init__(self, sentence: Sentence, stems: list[str], known: Words, amounts: Sequence[Quantity]) -> None:
        self.sentence = sentence
        self.words = sentence.words
        self.stems = stems
        self.known = known
        used = {index for each in amounts for index in range(each.first, each.last)}
        self._number: list[int] = []
        number = 0
        for index, word in enumerate(self.words):
            if index not in used and (word in known.breaks or word in _STOPS):
                number += 1
            self._number.append(number)

    def together(self, one: int, two: int) -> bool:
        """Tell whether two words stand in the same statement, by their indexes."""
        return self._number[one] == self._number[two]

    def around(self, at: int) -> Iterator[tuple[int, str]]:
        """Yield the words of the statement that a word stands in, with their indexes."""
        number = self._number[at]
        return ((index, word) for index, word in enumerate(self.words) if self._number[index] == number)
