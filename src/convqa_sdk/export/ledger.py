"""Counts what became of turns: recorded, exported, lost by cause, and fields that were missing or invalid."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from convqa_sdk.export.losses import Kind, Loss

MAX_VIOLATIONS = 1_000


@dataclass(frozen=True)
class Stats:
    """A count of turns since `configure()`.

    Attributes:
        recorded: Turns that ended.
        exported: Turns that every destination took.
        lost: Turns that at least one destination did not get, by cause.
        lost_records: The same for what is no turn: outcomes, changes, stages outside any turn.
        open: Turns that have not ended.
        pending: Turns on their way.
        violations: Missing or invalid fields, by name.
        faults: Faults of ours that were isolated in this process since then, by cause.
        sampling: Share of the customers whose turns are recorded.
        left_out: Turns of the others, of which no span leaves; they count nowhere else.
    """

    recorded: int
    exported: int
    lost: dict[str, int]
    open: int
    pending: int
    violations: dict[str, int]
    faults: dict[str, int]
    lost_records: dict[str, int] = field(default_factory=dict[str, int])
    sampling: float = 1.0
    left_out: int = 0


class Ledger:
    """The counters behind `Stats`; safe to use from every thread, and again from inside itself.

    The collector may end a stage at any allocation, also while the same thread counts another; hence the RLock.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start from nothing, with a lock that nobody holds: at first, and in a forked child."""
        self._lock = threading.RLock()
        self._recorded = 0
        self._exported = 0
        self._settled = 0
        self._lost: Counter[Loss] = Counter()
        self._violations: Counter[str] = Counter()

    def record(self) -> None:
        """Count a turn that ended."""
        with self._lock:
            self._recorded += 1

    def settle(self, cause: str, destinations: tuple[str, ...]) -> None:
        """Count what became of one turn: exported, or lost for a cause, on the way to some destinations."""
        with self._lock:
            self._settled += 1
            if cause:
                self._lost[Loss("turns", cause, destinations)] += 1
            else:
                self._exported += 1

    def lose_record(self, cause: str, destinations: tuple[str, ...]) -> None:
        """Count the loss of something that is no turn: an outcome, a change, a stage that ended after its turn."""
        with self._lock:
            self._lost[Loss("records", cause, destinations)] += 1

    def reject(self, spans: int) -> None:
        """Count spans that the environment's backend left out of a batch; it does not say of which turns."""
        with self._lock:
            self._lost[Loss("records", "rejected", ("otlp",))] += spans

    def violation(self, name: str) -> None:
        """Count a missing or invalid field; beyond a bound of names, all others count together."""
        with self._lock:
            known = name in self._violations or len(self._violations) < MAX_VIOLATIONS
            self._violations[name if known else "other"] += 1

    @property
    def losses(self) -> int:
        """Everything lost so far, turns and others."""
        with self._lock:
            return sum(self._lost.values())

    def lost(self) -> Counter[Loss]:
        """Return what was lost so far."""
        with self._lock:
            return self._lost.copy()

    @property
    def lost_turns(self) -> dict[str, int]:
        """Turns lost so far, by cause."""
        with self._lock:
            return self._by_cause("turns")

    def _by_cause(self, kind: Kind) -> dict[str, int]:
        causes: Counter[str] = Counter()
        for loss, count in self._lost.items():
            if loss.kind == kind:
                causes[loss.cause] += count
        return dict(causes)

    def stats(self, *, open_turns: int, faults: dict[str, int], sampling: float, left_out: int) -> Stats:
        """Return all counts of one moment."""
        with self._lock:
            return Stats(
                recorded=self._recorded,
                exported=self._exported,
                lost=self._by_cause("turns"),
                open=open_turns,
                pending=self._recorded - self._settled,
                violations=dict(self._violations),
                faults=faults,
                lost_records=self._by_cause("records"),
                sampling=sampling,
                left_out=left_out,
            )


class Delivery:
    """One turn on its way to several destinations; settles once, when the last of them is done."""

    __slots__ = ("_cause", "_ledger", "_lock", "_missed", "_open")

    def __init__(self, ledger: Ledger, destinations: int) -> None:
        self._ledger = ledger
        self._open = destinations
        self._cause = ""
        self._missed: tuple[str, ...] = ()
        self._lock = threading.RLock()

    def done(self, cause: str, destination: str) -> None:
        """Note that one destination took the turn, or lost it."""
        with self._lock:
            if cause:
                self._cause = cause
                self._missed = (*self._missed, destination)
            self._open -= 1
            last = self._open == 0
        if last:
            self._ledger.settle(self._cause, tuple(sorted({*self._missed})))
