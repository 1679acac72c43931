"""The standard library's logging, with the ids of the running turn."""

from __future__ import annotations

import io
import logging
import logging.config
import logging.handlers
import queue
from collections.abc import Iterator
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.testing import recording

FORMAT = "%(levelname)s %(name)s [%(trace_id)s %(span_id)s %(conversation_id)s] %(message)s"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a handler writes that was configured as the documentation shows."""
    written = io.StringIO()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"ids": {"()": "convqa_sdk.TraceIds"}},
            "formatters": {"line": {"format": FORMAT}},
            "handlers": {
                "out": {"class": "logging.StreamHandler", "stream": written, "formatter": "line", "filters": ["ids"]}
            },
            "loggers": {"bot_of_the_test": {"handlers": ["out"], "level": "INFO", "propagate": False}},
        }
    )
    yield written
    logger = logging.getLogger("bot_of_the_test")
    logger.handlers.clear()
    logger.propagate = True


def test_lines_inside_a_turn_have_its_ids_and_lines_outside_empty_ones(lines: io.StringIO) -> None:
    """Also those of a logger below the configured one; the format never fails."""
    with recording() as spans:
        with convqa.turn("c-1", "Hi") as turn:
            logging.getLogger("bot_of_the_test.search").info("found %d", 3)
            turn.answer("x")
        logging.getLogger("bot_of_the_test").info("idle")
        span = spans.turn("c-1").span.context
    assert lines.getvalue().splitlines() == [
        f"INFO bot_of_the_test.search [{span.trace_id:032x} {span.span_id:016x} c-1] found 3",
        "INFO bot_of_the_test [  ] idle",
    ]


def test_a_line_of_the_conversations_owner_shows_nobody(lines: io.StringIO) -> None:
    """A phone number as conversation id is not written into the log."""
    with recording(), convqa.turn("+49 170 1234567", "Hi") as turn:
        logging.getLogger("bot_of_the_test").info("asked")
        turn.answer("x")
    assert "1234567" not in lines.getvalue()
    assert "[CONVERSATION_ID:" in lines.getvalue()


def test_what_a_record_has_already_stays(lines: io.StringIO) -> None:
    """An id that the bot gives by `extra=` is the bot's."""
    with recording(), convqa.turn("c-1", "Hi") as turn:
        logging.getLogger("bot_of_the_test").info("asked", extra={"trace_id": "mine"})
        turn.answer("x")
    assert "[mine " in lines.getvalue()


def test_ids_are_taken_where_the_record_was_made() -> None:
    """Behind a queue another thread writes the line: the filter of the queue's handler has seen it in the turn."""
    pipe: queue.SimpleQueue[Any] = queue.SimpleQueue()
    handler = logging.handlers.QueueHandler(pipe)
    handler.addFilter(convqa.TraceIds())
    logger = logging.getLogger("queued_bot_of_the_test")
    logger.addHandler(handler)
    try:
        with recording(), convqa.turn("c-1", "Hi") as turn:
            logger.warning("asked")
            turn.answer("x")
    finally:
        logger.removeHandler(handler)
    record = pipe.get_nowait()
    assert convqa.TraceIds().filter(record) is True
    assert record.conversation_id == "c-1"
    assert len(record.trace_id) == 32


def test_nothing_is_lost_while_the_sdk_is_not_configured(lines: io.StringIO) -> None:
    """Every record passes, with empty ids."""
    with convqa.turn("c-1", "Hi"):
        logging.getLogger("bot_of_the_test").info("asked")
    assert lines.getvalue() == "INFO bot_of_the_test [  ] asked\n"
