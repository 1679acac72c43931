"""Which turns a reviewer should read first: those that the model itself scored low, then those with a grave signal.

It orders turns and samples nothing: a share that is estimated from a queue like this one is biased towards the bad.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from convqa_sdk.measure.rescoring import Finding
from convqa_sdk.store.conversations import Conversation
from convqa_sdk.store.segments import StoredSpan

LOW: Final = 0.5
"""A score of the model's below this is low."""
_GRAVE: Final = ("overreach", "correction", "ungrounded", "complaint", "hard_refusal")
"""Signals that bring a turn into the queue, the gravest first."""


class Queued(NamedTuple):
    """A turn to be read.

    Attributes:
        conversation_id: As stored.
        turn: Place of the turn in its conversation, from 0.
        span_id: Of the turn.
        score: The lower one of the model's two scores, 0 to 1; None: it gave none.
        risk: As stated, None: unknown.
        signals: What was found, the gravest first.
    """

    conversation_id: str
    turn: int
    span_id: str
    score: float | None
    risk: str | None
    signals: tuple[str, ...]


def review_queue(conversations: Iterable[Conversation], findings: Iterable[Finding]) -> list[Queued]:
    """Return the turns that are to be read, in order.

    Low scores come first, the lowest of them at the head; then turns with a grave signal, by how grave it is and how
    many there are. A correction speaks of the answer before it, so that turn is queued.

    Args:
        conversations: From which the turns are.
        findings: What `rescore` found in them.
    """
    found: dict[tuple[str, int], list[str]] = {}
    for finding in findings:
        if finding.signal in _GRAVE:
            found.setdefault((finding.conversation_id, finding.about), []).append(finding.signal)
    queue: list[Queued] = []
    for conversation in conversations:
        for place, turn in enumerate(conversation.turns):
            score, signals = _score(turn), found.get((conversation.id, place), [])
            if signals or (score is not None and score < LOW):
                ordered = tuple(sorted(dict.fromkeys(signals), key=_GRAVE.index))
                given = turn.attributes.get("convqa.risk.level")
                risk = given if isinstance(given, str) else None
                queue.append(Queued(conversation.id, place, turn.span_id, score, risk, ordered))
    return sorted(queue, key=_urgency)


def _score(turn: StoredSpan) -> float | None:
    given = (turn.attributes.get(f"convqa.answer.self_{name}") for name in ("confidence", "quality"))
    scores = [float(score) for score in given if isinstance(score, (int, float))]
    return min(scores) if scores else None


def _urgency(queued: Queued) -> tuple[bool, float, bool, int, int, str, int]:
    low = queued.score is not None and queued.score < LOW
    gravest = _GRAVE.index(queued.signals[0]) if queued.signals else len(_GRAVE)
    return (
        not low,
        queued.score if low and queued.score is not None else 0.0,
        queued.risk != "high",
        gravest,
        -len(queued.signals),
        queued.conversation_id,
        queued.turn,
    )
