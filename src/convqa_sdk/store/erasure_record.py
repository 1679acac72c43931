"""The record of what was erased from a store: when, by which selector, how much; never what it was.

Each line holds the hash of the line before and its own, so that a line that is changed, moved or taken out shows. A
record that was cut at its end shows when its last hash was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final, cast

from convqa_sdk.errors import StoreError
from convqa_sdk.locks import lock
from convqa_sdk.store.segments import ERASURES

FIRST: Final = "0" * 64
"""What stands for the hash before the first line."""


class Record:
    """The record of one store, open for writing.

    Attributes:
        last: Hash of its last line.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._descriptor = descriptor
        written = path.read_bytes()
        whole = written[: written.rfind(b"\n") + 1]
        if len(whole) != len(written):
            os.ftruncate(descriptor, len(whole))  # a crash while a line was written
        lines = whole.splitlines()
        self._number = len(lines)
        self.last = _hash_in(lines[-1]) if lines else FIRST

    def append(self, facts: Mapping[str, Any]) -> None:
        """Write a line, and make it durable."""
        self._number += 1
        moment = datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
        entry = {"number": self._number, "at": moment, **facts, "previous": self.last}
        self.last = _hash(entry)
        os.write(self._descriptor, json.dumps({**entry, "hash": self.last}).encode() + b"\n")
        os.fsync(self._descriptor)


@contextmanager
def opened(store: Path) -> Generator[Record]:
    """Open the record of a store; while it is open, nobody else erases there.

    Raises:
        StoreError: Somebody else does.
    """
    path = store / ERASURES
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if lock(descriptor) == "taken":
            raise StoreError(f"another process is erasing from {store}; try again when it has ended")
        yield Record(path, descriptor)
    finally:
        os.close(descriptor)


def erasures(store: Path) -> list[dict[str, Any]]:
    """Return what was erased from a store, oldest first, after making sure that nobody changed the record.

    Raises:
        StoreError: A line is not as it was written, or not where; or the record cannot be read.
    """
    path = store / ERASURES
    entries: list[dict[str, Any]] = []
    previous = FIRST
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else (), start=1):
        entry = _entry(line)
        own = entry.pop("hash", None)
        if entry.get("previous") != previous or entry.get("number") != number or own != _hash(entry):
            raise StoreError(f"{path}: line {number} is not what was written there; the record was changed")
        entries.append({**entry, "hash": own})
        previous = str(own)
    return entries


def _entry(line: bytes) -> dict[str, Any]:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _hash_in(line: bytes) -> str:
    return str(_entry(line).get("hash", hashlib.sha256(line).hexdigest()))


def _hash(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
