"""What a done action was done to: something that the customer has with the company, or only the answer's own text.

`I've added a bag to your reservation` needs a tool; `I've added some links below` needs none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from convqa_sdk.signals.capability_words import BREAKS, OWN_NOTES, OWN_THINGS
from convqa_sdk.signals.wording import word_set

VAGUE: Final = frozenset({"add", "send", "change", "create"})
"""Actions that are also done to texts: what they were done to has to be said."""

_REACH: Final = 12
"""Words behind a participle in which its object is looked for."""
_DESTINATION: Final = 5
"""Words of which one names the destination: `to your saved delivery address`."""

_THINGS: Final = (OWN_THINGS - {"you"}) | word_set(
    "accounts addresses appointments callback cards cases certificate claims codes complaint confirmation copy coupon "
    "credits date delivery discount dispute document documents emails fees gift infant inspection invitation invoice "
    "label labels lounge mail message notification orders payments plans points profile promo receipt refund reminder "
    "return returns settings shipment sms status subscriptions tax text ticket tickets time upgrades vouchers waiver "
    "warranty $ € £ usd eur gbp"
)
_TEXTS: Final = (OWN_NOTES - {"message"}) | word_set(
    "article articles attachment caveat detail example examples explanation faq file form guide guides heading image "
    "info instruction instructions link links option options overview page pages paragraph photo picture point points "
    "policy question questions recipe reply screenshot section sentence sentences step steps table template tip tips "
    "translation version video website wording"
)
_IN_THE_TEXT: Final = frozenset({"below", "above"})
_ENDS: Final = BREAKS | {"so", "because", "if", "when"}
_BETWEEN: Final = word_set("of to into from on onto under in for with at about as by via through how that which and")
_TOWARDS: Final = frozenset({"to", "into", "from", "on", "onto", "under", "in"})
_POINTING: Final = word_set("your the this that his her their my our")
_PRONOUNS: Final = word_set("you it this that them these those everything both all")
_DENYING: Final = frozenset({"no", "nothing", "none", "neither"})


def is_of_the_customer(words: Sequence[str], at: int) -> bool:
    """Tell whether what was done to stands behind a participle, and is no text: `updated your address`.

    Args:
        words: Of the sentence.
        at: Place of the participle.
    """
    rest = _rest(words, at)
    if not _IN_THE_TEXT.isdisjoint(rest):
        return False
    thing = _until(rest, _BETWEEN)
    if _TEXTS.isdisjoint(thing):
        if "your" in thing or not _THINGS.isdisjoint(thing):
            return True
        if thing and thing[-1] in _PRONOUNS and (thing[-1] != "you" or len(rest) == 1 or rest[1] in _TOWARDS):
            return True
    return any(not _THINGS.isdisjoint(where) and _TEXTS.isdisjoint(where) for where in _destinations(rest))


def is_denied_behind(words: Sequence[str], at: int) -> bool:
    """Tell whether a participle is denied by what follows it: `I have sent no email`, `I have sent you nothing`."""
    rest = words[at + 1 : at + 3]
    return bool(rest) and (rest[0] in _DENYING or (rest[0] in _PRONOUNS and rest[-1] in _DENYING))


def _rest(words: Sequence[str], at: int) -> Sequence[str]:
    return _until(words[at + 1 : at + 1 + _REACH], _ENDS)


def _until(words: Sequence[str], stops: frozenset[str]) -> Sequence[str]:
    return words[: next((index for index, word in enumerate(words) if word in stops), len(words))]


def _destinations(rest: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield what follows `to your`, `on the`, and the like."""
    for index, word in enumerate(rest[:-1]):
        if word in _TOWARDS and rest[index + 1] in _POINTING:
            yield _until(rest[index + 1 : index + 1 + _DESTINATION], _BETWEEN)
