"""What a sentence says there is none of (`no restocking fee`, `delivery is free`), or without an end (`lifetime`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from convqa_sdk.signals.policy_quantities import Quantity
from convqa_sdk.signals.policy_statements import Mention, Statements
from convqa_sdk.signals.policy_topics import Topic
from convqa_sdk.signals.policy_values import NONE, UNLIMITED, Value

_LIMITS: Final = frozenset({"for", "on", "if", "after", "when", "unless", "with", "until", "once"})
_ALL: Final = frozenset({"our", "any", "all", "every", "everything", "unopened", "most", "always", "you", "us"})
_OFFERS: Final = frozenset(
    {"offer", "charge", "have", "provide", "do", "give", "pay", "apply", "match", "accept", "take"}
)
_ENDS: Final = frozenset({"expire", "expires", "end", "ends"})
_ENDLESS: Final = frozenset({"lifetime", "unlimited", "forever"})
_THRESHOLDS: Final = frozenset({"over", "above", "more", "minimum", "spend", "least", "from", "exceeding", "reach"})
_UNAVAILABLE: Final = frozenset({"something", "available", "offered", "possible", "included", "provided"})
_JOINS: Final = frozenset({"for", "of", "to", "in", "on", "and", "with", "waiting"})
_COSTS: Final = frozenset({"charge", "cost", "costs", "fee"})


def absences(
    said: Statements, mentions: Sequence[Mention], amounts: Sequence[Quantity]
) -> Iterator[tuple[Topic, Value, int]]:
    """Yield what a sentence says there is none of, or without an end, with the place that says so.

    Args:
        said: The sentence.
        mentions: The topics that it mentions.
        amounts: Its quantities: a topic that has one in the same statement is not denied but limited.
    """
    for mention in mentions:
        at = _endless(said, mention)
        quantified = _is_quantified(said, mention, amounts)
        if at is not None and "unlimited" in mention.topic.kinds and not quantified:
            yield mention.topic, UNLIMITED, at
            continue
        if "none" not in mention.topic.kinds or quantified:
            continue
        at = _denied(said, mention)
        if at is None and "money" in mention.topic.kinds:
            at = _free(said, mention)
        if at is not None and not _restricted(said, mention):
            yield mention.topic, NONE, at


def _endless(said: Statements, mention: Mention) -> int | None:
    for index, word in said.around(mention.first):
        if word in _ENDLESS:
            return index
        if word == "never" and not _ENDS.isdisjoint(said.words[index + 1 : index + 2]):
            return index
        if word == "anytime" or (word == "any" and said.words[index + 1 : index + 2] == ("time",)):
            return index if said.words[index - 1 : index] in (("at",), ("returned",), ("refunded",)) else None
        if word == "no" and said.words[index + 1 : index + 3] in (("time", "limit"), ("expiry", "date")):
            return index
    return None


def _denied(said: Statements, mention: Mention) -> int | None:
    for index in range(mention.first - 1, max(-1, mention.first - 7), -1):
        word = said.words[index]
        if word in (",", ":") or not said.together(index, mention.first):
            break
        between = said.words[index + 1 : mention.first]
        if word in said.known.nothing and len(between) <= 2 and _JOINS.isdisjoint(between):
            return index if _is_general(said, mention) else None
        if word in ("not", "never") and not _OFFERS.isdisjoint(said.words[index + 1 : mention.first + 1]):
            return index
    behind = said.words[mention.last : mention.last + 4]
    if len(behind) > 2 and behind[0] in ("is", "are") and behind[1] == "not" and behind[2] in _UNAVAILABLE:
        return mention.first
    return None


def _is_general(said: Statements, mention: Mention) -> bool:
    """Tell `no refunds`, a rule, from `there will be no refund`, which tells of a case."""
    return not mention.topic.window or said.words[mention.first] != said.stems[mention.first]


def _free(said: Statements, mention: Mention) -> int | None:
    for index, word in said.around(mention.first):
        ahead = said.words[index + 1 : index + 3]
        if word in said.known.free and said.words[index - 1 : index] not in (("feel",), ("toll",), ("-",)):
            return index
        if word == "no" and ahead and (ahead[0] in _COSTS or (len(ahead) > 1 and ahead[1] in _COSTS)):
            return index
    return None


def _is_quantified(said: Statements, mention: Mention, amounts: Sequence[Quantity]) -> bool:
    """Tell whether the statement gives the topic an amount, which then says more than a denial."""
    if "money" in mention.topic.kinds:
        return any(not _THRESHOLDS.isdisjoint(said.words) and a.value.kind == "money" for a in amounts)
    return any(
        amount.value.kind in mention.topic.kinds and said.together(amount.first, mention.first) for amount in amounts
    )


def _restricted(said: Statements, mention: Mention) -> bool:
    """Tell whether what is said holds for a part only: `no refunds on sale items`."""
    for index, word in said.around(mention.first):
        if word in _LIMITS and index >= mention.first and _ALL.isdisjoint(said.words[index + 1 : index + 3]):
            return True
    return False
