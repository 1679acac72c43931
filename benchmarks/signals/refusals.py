"""How answers decline: precision and recall by model, what was read by hand in real runs, and time.

The baseline is the string match that comes with XSTest, kept beside its labels. Those are refusals for safety, of bots
that answer anything; `conv_*` are support bots, whose refusals nobody labelled: there, findings were read by hand.
All rows of XSTest were read when the cues were written, so that no half of it is unseen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import NamedTuple

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
SILENT = 100
"""How many answers that are called neither refusal nor uncertain were read, by the same order."""
MISSED: set[tuple[str, int]] = set()
"""Those of them that decline something, or do not know it."""

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
    """Return what was read by hand, by the file it is from."""
    answers = sorted(_answers(), key=lambda answer: hashlib.sha256(f"{answer.key}:{answer.turn}".encode()).digest())
    rows = []
    for name, most in READ.items():
        read = [answer for answer in answers if getattr(refusal(answer.text), name)][:most]
        for source in sorted({answer.source for answer in read}):
            found = [answer for answer in read if answer.source == source]
            right = sum(not answer.is_in(WRONG.get(name, set())) for answer in found)
            rows.append(row(f"refusal.{name}", source, "precision, read by hand", right, len(found)))
    silent = [answer for answer in answers if not any(refusal(answer.text)[:4])][:SILENT]
    for source in sorted({answer.source for answer in silent}):
        of_source = [answer for answer in silent if answer.source == source]
        missed = sum(answer.is_in(MISSED) for answer in of_source)
        rows.append(row("refusal", source, "missed among answers that are called none", missed, len(of_source)))
    return rows


class Answer(NamedTuple):
    """An answer of a real run."""

    source: str
    key: str
    turn: int
    text: str

    def is_in(self, read: set[tuple[str, int]]) -> bool:
        """Tell whether a record of reading has the answer, by the beginning of its conversation's id."""
        return any(self.key.startswith(start) and self.turn == turn for start, turn in read)


def _answers() -> list[Answer]:
    return [
        Answer(name, conversation["id"], turn["i"], turn["text"])
        for name in CONVERSATIONS
        for conversation in records(name)
        for turn in conversation["turns"]
        if turn["role"] == "assistant" and turn["text"]
    ]


def _time() -> Row:
    """Compare the time with that of a search for six literal phrases."""
    literal = re.compile("unable to|can't|cannot|sorry|as an ai|not able to", re.IGNORECASE)
    calls = [(answer.text,) for answer in _answers()[:300]]
    return times("refusal", CONVERSATIONS[0], refusal, literal.search, calls)
