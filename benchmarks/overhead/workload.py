"""The turn that every variant records: six spans, 44 values, four documents of 600 characters, a prompt of 1.5 KB.

No conversation, question, prompt or answer comes twice in `DIFFERENT` turns, so that nobody gains from remembering
one; the documents are drawn from a knowledge base of `PASSAGES`, as a retriever's are. Stages do nothing but return.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SPANS = 6
"""Spans of one turn."""
DIFFERENT = 2_000
"""Turns before the first comes again."""
STAGES = ("intent_detection", "retrieval", "generation", "policy_check", "escalation")
POLICY_VERSION = "policy-2026-05"
KB_SNAPSHOT = "kb-2026-05-01"
PROMPT_VERSION = "prompt-v42"

_VOCABULARY = (
    "account address agent answer battery billing broken cancel card carrier case change charger claim contract cover "
    "credit customer damage days delivery device email exchange express fee form gift help invoice item label late "
    "line login month number offer order parcel password payment phone plan policy price purchase receipt refund "
    "region repair replace request return serial service ship shop sign store support the ticket to track upgrade "
    "voucher wait warranty week when where with your"
)
_SPEECH = " ".join(random.Random(3).choices(_VOCABULARY.split(), k=50_000))
_STARTS = itertools.count(step=23)


def text(characters: int) -> str:
    """Return words of customer support, without anything that a detector finds."""
    start = next(_STARTS)
    return _SPEECH[start : start + characters]


@dataclass(frozen=True)
class Passage:
    """A document as a retriever returns it."""

    id: str
    rank: int
    score: float
    hash: str
    content: str


@dataclass(frozen=True)
class Turn:
    """The texts of one turn."""

    conversation: str
    question: str
    prompt: str
    answer: str
    passages: tuple[Passage, ...]


def _passage(number: int) -> Passage:
    content = text(600)
    rank = number % 4 + 1
    return Passage(f"kb-{number}", rank, 1 - 0.07 * rank, hashlib.sha256(content.encode()).hexdigest(), content)


PASSAGES = tuple(_passage(number) for number in range(100))


def make_turn(number: int) -> Turn:
    """Return the turn with this number."""
    first = 4 * number % len(PASSAGES)
    return Turn(f"conv-{number}", text(120), text(1_500), text(600), PASSAGES[first : first + 4])


TURNS = tuple(make_turn(number) for number in range(DIFFERENT))


def endless() -> Callable[[], Turn]:
    """Return a function that gives one turn after the other."""
    return itertools.cycle(TURNS).__next__


def values(turn: Turn) -> Mapping[str, Mapping[str, Any]]:
    """Return the 44 values by the span that carries them; the passages' 20 are flat, as a span needs them."""
    passages = {
        f"documents.{passage.rank}.{key}": getattr(passage, key)
        for passage in turn.passages
        for key in ("id", "rank", "score", "hash", "content")
    }
    return {
        "turn": {
            "conversation": turn.conversation,
            "index": 3,
            "channel": "web-chat",
            "tier": "gold",
            "policy_version": POLICY_VERSION,
            "kb_snapshot": KB_SNAPSHOT,
            "question": turn.question,
        },
        "intent_detection": {"name": "refund_status", "confidence": 0.91, "model": "intent-clf-12"},
        "retrieval": {"query": turn.question, "k": 4, **passages},
        "generation": {
            "provider": "acme",
            "model": "support-llm-3",
            "prompt_version": PROMPT_VERSION,
            "prompt": turn.prompt,
            "answer": turn.answer,
            "input_tokens": 1210,
            "output_tokens": 148,
        },
        "policy_check": {"verdict": "pass", "rules_checked": 17, "redacted": True},
        "escalation": {"decision": False, "reason": "other"},
    }
