"""Counts what became of turns and other records: recorded, exported, lost by cause; and fields missing or invalid."""

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
        recorded_records: What was recorded besides turns: outcomes, changes, ends of sessions, stages outside any turn.
        exported_records: Of these, such as every destination took.
        lost_records: The same for those that at least one destination did not get.
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
    recorded_records: int = 0
    exported_records: int = 0
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
        self._recorded_records = 0
        self._exported_records = 0
        self._lost: Counter[Loss] = Counter()
        self._violations: Counter[str] = Counter()

    def record(self) -> None:
        """Count a turn that ended."""
        with self._lock:
            self._recorded += 1

    def record_other(self) -> None:
        """Count something that is no turn: an outcome, a change, a stage outside any turn."""
        with self._lock:
            self._recorded_records += 1

    def export_other(self) -> None:
        """Count something that is no turn and that every destination took."""
        with self._lock:
            self._exported_records += 1

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
                recorded_records=self._recorded_records,
                exported_records=self._exported_records,
                sampling=sampling,
                left_out=left_out,
            )


class Delivery:
    """A unit on its way to several destinations; settles once, when the last of them is done.

    Args:
        ledger: Counts.
        destinations: How many.
        whole: Whether it is a turn. Of anything else each loss counts at once, by its destination.
    """

    __slots__ = ("_cause", "_ledger", "_lock", "_missed", "_open", "_whole")

    def __init__(self, ledger: Ledger, destinations: int, *, whole: bool) -> None:
        self._ledger = ledger
        self._whole = whole
        self._open = destinations
        self._cause = ""
        self._missed: tuple[str, ...] = ()
        self._lock = threading.RLock()

    def done(self, cause: str, destination: str) -> None:
        """Note that one destination took the unit, or lost it."""
        with self._lock:
            if cause:
                self._cause = cause
                self._missed = (*self._missed, destination)
            self._open -= 1
            last = self._open == 0
        if cause and not self._whole:
            self._ledger.lose_record(cause, (destination,))
        if last and self._whole:
            self._ledger.settle(self._cause, tuple(sorted({*self._missed})))
        elif last and not self._missed:
            self._ledger.export_other()
