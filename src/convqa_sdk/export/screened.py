"""What screening found in the fields, the status message and the events of one span, added up."""

from __future__ import annotations

import hashlib
from typing import Any, Final

_RANK: Final = {"clean": 0, "off": 1, "redacted": 2, "withheld": 3, "failed_closed": 4}


class Screened:
    """What screening one span found; its fields, its status message and its events add up here.

    Attributes:
        companions: `<key>.original_length` and `<key>.sha256` of texts that were cut.
        wrong: Names of fields that were dropped because they could not be screened.
        seen: Whether there was any text.
        status: Gravest redaction status.
        count: Values redacted.
        classes: Classes found.
    """

    __slots__ = ("classes", "companions", "count", "seen", "status", "wrong")

    def __init__(self) -> None:
        self.companions: dict[str, Any] = {}
        self.wrong: list[str] = []
        self.seen = False
        self.status = "clean"
        self.count = 0
        self.classes: set[str] = set()

    def note(self, status: str, count: int = 0, classes: tuple[str, ...] = ()) -> None:
        """Add one text's summary."""
        self.seen = True
        if status == "clean":
            return
        if _RANK[status] > _RANK[self.status]:
            self.status = status
        self.count += count
        self.classes.update(classes)

    def cut(self, key: str, original_length: int, redacted: str) -> None:
        """Note that a text does not leave whole: its length as captured, and the hash of what was redacted of it."""
        if f"{key}.original_length" not in self.companions:
            self.companions[f"{key}.original_length"] = original_length
            self.companions[f"{key}.sha256"] = _sha256(redacted)

    def add(self, other: Screened) -> None:
        """Add what was found in fields that this span shares with others."""
        if other.seen:
            self.note(other.status, other.count, tuple(other.classes))
        self.companions.update(other.companions)
        self.wrong.extend(other.wrong)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
