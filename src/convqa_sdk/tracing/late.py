"""Facts that arrive after the turn, as they travel to the export thread: outcomes, changes, ends of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from convqa_sdk.schema.records import Record


class Late(NamedTuple):
    """One late fact; it becomes a short trace of its own.

    Attributes:
        record: Its type in the schema.
        values: Its validated fields, without ids and status.
        conversation_id: As the caller gave it, None for a change.
        link: (trace id, span id) of the turn it is about, None when only the conversation is known.
        at_ns: When it happened, Unix nanoseconds.
        trace_id: Its own trace.
        span_id: Its own span.
        events: (name, Unix nanoseconds, event record) of its events, which the export adds.
    """

    record: type[Record]
    values: dict[str, Any]
    conversation_id: str | None
    link: tuple[int, int] | None
    at_ns: int
    trace_id: int
    span_id: int
    events: tuple[tuple[str, int, Any], ...] = ()
