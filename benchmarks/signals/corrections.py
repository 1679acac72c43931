"""What customers say of an answer: precision and recall by source, false alarms, and time.

The baseline are the five literal patterns that everyone starts with (S2, part 1.2 of the metric specification), told
apart neither by case nor by apostrophes. Labels of the set `correction_labels` are human majorities; several are
plainly not what the message says (`i like bts` asks for no clarification), so that no detector reaches 1.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from datasets import CONVERSATIONS, half, records
from rows import Row, row

from convqa_sdk.signals import user_signal

LITERAL = re.compile(r"that'?s wrong|no,? that'?s not right|you made that up|not true|you said .{1,200}? but")
HALVES = ("half the phrases were written from", "unseen half")
ANSWER = "We can help with that."
"""Stands for the answers that a set does not hold: it makes the phrases count that only follow an answer."""
GROUPS = {
    "correction or complaint": {"correction", "complaint_no_correction"},
    "clarification_request": {"clarification_request"},
    "any of the three": {"correction", "complaint_no_correction", "clarification_request"},
}
"""What is found, and the human labels of it; the line between complaint and clarification is thin in the labels."""
FOUND = {
    "correction or complaint": {"correction", "complaint"},
    "clarification_request": {"clarification_request"},
    "any of the three": {"correction", "complaint", "clarification_request"},
}
WRONG = frozenset(
    {
        ("air-gpt4o:601fe1b0-82a2-4173-8c08-44ef4cf9d59c", 12),
        ("air-gpt4o:67426d50-7f66-4c9a-ad45-2f7f4b52377b", 14),
        ("air-gpt4o:ad8aa977-71ee-4ad9-a25b-faaf5a40dd8a", 13),
        ("air-sonnet45:2f4524e7-c9a9-448a-99f2-853cabd18609", 12),
        ("tau1-gpt4o:36:0", 6),
        ("tau1-gpt4o:44:2", 2),
        ("air-base:fca35246-6684-4425-8dca-8f79be13bf24", 9),
    }
)
"""Findings in the real runs that are none: pleas, and terms that no answer had denied.

Read one by one, by one reader, who also wrote the phrases.
"""


class Message(NamedTuple):
    """A customer's message with what came before it."""

    key: tuple[str, int]
    text: str
    answer: str | None


def measure() -> list[Row]:
    """Return precision and recall by source, and false alarms on messages that contradict no answer."""
    return [*_labelled(), *_near_negatives(), *_first_messages(), *_real_runs(), _time()]


def literal(text: str) -> bool:
    """Tell whether one of the five literal patterns matches."""
    return LITERAL.search(text.lower().replace("’", "'")) is not None  # noqa: RUF001 - the apostrophe of phones


def _kind(record: dict[str, Any]) -> str | None:
    signal = user_signal(record["user"], previous_answer=record["prior_assistant"])
    return None if signal is None else signal.kind


def _labelled() -> Iterator[Row]:
    judged = [one for one in records("correction_labels") if one["label"] != "rejection_answer"]
    for origin in sorted({one["origin"] for one in judged}):
        for side, name in enumerate(HALVES):
            part = [one for one in judged if one["origin"] == origin and half(one["id"]) == side]
            kinds = [_kind(one) for one in part]
            plain = [literal(one["user"]) for one in part]
            for group, labels in GROUPS.items():
                true = [one["label"] in labels for one in part]
                found = [kind in FOUND[group] for kind in kinds]
                source = f"correction_labels, {origin}, {name}"
                detector = f"user_signal, {group}"
                both, before = _both(true, found), _both(true, plain)
                if any(true):
                    yield row(detector, source, "recall", both, sum(true), (before, sum(true)))
                if any(found):
                    yield row(detector, source, "precision", both, sum(found), (before, sum(plain)))


def _both(left: list[bool], right: list[bool]) -> int:
    return sum(a and b for a, b in zip(left, right, strict=True))


def _near_negatives() -> Iterator[Row]:
    negatives = [one for one in records("correction_labels") if one["label"] == "rejection_answer"]
    for origin in sorted({one["origin"] for one in negatives}):
        part = [one for one in negatives if one["origin"] == origin]
        alarms = sum(user_signal(one["user"], previous_answer=ANSWER) is not None for one in part)
        plain = sum(literal(one["user"]) for one in part)
        yield row("user_signal", f"plain no, {origin}", "false alarms", alarms, len(part), (plain, len(part)))


def _first_messages() -> Iterator[Row]:
    texts = [one["text"] for one in records("intent_banking77")]
    plain = sum(map(literal, texts))
    for name, answer in (("as first messages", None), ("as if they followed an answer", ANSWER)):
        alarms = sum(user_signal(text, previous_answer=answer) is not None for text in texts)
        yield row("user_signal", f"banking77, {name}", "false alarms", alarms, len(texts), (plain, len(texts)))
    turns = [
        (turn["text"], ANSWER if turn["turn"] else None)
        for one in records("customer_turns_multidogo")
        for turn in one["turns"]
    ]
    alarms = sum(user_signal(text, previous_answer=answer) is not None for text, answer in turns)
    plain = sum(literal(text) for text, _ in turns)
    yield row("user_signal", "MultiDoGO sentences", "found", alarms, len(turns), (plain, len(turns)))


def messages(name: str) -> Iterator[Message]:
    """Return the customer's messages of a set of real runs, with the answer before each."""
    for one in records(name):
        answer = None
        for turn in one["turns"]:
            if turn["role"] == "assistant" and turn["text"]:
                answer = turn["text"]
            elif turn["role"] == "user" and turn["text"]:
                yield Message((one["id"], turn["i"]), turn["text"], answer)


def _real_runs() -> Iterator[Row]:
    for name in CONVERSATIONS:
        turns = list(messages(name))
        found = [one for one in turns if user_signal(one.text, previous_answer=one.answer) is not None]
        plain = sum(literal(one.text) for one in turns)
        right = sum(one.key not in WRONG for one in found)
        yield row("user_signal", name, "found", len(found), len(turns), (plain, len(turns)))
        if found:
            yield row("user_signal", name, "precision, read by hand", right, len(found))


def _time() -> Row:
    texts = [one.text for one in messages("conv_airline_ab")]
    ours = _fastest(lambda text: user_signal(text, previous_answer=ANSWER), texts)
    plain = _fastest(literal, texts)
    ratios = sorted(mine / theirs for mine, theirs in zip(ours, plain, strict=True))
    source, unit = "conv_airline_ab", "time, in times of the baseline's"
    return Row("user_signal", source, unit, min(ours), min(plain), ratios[0], ratios[-1], 1.0)


def _fastest(detector: Callable[[str], object], texts: list[str]) -> list[int]:
    took: list[int] = []
    for _ in range(5):
        began = time.process_time_ns()
        for text in texts:
            detector(text)
        took.append((time.process_time_ns() - began) // len(texts))
    return took
