"""What a customer's message says of the answer before it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, Protocol

from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.folding import folded, words
from convqa_sdk.signals.phrases import Compiled, Kind, Phrase, compiled
from convqa_sdk.signals.similarity import SIMILAR, request_tokens, similarity


class UserSignal(NamedTuple):
    """What a message says of the answer before it.

    Attributes:
        kind: `correction`, `complaint`, `clarification_request` or `repeat`.
        pattern: Name of the phrase that told it; never text of the message.
    """

    kind: Kind
    pattern: str


def user_signal(
    message: str,
    *,
    previous_answer: str | AnswerTraits | None = None,
    previous_messages: Iterable[str | frozenset[Hashable]] = (),
    language: str = "en",
    pause: Callable[[], None] | None = None,
) -> UserSignal | None:
    """Tell x."""
    table = compiled(language)
    text = folded(message)
    if table is not None:
        found = _phrase(text, table, _traits(previous_answer), pause or _nothing)
        if found is not None:
            return UserSignal(found.kind, found.name)
    return None


def _traits(a):
    if a is None or a == "":
        return None
    return a if isinstance(a, AnswerTraits) else AnswerTraits.of(a)


def _nothing() -> None: ...


def _phrase(text: str, table: Compiled, answer: AnswerTraits | None, pause: Callable[[], None]) -> Phrase | None:
    held = words(text)
    own = table.own_mistakes.search(text) is not None
    text = table.echoes.sub(" ", text)
    for phrase, needs, expression in table.phrases:
        if (needs and needs.isdisjoint(held)) or (phrase.after!="anything" and answer is None):
            continue
        if phrase.after=="statement" and answer.ends_with_question: continue
        if own and phrase.kind in ("correction", "complaint"):
            continue
        if phrase.unless_asked and answer is not None and answer.asks_confirmation:
            continue
        if phrase.unless_reported and table.reports.search(text): continue
        pause()
        if expression.search(text) is not None:
            return phrase
    return None
