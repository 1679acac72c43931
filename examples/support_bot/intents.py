"""What customers want, found by the words they use: a small classifier that never guesses silently."""

from __future__ import annotations

from typing import Literal, NamedTuple

from convqa_sdk import Intent
from support_bot.knowledge import words_of


class _Class(NamedTuple):
    name: str
    words: str
    risk: Literal["low", "medium", "high"]
    archetype: str
    tier: Literal["1", "2", "3"]


TAXONOMY = (
    _Class("order_status", "order track tracking status late parcel", "low", "order_status", "1"),
    _Class("delivery", "delivery deliver shipping ship express norway switzerland abroad", "low", "delivery_info", "2"),
    _Class("refund", "refund return money back broken damaged faulty", "high", "refund_status", "3"),
    _Class("payment", "pay payment card invoice transfer gift", "medium", "payment_method", "2"),
    _Class("product", "battery charge charging clean warranty repair store glass", "low", "product_help", "2"),
    _Class("person", "person human colleague agent somebody", "low", "human_request", "1"),
)


def classify(message: str) -> Intent:
    """Return the class with most of its words in the message; confidence falls with the runner-up."""
    said = words_of(message)
    ranked = sorted(((len(said & words_of(c.words)), c) for c in TAXONOMY), key=lambda pair: -pair[0])
    (hits, best), (behind, _) = ranked[:2]
    if not hits:
        return Intent("unclear", confidence=0.1, risk="low", tier="tail")
    others = tuple(c.name for count, c in ranked[1:3] if count)
    confidence = round(hits / (hits + behind + 0.5), 2)
    return Intent(best.name, confidence, best.risk, best.archetype, best.tier, others)
