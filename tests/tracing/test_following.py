"""Streams: ended exactly once whatever ends them, and never current in the consumer."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import inspect
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import convqa_sdk as convqa

from .conftest import Recorded, events, is_child, nothing_current

pytestmark = pytest.mark.usefixtures("no_detach_errors")


# "stage" is the kind of the stage that records nothing, while the SDK is off.


@convqa.generation(model="m")
def draft(messages: str = "hi") -> Iterator[str]:
    """A stream of text."""
    for part in ("one ", "two ", "three"):
        stage = convqa.current_stage()
        assert stage.is_recording() is (stage.kind == "generation")
        yield part


@convqa.generation(model="m")
async def adraft(messages: str = "hi") -> AsyncIterator[str]:
    """An async stream of text."""
    for part in ("one ", "two ", "three"):
        await asyncio.sleep(0)
        stage = convqa.current_stage()
        assert stage.is_recording() is (stage.kind == "generation")
        yield part


@convqa.turn(conversation_id="conversation", message="text")
def reply(conversation: str, text: str) -> Iterator[str]:
    """A bot that streams, decorated."""
    yield from draft(text)


@convqa.turn(conversation_id="conversation", message="text")
async def areply(conversation: str, text: str) -> AsyncIterator[str]:
    """An async bot that streams, decorated."""
    async for part in adraft(text):
        yield part


def user_turn(conversation: str = "c-1") -> Iterator[str]:
    """A bot that streams out of its own block."""
    with convqa.turn(conversation, "hi") as turn:
        for part in turn.stream(draft()):  # noqa: UP028 - the loop that the documentation shows
            yield part
        with convqa.tool(name="after"):
            assert convqa.current_turn() is turn or not turn.is_recording()


async def auser_turn(conversation: str = "c-1") -> AsyncIterator[str]:
    """An async bot that streams out of its own block."""
    async with convqa.turn(conversation, "hi") as turn:
        async for part in turn.stream(adraft()):
            yield part
        async with convqa.tool(name="after"):
            assert convqa.current_turn() is turn or not turn.is_recording()


SYNC = [draft, lambda: reply("c-1", "hi"), user_turn]
ASYNC = [adraft, lambda: areply("c-1", "hi"), auser_turn]
NAMES = ["stage", "decorated turn", "turn.stream"]


def each_once(spans: Recorded, status: str) -> None:
    """Every span left once, with that status."""
    ids = [span.context.span_id for span in spans.all]
    assert len(ids) == len(set(ids))
    assert [(s.attributes or {})["convqa.status"] for s in spans.all] == [status] * len(ids)
    assert len(spans.of("generation")) == 1


async def settle() -> None:
    """Let the loop finalise what was dropped: async generators end in tasks of their own."""
    for _ in range(5):
        gc.collect()
        await asyncio.sleep(0)


@pytest.mark.parametrize("make", SYNC, ids=NAMES)
def test_exhaustion_ends_a_stream_ok(spans: Recorded, make: Any) -> None:
    """A stream that is read to its end is ok, and nothing is current between or after its chunks."""
    got = []
    for part in make():
        assert nothing_current()
        got.append(part)
    assert got == ["one ", "two ", "three"]
    assert nothing_current()
    each_once(spans, "ok")
    assert '"one two three"' in spans.value("generation", "gen_ai.output.messages")


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
async def test_exhaustion_ends_an_async_stream_ok(spans: Recorded, make: Any) -> None:
    """An async stream that is read to its end is ok, and nothing is current between or after its chunks."""
    got = []
    async for part in make():
        assert nothing_current()
        await asyncio.sleep(0)
        assert nothing_current()
        got.append(part)
    assert got == ["one ", "two ", "three"]
    each_once(spans, "ok")


@pytest.mark.parametrize("make", SYNC, ids=NAMES)
def test_close_cancels_a_stream(spans: Recorded, make: Any) -> None:
    """`close()` before the end makes a stream cancelled, with its error type, and OpenTelemetry's status unset."""
    stream = make()
    assert next(stream) == "one "
    assert not spans.all
    stream.close()
    stream.close()
    assert nothing_current()
    each_once(spans, "cancelled")
    span = spans.one("generation")
    assert span.attributes["error.type"] == "GeneratorExit"
    assert span.status.status_code.name == "UNSET"
    assert events(span) == []


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
async def test_aclose_cancels_an_async_stream(spans: Recorded, make: Any) -> None:
    """`aclose()` before the end makes an async stream cancelled."""
    stream = make()
    assert await anext(stream) == "one "
    await stream.aclose()
    await stream.aclose()
    assert nothing_current()
    await settle()
    each_once(spans, "cancelled")


@pytest.mark.parametrize("make", SYNC, ids=NAMES)
def test_break_and_collection_cancel_a_stream(spans: Recorded, make: Any) -> None:
    """A stream that is left by `break` and collected is cancelled once."""
    for part in make():
        assert part == "one "
        break
    gc.collect()
    assert nothing_current()
    each_once(spans, "cancelled")


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
async def test_break_and_collection_cancel_an_async_stream(spans: Recorded, make: Any) -> None:
    """An async stream that is left by `break` is finalised by the loop, in another context, silently and once."""
    async for part in make():
        assert part == "one "
        break
    await settle()
    assert nothing_current()
    each_once(spans, "cancelled")


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
def test_an_async_stream_outlives_no_loop(spans: Recorded, make: Any) -> None:
    """An async stream that is open when its loop ends is cancelled once."""

    async def main() -> Any:
        stream = make()
        await anext(stream)
        return stream

    kept = asyncio.run(main())
    assert inspect.isasyncgen(kept)
    each_once(spans, "cancelled")
    assert nothing_current()


@pytest.mark.parametrize("make", SYNC, ids=NAMES)
def test_collection_in_another_thread_cancels_a_stream(spans: Recorded, make: Any) -> None:
    """A stream that another thread drops is cancelled once, and leaves that thread's context clean."""
    box = [make()]
    next(box[0])
    clean: list[bool] = []

    def drop() -> None:
        box.clear()
        gc.collect()
        clean.append(nothing_current())

    thread = threading.Thread(target=drop)
    thread.start()
    thread.join()
    assert clean == [True]
    assert nothing_current()
    each_once(spans, "cancelled")


@pytest.mark.parametrize("make", SYNC, ids=NAMES)
def test_each_step_may_run_in_another_context(spans: Recorded, make: Any) -> None:
    """A sync stream whose steps run in different threads' contexts, as web frameworks do, stays one stream."""
    stream = make()
    got = [contextvars.copy_context().run(next, stream) for _ in range(3)]
    with pytest.raises(StopIteration):
        contextvars.copy_context().run(next, stream)
    assert got == ["one ", "two ", "three"]
    assert nothing_current()
    each_once(spans, "ok")


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
async def test_each_async_step_may_run_in_another_task(spans: Recorded, make: Any) -> None:
    """An async stream whose steps run in different tasks stays one stream."""
    stream = make()
    got = [await asyncio.create_task(anext(stream)) for _ in range(3)]
    with pytest.raises(StopAsyncIteration):
        await asyncio.create_task(anext(stream))
    assert got == ["one ", "two ", "three"]
    assert nothing_current()
    each_once(spans, "ok")


@pytest.mark.parametrize("make", SYNC, ids=NAMES)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("the consumer's"), SystemExit(3)], ids=repr)
def test_an_exception_thrown_in_passes_as_the_same_object(spans: Recorded, make: Any, error: BaseException) -> None:
    """An exception that the consumer throws in comes back as the same object and ends the outer stage once."""
    stream = make()
    next(stream)
    with pytest.raises(type(error)) as caught:
        stream.throw(error)
    assert caught.value is error
    assert error.__context__ is None
    assert nothing_current()
    outer = "turn" if spans.of("turn") else "generation"
    assert spans.status(outer) == ("cancelled" if isinstance(error, KeyboardInterrupt) else "error")
    assert spans.value(outer, "error.type") == type(error).__name__
    assert len(spans.all) == (1 if outer == "generation" else 2)


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
async def test_an_exception_thrown_into_an_async_stream_passes(spans: Recorded, make: Any) -> None:
    """An exception that the consumer throws into an async stream comes back as the same object."""
    error = ValueError("the consumer's")
    stream = make()
    await anext(stream)
    with pytest.raises(ValueError, match="the consumer's") as caught:
        await stream.athrow(error)
    assert caught.value is error
    assert error.__context__ is None
    assert nothing_current()
    await settle()
    outer = "turn" if spans.of("turn") else "generation"
    assert spans.status(outer) == "error"
    assert len(spans.all) == (1 if outer == "generation" else 2)


@pytest.mark.parametrize("make", ASYNC, ids=NAMES)
async def test_task_cancellation_cancels_an_async_stream(spans: Recorded, make: Any) -> None:
    """Cancelling the task that reads an async stream makes it cancelled, not an error."""
    started = asyncio.Event()

    async def read() -> None:
        async for _ in make():
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settle()
    each_once(spans, "cancelled")


async def test_cancellation_inside_a_step_cancels_the_stream(spans: Recorded) -> None:
    """Cancelling while the bot's own generator waits reaches the generator and makes the stage cancelled."""
    seen: list[str] = []

    @convqa.generation(model="m")
    async def slow() -> AsyncIterator[str]:
        yield "one"
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def read() -> list[str]:
        return [part async for part in slow()]

    task = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]
    assert spans.status("generation") == "cancelled"
    assert spans.value("generation", "error.type") == "asyncio.exceptions.CancelledError"


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_the_bots_own_exception_ends_a_stream_in_error(spans: Recorded, asynchronous: bool) -> None:
    """An exception in the bot's generator is an error with one exception event; the chunks before it are kept."""
    error = RuntimeError("no model for jane@example.com")

    @convqa.generation(model="m")
    def broken() -> Iterator[str]:
        yield "half"
        raise error

    @convqa.generation(model="m")
    async def abroken() -> AsyncIterator[str]:
        yield "half"
        raise error

    async def read() -> None:
        if asynchronous:
            async for _ in abroken():
                assert nothing_current()
        else:
            for _ in broken():
                assert nothing_current()

    with pytest.raises(RuntimeError) as caught:
        await read()
    assert caught.value is error
    span = spans.one("generation")
    assert span.status.status_code.name == "ERROR"
    assert [name for name, _ in events(span)] == ["exception"]
    assert "half" in spans.value("generation", "gen_ai.output.messages")
    assert "jane@example.com" not in spans.text


def test_send_throw_and_return_values_pass(spans: Recorded) -> None:
    """`send` and `throw` reach the bot's generator, and its return value is the StopIteration's value."""

    @convqa.tool
    def talk() -> Any:
        got = yield 1
        try:
            got = yield got
        except KeyError as error:
            got = yield error
        return ("end", got)

    stream = talk()
    assert next(stream) == 1
    assert stream.send("sent") == "sent"
    error = KeyError("thrown")
    assert stream.throw(error) is error
    with pytest.raises(StopIteration) as stop:
        stream.send("last")
    assert stop.value.value == ("end", "last")
    assert spans.status("tool") == "ok"


async def test_asend_and_athrow_pass(spans: Recorded) -> None:
    """`asend` and `athrow` reach the bot's async generator."""

    @convqa.tool
    async def talk() -> Any:
        got = yield 1
        try:
            got = yield got
        except KeyError as error:
            yield error

    stream = talk()
    assert await anext(stream) == 1
    assert await stream.asend("sent") == "sent"
    error = KeyError("thrown")
    assert await stream.athrow(error) is error
    assert [part async for part in stream] == []
    assert spans.status("tool") == "ok"


def test_a_thrown_exception_is_not_being_handled_inside_the_bots_generator(spans: Recorded) -> None:
    """After the bot's generator swallowed what was thrown in, a new exception of its own has no foreign context."""

    @convqa.tool
    def talk() -> Any:
        with contextlib.suppress(KeyError):
            yield 1
        assert sys.exc_info() == (None, None, None)
        raise ValueError("its own")

    stream = talk()
    next(stream)
    with pytest.raises(ValueError, match="its own") as caught:
        stream.throw(KeyError("thrown"))
    assert caught.value.__context__ is None


def test_a_generator_that_ignores_its_closing_is_told_so(spans: Recorded) -> None:
    """A bot's generator that yields after `close()` raises what Python raises, and its stage is an error."""

    @convqa.tool
    def stubborn() -> Iterator[int]:
        try:
            yield 1
        except GeneratorExit:
            yield 2

    stream = stubborn()
    next(stream)
    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        stream.close()
    assert spans.status("tool") == "error"


def test_close_returns_what_the_bots_generator_returns(spans: Recorded) -> None:
    """`close()` returns what it returns without us (a value since Python 3.13), and the stage is cancelled."""

    def plain() -> Any:
        try:
            yield 1
        except GeneratorExit:
            return "closed"

    expected = plain()
    next(expected)
    stream = convqa.tool(plain)()
    next(stream)
    assert stream.close() == expected.close()
    assert spans.status("tool") == "cancelled"


def test_a_stream_that_is_never_started_makes_no_span(spans: Recorded) -> None:
    """Calling a generator function starts nothing; neither does closing or dropping the generator."""
    stream = draft()
    stream.close()
    del stream
    draft()
    gc.collect()
    assert spans.all == ()


def test_interleaved_streams_keep_apart(spans: Recorded) -> None:
    """Two streams read in turns have their own stages, and neither becomes the other's parent."""
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        first, second = draft("a"), draft("b")
        for left, right in zip(first, second, strict=True):
            assert left == right
            assert convqa.current_stage() is turn
    parent = spans.one("turn")
    assert [is_child(span, parent) for span in spans.of("generation")] == [True, True]
    assert spans.statuses("generation") == ["ok", "ok"]


async def test_interleaved_async_streams_keep_apart(spans: Recorded) -> None:
    """Two async streams read in turns have their own stages, and neither becomes the other's parent."""
    async with convqa.turn("c-1", "hi") as turn:
        first, second = adraft("a"), adraft("b")
        for _ in range(3):
            assert await anext(first) == await anext(second)
            assert convqa.current_stage() is turn
        await first.aclose()
        await second.aclose()
        assert convqa.current_stage() is turn
    parent = spans.one("turn")
    assert [is_child(span, parent) for span in spans.of("generation")] == [True, True]


@pytest.mark.parametrize("first_closed", [0, 1])
def test_blocks_in_interleaved_generators_leave_nothing_behind(spans: Recorded, first_closed: int) -> None:
    """`with` blocks in the user's own generators, closed in any order, leave no ended stage current."""

    def search(query: str) -> Iterator[str]:
        with convqa.retrieval(data_source="kb", query=query):
            yield query

    pair = [search("a"), search("b")]
    next(pair[0])
    next(pair[1])
    pair[first_closed].close()
    pair[1 - first_closed].close()
    assert nothing_current()
    assert spans.statuses("retrieval") == ["cancelled", "cancelled"]


async def test_a_block_in_a_generator_finalised_elsewhere_is_silent(spans: Recorded) -> None:
    """A `with` block in the user's async generator that is finalised in another context ends silently and once."""

    async def search() -> AsyncIterator[int]:
        with convqa.turn("c-1", "hi"), convqa.retrieval(data_source="kb"):
            yield 1
            yield 2

    async def read() -> None:
        async for _ in search():
            break

    await asyncio.create_task(read())
    await settle()
    assert nothing_current()
    assert spans.status("turn") == "cancelled"
    assert spans.status("retrieval") == "cancelled"


def test_the_first_chunks_time_is_recorded(spans: Recorded) -> None:
    """The time to the first chunk lies between start and end, and does not grow with later chunks."""
    stream = draft()
    next(stream)
    waiting = threading.Event()
    waiting.wait(0.03)
    list(stream)
    span = spans.one("generation")
    first = spans.value("generation", "gen_ai.response.time_to_first_chunk")
    assert 0 < first < 0.02
    assert (span.end_time - span.start_time) / 1e9 >= 0.03


@pytest.mark.parametrize("make", [lambda: reply("c-1", "hi"), user_turn], ids=NAMES[1:])
def test_streamed_text_is_the_turns_answer(spans: Recorded, make: Any) -> None:
    """The chunks of a streamed turn become its answer."""
    list(make())
    assert spans.value("turn", "convqa.answer.text") == "one two three"
    assert spans.value("turn", "convqa.answer.type") == "generated"


def test_streamed_text_of_a_subclass_is_the_turns_answer_too(spans: Recorded) -> None:
    """Some clients' texts are strings with methods of their own."""

    class Text(str):
        __slots__ = ()

        def __len__(self) -> int:
            raise RuntimeError("not asked")

    with convqa.turn("c-1", "hi") as turn:
        assert [type(chunk) for chunk in turn.stream([Text("Hello"), Text(" world")])] == [Text, Text]
    assert spans.value("turn", "convqa.answer.text") == "Hello world"


def test_an_answer_that_was_given_wins_over_the_streamed_text(spans: Recorded) -> None:
    """`turn.answer()` says what the answer is, also when something else was streamed."""

    @convqa.turn(conversation_id="conversation")
    def answered(conversation: str) -> Iterator[str]:
        yield "thinking"
        convqa.current_turn().answer("the answer", type="grounded")

    list(answered("c-1"))
    assert spans.value("turn", "convqa.answer.text") == "the answer"
    assert spans.value("turn", "convqa.answer.type") == "grounded"


@pytest.mark.parametrize("decorated", [False, True])
def test_stream_inside_a_decorated_turn_leaves_the_consumer_alone(spans: Recorded, decorated: bool) -> None:
    """`current_turn().stream()` inside a decorated generator does not make the turn current in the consumer."""

    @convqa.turn(conversation_id="conversation")
    def answered(conversation: str) -> Iterator[str]:
        yield from convqa.current_turn().stream(draft() if decorated else iter(["a", "b", "c"]))

    for _ in answered("c-1"):
        assert nothing_current()
    assert nothing_current()
    assert spans.status("turn") == "ok"


async def test_async_stream_inside_a_decorated_turn_leaves_the_consumer_alone(spans: Recorded) -> None:
    """`current_turn().stream()` inside a decorated async generator does not leak either."""

    @convqa.turn(conversation_id="conversation")
    async def answered(conversation: str) -> AsyncIterator[str]:
        async for part in convqa.current_turn().stream(adraft()):
            yield part

    async for _ in answered("c-1"):
        assert nothing_current()
    assert nothing_current()
    each_once(spans, "ok")


def test_after_a_break_the_rest_of_the_block_belongs_to_the_turn(spans: Recorded) -> None:
    """Leaving `turn.stream` by `break` inside the block gives the rest of the block its turn back."""
    with convqa.turn("c-1", "hi") as turn:
        for _ in turn.stream(draft()):
            break
        with convqa.tool(name="after", result="ok"):
            pass
    assert is_child(spans.one("tool"), spans.one("turn"))
    assert spans.status("generation") == "cancelled"
    assert spans.status("turn") == "ok"


async def test_after_a_break_the_rest_of_an_async_block_belongs_to_the_turn(spans: Recorded) -> None:
    """Leaving an async `turn.stream` by `break` inside the block gives the rest of the block its turn back."""
    async with convqa.turn("c-1", "hi") as turn:
        async for _ in turn.stream(adraft()):
            break
        assert convqa.current_turn() is turn
        async with convqa.tool(name="after", result="ok"):
            await asyncio.sleep(0)
    assert nothing_current()
    assert is_child(spans.one("tool"), spans.one("turn"))


async def test_a_stream_may_be_read_in_a_task_of_its_own(spans: Recorded) -> None:
    """When a task reads `turn.stream`, the block that opened the turn keeps it, and loses it at its end."""
    async with convqa.turn("c-1", "hi") as turn:

        async def read() -> list[str]:
            return [part async for part in turn.stream(adraft())] + list(turn.stream(draft()))

        assert len(await asyncio.create_task(read())) == 6
        assert convqa.current_stage() is turn
    assert nothing_current()
    assert all(is_child(span, spans.one("turn")) for span in spans.of("generation"))


async def test_a_stream_dropped_in_another_context_is_not_resumed_there(spans: Recorded) -> None:
    """What another context does with a stream that was begun here does not make the turn current there."""
    async with convqa.turn("c-1", "hi") as turn:
        box = [turn.stream(adraft())]
        await anext(box[0])

        def drop() -> bool:
            box.clear()
            return nothing_current()

        assert contextvars.Context().run(drop)
    assert nothing_current()


@pytest.mark.parametrize("chunks", [["a", "b"], ("a", "b"), iter(["a", "b"])], ids=["list", "tuple", "iterator"])
def test_any_iterable_can_be_streamed(spans: Recorded, chunks: Any) -> None:
    """`turn.stream` takes every iterable and gives the same items."""
    with convqa.turn("c-1", "hi") as turn:
        assert list(turn.stream(chunks)) == ["a", "b"]
    assert spans.value("turn", "convqa.answer.text") == "ab"


def test_stream_closes_the_bots_generator_with_its_own(spans: Recorded) -> None:
    """Closing what `turn.stream` gave closes the bot's generator at once."""
    closed: list[bool] = []

    def chunks() -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            closed.append(True)

    with convqa.turn("c-1", "hi") as turn:
        stream = turn.stream(chunks())
        next(stream)
        stream.close()
        assert closed == [True]
        assert convqa.current_turn() is turn


def test_streams_pass_untouched_while_the_sdk_is_off(off: None) -> None:
    """Without a recorder, streams work as if they were not decorated."""
    assert list(reply("c-1", "hi")) == ["one ", "two ", "three"]
    assert list(user_turn()) == ["one ", "two ", "three"]


async def test_async_streams_pass_untouched_while_the_sdk_is_off(off: None) -> None:
    """Without a recorder, async streams work as if they were not decorated."""
    assert [part async for part in areply("c-1", "hi")] == ["one ", "two ", "three"]
    assert [part async for part in auser_turn()] == ["one ", "two ", "three"]


def test_a_stream_of_a_tool_that_yields_no_text_is_complete(spans: Recorded) -> None:
    """A tool that streams objects has a result, like one that returns."""

    @convqa.tool
    def rows() -> Iterator[dict[str, int]]:
        yield {"a": 1}

    with convqa.turn("c-1", "hi"):
        assert list(rows()) == [{"a": 1}]
    assert spans.value("tool", "convqa.tool.result") == "ok"
    assert spans.violations("tool") == ()


async def test_an_async_stream_can_be_closed(spans: Recorded) -> None:
    """`aclose()` of what `turn.stream` gave closes the bot's generator at once, and the block keeps its turn."""
    closed: list[bool] = []

    async def chunks() -> AsyncIterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            closed.append(True)

    async with convqa.turn("c-1", "hi") as turn:
        stream: Any = turn.stream(chunks())
        assert await anext(stream) == "a"
        await stream.aclose()
        assert closed == [True]
        assert convqa.current_turn() is turn
    assert spans.value("turn", "convqa.answer.text") == "a"
