"""Find words and phrases that somebody listed: a customer's own name, terms of an illness.

One pass over the words of a text, each looked up in a dictionary, so that thousands of listed words cost no more than
one. Case and diacritics do not matter; only whole words count, except in scripts that write none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Final, NamedTuple
from unicodedata import category, combining, normalize

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.classes import CLASSES, DROPPED, LABEL
from convqa_sdk.redaction.findings import Finding
from convqa_sdk.redaction.markers import in_marker
from convqa_sdk.redaction.policy_errors import PlacedError

MAX_WORDS: Final = 100_000
MAX_CHARS: Final = 500
_CHECK_EVERY = 256
_SHORTEST_TOKEN = 3

_LETTER = "(?:[^\\W_]|[\u00ad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff])"
_WORD = re.compile(f"{_LETTER}{{1,256}}")
_ASCII_WORD = re.compile("[A-Za-z0-9]{1,256}")
_NEXT = re.compile(f"[\\W_]{{1,8}}({_LETTER}{{1,256}})")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts that write no blank between words, or none before a particle."""
_PARTS = re.compile("[,;\n]")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i", "ð": "d", "þ": "th"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_PARTICLES = frozenset(
    {"and", "bin", "das", "del", "della", "dem", "den", "der", "des", "dos", "ibn", "las", "les", "los"}
    | {"mrs", "the", "van", "von"}
)
"""Parts of names that are words of their language; a name with one is found whole, and by its other parts."""


def _checked_label(label: str) -> str:
    if not LABEL.fullmatch(label) or label in DROPPED:
        raise ConfigurationError(
            "label: a class is named in capital letters and underscores, such as HEALTH_TERM (at most 40), and is "
            "neither SECRET nor CVV"
        )
    return label


class WordList(BaseModel):
    """Words and phrases that are personal or regulated in your trade.

    Attributes:
        label: The class that a hit gets, such as `HEALTH_TERM`; it becomes the marker.
        words: Each a word or a phrase of at most 500 characters; case and diacritics do not matter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    label: Annotated[str, AfterValidator(_checked_label)]
    words: Annotated[tuple[str, ...], MinLen(1), MaxLen(MAX_WORDS)]

    @field_validator("words")
    @classmethod
    def _are_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for number, word in enumerate(words):
            if len(word) > MAX_CHARS or not _WORD.search(word):
                raise PlacedError(
                    f"words: number {number + 1} is no word or phrase with a letter or digit, "
                    f"of at most {MAX_CHARS} characters",
                    number,
                )
        return words


class _Node:
    """A listed phrase as far as it has been read: how it goes on, and the class if it may end here."""

    __slots__ = ("following", "label")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.label = ""


class Entry(NamedTuple):
    """A listed word or phrase and its class."""

    text: str
    label: str


class Lexicon:
    """Finds listed words and phrases in texts.

    Args:
        entries: What is listed; of an entry that is listed twice the last class counts.
        labels: The classes that there are: what stands in one of their markers is not found.
    """

    __slots__ = ("_begin", "_labels", "_root", "_unspaced")

    def __init__(self, entries: Iterable[Entry], labels: frozenset[str] = CLASSES) -> None:
        self._labels = labels
        self._root: dict[str, _Node] = {}
        self._unspaced: dict[str, list[Entry]] = {}
        for text, label in entries:
            if _UNSPACED.search(text):
                for spelling in {text.strip(), "".join(text.split())}:
                    if len(spelling) > 1:
                        self._unspaced.setdefault(spelling[0], []).append(Entry(spelling, label))
            for spelling in {text, text.casefold().translate(_UMLAUTS)}:
                self._add([folded(word) for word in _WORD.findall(spelling)], label)
        self._begin = re.compile(f"[{re.escape(''.join(self._unspaced))}]") if self._unspaced else None

    def __bool__(self) -> bool:
        return bool(self._root)

    def _add(self, words: list[str], label: str) -> None:
        node = _Node()
        following = self._root
        for word in words:
            node = following.setdefault(word, _Node())
            following = node.following
        node.label = label

    def find(self, text: str, check: Callable[[], None]) -> Iterator[Finding]:
        """Yield what stands in a text, the longest phrase at each word.

        Args:
            text: The text.
            check: Called now and then; may raise, when the time is used up.
        """
        root = self._root
        read_to = 0
        plain = text.isascii()
        for number, match in enumerate((_ASCII_WORD if plain else _WORD).finditer(text)):
            if number % _CHECK_EVERY == 0:
                check()
            word = match.group()
            node = root.get(word.lower() if plain else folded(word))
            if node is not None and match.start() >= read_to:
                label, end = _longest(text, node, match.end())
                if label and not in_marker(text, match.start(), end, self._labels):
                    yield Finding(match.start(), end, label)
                    read_to = end
        if self._begin is not None:
            yield from self._find_unspaced(text, self._begin, check)

    def _find_unspaced(self, text: str, begin: re.Pattern[str], check: Callable[[], None]) -> Iterator[Finding]:
        for number, match in enumerate(begin.finditer(text)):
            if number % _CHECK_EVERY == 0:
                check()
            for spelling, label in self._unspaced[match.group()]:
                if text.startswith(spelling, match.start()):
                    yield Finding(match.start(), match.start() + len(spelling), label)


def _longest(text: str, node: _Node, end: int) -> tuple[str, int]:
    """Return class and end of the longest phrase that begins with `node`'s word; an empty class: none does."""
    label, last = node.label, end
    while node.following:
        match = _NEXT.match(text, end)
        following = node.following.get(folded(match.group(1))) if match is not None else None
        if match is None or following is None:
            break
        node, end = following, match.end()
        if node.label:
            label, last = node.label, end
    return label, last


def folded(text: str) -> str:
    """Return a text without case, diacritics and invisible characters, for comparison."""
    text = text.casefold()
    if text.isascii():
        return text
    plain = normalize("NFKD", text).translate(_LETTERS)
    return "".join(c for c in plain if not combining(c) and category(c) != "Cf").casefold()


def name_entries(name: str) -> Iterator[Entry]:
    """Yield what stands for a person's name: the whole, and each of its parts that has three letters or more."""
    yield Entry(name, "PERSON")
    for token in name.split():
        letters = "".join(_WORD.findall(token))
        if len(letters) >= _SHORTEST_TOKEN and folded(letters) not in _PARTICLES:
            yield Entry(token, "PERSON")


def address_entries(address: str) -> Iterator[Entry]:
    """Yield what stands for a postal address: the whole, and each part between commas that has two words or more."""
    yield Entry(address, "ADDRESS")
    for part in _PARTS.split(address):
        if len(_WORD.findall(part)) > 1:
            yield Entry(part, "ADDRESS")
