"""By which ids a line of the bot's own log is found again: those of the running stage, as they leave this process."""

from __future__ import annotations

from typing import Any, NamedTuple

from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.current import ambient_context, running, span_in
from convqa_sdk.tracing.recorder import Recorder
from convqa_sdk.tracing.stage import Stage, carried

__all__ = ["NONE", "LogIds", "log_ids"]


class LogIds(NamedTuple):
    """Ids of the running stage; each is empty where there is none.

    Attributes:
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits.
        conversation_id: As on the wire: its pseudonym, when it holds personal data.
    """

    trace_id: str = ""
    span_id: str = ""
    conversation_id: str = ""


NONE = LogIds()


def log_ids() -> LogIds:
    """Return the ids of the running stage, else of the turn; all empty outside of them. Never raises.

    A turn that `sampling` leaves out has its conversation alone, also where it is measured: nobody would find a span.
    Where stages are current OpenTelemetry spans, a span of other instrumentation inside the stage is the nearer one,
    when it is exported.
    """
    try:
        stage = running.get() or carried()
        if stage is None:
            return NONE
        recorder = stage.recorder
        if recorder is not None and not stage.is_thinned:
            trace_id, span_id = stage.trace_id, stage.span_id
            span_id = _inner_span_id(stage, recorder, trace_id) or span_id
            return LogIds(f"{trace_id:032x}", f"{span_id:016x}", _conversation(stage, recorder))
        recorder = recorder or recorders.active()
        return NONE if recorder is None else LogIds(conversation_id=_conversation(stage, recorder))
    except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
        fault("log_ids", error)
        return NONE


def _conversation(stage: Stage, recorder: Recorder) -> str:
    turn = stage.turn
    return recorder.reference(turn.conversation_id) if turn is not None and turn.conversation_id else ""


def _inner_span_id(stage: Stage, recorder: Recorder, trace_id: int) -> int:
    """Return the id of another instrumentation's span inside a joined stage; 0 without one that is exported."""
    turn = stage.turn
    if not (turn.joined if turn is not None else recorder.joins()):
        return 0
    span: Any = span_in(ambient_context())
    if span is None or span is stage:
        return 0
    context = span.get_span_context()
    return context.span_id if context.trace_id == trace_id and context.trace_flags.sampled else 0
