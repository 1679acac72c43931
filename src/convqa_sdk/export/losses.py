"""What a loss is, and the line of log that says so: how much, on the way where to, why, and what to do."""

from __future__ import annotations

from typing import Literal, NamedTuple

from convqa_sdk.isolation import once

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
        "the exporter said that it failed: refused, timed out, or no room",
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
        "raise exit_timeout_s, or shutdown's timeout_s",
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


def tell(loss: Loss, count: int) -> None:
    """Log a loss, once for each cause and its destinations; from then on `stats()` counts alone.

    Args:
        loss: What was lost.
        count: How many, so far.
    """
    why, what = CAUSES[loss.cause]
    where = ", ".join(loss.destinations)
    so_far = {f"{loss.kind}_so_far": count}
    once("telemetry_lost", repr(loss), **so_far, destination=where, cause=loss.cause, why=why, do=what)
