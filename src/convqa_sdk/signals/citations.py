"""The marks by which an answer cites passages: `[1]`, `[kb-22]`, `[kb-22, kb-7]`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, Literal, NamedTuple

_MARKS = re.compile(
    r" ?[\[\u3010]([^\W_][\w.:/#\u2020-]{0,63}(?:[,;] ?[^\W_][\w.:/#-]{0,63}){0,9})[\]\u3011](?!\()"
)
_SEPARATOR = re.compile(r"[,;] ?")
_REDACTED = re.compile(r"[A-Z][A-Z_]+(?::\w+)*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_POSITION_DIGITS: Final = 3


class CitationProblem(NamedTuple):
    """What is wrong with a citation.

    Attributes:
        citation: The id, or the number, as it was cited.
        problem: `not_retrieved`: no such passage was retrieved. `not_supported`: the passage does not say what it is
            cited for.
        claim: Text of the claim it is cited for; None for one that is given for the whole answer.
    """

    citation: str
    problem: Literal["not_retrieved", "not_supported"]
    claim: str | None


def marks(sentence: str) -> tuple[str, tuple[str, ...]]:
    """Return a sentence of bounded length without its marks, and what they cite, in their order.

    What redaction leaves (`[EMAIL]`, `[EMAIL:k1:letters]`), dates and Markdown links are no marks.
    """
    if not has_marks(sentence):
        return sentence, ()
    cited: list[str] = []

    def take(found: re.Match[str]) -> str:
        names = [name for name in _SEPARATOR.split(found[1]) if name]
        if not all(map(_is_citation, names)):
            return found[0]
        cited.extend(names)
        return ""

    return _MARKS.sub(take, sentence), tuple(cited)


def has_marks(text: str) -> bool:
    """Tell whether a text may have marks."""
    return "[" in text or "\u3010" in text


def behind(sentence: str) -> tuple[tuple[str, ...], str]:
    """Return what the marks at the beginning of a sentence cite, for the sentence before it, and the sentence."""
    cited: tuple[str, ...] = ()
    while (found := _MARKS.match(sentence)) and (names := marks(found[0])[1]):
        cited += names
        sentence = sentence[found.end() :].lstrip()
    return cited, sentence


def _is_citation(name: str) -> bool:
    return _REDACTED.fullmatch(name) is None and _DATE.fullmatch(name) is None


def resolved(citation: str, ids: Collection[str]) -> str | None:
    """Return the id of the passage that is cited, by its id or its position from 1; None if it was not retrieved."""
    if citation in ids:
        return citation
    if citation.isdecimal() and len(citation) <= _MOST_POSITION_DIGITS and 1 <= int(citation) <= len(ids):
        return list(ids)[int(citation) - 1]
    return None


def is_telling(citation: str) -> bool:
    """Return whether a mark that is no passage's id is a citation for sure: without a digit it may be anything."""
    return any(map(str.isdecimal, citation))
