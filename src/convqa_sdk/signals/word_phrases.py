"""Sets of phrases of words, written as plain text, found in a list of words in one walk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product


class WordPhrases:
    """WordPhrases to look for; `do|does not allow|permit` stands for four of them.

    Args:
        lines: The phrases, words separated by blanks, alternatives by a bar; an empty alternative makes a word
            optional (`am|` ).
    """

    def __init__(self, *lines: str) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for line in lines:
            for spelled in product(*(word.split("|") for word in line.split())):
                phrase = tuple(word for word in spelled if word)
                self._by_first.setdefault(phrase[0], []).append(phrase)
        for phrases in self._by_first.values():
            phrases.sort(key=len, reverse=True)

    def at(self, words: Sequence[str], position: int) -> int:
        """Return how many words from a position on are the longest phrase that stands there; 0 if none does."""
        for phrase in self._by_first.get(words[position], ()):
            if tuple(words[position : position + len(phrase)]) == phrase:
                return len(phrase)
        return 0

    def found(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield where phrases begin and end; they do not overlap."""
        position = 0
        while position < len(words):
            length = self.at(words, position)
            if length:
                yield position, position + length
            position += length or 1

    def within(self, words: Sequence[str]) -> bool:
        """Return whether any of the phrases stands among the words."""
        return next(self.found(words), None) is not None
