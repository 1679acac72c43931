"""The entries of a book: a value, for whom it holds, and how answers speak of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from convqa_sdk.signals.policy_book import Fact
from convqa_sdk.signals.policy_parsing import parse_value
from convqa_sdk.signals.policy_statements import stem
from convqa_sdk.signals.policy_topics import ANY, BY_NAME, Topic
from convqa_sdk.signals.policy_values import Kind, Value

_OWN_RANK: Final = 2
_OWN_KINDS: Final[dict[Kind, frozenset[Kind]]] = {
    "duration": frozenset({"duration", "unlimited"}),
    "money": frozenset({"money", "none"}),
    "percent": frozenset({"percent", "none"}),
    "none": ANY,
    "unlimited": ANY,
}
"""By the kind of value that a fact of the book's own has: what answers may quote for it."""


class Entry:
    """One value of a fact, and for whom it holds."""

    __slots__ = ("about", "value")

    def __init__(self, fact: Fact) -> None:
        self.value: Value = parse_value(fact.value or "")
        self.about = tuple(frozenset(stem(word) for word in each.lower().split()) for each in fact.applies_to)

    def weight(self, words: frozenset[str]) -> int:
        """Return how exactly words name whom it holds for; 0: not at all."""
        return max((len(each) for each in self.about if each <= words), default=0)


def heaviest(entries: list[Entry], words: frozenset[str]) -> list[Entry]:
    """Return the entries whose products or customers words name most exactly; none where they name none."""
    weights = [(each.weight(words), each) for each in entries]
    best = max((weight for weight, _ in weights), default=0)
    return [each for weight, each in weights if weight == best] if best else []


def topic_of(fact: Fact, before: Topic | None) -> Topic:
    """Return how answers speak of a fact by the terms that the book gives it; a known fact has its own beside them."""
    terms_of = (*(before.terms if before else ()), *(term.lower() for term in fact.terms))
    known = BY_NAME.get(fact.name)
    if known is not None:
        return replace(known, policy_class=fact.policy_class or known.policy_class, terms=terms_of, needs=frozenset())
    kind = parse_value(fact.value or "").kind
    kinds = _OWN_KINDS[kind].union(before.kinds if before else ())
    needs = frozenset(word.lower() for word in (*fact.needs, *(before.needs if before else ())))
    return Topic(fact.name, fact.policy_class or "03", kinds, terms_of, needs, rank=_OWN_RANK)
