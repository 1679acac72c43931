"""The turn that every variant records: six spans, 44 values, four documents of 600 characters, a prompt of 1.5 KB."""

from __future__ import annotations

from dataclasses import dataclass

_SENTENCE = "The customer asks about the refund of an order that arrived late and was sent back last week. "


def text(characters: int) -> str:
    """Return prose of a length, without anything that a detector finds."""
    return (_SENTENCE * (characters // len(_SENTENCE) + 1))[:characters]


@dataclass(frozen=True)
class Passage:
    """A document as a retriever returns it."""

    id: str
    rank: int
    score: float
    hash: str
    content: str


QUESTION = text(120)
PROMPT = text(1_500)
ANSWER = text(600)
PASSAGES = tuple(Passage(f"kb-{n}", n + 1, 0.93 - 0.07 * n, f"{n:064x}", text(600)) for n in range(4))

TURN = {
    "conversation": "conv-seven",
    "index": 3,
    "channel": "web-chat",
    "tier": "gold",
    "policy": "policy-2026-05",
    "kb": "kb-2026-05-01",
    "question": QUESTION,
}
INTENT = {"name": "refund_status", "confidence": 0.91, "model": "intent-clf-12"}
RETRIEVAL = {"query": QUESTION, "k": 4}
GENERATION = {
    "provider": "acme",
    "model": "support-llm-3",
    "prompt_version": "prompt-v42",
    "prompt": PROMPT,
    "answer": ANSWER,
    "input_tokens": 1210,
    "output_tokens": 148,
}
POLICY = {"verdict": "pass", "rules_checked": 17, "redacted": True}
ESCALATION = {"decision": False, "reason": "other"}
