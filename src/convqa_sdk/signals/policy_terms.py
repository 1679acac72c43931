"""Find the policy terms that a text quotes: which fact a sentence speaks of, and which value it gives it.

A quantity belongs to the topic whose term stands in the same statement, then in the same sentence, then in the one
before (`Our return window is short. It is 14 days.`); of several, to that of the highest rank, then the nearest.
Questions, what the customer is said to have said, and what tells of a case (`45 days ago`) state no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from convqa_sdk.signals.policy_quantities import Quantity, quantities
from convqa_sdk.signals.policy_topics import Topic
from convqa_sdk.signals.policy_values import NONE, UNLIMITED, Value
from convqa_sdk.signals.policy_words import Words
from convqa_sdk.signals.wording import Sentence, word_set

_STOPS: Final = frozenset({";", "\u2014"})
_ANCHORS: Final = frozenset({"of", "after", "from", "since", "before", "following", "nach", "ab", "après", "desde"})
_REPORTS: Final = frozenset(
    {"said", "mentioned", "thought", "read", "heard", "told", "wrote", "claimed", "asked", "say"}
)
_POINTERS: Final = frozenset({"it", "this", "that", "they", "you"})
_LIMITS: Final = frozenset({"for", "on", "if", "after", "when", "unless", "with", "until", "once"})
_ALL: Final = frozenset({"our", "any", "all", "every", "everything", "unopened", "most", "always", "you", "us"})
_GENERAL: Final = frozenset({"else", "other", "others", "most", "all", "anything", "everything", "any"})
_OFFERS: Final = frozenset(
    {"offer", "charge", "have", "provide", "do", "give", "pay", "apply", "match", "accept", "take"}
)
_BREAKS_OFF: Final = frozenset({"free"})
_ENDLESS: Final = frozenset({"lifetime", "unlimited", "forever"})
_THRESHOLDS: Final = frozenset({"over", "above", "more", "minimum", "spend", "least", "from", "exceeding", "reach"})
_ALLOWS: Final = frozenset({"can", "may", "able", "possible", "accept", "offer", "eligible", "still", "refund"})
_CLOSES: Final = word_set(
    "only no not never unable end ends ended close closes closed expire expires expired over lapse cannot longer"
)


class Term(NamedTuple):
    """A policy term that a text quotes.

    Attributes:
        topic: The fact.
        value: What the text says of it.
        bound: As of `Quantity`; `beyond` of a window only where the text opens it longer than the value.
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


class Mention(NamedTuple):
    """A place where a sentence mentions a topic."""

    topic: Topic
    first: int
    last: int


class Lexicon:
    """The terms of all topics, by their first word.

    Args:
        topics: Topics, of which one later in the list wins over an equal one.
    """

    __slots__ = ("_by_first",)

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Topic]]] = {}
        for topic in topics:
            for term in topic.terms:
                words = tuple(stem(word) for word in term.lower().replace("-", " - ").split())
                self._by_first.setdefault(words[0], []).append((words, topic))

    def mentions(self, stems: Sequence[str], words: Sequence[str]) -> list[Mention]:
        """Return the topics that a sentence mentions, in order."""
        found: list[Mention] = []
        held = frozenset(words)
        for index, word in enumerate(stems):
            for term, topic in self._by_first.get(word, ()):
                if tuple(stems[index : index + len(term)]) != term:
                    continue
                if (topic.needs and topic.needs.isdisjoint(held)) or not topic.shuns.isdisjoint(held):
                    continue
                found.append(Mention(topic, index, index + len(term)))
        return found


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


def stem(word: str) -> str:
    """Return a word without the ending of its plural."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word


def _informs(sentence: Sentence) -> bool:
    """Tell whether a question states something all the same, as `Did you know that …?` does."""
    return sentence.words[:3] == ("did", "you", "know")


class _Reading:
    """One sentence, and which of its words belong together."""

    __slots__ = ("amounts", "known", "mentions", "sentence", "statements", "stems", "words")

    def __init__(
        self, sentence: Sentence, stems: list[str], known: Words, amounts: list[Quantity], mentions: list[Mention]
    ) -> None:
        self.sentence = sentence
        self.words = sentence.words
        self.stems = stems
        self.known = known
        self.amounts = [each for each in amounts if not self._reported(each.first)]
        self.mentions = [each for each in mentions if not self._anchors(each, amounts)]
        used = {index for each in amounts for index in range(each.first, each.last)}
        self.statements: list[int] = []
        number = 0
        for index, word in enumerate(self.words):
            if index not in used and (word in known.breaks or word in _STOPS):
                number += 1
            self.statements.append(number)

    def terms(self, carried: list[Mention]) -> Iterator[Term]:
        """Yield what the sentence says of its topics."""
        taken: set[str] = set()
        for topic, value, at in self._absences():
            taken.add(topic.name)
            yield self._term(topic, value, "", at, at + 1)
        for amount in self.amounts:
            topic = self._topic(amount, carried)
            if topic is not None and not (topic.name in taken and topic.kinds >= {"money"}):
                bound = self._zone(amount, topic)
                if bound != "other":
                    yield self._term(topic, amount.value, bound, amount.first, amount.last)

    def _term(self, topic: Topic, value: Value, bound: str, first: int, last: int) -> Term:
        number = self.statements[first]
        near = [stem for stem, statement in zip(self.stems, self.statements, strict=True) if statement == number]
        tokens = self.sentence.tokens
        general = not _GENERAL.isdisjoint(near)
        return Term(
            topic,
            value,
            bound,
            frozenset(near),
            frozenset(self.stems),
            general,
            tokens[first].start,
            tokens[last - 1].end,
        )

    def _topic(self, amount: Quantity, carried: list[Mention]) -> Topic | None:
        number = self.statements[amount.first]
        fitting = [each for each in self.mentions if amount.value.kind in each.topic.kinds and self._fits(each, amount)]
        near = [each for each in fitting if self.statements[each.first] == number]
        if best := self._best(near or fitting, amount):
            return best.topic
        held = [each for each in carried if amount.value.kind in each.topic.kinds]
        return held[-1].topic if held else None

    def _best(self, mentions: list[Mention], amount: Quantity) -> Mention | None:
        def order(each: Mention) -> tuple[int, int]:
            distance = amount.first - each.last if each.last <= amount.first else each.first - amount.last
            return -each.topic.rank, abs(distance)

        return min(mentions, key=order, default=None)

    def _fits(self, mention: Mention, amount: Quantity) -> bool:
        if mention.topic.name == "free_delivery_minimum":  # an amount that is spent, not one that is paid for delivery
            before = self.words[max(0, amount.first - 4) : amount.last + 2]
            return amount.bound in ("beyond", "min") or not _THRESHOLDS.isdisjoint(before)
        return not (mention.topic.name == "delivery_fee" and amount.bound == "max")

    def _reported(self, at: int) -> bool:
        """Tell whether the customer or another is quoted: `you said …`, up to the next comma."""
        start = at
        while start and self.words[start - 1] not in (",", ";", ":"):
            start -= 1
        return any(word in _REPORTS for word in self.words[start:at])

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
        number = self.statements[amount.first]
        near = [word for word, statement in zip(self.words, self.statements, strict=True) if statement == number]
        if not _CLOSES.isdisjoint(self.words) or not self.known.denials.isdisjoint(near):
            return ""
        return "beyond" if not _ALLOWS.isdisjoint(near) else ""

    def _absences(self) -> Iterator[tuple[Topic, Value, int]]:
        """Yield topics that the sentence says there is none of, or without an end."""
        for mention in self.mentions:
            at = self._endless(mention)
            if at is not None and "unlimited" in mention.topic.kinds:
                yield mention.topic, UNLIMITED, at
                continue
            if "none" not in mention.topic.kinds or self._is_quantified(mention):
                continue
            at = self._denied(mention)
            if at is None and "money" in mention.topic.kinds:
                at = self._free(mention)
            if at is not None and not self._restricted(mention):
                yield mention.topic, NONE, at

    def _near(self, mention: Mention) -> Iterator[tuple[int, str]]:
        number = self.statements[mention.first]
        return ((i, w) for i, w in enumerate(self.words) if self.statements[i] == number)

    def _endless(self, mention: Mention) -> int | None:
        for index, word in self._near(mention):
            if word in _ENDLESS:
                return index
            if word == "never" and self.words[index + 1 : index + 2] in (
                ("expire",),
                ("expires",),
                ("end",),
                ("ends",),
            ):
                return index
            if word == "no" and self.words[index + 1 : index + 3] in (("time", "limit"), ("expiry", "date")):
                return index
        return None

    def _denied(self, mention: Mention) -> int | None:
        for index in range(mention.first - 1, max(-1, mention.first - 7), -1):
            word = self.words[index]
            if word in (",", ":") or self.statements[index] != self.statements[mention.first]:
                break
            between = self.words[index + 1 : mention.first]
            if word in self.known.nothing and len(between) <= 2 and _JOINS.isdisjoint(between):
                return index if self._is_general(mention) else None
            if word in ("not", "never") and not _OFFERS.isdisjoint(self.words[index + 1 : mention.first + 1]):
                return index
        behind = self.words[mention.last : mention.last + 4]
        if len(behind) > 2 and behind[0] in ("is", "are") and behind[1] == "not" and behind[2] in _UNAVAILABLE:
            return mention.first
        return None

    def _is_general(self, mention: Mention) -> bool:
        """Tell `no refunds`, a rule, from `there will be no refund`, which tells of a case."""
        return not mention.topic.window or self.words[mention.first] != self.stems[mention.first]

    def _free(self, mention: Mention) -> int | None:
        for index, word in self._near(mention):
            ahead = self.words[index + 1 : index + 3]
            if word in self.known.free and self.words[index - 1 : index] not in (("feel",), ("toll",), ("-",)):
                return index
            if word == "no" and ahead and (ahead[0] in _COSTS or (len(ahead) > 1 and ahead[1] in _COSTS)):
                return index
        return None

    def _is_quantified(self, mention: Mention) -> bool:
        """Tell whether the statement gives the topic an amount, which then says more than a denial."""
        if "money" in mention.topic.kinds:
            return any(not _THRESHOLDS.isdisjoint(self.words) and a.value.kind == "money" for a in self.amounts)
        number = self.statements[mention.first]
        return any(
            amount.value.kind in mention.topic.kinds and self.statements[amount.first] == number
            for amount in self.amounts
        )

    def _restricted(self, mention: Mention) -> bool:
        """Tell whether what is said holds for a part only: `no refunds on sale items`."""
        for index, word in self._near(mention):
            if word in _LIMITS and index >= mention.first and _ALL.isdisjoint(self.words[index + 1 : index + 3]):
                return True
        return False


_UNAVAILABLE: Final = frozenset({"something", "available", "offered", "possible", "included", "provided"})
_JOINS: Final = frozenset({"for", "of", "to", "in", "on", "and", "with", "waiting"})
_COSTS: Final = frozenset({"charge", "cost", "costs", "fee"})
