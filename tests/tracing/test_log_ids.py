"""Ids for the bot's own log lines: those under which the spans leave."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.tracing.log_ids import NONE, LogIds, log_ids

from .conftest import Make, Recorded
from .test_sampling import IN, OUT


def of(span: ReadableSpan) -> LogIds:
    """The ids of a span that left."""
    context = span.context
    conversation = str((span.attributes or {})["gen_ai.conversation.id"])
    return LogIds(f"{context.trace_id:032x}", f"{context.span_id:016x}", conversation)


def test_ids_are_those_of_the_span_that_leaves(spans: Recorded) -> None:
    """In a turn the turn's, in a stage the stage's, after it the turn's again, outside none."""
    assert log_ids() is NONE
    with convqa.turn("c-1", "hi") as turn:
        in_turn = log_ids()
        with convqa.tool(name="t"):
            in_stage = log_ids()
        assert log_ids() == in_turn
        turn.answer("x")
    assert log_ids() is NONE
    assert in_turn == of(spans.one("turn"))
    assert in_stage == of(spans.one("tool"))
    assert in_turn.conversation_id == "c-1"


@pytest.mark.parametrize("conversation", ["+49 170 1234567", "jane@example.com", "4917012345678"])
def test_a_conversation_id_with_personal_data_is_its_pseudonym(spans: Recorded, conversation: str) -> None:
    """The line says what the span says, and nothing of the customer."""
    with convqa.turn(conversation, "hi") as turn:
        ids = log_ids()
        turn.answer("x")
    assert ids == of(spans.one("turn"))
    assert conversation not in ids.conversation_id
    assert ids.conversation_id.startswith("[")


def test_joined_ids_are_the_current_spans(record: Make, app: TracerProvider) -> None:
    """Inside the application's span, and around one inside the stage, they are those of the current span."""
    record(join=True)
    tracer = app.get_tracer("app")

    def current() -> tuple[str, str]:
        context = trace.get_current_span().get_span_context()
        return f"{context.trace_id:032x}", f"{context.span_id:016x}"

    with tracer.start_as_current_span("request"), convqa.turn("c-1", "hi") as turn:
        assert log_ids()[:2] == current()
        with convqa.tool(name="t"):
            assert log_ids()[:2] == current()
            with tracer.start_as_current_span("query"):
                assert log_ids() == (*current(), "c-1")
            assert log_ids()[:2] == current()
        turn.answer("x")


def test_ids_of_a_span_that_is_not_exported_are_not_given(record: Make) -> None:
    """An inner span that is sampled out is found nowhere; the stage around it is."""
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

    spans = record(join=True)
    unsampled = TracerProvider(sampler=ALWAYS_OFF).get_tracer("app")
    with convqa.turn("c-1", "hi") as turn:
        with unsampled.start_as_current_span("query"):
            ids = log_ids()
        turn.answer("x")
    assert ids == of(spans.one("turn"))


def test_apart_from_the_applications_trace_ids_are_ours(record: Make, app: TracerProvider) -> None:
    """Where stages are no current spans, a line still leads to the turn."""
    spans = record(join=False)
    with app.get_tracer("app").start_as_current_span("request"), convqa.turn("c-1", "hi") as turn:
        ids = log_ids()
        turn.answer("x")
    assert ids == of(spans.one("turn"))


@pytest.mark.parametrize("join", [True, False])
@pytest.mark.parametrize("measured", [True, False])
def test_a_turn_that_is_left_out_has_its_conversation_alone(record: Make, join: bool, measured: bool) -> None:
    """There is no span to be found, also of a turn that metrics are made of; a turn that is recorded has all three."""
    more = {"meter_provider": MeterProvider(shutdown_on_exit=False)} if measured else {}
    record(sampling=0.3, join=join, **more)
    for conversation, recorded in ((OUT, False), (IN, True)):
        with convqa.turn(conversation, "hi") as turn, convqa.tool(name="t"):
            ids = log_ids()
            turn.answer("x")
        assert ids.conversation_id == conversation
        assert bool(ids.trace_id) == bool(ids.span_id) == recorded


def test_while_the_sdk_is_off_there_are_none(off: None) -> None:
    """Nothing leaves, so nothing can be found; not even the conversation is written into the log."""
    with convqa.turn("jane@example.com", "hi"), convqa.tool(name="t"):
        assert log_ids() is NONE


def test_a_stage_outside_any_turn_has_no_conversation(spans: Recorded) -> None:
    """Its span stands alone, under an id that was made up."""
    with convqa.tool(name="t"):
        ids = log_ids()
    assert ids[:2] == of(spans.one("tool"))[:2]
    assert ids.conversation_id == ""


def test_threads_have_the_ids_of_the_turn_they_work_for(spans: Recorded) -> None:
    """With `carry` those of the stage, without it none."""
    found: list[LogIds] = []
    with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t"):
        for target in (convqa.carry(lambda: found.append(log_ids())), lambda: found.append(log_ids())):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
        turn.answer("x")
    assert found == [of(spans.one("tool")), NONE]


def test_a_thread_that_has_opentelemetrys_context_alone_knows_the_turn(spans: Recorded) -> None:
    """As OpenTelemetry's instrumentation of threads gives it on."""
    found: list[LogIds] = []

    def work(context: Context) -> None:
        token = otel_context.attach(context)
        found.append(log_ids())
        otel_context.detach(token)

    with convqa.turn("c-1", "hi") as turn:
        thread = threading.Thread(target=work, args=(otel_context.get_current(),))
        thread.start()
        thread.join()
        turn.answer("x")
    assert found == [of(spans.one("turn"))]


async def test_tasks_have_the_ids_of_their_own_turns(spans: Recorded) -> None:
    """Interleaved turns keep apart."""

    async def reply(conversation: str) -> tuple[str, LogIds, LogIds]:
        async with convqa.turn(conversation, "hi") as turn:
            before = log_ids()
            await asyncio.sleep(0)
            after = log_ids()
            turn.answer("x")
        return conversation, before, after

    for conversation, before, after in await asyncio.gather(*[reply(f"c-{n}") for n in range(8)]):
        assert before == after
        assert before.conversation_id == conversation
    assert len({of(span) for span in spans.of("turn")}) == 8


def test_work_that_outlives_its_turn_keeps_its_ids(spans: Recorded) -> None:
    """What a turn has started still belongs to it when it has been answered."""
    found: list[LogIds] = []
    with convqa.turn("c-1", "hi") as turn:
        later = convqa.carry(lambda: found.append(log_ids()))
        turn.answer("x")
    later()
    assert found == [of(spans.one("turn"))]


def test_a_continued_turn_has_the_ids_of_its_stages(spans: Recorded) -> None:
    """In another service, lines stand under the conversation and in the trace of the turn."""
    headers: dict[str, str] = {}
    with convqa.turn("c-1", "hi") as turn:
        convqa.inject(headers)
        turn.answer("x")
    with convqa.extract(headers), convqa.tool(name="t"):
        ids = log_ids()
    assert ids == of(spans.one("tool"))
    assert ids.trace_id == of(spans.one("turn")).trace_id


def test_a_fault_costs_the_ids_and_is_counted(spans: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, the bot's line is written without ids."""

    def broken(_: Any) -> str:
        raise RuntimeError("a fault of ours")

    with convqa.turn("c-1", "hi") as turn:
        monkeypatch.setattr(spans.sdk.recorder, "reference", broken)
        assert log_ids() is NONE
        monkeypatch.undo()
        turn.answer("x")
    assert isolation.faults()["log_ids"] == 1
