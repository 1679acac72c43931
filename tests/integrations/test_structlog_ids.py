"""Structlog, with the ids of the running turn."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import structlog

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.testing import recording


def logger() -> tuple[Any, list[dict[str, Any]]]:
    """A logger of the bot's, and the lines that it writes."""
    written = structlog.testing.LogCapture()
    processors: list[Any] = [structlog.contextvars.merge_contextvars, convqa.add_trace_ids, written]
    return structlog.wrap_logger(None, processors=processors), written.entries


def test_lines_inside_a_turn_have_its_ids_and_lines_outside_none() -> None:
    """A line in a stage stands at the stage; outside no key is added."""
    log, lines = logger()
    with recording() as spans:
        with convqa.turn("c-1", "Hi") as turn:
            with convqa.tool(name="get_order"):
                log.info("found", orders=3)
            turn.answer("x")
        log.info("idle")
        context = spans.turn("c-1").stage_spans("tool")[0].span.context
    ids = {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}", "conversation_id": "c-1"}
    assert lines == [
        {"event": "found", "orders": 3, "log_level": "info", **ids},
        {"event": "idle", "log_level": "info"},
    ]


def test_a_turn_that_is_left_out_adds_its_conversation_alone() -> None:
    """There is no span that the line could lead to."""
    log, lines = logger()
    with recording(sampling=0.0), convqa.turn("c-1", "Hi"):
        log.info("asked")
    assert lines == [{"event": "asked", "log_level": "info", "conversation_id": "c-1"}]


def test_what_a_line_has_already_stays() -> None:
    """A key that the bot binds is the bot's."""
    log, lines = logger()
    with recording(), convqa.turn("c-1", "Hi") as turn:
        log.bind(trace_id="mine").info("asked")
        turn.answer("x")
    assert lines[0]["trace_id"] == "mine"
    assert lines[0]["conversation_id"] == "c-1"


def test_behind_a_renderer_it_changes_nothing() -> None:
    """A line that has become text passes; the fault is counted."""
    with recording():
        with convqa.turn("c-1", "Hi") as turn:
            rendered: Any = "a line"
            assert convqa.add_trace_ids(None, "info", rendered) is rendered
            turn.answer("x")
        assert isolation.faults()["log_ids"] == 1


def test_neither_import_loads_structlog() -> None:
    """Importing the package and its processor leaves structlog to those who use it."""
    used = "convqa_sdk.add_trace_ids; convqa_sdk.TraceIds"
    code = f"import sys, convqa_sdk; {used}; assert 'structlog' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
