"""The turn that every variant records: six spans, 44 values, four documents of 600 characters, a prompt of 1.5 KB.

`TURNS` differ in every text, so that nobody gains from remembering one; stages do nothing but return.
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
DIFFERENT = 50
"""Turns before the texts repeat."""
STAGES = ("intent_detection", "retrieval", "generation", "policy_check", "escalation")
POLICY_VERSION = "policy-2026-05"
KB_SNAPSHOT = "kb-2026-05-01"
PROMPT_VERSION = "prompt-v42"

_random = random.Random(3)
_VOCABULARY = (
    "account address agent answer battery billing broken cancel card carrier case change charger claim contract cover "
    "credit customer damage days delivery device email exchange express fee form gift help invoice item label late "
    "line login month number offer order parcel password payment phone plan policy price purchase receipt refund "
    "region repair replace request return serial service ship shop sign store support the ticket to track upgrade "
    "voucher wait warranty week when where with your"
)


def text(characters: int) -> str:
    """Return words of customer support, without anything that a detector finds."""
    return " ".join(_random.choices(_VOCABULARY.split(), k=characters // 3))[:characters]


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


def make_turn(number: int) -> Turn:
    """Return the turn with this number."""
    contents = [text(600) for _ in range(4)]
    passages = tuple(
        Passage(f"kb-{number}-{n}", n + 1, 0.93 - 0.07 * n, hashlib.sha256(content.encode()).hexdigest(), content)
        for n, content in enumerate(contents)
    )
    return Turn(f"conv-{number}", text(120), text(1_500), text(600), passages)


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
