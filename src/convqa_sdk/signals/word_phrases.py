"""Sets of phrases, written as plain text with alternatives, found in a list of words in one walk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple


def word_set(line: str) -> frozenset[str]:
    """Return the words of a line of a table."""
    return frozenset(line.split())


class _Slot(NamedTuple):
    """One place of a phrase."""

    words: frozenset[str]
    optional: bool


class WordPhrases:
    """Phrases to look for; `don't|not allow|permit any|` stands for eight of them.

    Args:
        lines: The phrases: words separated by blanks, alternatives by a bar. An empty alternative makes a word
            optional; the first word of a phrase never is.
    """

    def __init__(self, *lines: str) -> None:
        self._by_first: dict[str, list[tuple[_Slot, ...]]] = {}
        self._needed: list[list[frozenset[str]]] = []
        for line in lines:
            choices = [word.split("|") for word in line.split()]
            slots = tuple(_Slot(frozenset(filter(None, words)), "" in words) for words in choices)
            self._needed.append([slot.words for slot in slots if not slot.optional])
            for first in slots[0].words:
                self._by_first.setdefault(first, []).append(slots[1:])
        self._firsts = frozenset(self._by_first)

    def anchors(self, common: Collection[str]) -> frozenset[str]:
        """Return words of which each phrase holds one: of its words those that are not `common`, if it has such."""

        def rarity(words: frozenset[str]) -> tuple[int, int]:
            return sum(word in common for word in words), len(words)

        return frozenset[str]().union(*(min(needed, key=rarity) for needed in self._needed))

    def at(self, words: Sequence[str], position: int) -> int:
        """Return how many words from a position on are the longest phrase that stands there; 0 if none does."""
        rests = self._by_first.get(words[position])
        if rests is None:
            return 0
        return max(0, max([_end(rest, words, position + 1) for rest in rests]) - position)

    def found(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield where phrases begin and end; they do not overlap."""
        if self._firsts.isdisjoint(words):
            return
        end = 0
        for position, word in enumerate(words):
            if word in self._by_first and position >= end:
                length = self.at(words, position)
                if length:
                    end = position + length
                    yield position, end

    def within(self, words: Sequence[str]) -> bool:
        """Return whether any of the phrases stands among the words."""
        return next(self.found(words), None) is not None


def _end(slots: tuple[_Slot, ...], words: Sequence[str], position: int) -> int:
    """Return where a phrase ends whose next word is to stand at a position; -1 if it does not stand there."""
    for taken, slot in enumerate(slots):
        if position < len(words) and words[position] in slot.words:
            if slot.optional:
                end = _end(slots[taken + 1 :], words, position + 1)
                if end >= 0:
                    return end
            else:
                position += 1
                continue
        elif not slot.optional:
            return -1
    return position


NO_PHRASES: Final = WordPhrases()
"""Of a language without a table."""
