"""Surveys at three latencies: at the resolution, 48 to 72 hours later, and scored by a model that nobody waits for.

Whether a delayed survey was delayed as agreed is seen here, where its resolution is known; who records it cannot know.
"""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import NamedTuple

from convqa_sdk.store.conversations import Conversation
from convqa_sdk.store.segments import StoredSpan

DELAYED_H = (48.0, 72.0)
"""When a delayed survey is to be asked, in hours after the resolution (metrics.md, KPI 5)."""
_OPEN = ("pending", "unknown")
_CSAT = "convqa.outcome.csat."
_HOUR_NS = 3_600_000_000_000


class Survey(NamedTuple):
    """A survey in force.

    Attributes:
        kind: `resolution`, `delayed`, `handoff` or `model`.
        score: From 1 (a model: 0) to `scale`; None: asked, not answered.
        scale: The highest score, None where telemetry is damaged.
        latency_h: Hours from the resolution to the question; None where one of the two times is not known.
        on_time: Whether a delayed survey was asked 48 to 72 hours after; None: unknown, or another kind.
    """

    kind: str
    score: float | None
    scale: int | None
    latency_h: float | None
    on_time: bool | None


def survey(conversation: Conversation, outcome: StoredSpan) -> Survey:
    """Return a CSAT outcome of a conversation as a survey, with its distance from the resolution."""
    a = outcome.attributes
    kind = str(a.get(f"{_CSAT}kind", ""))
    asked_ns, resolved_ns = _moment_ns(a.get(f"{_CSAT}asked_at")), resolved_at_ns(conversation)
    latency_h = None if asked_ns is None or resolved_ns is None else (asked_ns - resolved_ns) / _HOUR_NS
    on_time = None if latency_h is None or kind != "delayed" else DELAYED_H[0] <= latency_h <= DELAYED_H[1]
    score, scale = (_number(a.get(f"{_CSAT}{name}")) for name in ("score", "scale"))
    return Survey(kind, score, None if scale is None else int(scale), latency_h, on_time)


def surveys(conversation: Conversation) -> list[Survey]:
    """Return the surveys of a conversation, by the time they happened; one that was not answered is one too."""
    asked = [each for each in conversation.outcomes if each.attributes.get("convqa.outcome.kind") == "csat"]
    return [survey(conversation, each) for each in asked]


def resolved_at_ns(conversation: Conversation) -> int | None:
    """Return when the issue was resolved: the last resolution that is none of `pending` and `unknown`, else the ticket.

    Returns:
        Unix nanoseconds; None where neither an outcome nor a ticket says so.
    """
    ends: list[int] = []
    tickets: list[int] = []
    for each in conversation.outcomes:
        a = each.attributes
        if a.get("convqa.outcome.kind") == "resolution" and a.get("convqa.outcome.resolution.state") not in _OPEN:
            ends.append(each.start_ns)
        times = (_moment_ns(a.get(f"convqa.outcome.ticket.{name}_at")) for name in ("solved", "closed"))
        tickets += [moment for moment in times if moment is not None][:1]
    return max(ends or tickets, default=None)


def _number(given: object) -> float | None:
    return float(given) if isinstance(given, (int, float)) and isfinite(given) else None


def _moment_ns(text: object) -> int | None:
    """Return a time of the wire as Unix nanoseconds, None for what is none."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        return round(moment.timestamp() * 1_000_000) * 1000 if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
