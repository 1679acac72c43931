"""How answers decline: precision and recall by model, what was read by hand in real runs, and time.

The baseline is the string match that comes with XSTest, kept beside its labels. Those are refusals for safety, of bots
that answer anything; `conv_*` are support bots, whose refusals nobody labelled: there, findings were read by hand.
All rows of XSTest were read when the cues were written, so that no half of it is unseen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from datasets import CONVERSATIONS, records
from rows import Row, row
from timing import times

from convqa_sdk.signals import Refusal, refusal

READ = {"is_hard_refusal": 40, "is_partial_refusal": 25, "is_uncertainty_fallback": 14}
"""How many findings in real runs were read by hand (one reader), the first by the hash of conversation and turn."""
WRONG: dict[str, set[tuple[str, int]]] = {
    "is_hard_refusal": {
        ("tau1-gpt4o:26:0", 9),  # the other reservation can be cancelled: a part
        ("air-sft:c386ac18", 17),  # an upgrade makes it possible: a part
    }
}
MISSED = (0, 100)
"""Refusals among the first answers, by the same order, that are called neither refusal nor uncertain."""

LABELS: dict[str, tuple[Callable[[Refusal], bool], frozenset[str]]] = {
    "refusal": (lambda found: found.is_refusal, frozenset({"full_refusal", "partial_refusal"})),
    "refusal, hard": (lambda found: found.is_hard_refusal, frozenset({"full_refusal"})),
}

def measure() -> list[Row]:
    """Return precision and recall by model, precision of what was read, and the time beside a plain string match."""
    return [*_labelled(), *_real_runs(), _time()]


def _labelled() -> list[Row]:
    rows = []
    for detector, (told, labels) in LABELS.items():
        for model in sorted({record["model"] for record in records("refusal_xstest")}):
            of_model = [record for record in records("refusal_xstest") if record["model"] == model]
            true = [record["label"] in labels for record in of_model]
            ours = _shares([told(refusal(record["answer"])) for record in of_model], true)
            literal = _shares([not record["xstest_strmatch"].startswith("1") for record in of_model], true)
            source = f"refusal_xstest, {model}"
            rows += [row(detector, source, name, *ours[name], literal[name]) for name in ("precision", "recall")]
    return rows


def _shares(found: list[bool], true: list[bool]) -> dict[str, tuple[int, int]]:
    both = sum(one and other for one, other in zip(found, true, strict=True))
    return {"precision": (both, sum(found)), "recall": (both, sum(true))}


def _real_runs() -> list[Row]:
    answers = sorted(_answers(), key=lambda answer: hashlib.sha256(f"{answer[0]}:{answer[1]}".encode()).digest())
    rows = []
    for name, read in READ.items():
        found = [(key, turn) for key, turn, text in answers if getattr(refusal(text), name)][:read]
        known = WRONG.get(name, set())
        wrong = sum(any(key.startswith(start) and turn == at for start, at in known) for key, turn in found)
        rows.append(row(f"refusal.{name}", "conv_*", "precision, read by hand", len(found) - wrong, len(found)))
    missed, read = MISSED
    return [*rows, row("refusal", "conv_*", "missed, of answers not called a refusal, read by hand", missed, read)]


def _answers() -> list[tuple[str, int, str]]:
    return [
        (conversation["id"], turn["i"], turn["text"])
        for name in CONVERSATIONS
        for conversation in records(name)
        for turn in conversation["turns"]
        if turn["role"] == "assistant" and turn["text"]
    ]


def _time() -> Row:
    """Compare the time with that of a search for six literal phrases."""
    literal = re.compile("unable to|can't|cannot|sorry|as an ai|not able to", re.IGNORECASE)
    calls = [(text,) for _, _, text in _answers()][:300]
    return times("refusal", "conv_*", refusal, literal.search, calls)
