"""How a stage ends: ok, error and cancelled are three things; one redacted exception event; times."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import gc
import sys
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from opentelemetry.trace import StatusCode

import convqa_sdk as convqa
from convqa_sdk.errors import RecordError

from .conftest import Make, Recorded, events, nothing_current

UTC = timezone.utc
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_NS = 1_772_366_400_000_000_000  # `date -u -d 2026-03-01T12:00:00Z +%s`


class Abandoned(BaseException):
    """An exception that is no `Exception` and no cancellation."""


CANCELLATIONS = [
    (asyncio.CancelledError(), "asyncio.exceptions.CancelledError"),
    (concurrent.futures.CancelledError(), "concurrent.futures._base.CancelledError"),
    (GeneratorExit(), "GeneratorExit"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (type("Cancelled", (BaseException,), {"__module__": "trio"})(), "trio.Cancelled"),
]
ERRORS = [
    (ValueError("bad"), "ValueError"),
    (TimeoutError(), "TimeoutError"),
    (SystemExit(2), "SystemExit"),
    (Abandoned("gone"), f"{__name__}.Abandoned"),
    (RecursionError(), "RecursionError"),
]


def test_a_return_is_ok_and_leaves_the_otel_status_unset(spans: Recorded) -> None:
    """A stage that returns is ok: OpenTelemetry status UNSET, no event, no error type."""
    with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t", result="ok"):
        turn.answer("x")
    for kind in ("tool", "turn"):
        span = spans.one(kind)
        assert spans.status(kind) == "ok"
        assert span.status.status_code is StatusCode.UNSET
        assert [name for name, _ in events(span)] == (["convqa.grounding_outcome"] if kind == "turn" else [])
        assert "error.type" not in (span.attributes or {})
        assert spans.violations(kind) == ()


@pytest.mark.parametrize(("error", "name"), CANCELLATIONS, ids=lambda value: type(value).__name__)
def test_a_cancellation_is_cancelled_with_the_otel_status_unset(
    spans: Recorded, error: BaseException, name: str
) -> None:
    """What cancels a stage makes it cancelled: OpenTelemetry status UNSET, the error's type, no exception event."""
    with pytest.raises(type(error)) as caught, convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        raise error
    assert caught.value is error
    for kind in ("tool", "turn"):
        span = spans.one(kind)
        assert spans.status(kind) == "cancelled"
        assert span.status.status_code is StatusCode.UNSET
        assert spans.value(kind, "error.type") == name
        assert events(span) == []


@pytest.mark.parametrize(("error", "name"), ERRORS, ids=lambda value: type(value).__name__)
def test_any_other_exception_is_an_error(spans: Recorded, error: BaseException, name: str) -> None:
    """Any other exception is an error: OpenTelemetry status ERROR, the error's type, one exception event."""
    with pytest.raises(type(error)) as caught, convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        raise error
    assert caught.value is error
    for kind in ("tool", "turn"):
        span = spans.one(kind)
        assert spans.status(kind) == "error"
        assert span.status.status_code is StatusCode.ERROR
        assert spans.value(kind, "error.type") == name
        assert [(event, values["exception.type"]) for event, values in events(span)] == [("exception", name)]


def test_the_exception_event_is_redacted_and_says_where(spans: Recorded) -> None:
    """Message, status description and stack trace carry no personal data; the trace names the bot's function."""

    @convqa.tool
    def charge() -> None:
        raise ValueError("card 4111 1111 1111 1111 of jane@example.com")

    with pytest.raises(ValueError, match="4111"):
        charge()
    span = spans.one("tool")
    ((_, values),) = events(span)
    assert values["exception.message"] == "card [CREDIT_CARD] of [EMAIL]"
    assert span.status.description == "card [CREDIT_CARD] of [EMAIL]"
    assert "in charge" in values["exception.stacktrace"]
    assert values["exception.stacktrace"].rstrip().endswith("ValueError: card [CREDIT_CARD] of [EMAIL]")
    assert "4111" not in spans.text
    assert "jane@" not in spans.text


def test_a_secret_at_the_cut_of_a_long_message_does_not_leave(spans: Recorded) -> None:
    """Where capture cuts an exception's message, the tail around the cut is withheld, also in the stack trace."""
    card = "4111111111111111"
    with pytest.raises(ValueError, match="x"), convqa.tool(name="t"):
        raise ValueError("jane@example.com " * 962 + "x" * 22 + card)
    ((_, values),) = events(spans.one("tool"))
    assert "4111" not in values["exception.message"]
    assert "4111" not in values["exception.stacktrace"]


def test_an_exception_keeps_its_frames_and_identity(spans: Recorded) -> None:
    """The bot's exception passes as the same object, its innermost frame is the bot's, its notes and cause stay."""
    cause = KeyError("k")

    def fail() -> None:
        raise ValueError("bad") from cause

    decorated = convqa.tool(fail)
    with pytest.raises(ValueError, match="bad") as caught:
        decorated()
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "fail"
    assert caught.value.__cause__ is cause
    assert caught.value.__context__ is None


def test_an_ended_stage_keeps_nothing_of_an_exception_alive(spans: Recorded) -> None:
    """Neither the exception nor the locals of its frames are kept."""

    class Big:
        pass

    alive: list[Any] = []

    @convqa.tool
    def fail() -> None:
        big = Big()
        alive.append(__import__("weakref").ref(big))
        raise ValueError("bad")

    with contextlib.suppress(ValueError):
        fail()
    assert alive[0]() is None


async def test_with_wait_for_the_stage_is_cancelled_and_the_turn_is_an_error(spans: Recorded) -> None:
    """A timeout cancels the stage that was running and is the turn's error."""

    @convqa.generation(model="m")
    async def slow() -> str:
        await asyncio.sleep(60)
        return ""

    with pytest.raises(asyncio.TimeoutError):
        async with convqa.turn("c-1", "hi"):
            await asyncio.wait_for(slow(), 0.01)
    assert spans.status("generation") == "cancelled"
    assert spans.value("generation", "error.type") == "asyncio.exceptions.CancelledError"
    assert spans.status("turn") == "error"
    assert spans.value("turn", "error.type").endswith("TimeoutError")


async def test_a_cancelled_task_cancels_all_that_is_open(spans: Recorded) -> None:
    """Cancelling a task cancels the stages and the turn that are open in it, each once."""

    async def bot() -> None:
        async with convqa.turn("c-1", "hi"), convqa.retrieval(data_source="kb"):
            await asyncio.sleep(60)

    task = asyncio.create_task(bot())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert spans.statuses("turn") == ["cancelled"]
    assert spans.statuses("retrieval") == ["cancelled"]


def test_a_stage_that_is_never_closed_is_cancelled_when_collected(spans: Recorded) -> None:
    """A stage that nobody ends is emitted as cancelled once its context is gone."""

    def forget() -> None:
        convqa.tool(name="t").__enter__()

    contextvars.copy_context().run(forget)
    gc.collect()
    assert spans.statuses("tool") == ["cancelled"]
    assert spans.value("tool", "error.type") == "cancelled"


def test_a_stage_ends_once(spans: Recorded) -> None:
    """Ending again, setting, or adding events after the end changes nothing and is counted."""
    handle = convqa.tool(name="t")
    with handle as stage:
        stage.set(output="first")
    handle.__exit__(ValueError, ValueError("late"), None)
    stage.set(output="second")
    stage.custom(late=1)
    stage.add_event("late")
    stage.finish(status="error")
    assert spans.statuses("tool") == ["ok"]
    assert "second" not in spans.text
    assert events(spans.one("tool")) == []
    assert spans.stats.faults["set_after_end"] == 2


def test_an_ended_turn_is_freed_without_the_garbage_collector(spans: Recorded) -> None:
    """Turns and stages are no reference cycles: a busy bot's texts do not wait for a full collection."""
    weakref = __import__("weakref")
    gc.collect()
    gc.disable()
    try:
        with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t") as stage:
            pass
        references = weakref.ref(turn), weakref.ref(stage)
        del turn, stage
        assert [reference() for reference in references] == [None, None]
    finally:
        gc.enable()


# --------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOON, NOON + timedelta(seconds=2)),
        (NOON_NS, NOON_NS + 2_000_000_000),
        (NOON.astimezone(timezone(timedelta(hours=9))), NOON_NS + 2_000_000_000),
    ],
    ids=["datetimes", "nanoseconds", "another zone"],
)
def test_explicit_times_are_kept_exactly(spans: Recorded, start: Any, end: Any) -> None:
    """`start_time=` and `end_time=` take aware datetimes of any zone and Unix nanoseconds."""
    times = {"start_time": start, "end_time": end}
    with convqa.turn("c-1", "hi", **times), convqa.retrieval(data_source="kb", **times):
        pass
    for kind in ("turn", "retrieval"):
        span = spans.one(kind)
        assert (span.start_time, span.end_time) == (NOON_NS, NOON_NS + 2_000_000_000)
    assert spans.value("turn", "convqa.latency.total_ms") == 2000.0


def test_microseconds_survive(spans: Recorded) -> None:
    """Times are exact to the microsecond, without a detour through floats."""
    when = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
    with convqa.tool(name="t", start_time=when, end_time=when):
        pass
    assert spans.one("tool").start_time == NOON_NS + 123_457_000


class NoZone(tzinfo):
    def __repr__(self) -> str:
        return "NoZone()"

    def utcoffset(self, when: Any) -> Any:
        raise ValueError("jane@example.com")


WRONG_TIMES = [
    datetime(2026, 3, 1, 12),
    datetime(2026, 3, 1, 12, tzinfo=NoZone()),
    datetime(1960, 1, 1, tzinfo=UTC),
    -1,
    0,
    2**70,
    True,
    1.5,
    "2026-03-01",
    None.__class__,
]


@pytest.mark.parametrize("when", WRONG_TIMES, ids=repr)
def test_a_wrong_time_is_a_violation_in_a_stage(spans: Recorded, when: Any) -> None:
    """A naive or nonsensical time is named as a violation; the clock's time is taken; nothing is lost or raised."""
    with convqa.turn("c-1", "hi", start_time=when, end_time=when) as turn:
        turn.answer("x")
        with convqa.tool(name="t", start_time=when, end_time=when):
            pass
    for kind in ("turn", "tool"):
        assert spans.violations(kind) == ("start_time", "end_time")
        span = spans.one(kind)
        assert 1.6e18 < span.start_time <= span.end_time < 1e19
    assert spans.stats.violations == {"start_time": 2, "end_time": 2}


def test_an_end_before_the_start_is_a_violation(spans: Recorded) -> None:
    """A span never ends before it starts."""
    with convqa.tool(name="t", start_time=NOON_NS, end_time=NOON_NS - 1):
        pass
    assert spans.one("tool").end_time == NOON_NS
    assert "end_time" in spans.violations("tool")


def test_decorated_stages_take_times_too(spans: Recorded) -> None:
    """`start_time=` and `end_time=` of a decorator hold for each call."""

    @convqa.tool(start_time=NOON_NS, end_time=NOON_NS + 5)
    def lookup() -> int:
        return 1

    assert lookup() == 1
    assert (spans.one("tool").start_time, spans.one("tool").end_time) == (NOON_NS, NOON_NS + 5)


def test_a_live_stage_in_a_turn_of_the_past_takes_the_clocks_time(spans: Recorded) -> None:
    """Only what is given is in the past."""
    with convqa.turn("c-1", "hi", start_time=NOON_NS), convqa.tool(name="t"):
        pass
    assert spans.one("tool").start_time > NOON_NS + 10**15


@pytest.mark.parametrize("when", [w for w in WRONG_TIMES if getattr(w, "tzinfo", None) is None], ids=repr)
def test_a_wrong_time_is_an_error_in_a_record_function(spans: Recorded, when: Any) -> None:
    """`record_*` is not on the bot's path: it raises, and says nothing of the value's content."""
    with pytest.raises(RecordError) as caught:
        convqa.record_feedback("c-1", thumbs="up", at=when)
    assert "jane" not in str(caught.value)
    assert spans.all == ()


def test_the_clock_is_monotonic_inside_a_turn(record: Make) -> None:
    """When the wall clock jumps back during a turn, its stages still lie inside it."""
    spans = record()
    recorder = spans.sdk.recorder
    assert recorder is not None
    walls = iter([2_000_000_000_000_000_000, 1, 1, 1, 1])
    recorder.time_ns = lambda: next(walls)
    with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        pass
    turn, tool = spans.one("turn"), spans.one("tool")
    assert turn.start_time <= tool.start_time <= tool.end_time <= turn.end_time


# ------------------------------------------------------------------------------------- OpenTelemetry's Span API


def test_foreign_code_cannot_end_or_rename_a_stage(spans: Recorded) -> None:
    """`end`, `set_status`, `update_name` and the span's own `with` leave the stage to its owner."""
    with convqa.turn("c-1", "hi"), convqa.tool(name="t") as stage:
        with stage:
            stage.update_name("jane@example.com")
            stage.set_status(StatusCode.ERROR, "jane@example.com")
            stage.end()
        assert stage.is_recording()
    assert spans.one("tool").name == "execute_tool t"
    assert spans.one("tool").status.status_code is StatusCode.UNSET
    assert not stage.is_recording()


@pytest.mark.parametrize(
    "call",
    [
        lambda span: span.set_attribute(["unhashable"], 1),
        lambda span: span.set_attributes(None),
        lambda span: span.set_attributes(7),
        lambda span: span.add_event(object(), object(), object()),
        lambda span: span.add_event(None, {"a": object()}, "now"),
        lambda span: span.add_link(None),
        lambda span: span.add_link(object(), {"a": 1}),
        lambda span: span.record_exception(None),
        lambda span: span.record_exception("no exception"),
        lambda span: span.set_status(None),
        lambda span: span.update_name(None),
    ],
)
def test_the_span_api_takes_anything(spans: Recorded, call: Any) -> None:
    """Whatever foreign instrumentation passes to the current span, nothing is raised and the span leaves."""
    with convqa.turn("c-1", "hi"), convqa.tool(name="t") as stage:
        call(stage)
    assert spans.statuses("tool") == ["ok"]
    assert spans.statuses("turn") == ["ok"]


def test_a_bots_own_value_may_have_any_name(spans: Recorded) -> None:
    """`custom()` takes every name that Python lets through, also `self` and `values`."""
    with convqa.tool(name="t") as stage:
        stage.custom(self=1, values=2, name="jane@example.com", **{"with space": True})
    attributes = spans.attributes("tool")
    assert attributes["convqa.custom.self"] == 1
    assert attributes["convqa.custom.values"] == 2
    assert attributes["convqa.custom.name"] == "[EMAIL]"
    assert attributes["convqa.custom.with space"] is True


def test_bounds_of_a_stage_are_counted(spans: Recorded) -> None:
    """More custom values or events than a span may carry are left out and named."""
    with convqa.tool(name="t") as stage:
        for index in range(200):
            stage.custom(**{f"v{index}": index})
            stage.add_event("again")
    assert sum(key.startswith("convqa.custom.") for key in spans.attributes("tool")) == 128
    assert len(events(spans.one("tool"))) == 128
    assert "custom" in spans.violations("tool")
    assert spans.stats.faults["too_many_events"] == 72


RICH = [{"role": "user", "content": "word " * 100, "when": None, "data": b"123"}]


class Unready(Mapping[str, int]):
    """A value that raises when it is read."""

    def __getitem__(self, key: str) -> int:
        raise KeyError(key)

    def __iter__(self) -> Any:
        raise OSError("no connection")

    def __len__(self) -> int:
        return 1


AGAIN: dict[str, Any] = {
    "a rich field": lambda stage: stage.set(arguments=RICH),
    "a rich field and a plain one": lambda stage: (stage.set(arguments=RICH), stage.set(arguments="x" * 300)),
    "a field that cannot be read": lambda stage: (stage.set(arguments="x" * 300), stage.set(arguments=Unready())),
    "an attribute": lambda stage: stage.set_attribute("k", "x" * 300),
    "a long attribute": lambda stage: stage.set_attribute("k", "x" * 3_000),
    "a rich attribute": lambda stage: stage.set_attribute("k", RICH),
    "attributes of both kinds": lambda stage: (
        stage.custom(k=RICH, l=1),
        stage.custom(k="x" * 300),
        stage.custom(l=RICH),
    ),
    "pairs": lambda stage: stage.set_attributes([("k", RICH), ("l", "x")]),
}


@pytest.mark.parametrize("again", AGAIN)
def test_a_value_set_again_takes_the_place_of_the_one_before(spans: Recorded, again: str) -> None:
    """However often a value is set, what a stage is said to hold is what it holds."""

    def held(times: int) -> int:
        with convqa.tool(name="t") as stage:
            for _ in range(times):
                AGAIN[again](stage)
        return stage.size

    assert held(1) > 0
    assert abs(held(1_000) - held(1)) < 200


def test_an_attribute_may_have_any_key(spans: Recorded) -> None:
    """Also one that no dictionary takes, which costs itself."""
    with convqa.tool(name="t") as stage:
        stage.set_attribute([], 1)  # type: ignore[arg-type] # reason: wrong on purpose
        stage.set_attribute("k", 2)
    assert spans.attributes("tool")["convqa.custom.k"] == 2
    assert "custom" in spans.violations("tool")


def test_a_long_name_in_set_is_named_without_asking_it(spans: Recorded) -> None:
    """A name longer than any field's is a violation that does not repeat it; its own `__len__` is not asked."""

    class Odd(str):
        def __len__(self) -> int:
            raise RuntimeError("asked")

    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        turn.set(**{"x" * 201: 1, Odd("y" * 201): 2, "z" * 200: 3})  # type: ignore[call-arg] # reason: wrong on purpose
    assert spans.violations("turn") == ("[WITHHELD:too_long]", "z" * 200)
    assert "xxx" not in spans.text
    assert "yyy" not in spans.text


def test_a_stage_leaves_the_context_as_it_was(spans: Recorded) -> None:
    """Also after an exception nothing of ours stays current."""
    with pytest.raises(ZeroDivisionError), convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        raise ZeroDivisionError
    assert nothing_current()
    assert sys.exc_info() == (None, None, None)


def test_an_exception_that_cannot_be_described_is_an_error_and_costs_no_bound(spans: Recorded) -> None:
    """Its class may refuse to tell its module: the stage has failed all the same, and long texts are cut."""

    class Secretive(type):
        @property
        def __module__(cls) -> str:  # type: ignore[override] # reason: hostile on purpose
            raise RuntimeError("not yours")

    class Odd(Exception, metaclass=Secretive):
        pass

    with contextlib.suppress(Odd), convqa.tool(name="t") as stage:
        stage.set(output="x" * 3_000_000)
        raise Odd
    assert spans.value("tool", "convqa.status") == "error"
    assert len(stage.values["output"]) < 300_000
    assert 0 < stage.size < 1_000_000
