"""The labelled sets, read from outside the repository."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "CONVQA_SIGNALS_DATA"
CONVERSATIONS = ("conv_airline_2models_audited", "conv_airline_4trials", "conv_airline_ab", "conv_telecom_ab")
"""Real runs of bots with simulated customers."""


class AbsentError(Exception):
    """The labelled sets are not where they are looked for."""


def folder() -> Path:
    """Return the folder of the labelled sets."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    found = Path(os.environ.get(VARIABLE) or beside)
    if not list(found.glob("*.jsonl.gz")):
        raise AbsentError(
            f"No labelled sets in {found}: they stay outside the repository; name their folder with {VARIABLE}."
        )
    return found


@functools.cache
def records(name: str) -> list[dict[str, Any]]:
    """Return all records of a set."""
    with gzip.open(folder() / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def half(key: str) -> int:
    """Return 0 for the half of the records that patterns were written from, 1 for the half they were not."""
    return hashlib.sha256(key.encode()).digest()[-1] % 2
