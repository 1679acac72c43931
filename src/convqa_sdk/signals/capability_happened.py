"""What is said to have happened, without who did it: whether that tells of the bot's doing.

`Your refund was issued` does; `orders that have been cancelled`, `your password was changed on May 3` and `your flight
has been cancelled by the airline` do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from convqa_sdk.signals.capability_words import ADVERBS, BREAKS, DAYS, ELSEWHERE, OTHERS, OWN_THINGS, PAST

_APPOINTED: Final = frozenset({"book", "rebook", "create"})
"""Actions whose date may be that of what was booked."""
_PASSIVE: Final = frozenset({"has", "have", "been", "is", "are", "was", "were", "being"})
_RELATIVES: Final = frozenset({"that", "which", "who"})
_REPORTING: Final = frozenset({"confirm", "confirmed", "you", "know", "and", "inform", "say", "assure", "note"})
"""Words behind which `that` relates to nothing."""
_SHORT: Final = 4
"""Words of a subject that is named and not described."""


def has_happened(words: Sequence[str], start: int, back: int, at: int) -> bool:
    """Tell whether the past tells what was just done: `Your refund was issued.`, with nothing else said of it."""
    behind = words[at + 1 : at + 3]
    return words[start : start + 1] == ("your",) and back - start <= _SHORT and (not behind or behind == ("to", "your"))


def is_relative(words: Sequence[str], start: int, at: int) -> bool:
    """Tell whether a participle only tells which things are meant: `orders that have been cancelled`."""
    back = at - 1
    while back > start and (words[back] in ADVERBS or words[back] in _PASSIVE):
        back -= 1
    return words[back] in _RELATIVES and back > start and words[back - 1] not in _REPORTING


def _is_dated(words: Sequence[str], at: int) -> bool:
    """Tell whether it is said when or from where it happened, as only those do who looked it up."""
    behind = words[at + 1 : at + 10]
    if behind[:1] == ("on",) and not DAYS.isdisjoint(behind[1:3]):
        return True
    behind = behind[: next((index for index, word in enumerate(behind) if word in BREAKS or word == "and"), None)]
    return not PAST.isdisjoint(behind) or ("from" in behind and not ELSEWHERE.isdisjoint(behind))


def is_of_the_bot(words: Sequence[str], start: int, at: int, action: str) -> bool:
    """Tell whether what happened is the bot's doing, as far as the sentence tells."""
    after = words[at + 1 : at + 7]
    if "by" in after and (agent := set(after[after.index("by") + 1 :])) and not agent & {"me", "us"} and agent & OTHERS:
        return False
    if words[at + 1 : at + 3] in (("due", "to"), ("because", "of")):
        return False
    subject = words[max(0, start - 3) if words[start - 1 : start] == (":",) else start : at]
    if "on" in after and {"device", "phone"} & set(after):  # the customer's own
        return False
    if action not in _APPOINTED and _is_dated(words, at):
        return False
    if action == "cancel" and ("flight" in subject or "flights" in subject):
        return "reservation" in subject or "booking" in subject
    if action in ("book", "rebook", "change") and "successfully" in subject:
        return True
    return not OWN_THINGS.isdisjoint(subject) or not OWN_THINGS.isdisjoint(after)
