"""Counts what became of turns: recorded, exported, lost by cause, and fields that were missing or invalid."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Stats:
    """A count of turns since `configure()`.

    Attributes:
        recorded: Turns that ended.
        exported: Turns that every destination took.
        lost: Turns that at least one destination did not get, by cause.
        open: Turns that have not ended.
        pending: Turns on their way.
        violations: Missing or invalid fields, by name.
        faults: Faults of ours that were isolated, by cause.
    """

    recorded: int
    exported: int
    lost: dict[str, int]
    open: int
    pending: int
    violations: dict[str, int]
    faults: dict[str, int]


class Ledger:
    """The counters behind `Stats`; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.recorded = 0
        self.exported = 0
        self.settled = 0
        self.lost: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        self._reported: Counter[str] = Counter()

    def record(self) -> None:
        """Count a turn that ended."""
        with self._lock:
            self.recorded += 1

    def settle(self, cause: str) -> None:
        """Count what became of one turn: exported, or lost for a cause."""
        with self._lock:
            self.settled += 1
            if cause:
                self.lost[cause] += 1
            else:
                self.exported += 1

    def violation(self, field: str) -> None:
        """Count a missing or invalid field; beyond a bound of names, all others count together."""
        with self._lock:
            known = field in self.violations or len(self.violations) < 1_000
            self.violations[field if known else "other"] += 1

    @property
    def pending(self) -> int:
        """Turns that are neither exported nor lost."""
        with self._lock:
            return self.recorded - self.settled

    @property
    def lost_total(self) -> int:
        """Turns lost, all causes."""
        with self._lock:
            return sum(self.lost.values())

    def unreported(self) -> dict[str, int]:
        """Return losses by cause since the last call."""
        with self._lock:
            fresh = self.lost - self._reported
            self._reported = self.lost.copy()
            return dict(fresh)


class Delivery:
    """One turn on its way to several destinations; settles once, when the last of them is done."""

    __slots__ = ("_cause", "_ledger", "_lock", "_open")

    def __init__(self, ledger: Ledger, destinations: int) -> None:
        self._ledger = ledger
        self._open = destinations
        self._cause = ""
        self._lock = threading.Lock()

    def done(self, cause: str) -> None:
        """Note that one destination took the turn, or lost it."""
        with self._lock:
            self._cause = cause or self._cause
            self._open -= 1
            last = self._open == 0
        if last:
            self._ledger.settle(self._cause)
