"""What a loss is, and the lines of log that say so: how much, where to, why, what to do, and when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from convqa_sdk.export.destination import Destination
from convqa_sdk.isolation import log

Kind = Literal["turns", "records"]


class Loss(NamedTuple):
    """What is counted together.

    Attributes:
        kind: Turns, or what is no turn: outcomes, changes, stages outside any turn.
        cause: Why; one of `CAUSES`.
        destinations: Names of the destinations that did not get it, in order.
    """

    kind: Kind
    cause: str
    destinations: tuple[str, ...]


CAUSES = {
    "queue_full": (
        "turns ended faster than spans were made of them, and queue_bytes was used up",
        "raise queue_bytes, or record a share of the customers (sampling)",
    ),
    "destination_full": (
        "the destination was slower than the bot, and its queue_bytes were used up",
        "find out why it is slow, or raise queue_bytes",
    ),
    "export_failed": (
        "the exporter said that it failed",
        "check that the destination can be reached and written to; its exporter may have logged more",
    ),
    "export_raised": (
        "the exporter raised an exception",
        "see the line telemetry_fault that names the exception",
    ),
    "materialise": (
        "no spans could be made",
        "see the line telemetry_fault that names the exception, and report it",
    ),
    "shutdown": (
        "the time for the end was over before they had left",
        "if the destination was answering, raise exit_timeout_s, or shutdown's timeout_s",
    ),
    "stopped": (
        "they ended after shutdown()",
        "call shutdown() when the last turn has ended",
    ),
    "no_thread": (
        "the machine gave no thread to send them",
        "raise its limit of threads",
    ),
    "rejected": (
        "the backend took the batch and left out so many spans of it",
        "look in the backend's own log for the reason",
    ),
}
"""Cause to why it is lost, and what to do about it."""


OUTAGES = frozenset({"export_failed", "export_raised", "destination_full"})
"""Causes that are a destination's own, and so over when it takes something again."""
QUIET_S = 60.0
"""Time from one line about a loss to the next about the same, in seconds: a backend may come and go each second."""


@dataclass
class _Told:
    """What has been said about one loss."""

    count: int = 0
    """How many were lost when it was last looked at."""
    recovered: int = 0
    """How many of them the last line about a recovery, and those before it, have named."""
    at: float | None = None
    """When it was last told."""
    going_on: bool = False
    """Whether it was told, and no recovery since."""
    deliveries: tuple[int, ...] = ()
    """How often its destinations had taken something when it was last met."""


class LossLog:
    """Logs each loss when it begins, once for each cause and its destinations, and an outage when it is over.

    Args:
        destinations: Know what they have taken, and why the last export that failed did.
    """

    def __init__(self, destinations: Sequence[Destination]) -> None:
        self._destinations = destinations
        self._told: dict[Loss, _Told] = {}
        self._lock = threading.RLock()  # reentrant: the collector may end a turn, and so come back here

    def tell(self, lost: Mapping[Loss, int]) -> None:
        """Log what is new in `lost`, the counts so far; what goes on is counted by `stats()` alone."""
        with self._lock:
            begun = [loss for loss, count in lost.items() if self._begins(loss, count)]
            over = [(loss, count) for loss in list(self._told) if (count := self._ends(loss))]
        for loss in begun:
            why, what = self._explained(loss)
            so_far = {f"{loss.kind}_so_far": lost[loss]}
            log("warning", "telemetry_lost", **so_far, **_named(loss), why=why, do=what)
        for loss, count in over:
            meanwhile = {f"{loss.kind}_lost": count}
            log("warning", "telemetry_recovered", **meanwhile, **_named(loss))

    def _begins(self, loss: Loss, count: int) -> bool:
        told = self._told.setdefault(loss, _Told())
        if count <= told.count:  # less: another thread has looked later, and was faster
            return False
        told.count, told.deliveries = count, self._deliveries(loss)
        if told.going_on or (told.at is not None and time.monotonic() - told.at < QUIET_S):
            return False
        told.going_on, told.at = True, time.monotonic()
        return True

    def _ends(self, loss: Loss) -> int:
        """Return how many were lost in an outage that is over, 0 while it is not."""
        told = self._told[loss]
        if loss.cause not in OUTAGES or not told.going_on:
            return 0
        if not all(now > before for before, now in zip(told.deliveries, self._deliveries(loss), strict=True)):
            return 0
        meanwhile, told.recovered, told.going_on = told.count - told.recovered, told.count, False
        return meanwhile

    def _deliveries(self, loss: Loss) -> tuple[int, ...]:
        """Return how often each destination of a loss has taken something."""
        return tuple(each.deliveries for each in self._destinations if each.name in loss.destinations)

    def _explained(self, loss: Loss) -> tuple[str, str]:
        why, what = CAUSES[loss.cause]
        if loss.cause != "export_failed":
            return why, what
        reasons = {each.reason for each in self._destinations if each.name in loss.destinations and each.reason}
        if not reasons:
            return why, what
        known = sorted(reasons)
        return f"{why}: {'; '.join(reason.why for reason in known)}", "; ".join(reason.what for reason in known)


def _named(loss: Loss) -> dict[str, str]:
    return {"destination": ", ".join(loss.destinations), "cause": loss.cause}
