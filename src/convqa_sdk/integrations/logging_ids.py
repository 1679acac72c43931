"""The ids of the running turn on records of the standard library's logging."""

from __future__ import annotations

import logging

from convqa_sdk.tracing.log_ids import log_ids

__all__ = ["TraceIds"]


class TraceIds(logging.Filter):
    """Sets `trace_id`, `span_id` and `conversation_id` on every record, and lets every record pass. Never raises.

    They are empty outside a turn, so that a format may always name them. What a record has already stays: given by
    `extra=`, or by a filter where the record was made, as on a `QueueHandler`. Put it on handlers: a logger's filters
    do not see the records of loggers below it.
    """

    def __init__(self) -> None:
        super().__init__()

    def filter(self, record: logging.LogRecord) -> bool:
        """Set the ids, and return True."""
        ids = log_ids()
        held = record.__dict__
        held.setdefault("trace_id", ids.trace_id)
        held.setdefault("span_id", ids.span_id)
        held.setdefault("conversation_id", ids.conversation_id)
        return True
