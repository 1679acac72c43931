"""Processor time of putting ids on a line of the bot's own log."""

from __future__ import annotations

import gc
import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

from measure import Case, Column, Figures, Measure, Target

CHUNK = 2_000
"""Lines between two looks at the clock."""
OURS = "**convqa-sdk**"


def run(case: Case, chunks: float) -> Figures:
    """Put ids on chunks of lines, inside a turn and a stage, or a span of OpenTelemetry's, or outside of any."""
    add = _STEPS[str(case.settings["step"])]
    times: list[float] = []

    def measure() -> None:
        gc.collect()
        for _ in range(int(chunks)):
            start = time.thread_time_ns()
            for _ in range(CHUNK):
                add()
            times.append((time.thread_time_ns() - start) / CHUNK / 1000)

    if case.settings["where"] == "span":
        from opentelemetry.sdk.trace import TracerProvider

        with TracerProvider().get_tracer("bot").start_as_current_span("turn"):
            measure()
    else:
        _in_a_bot(measure, inside=case.settings["where"] == "turn")
    return {"line": statistics.median(times)}


def _in_a_bot(measure: Callable[[], None], *, inside: bool) -> None:
    import convqa_sdk as convqa
    from convqa_sdk.testing import recording

    with recording():
        if not inside:
            return measure()
        with convqa.turn("c-10492", "Hi") as turn:
            turn.answer("Hello.")
            with convqa.tool(name="get_order"):
                measure()
    return None


def _recipe() -> None:
    """Add the current span's ids, as OpenTelemetry's and structlog's documentation show it."""
    from opentelemetry import trace

    line: dict[str, Any] = {"event": "asked"}
    span = trace.get_current_span()
    if span.is_recording():
        context = span.get_span_context()
        line["trace_id"] = format(context.trace_id, "032x")
        line["span_id"] = format(context.span_id, "016x")


def _processor() -> None:
    import convqa_sdk as convqa

    convqa.add_trace_ids(None, "info", {"event": "asked"})


def _filter() -> None:
    _FILTERS[0].filter(logging.makeLogRecord({}))


def _nothing() -> None:
    logging.makeLogRecord({})


def _made() -> list[Any]:
    try:
        from convqa_sdk.integrations.logging_ids import TraceIds
    except ImportError:  # in a peer's environment, where none of these cases runs
        return []
    return [TraceIds()]


_FILTERS = _made()
_STEPS: dict[str, Callable[[], None]] = {
    "recipe": _recipe,
    "processor": _processor,
    "filter": _filter,
    "record": _nothing,
}

MEASURE = Measure(
    title="Ids on a log line",
    explanation="Processor time of one line's ids, in a stage of a turn; by hand there is no conversation id.\n"
    "A record of the standard library's is part of the figure of the filter, and stands alone in the last row.",
    cases=(
        Case("OpenTelemetry's recipe for structlog", settings={"step": "recipe", "where": "span"}),
        Case(f"{OURS}, structlog", settings={"step": "processor", "where": "turn"}),
        Case(f"{OURS}, structlog, outside a turn", settings={"step": "processor", "where": "nowhere"}),
        Case(f"{OURS}, logging", settings={"step": "filter", "where": "turn"}),
        Case("a record of logging alone", settings={"step": "record", "where": "nowhere"}),
    ),
    columns=(Column("line", "µs", ratio=True),),
    run=run,
    effort=(40, 5),
    targets=(Target(f"{OURS}, structlog", "line", 2.0, ratio=True),),
)
