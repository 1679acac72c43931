"""Which turns are read first."""

from __future__ import annotations

from pathlib import Path

import convqa_sdk as convqa
from convqa_sdk.measure.rescoring import rescore
from convqa_sdk.measure.review_queue import review_queue
from convqa_sdk.store.conversations import conversations


def test_low_scores_lead_the_queue(tmp_path: Path) -> None:
    """The lowest first; then grave signals, those of high risk before others; what is fine is not there."""
    sdk = convqa.configure("bot", store=tmp_path / "s")

    def turn(conversation: str, answer: str, message: str = "hi", score: float | None = None, risk: str = "") -> None:
        with convqa.turn(conversation, message) as opened:
            with convqa.intent_detection() as intent:
                intent.set(intent="x", confidence=0.9, risk=risk or "low")  # type: ignore[arg-type] # reason: one of the levels
            if score is not None:
                opened.self_score(confidence=score, quality=0.9)
            opened.answer(answer)

    turn("fine", "Hello!", score=0.9)
    turn("refused", "I'm sorry, but I can't help with that.")
    turn("risky", "I'm sorry, but I can't help with that.", risk="high")
    turn("unsure", "Perhaps.", score=0.4)
    turn("worse", "Perhaps.", score=0.1)
    turn("done", "I have refunded your order.")
    turn("corrected", "Five days.")
    turn("corrected", "Sorry.", message="That's wrong.")
    sdk.shutdown()
    held = conversations(tmp_path / "s").values()
    queue = review_queue(held, rescore(held).findings)
    assert [(each.conversation_id, each.turn) for each in queue] == [
        ("worse", 0),
        ("unsure", 0),
        ("risky", 0),
        ("done", 0),
        ("corrected", 0),
        ("refused", 0),
    ]
    assert queue[0].score == 0.1
    assert queue[3].signals == ("overreach",)


def test_nothing_to_read_is_an_empty_queue() -> None:
    """No turns, no queue."""
    assert review_queue([], []) == []
