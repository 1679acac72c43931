"""Find the policy terms that a text quotes: which fact a sentence speaks of, and which value it gives it.

A quantity belongs to the topic whose term stands in the same statement, then in the same sentence, then in the one
before (`Our return window is short. It is 14 days.`); of several, to that of the highest rank, then the nearest.
Questions, what the customer is said to have said, and what tells of a case (`45 days ago`) state no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from convqa_sdk.signals.policy_absences import absences
from convqa_sdk.signals.policy_quantities import Quantity, quantities
from convqa_sdk.signals.policy_statements import Lexicon, Mention, Statements, stem
from convqa_sdk.signals.policy_topics import Topic
from convqa_sdk.signals.policy_values import Value
from convqa_sdk.signals.policy_words import Words
from convqa_sdk.signals.wording import Sentence, word_set

_ANCHORS: Final = frozenset({"of", "after", "from", "since", "before", "following", "nach", "ab", "après", "desde"})
_PEOPLE: Final = frozenset({"you", "he", "she", "they", "i", "customer", "friend", "colleague", "who"})
_REPORTS: Final = frozenset(
    {"said", "mentioned", "thought", "read", "heard", "told", "wrote", "claimed", "asked", "say"}
)
_POINTERS: Final = frozenset({"it", "this", "that", "they", "you"})
_GENERAL: Final = frozenset({"else", "other", "others", "most", "all", "anything", "everything", "any"})
_THRESHOLDS: Final = frozenset({"over", "above", "more", "minimum", "spend", "least", "from", "exceeding", "reach"})
_RELATIVES: Final = frozenset({"which", "that", "who", "whose"})
_ENDS_CLAUSE: Final = frozenset({*_RELATIVES, ",", ";", ":"})
_ALLOWS: Final = frozenset({"can", "may", "able", "possible", "accept", "offer", "eligible", "still", "refund"})
_CLOSES: Final = word_set(
    "only no not never unable end ends ended close closes closed expire expires expired over lapse cannot longer"
)


class Term(NamedTuple):
    """A policy term that a text quotes.

    Attributes:
        topic: The fact.
        value: What the text says of it.
        bound: As of `Quantity`; `beyond` of a window only where the text opens it longer than the value, and `late`
            where it is said to be too late then.
        near: The words of the statement.
        around: The words of the sentence.
        general: Whether the statement speaks of most or of all.
        start: Offset of its first character.
        end: Offset behind its last.
    """

    topic: Topic
    value: Value
    bound: str
    near: frozenset[str]
    around: frozenset[str]
    general: bool
    start: int
    end: int


def terms(
    text_sentences: Iterable[Sentence], lexicon: Lexicon, known: Words, *, comma_decimals: bool
) -> Iterator[Term]:
    """Yield the policy terms that sentences quote, in order.

    Args:
        text_sentences: The sentences of one text.
        lexicon: What they may speak of.
        known: Words of their language.
        comma_decimals: How numbers are written; see `quantities`.
    """
    last_topics: list[Mention] = []
    for sentence in text_sentences:
        amounts = quantities(sentence.tokens, sentence.words, known, comma_decimals=comma_decimals)
        stems = [stem(word) for word in sentence.words]
        mentions = lexicon.mentions(stems, sentence.words)
        if sentence.asks and not _informs(sentence):
            last_topics = mentions
            continue
        reading = _Reading(sentence, stems, known, amounts, mentions)
        carried = last_topics if not mentions and sentence.words and sentence.words[0] in _POINTERS else []
        yield from reading.terms(carried)
        last_topics = mentions or last_topics


def _informs(sentence: Sentence) -> bool:
    """Tell whether a question states something all the same, as `Did you know that …?` does."""
    return sentence.words[:3] == ("did", "you", "know")


class _Reading:
    """One sentence, and what it says of which topic."""

    __slots__ = ("amounts", "mentions", "said", "words")

    def __init__(
        self, sentence: Sentence, stems: list[str], known: Words, amounts: list[Quantity], mentions: list[Mention]
    ) -> None:
        self.said = Statements(sentence, stems, known, amounts)
        self.words = sentence.words
        self.amounts = [each for each in amounts if not self._reported(each.first)]
        self.mentions = [each for each in mentions if not self._anchors(each, amounts)]

    def terms(self, carried: list[Mention]) -> Iterator[Term]:
        """Yield what the sentence says of its topics, or of those that it points back to."""
        taken: set[str] = set()
        for topic, value, at in absences(self.said, self.mentions, self.amounts):
            taken.add(topic.name)
            yield self._term(topic, value, "", at, at + 1)
        for amount in self.amounts:
            found = self._topic(amount, carried)
            if found is not None and not (found.name in taken and found.kinds >= {"money"}):
                yield self._term(found, amount.value, self._zone(amount, found), amount.first, amount.last)

    def _term(self, topic: Topic, value: Value, bound: str, first: int, last: int) -> Term:
        stems, tokens = self.said.stems, self.said.sentence.tokens
        near = frozenset(stems[index] for index, _ in self.said.around(first))
        general = not _GENERAL.isdisjoint(near)
        return Term(topic, value, bound, near, frozenset(stems), general, tokens[first].start, tokens[last - 1].end)

    def _topic(self, amount: Quantity, carried: list[Mention]) -> Topic | None:
        fitting = [each for each in self._mentions_for(amount) if self._fits(each, amount)]
        near = [each for each in fitting if self.said.together(each.first, amount.first)]
        if best := self._best(near or fitting, amount):
            return best.topic
        held = [each for each in carried if amount.value.kind in each.topic.kinds]
        return held[-1].topic if held else None

    def _mentions_for(self, amount: Quantity) -> list[Mention]:
        """Return the topics that an amount may belong to; in `…, which lasts …` what stands before the comma."""
        at = amount.first
        while at > 1 and self.words[at] not in _ENDS_CLAUSE:
            at -= 1
        if at < 2 or self.words[at] not in _RELATIVES or self.words[at - 1] != ",":
            return self.mentions
        return [each for each in self.mentions if each.first > at or each.last == at - 1]

    def _best(self, mentions: list[Mention], amount: Quantity) -> Mention | None:
        def order(each: Mention) -> tuple[int, int]:
            distance = amount.first - each.last if each.last <= amount.first else each.first - amount.last
            return -each.topic.rank, abs(distance)

        return min(mentions, key=order, default=None)

    def _fits(self, mention: Mention, amount: Quantity) -> bool:
        if amount.value.kind not in mention.topic.kinds:
            return False
        if mention.topic.units and amount.value.unit not in mention.topic.units:
            return False
        if mention.topic.name == "free_delivery_minimum":  # an amount that is spent, not one that is paid for delivery
            before = self.words[max(0, amount.first - 4) : amount.last + 2]
            return amount.bound in ("beyond", "min") or not _THRESHOLDS.isdisjoint(before)
        return not (mention.topic.name == "delivery_fee" and amount.bound == "max")

    def _reported(self, at: int) -> bool:
        """Tell whether the customer or another is quoted: `you said …`, up to the next comma."""
        start = at
        while start and self.words[start - 1] not in (",", ";", ":"):
            start -= 1
        before = self.words[start:at]
        return not _REPORTS.isdisjoint(before) and not _PEOPLE.isdisjoint(before)

    def _anchors(self, mention: Mention, amounts: list[Quantity]) -> bool:
        """Tell whether a mention only says from when a time is counted: `within 30 days of delivery`."""
        for amount in amounts:
            between = self.words[amount.last : mention.first]
            if mention.first >= amount.last and 1 <= len(between) <= 4 and between[0] in _ANCHORS:
                return "," not in between
        return False

    def _zone(self, amount: Quantity, topic: Topic) -> str:
        """Return the bound of an amount; of a window, `beyond` only where something is possible after it."""
        if amount.bound != "beyond" or not topic.window:
            return "" if amount.bound == "beyond" else amount.bound
        near = [word for _, word in self.said.around(amount.first)]
        if "late" in near:
            return "late"
        if not _CLOSES.isdisjoint(self.words) or not self.said.known.denials.isdisjoint(near):
            return ""
        return "beyond" if not _ALLOWS.isdisjoint(near) else ""
