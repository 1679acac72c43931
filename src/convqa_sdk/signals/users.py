"""What a customer's message says of the answer before it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, Protocol

from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.folding import folded, words
from convqa_sdk.signals.phrases import DEFAULT_LANGUAGE, Compiled, Kind, Phrase, compiled
from convqa_sdk.signals.requests import SIMILAR, request_tokens, similarity

REPEATED = "similar_request"
"""Pattern of a repeat that no phrase told: the request itself came before."""
_FEWEST_TOKENS = 2
"""Tokens of a request below which being similar tells nothing."""


class UserSignal(NamedTuple):
    """What a message says of the answer before it.

    Attributes:
        kind: `correction`, `complaint`, `clarification_request` or `repeat`.
        pattern: Name of the phrase that told it; never text of the message.
    """

    kind: Kind
    pattern: str


class UserSignalDetector(Protocol):
    """What stands in for `user_signal`: a function, or an object that is called like it."""

    def __call__(
        self,
        message: str,
        *,
        previous_answer: str | AnswerTraits | None = None,
        previous_messages: Iterable[str | frozenset[Hashable]] = (),
        language: str = DEFAULT_LANGUAGE,
    ) -> UserSignal | None:
        """Return what a message says of the answer before it, or None."""
        ...


def user_signal(
    message: str,
    *,
    previous_answer: str | AnswerTraits | None = None,
    previous_messages: Iterable[str | frozenset[Hashable]] = (),
    language: str = DEFAULT_LANGUAGE,
    pause: Callable[[], None] | None = None,
) -> UserSignal | None:
    """Return what a customer's message says of the answer before it, or None.

    A correction says that the answer is false, contradicts itself, or misunderstood what was asked; a complaint, that
    it is no answer, makes no sense, or comes again; a clarification request asks what it means or whether it is sure; a
    repeat says or shows that the request was made before. A customer's own slip (`sorry, I meant …`), an echo (`like
    you said`), a plain `no`, a declined offer, and displeasure with the company rather than the answer are none.

    On the half of human-labelled chats that no phrase was written from, any of the first three kinds, by source:
    SelfFeeding recall 14 of 19, precision 14 of 15; WoW recall 2 of 5, precision 2 of 5; MWoZ recall 1 of 2,
    precision 1 of 1. The five literal patterns that everyone starts with find none of them. Corrections and complaints
    alone are told from clarification requests less well: `MEASURED` and docs/explanation/signals.md have all figures.
    German, Polish and Spanish have small tables that nobody has measured.

    Args:
        message: The customer's message; its first 1,000 characters are looked at.
        previous_answer: The bot's answer before it, or what is kept of one. None or "" is not known: then only
            phrases count that can be about nothing else.
        previous_messages: The customer's earlier messages, newest last, or their `request_tokens`. Tokens that were
            hashed tell nothing here, because those of the message are not: compare them with `similarity`.
        language: Such as `en` or `de-AT`. In one without phrases, only repeated requests are found.
        pause: Called between two patterns, so that a thread that must not hold the interpreter can let go of it.
    """
    table = compiled(language)
    if table is not None:
        found = _phrase(folded(message), table, _traits(previous_answer), pause)
        if found is not None:
            return UserSignal(found.kind, found.name)
    if _is_repeated(message, previous_messages, language):
        return UserSignal("repeat", REPEATED)
    return None


def _is_repeated(message: str, before: Iterable[str | frozenset[Hashable]], language: str) -> bool:
    request: frozenset[str] | None = None
    for one in before:
        request = request_tokens(message, language) if request is None else request
        if len(request) < _FEWEST_TOKENS:
            return False
        if similarity(request, request_tokens(one, language) if isinstance(one, str) else one) >= SIMILAR:
            return True
    return False


def _traits(answer: str | AnswerTraits | None) -> AnswerTraits | None:
    return AnswerTraits.of(answer) if answer and isinstance(answer, str) else answer or None


def _phrase(
    text: str, table: Compiled, answer: AnswerTraits | None, pause: Callable[[], None] | None
) -> Phrase | None:
    said = table.echoes.sub(" ", text)
    for place in table.candidates(words(said)):
        phrase, expression = table.phrases[place]
        if not _may_follow(phrase, answer):
            continue
        if pause is not None:
            pause()
        if expression.search(said) is not None and not _is_excused(phrase, said, table):
            return phrase
    return None


def _is_excused(phrase: Phrase, said: str, table: Compiled) -> bool:
    if phrase.kind in ("correction", "complaint") and table.own_mistakes.search(said) is not None:
        return True
    return phrase.unless_reported and table.reports.search(said) is not None


def _may_follow(phrase: Phrase, answer: AnswerTraits | None) -> bool:
    if answer is None or answer.greets:
        return phrase.after == "anything"
    if phrase.after == "statement" and answer.ends_with_question and not answer.offers_more:
        return False
    return not (phrase.unless_asked and answer.asks_confirmation)
