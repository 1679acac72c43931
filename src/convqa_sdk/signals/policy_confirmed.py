"""Which claims need no passage: the book says the same, or a tool that succeeded proves them.

A claim is confirmed when it holds something of the kind, nothing in it disagrees with the book or lacks its tool, and
each number in it belongs to what is confirmed, or is one that a tool took or gave. Its other words are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

from convqa_sdk.signals.capability import claims_of
from convqa_sdk.signals.capability_words import ACTIONS, DENIED
from convqa_sdk.signals.policy_book import PolicyBook
from convqa_sdk.signals.policy_check import Checker, commas, places_of
from convqa_sdk.signals.policy_contacts import Route, numbers, route_agrees, written_routes
from convqa_sdk.signals.policy_hours import quoted_hours
from convqa_sdk.signals.policy_statements import stem
from convqa_sdk.signals.policy_terms import terms
from convqa_sdk.signals.policy_words import words_of
from convqa_sdk.signals.wording import Sentence, sentences

_NUMBER: Final = re.compile(r"\d{1,15}(?:[.,]\d{1,15}){0,6}")
_MOST_READ: Final = 8_192
"""Characters that numbers are looked for in, of what a tool took and gave."""


class Confirmer:
    """A book, ready to say which claims it confirms.

    Args:
        book: The book; None: only tools confirm.
    """

    def __init__(self, book: PolicyBook | None) -> None:
        self._checker = Checker(book if book is not None else PolicyBook(version="none"))

    def confirms(self, claim: str, tools: tuple[str, ...] | None, given: Sequence[str], language: str) -> bool:
        """Tell whether the book says what a claim says, or a tool proves it.

        Args:
            claim: One claim of an answer.
            tools: Tools that succeeded; None: unknown, and they confirm nothing.
            given: What these tools took and gave, as texts.
            language: Of the claim.
        """
        if self._checker.check(claim, tools, None, False, language):
            return False
        routes = written_routes(claim)
        read = list(sentences(claim, [(route.first, route.last) for route in routes]))
        said = [*self._terms(read, language), *self._routes(read, routes), *self._denied(read)]
        done = tools is not None and any(True for sentence in read for _ in claims_of(sentence))
        loose = {
            token.text
            for sentence in read
            for token in sentence.tokens
            if token.kind == "n" and not any(first <= token.start < last for first, last in said)
        }
        if loose and done:
            known = {_amount(number) for text in given for number in _NUMBER.findall(text[:_MOST_READ])}
            loose = {number for number in loose if _amount(number) not in known}
        return bool(said or done) and not loose

    def _terms(self, read: list[Sentence], language: str) -> Iterator[tuple[int, int]]:
        """Yield the places of the terms that the book knows."""
        for term in terms(read, self._checker.lexicon, words_of(language), comma_decimals=commas(language)):
            if term.topic.name in self._checker.entries:
                yield term.start, term.end

    def _routes(self, read: list[Sentence], routes: Iterable[Route]) -> Iterator[tuple[int, int]]:
        """Yield the places of the hours and contact routes that the book has."""
        for sentence in read:
            if self._checker.hours:
                yield from ((hours.first, hours.last) for hours in quoted_hours(sentence))
            routes = (*routes, *numbers(sentence))
        for route in routes:
            if route_agrees(self._checker.contacts[route.fact], route):
                yield route.first, route.last

    def _denied(self, read: list[Sentence]) -> Iterator[tuple[int, int]]:
        """Yield the places of what is never promised, where it is denied: `we cannot offer compensation`."""
        for sentence in read:
            if DENIED.isdisjoint(sentence.words):
                continue
            stems = [stem(word) for word in sentence.words]
            for phrase in (phrase for phrases in self._checker.never.values() for phrase in phrases):
                for at in places_of(phrase, stems):
                    yield sentence.tokens[at].start, sentence.tokens[at + len(phrase) - 1].end


def lacking(
    claims: Sequence[str], tools: Sequence[str], given: Callable[[], Sequence[str]], language: str
) -> tuple[str, ...]:
    """Return those of unsupported claims that no tool proves either.

    Args:
        claims: Claims that no passage supports.
        tools: Tools that succeeded in the turn.
        given: Returns what these took and gave, as texts; called only where it matters.
        language: Of the claims.
    """
    done = frozenset(claim for claim in claims if not _DONE.isdisjoint(_WORD.findall(claim.lower())))
    if not tools or not done:
        return tuple(claims)
    texts, ran = given(), tuple(tools)
    confirms = _tools_alone().confirms
    return tuple(claim for claim in claims if claim not in done or not confirms(claim, ran, texts, language))


_DONE: Final = frozenset({*ACTIONS, "way"})
"""Words without which nothing is said to be done: a look at them spares most claims the reading."""
_WORD: Final = re.compile("[a-z]+")


@cache
def _tools_alone() -> Confirmer:
    return Confirmer(None)


def _amount(number: str) -> Decimal | str:
    """Return what a number amounts to: `50` and `50.00` are the same."""
    try:
        return Decimal(number.replace(",", ""))
    except InvalidOperation:  # `10:30`, `1.2.3`
        return number
