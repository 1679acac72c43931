"""The shape of a phrase table: what customers say of an answer, as data, per language."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Literal, NamedTuple

Kind = Literal["correction", "complaint", "clarification_request", "repeat"]
KINDS: tuple[Kind, ...] = ("correction", "complaint", "clarification_request", "repeat")
"""The strongest first: of several signals in one message, the first kind is told."""
DEFAULT_LANGUAGE = "en"

_MODULES = {
    "en": "convqa_sdk.signals.phrases_english",
    "de": "convqa_sdk.signals.phrases_unmeasured",
    "es": "convqa_sdk.signals.phrases_unmeasured",
    "pl": "convqa_sdk.signals.phrases_unmeasured",
}

After = Literal["anything", "answer", "statement"]


class Phrase(NamedTuple):
    """One way to say something.

    Attributes:
        name: What is reported; it never holds text of a message.
        kind: What it tells.
        expression: A regular expression over folded text. Gaps in it are bounded, so that no text makes it slow.
        needs: Words, one of which every match holds; without them the expression is not tried. Empty always tries it.
        after: What it has to follow. `anything`: it tells something even where the answer before it is not known.
            `answer`: only after a known answer; said first, it is about the company. `statement`: only after an
            answer that ends with no question but whether more is needed; after one, it is the reply asked for.
        unless_asked: It is a plain reply where the answer before asks whether something is right.
        unless_reported: It is about a screen where the message tells what one says.
    """

    name: str
    kind: Kind
    expression: str
    needs: str = ""
    after: After = "answer"
    unless_asked: bool = False
    unless_reported: bool = False


class Table(NamedTuple):
    """The phrases of a language.

    Attributes:
        phrases: Tried in the order of `KINDS`, and within a kind in this order.
        echoes: An expression of what is blanked out before: `like you said`, and what is quoted.
        own_mistakes: An expression of self-corrections; a message with one neither corrects nor complains.
        reports: An expression of words for what a screen or a device says.
        told_before: An expression of `as I told the bot already`, said to a human agent.
        fillers: Words that are no part of a request, as one text.
    """

    phrases: tuple[Phrase, ...]
    echoes: str
    own_mistakes: str
    reports: str
    told_before: str
    fillers: str


class Compiled(NamedTuple):
    """A table whose expressions are ready.

    Attributes:
        phrases: In the order in which they are tried, each with its expression.
        places: Places in `phrases` by the words that a match may hold; those that need none stand under "".
    """

    phrases: tuple[tuple[Phrase, re.Pattern[str]], ...]
    places: dict[str, tuple[int, ...]]
    echoes: re.Pattern[str]
    own_mistakes: re.Pattern[str]
    reports: re.Pattern[str]
    told_before: re.Pattern[str]
    fillers: frozenset[str]

    def candidates(self, held: frozenset[str]) -> list[int]:
        """Return the places of the phrases that a text of such words may hold."""
        places = set(self.places.get("", ()))
        for word in self.places.keys() & held:
            places.update(self.places[word])
        return sorted(places)


def languages() -> tuple[str, ...]:
    """Return the languages that have a table."""
    return tuple(_MODULES)


def compiled(language: str) -> Compiled | None:
    """Return the table of a language, such as `en` or `en-GB`; None of one without a table.

    It is compiled when its language is first met, for that takes a while.
    """
    return _compiled(language.replace("_", "-").partition("-")[0].lower())


@cache
def _compiled(language: str) -> Compiled | None:
    module = _MODULES.get(language)
    if module is None:
        return None
    table: Table = import_module(module).TABLES[language]
    ordered = sorted(table.phrases, key=lambda phrase: KINDS.index(phrase.kind))
    places: dict[str, tuple[int, ...]] = {}
    for place, phrase in enumerate(ordered):
        for word in phrase.needs.split() or [""]:
            places[word] = (*places.get(word, ()), place)
    return Compiled(
        tuple((phrase, re.compile(phrase.expression)) for phrase in ordered),
        places,
        re.compile(table.echoes),
        re.compile(table.own_mistakes),
        re.compile(table.reports),
        re.compile(table.told_before),
        frozenset(table.fillers.split()),
    )
