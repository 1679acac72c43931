"""The ids of the running turn on lines of structlog; structlog itself is not imported."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.log_ids import NONE, log_ids

__all__ = ["add_trace_ids"]


def add_trace_ids(logger: Any, method_name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add `trace_id`, `span_id` and `conversation_id` to a line: a processor for structlog. Never raises.

    Outside a turn nothing is added, and in a turn that `sampling` leaves out the conversation alone. A key that the
    line has already stays.

    Args:
        logger: Not used.
        method_name: Not used.
        event_dict: The line, which is changed.
    """
    ids = log_ids()
    if ids is not NONE:
        try:
            if ids.trace_id:
                event_dict.setdefault("trace_id", ids.trace_id)
                event_dict.setdefault("span_id", ids.span_id)
            if ids.conversation_id:
                event_dict.setdefault("conversation_id", ids.conversation_id)
        except Exception as error:  # noqa: BLE001 - behind a renderer a line is no mapping any more
            fault("log_ids", error)
    return event_dict
