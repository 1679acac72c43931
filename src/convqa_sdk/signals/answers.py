"""What is kept of an answer for reading the reply to it: yes/no facts, nothing textual."""

from __future__ import annotations

import re
from typing import NamedTuple

from convqa_sdk.signals.folding import folded

_LAST = 400
"""Characters at the end of an answer in which its last question is looked for."""
_OFFER = re.compile(
    r"\b(?:would you like|do you (?:want|need)|can i (?:help|assist)|could i (?:help|assist)|may i (?:help|assist)"
    r"|shall i|should i|is there anything|anything else|(?:how|what) about|what do you think of)\b"
)
_CONFIRMATION = re.compile(
    r"\b(?:is|are|was|were) (?:that|this|it|these|those|everything|all of (?:that|this)) (?:all )?(?:correct|right|true|accurate|okay|ok)\b"
    r"|\b(?:correct|right|ok|okay|true|yes)\?$"
    r"|\b(?:please|can you|could you) confirm\b|\bdid i (?:get|understand|hear)\b|\bhave i (?:got|understood)\b"
    r"|\b(?:is|are) your [\w ]{1,60}\?$"
)


class AnswerTraits(NamedTuple):
    """Facts of an answer that the state of a conversation may keep.

    Attributes:
        ends_with_question: The answer ends with a question.
        offers: That question offers or proposes something, so that `no` declines it.
        asks_confirmation: It asks whether something is right, so that `that's not right` is the answer it asked for.
    """

    ends_with_question: bool = False
    offers: bool = False
    asks_confirmation: bool = False

    @classmethod
    def of(cls, text: str) -> AnswerTraits:
        """Return the facts of an answer."""
        end = text.rstrip()[-_LAST:]
        question = end.rstrip("\"'”’)*_ ").endswith(("?", "？", "؟"))  # noqa: RUF001 - full-width and Arabic
        last = folded(end).rstrip("\"')*_ ")
        sentence = max(map(last[:-1].rfind, ".!?")) + 1
        return cls(
            question,
            question and _OFFER.search(last, sentence) is not None,
            question and _CONFIRMATION.search(last, sentence) is not None,
        )
