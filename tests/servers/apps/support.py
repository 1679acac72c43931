"""The bot that all servers of these tests run: three stages and a turn per message."""

from __future__ import annotations

import os
import sys
import time

import convqa_sdk as convqa


@convqa.intent_detection
def classify(message: str) -> convqa.Intent:
    """Tell what the customer wants."""
    return convqa.Intent("refund", confidence=0.9)


@convqa.retrieval(data_source="help-center")
def search(question: str) -> list[convqa.Document]:
    """Search the help center."""
    return [convqa.Document("kb-22", "Refunds within 30 days.", score=0.8)]


@convqa.generation(model="scripted-1")
def draft(prompt: str, pause_s: float) -> str:
    """Write an answer; a slow model takes `pause_s` seconds."""
    if pause_s:
        sys.stderr.write("the model is slow\n")
    time.sleep(pause_s)
    return "Within 30 days."


def reply(conversation_id: str, pause_s: float = 0.0) -> int:
    """Answer one message, in a turn; return the process that did."""
    with convqa.turn(conversation_id, "I am jane@example.com, refund please") as turn:
        classify("refund please")
        search("refund")
        turn.answer(draft("Refund?", pause_s), type="grounded", citations=["kb-22"])
    return os.getpid()
