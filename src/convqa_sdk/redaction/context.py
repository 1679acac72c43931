"""The words around a value: what the customer says it is.

Markers that an earlier redaction left are skipped, because `[PHONE]` would otherwise turn the next number into a phone.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from convqa_sdk.redaction.context_words import ACRONYMS, named_by_phrase, named_unspaced, role
from convqa_sdk.redaction.identifier_words import LONGEST_PHRASE

REACH: Final = 64
"""How many characters in front of a value are read."""
REACH_BEHIND: Final = 40
"""How many characters behind it; fewer where a sentence, a line or another number begins."""

_BLOCK = 256
_WORD = re.compile("[^\\W\\d_]+")
_MARKERS = re.compile(r"(?:^[A-Z_:a-z0-9]*|\[[A-Z][A-Z_]*(?::[a-z0-9]+:[a-z]+)?)\]")
_INNER = re.compile("[a-z][A-Z]")
_CAMEL = re.compile("[^\\W\\d_][^\\W\\d_A-Z]*|[A-Z]+(?![a-z])")
_CLAUSE_ENDS = re.compile("[0-9?!;]|[^\\W\\d_]{4,}[.] |, |\\n\\n")
_CODE_END = re.compile("[A-Za-z0-9]+(?:[ ./-]?[A-Za-z]{0,4}[0-9][A-Za-z0-9]*)*")
_ENDS = re.compile(r"[0-9.,;!?\n\r\[\]{}|]")
_NUMBER_SIGN = re.compile(" ?#")
_NOTHING: Final[frozenset[str]] = frozenset()


def joined(character: str) -> bool:
    """Tell whether a character belongs to the word beside it; scripts that set no blanks do not join.

    Args:
        character: One character; empty at the border of the text.
    """
    return character.isalnum() and not "\u2e80" <= character <= "\ud7ff" and not "\u0e00" <= character <= "\u0eff"


class _Telling(NamedTuple):
    """A word that tells something: where it stands, and what it names, alone or with the words before it."""

    begin: int
    end: int
    classes: frozenset[str]
    kinds: frozenset[str]
    number: bool


class Surroundings:
    """What the words of one text say about the values beside them; each part of the text is read once.

    Args:
        text: The whole text.
        message: Whether it is a message: one that is nothing but a value answers a question for it.
    """

    __slots__ = ("_ascii", "_blocks", "_text", "message")

    def __init__(self, text: str, *, message: bool = True) -> None:
        self._text = text
        self.message = message
        self._ascii = text.isascii()
        self._blocks: dict[int, list[_Telling]] = {}

    def classes(self, start: int) -> frozenset[str]:
        """Return the classes that the nearest telling word before an offset names; empty when no word tells anything.

        `{"OTHER"}` is named by words such as `order`.
        """
        return self._named_since(max(0, start - REACH), start)

    def behind(self, end: int) -> frozenset[str]:
        """Return the classes that the first telling word behind a value names, up to the end of the sentence."""
        text = self._text
        limit = min(len(text), end + REACH_BEHIND)
        ends = _ENDS.search(text, end, limit)
        stop = limit if ends is None else ends.start()
        for index in range(end // _BLOCK, stop // _BLOCK + 1):
            for telling in self._block(index):
                if telling.begin >= end and telling.end <= stop and telling.classes:
                    return telling.classes
        return _NOTHING if self._ascii else named_unspaced(text[end:stop])

    def close(self, start: int) -> frozenset[str]:
        """Return the classes that words of the same clause name, before or behind, with no other number between."""
        text = self._text
        floor = max(0, start - REACH)
        for clause_end in _CLAUSE_ENDS.finditer(text, floor, start):
            floor = clause_end.end()
        close = self._named_since(floor, start)
        if close:
            return close
        code = _CODE_END.match(text, start, start + REACH)
        return self.behind(code.end() if code is not None else start)

    def kinds(self, start: int) -> frozenset[str]:
        """Return the kinds of identifier that words before an offset name themselves, not only their class."""
        found = _NOTHING
        for telling in self._before(start):
            if telling.kinds:
                found |= telling.kinds
        return found

    def numbered(self, start: int) -> bool:
        """Tell whether a word before an offset says that a number follows."""
        return any(telling.number for telling in self._before(start))

    def _before(self, start: int) -> list[_Telling]:
        floor = max(0, start - REACH)
        return [
            telling
            for index in range(floor // _BLOCK, start // _BLOCK + 1)
            for telling in self._block(index)
            if telling.begin >= floor and telling.end <= start
        ]

    def _named_since(self, floor: int, start: int) -> frozenset[str]:
        blocks = self._blocks
        for index in range(start // _BLOCK, floor // _BLOCK - 1, -1):
            block = blocks.get(index)
            for telling in reversed(self._block(index) if block is None else block):
                if telling[1] <= start and telling[2]:
                    if telling[0] >= floor:
                        return telling[2]
                    break
        return _NOTHING if self._ascii else named_unspaced(self._text[floor:start])

    def _block(self, index: int) -> list[_Telling]:
        """Return the telling words that end in a block."""
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = self._read(index * _BLOCK, (index + 1) * _BLOCK)
        return block

    def _read(self, low: int, high: int) -> list[_Telling]:
        begin = max(0, low - REACH)
        part = self._text[begin : high + REACH]
        if "]" in part:
            part = _MARKERS.sub(_blanks, part)
        found: list[_Telling] = []
        words: list[str] = []
        signs = "#" in part
        for match in _WORD.finditer(part):
            word = match.group()
            start = begin + match.start()
            end = start + len(word)
            if start >= high:
                break
            if part[match.start() - 1 : match.start()] in _IN_ADDRESS or part[match.end() : match.end() + 1] == "@":
                continue
            for each in (word,) if word.islower() else _lowered(word):
                words.append(each)
                if low < end <= high:
                    told = role(each)
                    if told is not None:
                        found.append(
                            _telling(start, end, words) if told.ends else _Telling(start, end, *told[:2], told[3])
                        )
            if signs and low < end <= high and _NUMBER_SIGN.match(part, match.end()):
                words.append("number")
                if not (found and found[-1].end == end and found[-1].classes):
                    found.append(_telling(start, end, words)._replace(number=False))
        return found


_IN_ADDRESS = ("@", "+")


def _telling(start: int, end: int, words: list[str]) -> _Telling:
    """Return what a word tells together with the words before it."""
    alone = role(words[-1])
    classes, kinds = named_by_phrase(words[-LONGEST_PHRASE:])
    if alone is None:
        return _Telling(start, end, classes or _NOTHING, kinds, False)
    return _Telling(start, end, alone.classes if classes is None else classes, kinds | alone.kinds, alone.number)


def words_before(text: str, start: int) -> list[str]:
    """Return the lower-cased words within `REACH` characters before an offset, the nearest first."""
    found = [part for word in _WORD.findall(text[max(0, start - REACH) : start]) for part in _lowered(word)]
    return found[::-1]


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _lowered(word: str) -> list[str]:
    """Return a word with capitals in lower case, `dateOfBirth` as three; acronyms that are words too stay."""
    if word.isupper():
        lowered = word.lower()
        return [word if lowered in ACRONYMS else lowered]
    return [part.lower() for part in _CAMEL.findall(word)] if _INNER.search(word) else [word.lower()]
