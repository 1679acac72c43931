"""The invented policy book of the examples, and sentences that quote it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from convqa_sdk.signals.policy_book import PolicyBook

ROOT = Path(__file__).parents[2]
LARKSPUR = ROOT / "examples" / "policy" / "larkspur.yaml"
SENTENCES = ROOT / "benchmarks" / "signals" / "policy"


@functools.cache
def larkspur() -> PolicyBook:
    """Return the book of an invented shop."""
    return PolicyBook.load(LARKSPUR)


def sentences(part: str) -> list[dict[str, Any]]:
    """Return the labelled sentences of a part, `dev` or `sealed`."""
    lines = (SENTENCES / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def codes(answer: str, **given: Any) -> list[str]:
    """Return the codes of an answer's violations of that book."""
    return [violation.code for violation in larkspur().check(answer, **given)]
