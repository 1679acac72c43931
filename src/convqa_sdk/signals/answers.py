"""What is kept of an answer for reading the reply to it: yes/no facts, nothing textual."""

from __future__ import annotations

import re
from typing import NamedTuple

from convqa_sdk.signals.folding import folded

_LAST = 400
"""Characters at the end of an answer in which its last question is looked for."""
_ASKS = re.compile(
    r"\W*(?:(?:and|so|or|also|then|ok|okay|sure|great)[, ]+)?(?:what|which|who|when|where|why|how|do|does|did|is|are"
    r"|can|could|would"
    r"|will|shall|should|may|have|has)\b|(?:please )?(?:let me know|tell me|confirm|provide|feel free)\b"
)
_OFFERS = re.compile(
    r"\b(?:would you like|do you (?:want|need)|(?:can|could|may) i (?:help|assist)|shall i|should i|is there anything"
    r"|anything else|(?:how|what) about|what do you think of|(?:if|whether|how) (?:you would|youd) like)\b"
)
_CONFIRMS = re.compile(
    r"\b(?:is|are|was|were) (?:that|this|it|these|those|everything|all of (?:that|this)) (?:all )?"
    r"(?:correct|right|true|accurate|okay|ok)\b|\b(?:correct|right|ok|okay|true|yes) ?\?$"
    r"|\b(?:please|can you|could you) confirm\b|\bdid i (?:get|understand|hear)\b|\bhave i (?:got|understood)\b"
    r"|\b(?:is|are) your [\w ]{1,60}\?$"
)


class AnswerTraits(NamedTuple):
    """Facts of an answer that the state of a conversation may keep.

    Attributes:
        ends_with_question: Its last sentence asks something, with a question mark or in the form of a question.
        offers: That sentence offers or proposes something, so that `no` declines it.
        asks_confirmation: It asks whether something is right, so that `that's not right` is the reply it asked for.
    """

    ends_with_question: bool = False
    offers: bool = False
    asks_confirmation: bool = False

    @classmethod
    def of(cls, text: str) -> AnswerTraits:
        """Return the facts of an answer, from its last sentence."""
        end = folded(text[-_LAST:]).rstrip("\"')*_ ")
        last = end[max(map(end[:-1].rfind, ".!?\n")) + 1 :].lstrip()
        if not (last.endswith("?") or _ASKS.match(last) or _OFFERS.search(last)):
            return cls()
        return cls(True, _OFFERS.search(last) is not None, _CONFIRMS.search(last) is not None)
