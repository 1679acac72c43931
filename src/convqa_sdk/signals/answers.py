"""What is kept of an answer for reading the reply to it: yes/no facts, nothing textual."""

from __future__ import annotations

import re
from typing import NamedTuple

from convqa_sdk.signals.folding import folded

_LAST = 400
"""Characters at the end of an answer in which its last question is looked for."""
_ASKS = re.compile(
    r"\W*(?:(?:and|so|or|also|then|ok|okay|sure|great)[, ]+)?(?:what|which|who|when|where|why|how|do|does|did|is|are"
    r"|can|could|would|will|shall|should|may|have|has)\b|(?:please )?(?:let me know|tell me|confirm|provide"
    r"|feel free)\b"
)
_OFFERS = re.compile(
    r"\b(?:would you like|do you (?:want|need)|(?:can|could|may) i (?:help|assist)|shall i|should i|is there anything"
    r"|anything else|(?:how|what) about|what do you think of|(?:if|whether|how) (?:you would|youd) like)\b"
)
_HELD_BY_OFFERS = (
    "you like", "would like", "youd like", "you want", "you need", " i help", " i assist", "shall i", "should i",
    "anything", " about", " think of",
)  # fmt: skip
"""One of these stands in each of them, and is found in a fraction of the time."""
_CONFIRMS = re.compile(
    r"\b(?:is|are|was|were) (?:that|this|it|these|those|everything|all of (?:that|this)) (?:all )?(?:correct|right"
    r"|true|accurate|okay|ok)\b|\b(?:correct|right|ok|okay|true|yes) ?\?$|\b(?:please|can you|could you) confirm\b"
    r"|\bdid i (?:get|understand|hear)\b|\bhave i (?:got|understood)\b|\b(?:is|are) your [\w ]{1,60}\?$"
)


_GREETS = re.compile(
    r"(?:hi|hello|hey|welcome|greetings|good (?:morning|afternoon|evening|day)|thanks? (?:you )?for)\b|$|\W*(?:im"
    r"|i am) "
)
_HELPS = re.compile(r"\b(?:how|what) (?:can|may|could) (?:i|we) (?:help|assist|do)\b|\bwhat brings you\b")
_MORE = re.compile(
    r"\b(?:anything else|feel free|let me know if (?:you (?:have|need)|there is|theres|anything|i can)|(?:help"
    r"|assist) you (?:with )?(?:further|more|else)|(?:other|further|more) (?:questions?|concerns?|help|assistance))\b"
)
_GREETING_WORDS = 20
"""Words before the offer of help in the longest greeting."""


class AnswerTraits(NamedTuple):
    """Facts of an answer that the state of a conversation may keep.

    Attributes:
        ends_with_question: Its last sentence asks something, with a question mark or in the form of a question.
        offers: That sentence offers or proposes something, so that `no` declines it.
        asks_confirmation: It asks whether something is right, so that `that's not right` is the reply it asked for.
        offers_more: It offers further help, as answers end; that asks nothing about what the answer states.
        greets: The answer only greets and offers help; there is nothing in it to contradict.
    """

    ends_with_question: bool = False
    offers: bool = False
    asks_confirmation: bool = False
    offers_more: bool = False
    greets: bool = False

    @classmethod
    def of(cls, text: str) -> AnswerTraits:
        """Return the facts of an answer, from its last sentence."""
        end = folded(text[-_LAST:]).rstrip("\"')*_ ")
        begin = max(map(end[:-1].rfind, ".!?")) + 1
        last = end[begin:].lstrip()
        offers = any(held in last for held in _HELD_BY_OFFERS) and _OFFERS.search(last) is not None
        if not (offers or last.endswith("?") or _ASKS.match(last)):
            return cls()
        before = end[:begin]
        greets = (
            len(text) <= _LAST
            and _HELPS.search(last) is not None
            and before.count(" ") <= _GREETING_WORDS
            and _GREETS.match(before) is not None
        )
        return cls(
            ends_with_question=True,
            offers=offers,
            asks_confirmation=_CONFIRMS.search(last) is not None,
            offers_more=_MORE.search(last) is not None,
            greets=greets,
        )
