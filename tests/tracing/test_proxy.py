"""A provider's stream object that a generation returns: it behaves as before, and its stage lasts as long."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import wrapt

import convqa_sdk as convqa

from .conftest import Recorded, is_child, nothing_current

pytestmark = pytest.mark.usefixtures("no_detach_errors")

TEXT = ["Hello", " world"]


def chunks() -> list[dict[str, Any]]:
    """A chat completion as OpenAI streams it, as raw JSON."""
    said = [{"id": "r-1", "model": "m-1", "choices": [{"index": 0, "delta": {"content": text}}]} for text in TEXT]
    last = {"id": "r-1", "model": "m-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = {"id": "r-1", "model": "m-1", "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
    return [{"object": "chat.completion.chunk", **chunk} for chunk in (*said, last, usage)]


class Stream:
    """A provider's stream: an iterator of a class of its own, with attributes and a `close`."""

    def __init__(self, items: list[Any], error: BaseException | None = None) -> None:
        self.response = "the http response"
        self.closed = False
        self.seen: list[str] = []
        self._items = iter(items)
        self._error = error

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> Any:
        self.seen.append(convqa.current_stage().kind)
        for item in self._items:
            return item
        if self._error is not None:
            raise self._error
        raise StopIteration

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> str:
        self.closed = True
        return "closed"


class AsyncStream:
    """The same, asynchronous."""

    def __init__(self, items: list[Any], error: BaseException | None = None) -> None:
        self.response = "the http response"
        self.closed = False
        self._items = iter(items)
        self._error = error

    def __aiter__(self) -> AsyncStream:
        return self

    async def __anext__(self) -> Any:
        await asyncio.sleep(0)
        for item in self._items:
            return item
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def __aenter__(self) -> AsyncStream:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> str:
        self.closed = True
        return "closed"


class StreamManager:
    """A manager whose `with` gives the stream, as Anthropic's helper does."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __enter__(self) -> Stream:
        return self.stream

    def __exit__(self, *exc_info: object) -> None:
        self.stream.close()


class AsyncStreamManager:
    """The same, asynchronous."""

    def __init__(self, stream: AsyncStream) -> None:
        self.stream = stream

    async def __aenter__(self) -> AsyncStream:
        return self.stream

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stream.close()


@convqa.generation(model="m")
def draft(stream: Any) -> Any:
    """Return a provider's stream."""
    return stream


@convqa.generation(model="m")
async def adraft(stream: Any) -> Any:
    """Return a provider's stream from a coroutine."""
    return stream


def check_complete(spans: Recorded) -> None:
    """The one generation is ok and carries what the chunks said."""
    attributes = spans.attributes("generation")
    assert attributes["convqa.status"] == "ok"
    assert attributes["gen_ai.usage.input_tokens"] == 7
    assert attributes["gen_ai.usage.output_tokens"] == 2
    assert list(attributes["gen_ai.response.finish_reasons"]) == ["stop"]
    assert '"Hello world"' in attributes["gen_ai.output.messages"]
    assert attributes["gen_ai.response.time_to_first_chunk"] > 0


def test_a_stream_read_to_its_end_is_complete(spans: Recorded) -> None:
    """All chunks pass as the same objects; text, usage and finish reason are read; nothing leaks to the consumer."""
    given = chunks()
    with convqa.turn("c-1", "hi") as turn:
        stream = draft(Stream(given))
        assert not spans.of("generation")
        got = []
        for chunk in stream:
            assert convqa.current_stage() is turn
            got.append(chunk)
    assert all(mine is theirs for mine, theirs in zip(got, given, strict=True))
    assert set(stream.seen) == {"generation"}
    check_complete(spans)
    assert is_child(spans.one("generation"), spans.one("turn"))


async def test_an_async_stream_read_to_its_end_is_complete(spans: Recorded) -> None:
    """The same for an asynchronous stream that a coroutine returns."""
    async for _ in await adraft(AsyncStream(chunks())):
        assert nothing_current()
    check_complete(spans)


def test_a_stream_looks_like_itself(spans: Recorded) -> None:
    """`isinstance`, attributes and `repr` are the stream's own; what is no stream is not replaced."""
    original = Stream([])
    stream = draft(original)
    assert isinstance(stream, Stream)
    assert stream.response == "the http response"
    assert repr(stream) == repr(original)
    with pytest.raises(AttributeError):
        stream.nothing
    for plain in (iter([1]), (i for i in range(3)), {"a": 1}, "text", object()):
        assert draft(plain) is plain
    assert convqa.tool(lambda: original)() is original


class Transparent(wrapt.ObjectProxy):
    """What OpenInference makes of either kind of stream: iterable in both ways, and passing for the stream."""

    def __next__(self) -> Any:
        return self.__wrapped__.__next__()

    async def __anext__(self) -> Any:
        return await self.__wrapped__.__anext__()


async def test_streams_that_other_instrumentation_has_wrapped_are_followed(spans: Recorded) -> None:
    """A transparent wrapper is judged by what is inside; the stand-in passes for that, and goes through the wrapper."""
    stream = draft(Transparent(Transparent(Stream(chunks()))))
    assert isinstance(stream, Stream)
    assert len(list(stream)) == 4
    check_complete(spans)
    spans.exporter.clear()
    stream = await adraft(Transparent(AsyncStream(chunks())))
    assert isinstance(stream, AsyncStream)
    assert len([chunk async for chunk in stream]) == 4
    check_complete(spans)
    plain = Transparent([1])
    assert draft(plain) is plain


def test_a_stream_closed_early_is_cancelled(spans: Recorded) -> None:
    """`close()` before the end closes the provider's stream, returns what it returns, and cancels the stage."""
    stream = draft(Stream(chunks()))
    next(stream)
    assert stream.close() == "closed"
    assert stream.closed
    assert spans.statuses("generation") == ["cancelled"]
    assert '"Hello"' in spans.value("generation", "gen_ai.output.messages")
    stream.close()
    assert len(spans.all) == 1


async def test_an_async_stream_closed_early_is_cancelled(spans: Recorded) -> None:
    """The same for an asynchronous stream."""
    stream = await adraft(AsyncStream(chunks()))
    await anext(stream)
    assert await stream.close() == "closed"
    assert spans.statuses("generation") == ["cancelled"]


def test_a_stream_that_is_dropped_is_cancelled(spans: Recorded) -> None:
    """A stream that is left by `break` and collected ends once."""
    for _ in draft(Stream(chunks())):
        break
    gc.collect()
    assert spans.statuses("generation") == ["cancelled"]
    assert nothing_current()


@pytest.mark.parametrize("error", [ConnectionError("lost jane@example.com"), KeyboardInterrupt()], ids=repr)
def test_a_stream_that_fails_is_an_error(spans: Recorded, error: BaseException) -> None:
    """The provider's exception passes as the same object; what was seen is kept."""
    with pytest.raises(type(error)) as caught:
        list(draft(Stream(chunks()[:1], error)))
    assert caught.value is error
    assert spans.status("generation") == ("cancelled" if isinstance(error, KeyboardInterrupt) else "error")
    assert '"Hello"' in spans.value("generation", "gen_ai.output.messages")
    assert "jane@" not in spans.text


async def test_an_async_stream_that_fails_is_an_error(spans: Recorded) -> None:
    """The same for an asynchronous stream."""
    error = ConnectionError("lost")

    async def read() -> list[Any]:
        return [chunk async for chunk in await adraft(AsyncStream(chunks()[:1], error))]

    with pytest.raises(ConnectionError) as caught:
        await read()
    assert caught.value is error
    assert spans.statuses("generation") == ["error"]


@pytest.mark.parametrize("wrap", [lambda stream: stream, StreamManager], ids=["itself", "manager"])
def test_a_stream_in_a_block_is_followed(spans: Recorded, wrap: Any) -> None:
    """`with` on a stream, or on a manager that gives one, is followed to the end of the stream or the block."""
    original = Stream(chunks())
    with draft(wrap(original)) as stream:
        assert isinstance(stream, Stream)
        assert len(list(stream)) == 4
    assert original.closed
    check_complete(spans)
    spans.exporter.clear()
    error = ValueError("bad")
    with pytest.raises(ValueError, match="bad") as caught, draft(wrap(Stream(chunks()))):
        raise error
    assert caught.value is error
    assert spans.statuses("generation") == ["error"]
    spans.exporter.clear()
    with draft(wrap(Stream(chunks()))) as stream:
        next(stream)
    assert spans.statuses("generation") == ["cancelled"]


@pytest.mark.parametrize("wrap", [lambda stream: stream, AsyncStreamManager], ids=["itself", "manager"])
async def test_an_async_stream_in_a_block_is_followed(spans: Recorded, wrap: Any) -> None:
    """The same for `async with`."""
    original = AsyncStream(chunks())
    async with await adraft(wrap(original)) as stream:
        assert len([chunk async for chunk in stream]) == 4
    assert original.closed
    check_complete(spans)
    spans.exporter.clear()
    async with draft(wrap(AsyncStream(chunks()))) as stream:
        await anext(stream)
    assert spans.statuses("generation") == ["cancelled"]


def test_an_iterator_of_the_bots_own_is_returned_as_it_is(spans: Recorded) -> None:
    """Only a provider's stream is replaced."""
    chain = itertools.chain(["a"], ["b"])
    assert convqa.generation(model="m")(lambda: chain)() is chain


class EventStream:
    """A stream as botocore's: iterable again and again, and no iterator."""

    def __init__(self, items: list[Any]) -> None:
        self.closed = False
        self._items = iter(items)

    def __iter__(self) -> Iterator[Any]:
        yield from self._items

    def close(self) -> None:
        self.closed = True


class AioEventStream(EventStream):
    """The same as aiobotocore's: `__anext__` gives a generator, nothing to await, and `close` is not asynchronous."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError("Use async-for instead")

    def __aiter__(self) -> Any:
        return self.__anext__()

    async def __anext__(self) -> Any:
        for item in self._items:
            yield item


async def test_a_stream_that_is_no_iterator_is_followed(spans: Recorded) -> None:
    """Botocore's streams are iterated by another object than themselves, and closed as they are."""
    stream = draft(EventStream(chunks()))
    assert isinstance(stream, EventStream)
    assert len([chunk for chunk, _ in zip(stream, range(2), strict=False)]) == 2
    assert len(list(stream)) == 1, "zip had taken one more"
    check_complete(spans)
    assert stream.close() is None
    assert stream.closed
    spans.exporter.clear()
    stream = await adraft(AioEventStream(chunks()))
    assert isinstance(stream, AioEventStream)
    assert len([chunk async for chunk in stream]) == 4
    check_complete(spans)
    assert stream.close() is None
    assert stream.closed
    spans.exporter.clear()
    draft(AioEventStream(chunks())).close()
    assert spans.statuses("generation") == ["cancelled"]


class EitherStream(Stream, AsyncStream):
    """A stream as LiteLLM's: read in either way, closed by `close` or `await aclose()`."""

    def close(self) -> str:
        return Stream.close(self)

    async def aclose(self) -> str:
        return self.close()

    async def __aexit__(self, *exc_info: object) -> None:
        self.close()


async def test_a_stream_that_is_read_in_either_way_is_followed(spans: Recorded) -> None:
    """Whichever way the bot takes; either way of closing is the stream's own."""
    assert len(list(draft(EitherStream(chunks())))) == 4
    check_complete(spans)
    spans.exporter.clear()
    assert len([chunk async for chunk in await adraft(EitherStream(chunks()))]) == 4
    check_complete(spans)
    spans.exporter.clear()
    with draft(EitherStream(chunks())) as stream:
        assert len(list(stream)) == 4
    async with draft(EitherStream(chunks())) as stream:
        assert len([chunk async for chunk in stream]) == 4
    assert spans.statuses("generation") == ["ok", "ok"]
    spans.exporter.clear()
    assert draft(EitherStream(chunks())).close() == "closed"
    assert await draft(EitherStream(chunks())).aclose() == "closed"
    assert spans.statuses("generation") == ["cancelled", "cancelled"]


def test_a_stream_that_can_be_awaited_is_returned_as_it_is(spans: Recorded) -> None:
    """No stand-in could pass for it."""

    class Awaitable(AsyncStream):
        def __await__(self) -> Iterator[Any]:
            yield

    stream = Awaitable([])
    assert draft(stream) is stream


class TextStream(Stream):
    """A stream whose texts can be read by themselves."""

    @property
    def text_stream(self) -> Iterator[str]:
        return iter(TEXT)


class AsyncTextStream(AsyncStream):
    """The same, asynchronous."""

    @property
    def text_stream(self) -> AsyncIterator[str]:
        async def texts() -> AsyncIterator[str]:
            for text in TEXT:
                yield text

        return texts()


def test_texts_of_a_stream_are_followed(spans: Recorded) -> None:
    """`text_stream` gives the same texts, which become the answer of the model."""
    stream = draft(TextStream([]))
    for _ in stream.text_stream:
        assert nothing_current()
    assert spans.statuses("generation") == ["ok"]
    assert '"Hello world"' in spans.value("generation", "gen_ai.output.messages")


async def test_texts_of_an_async_stream_are_followed(spans: Recorded) -> None:
    """The same for an asynchronous stream."""
    stream = await adraft(AsyncTextStream([]))
    assert [text async for text in stream.text_stream] == TEXT
    assert spans.statuses("generation") == ["ok"]


def test_chunks_that_break_their_reader_pass(spans: Recorded) -> None:
    """Chunks that no reader understands, or that raise when read, pass unchanged."""

    class Raising:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("hostile")

    given = [Raising(), None, 7, {"choices": object()}]
    assert list(draft(Stream(given))) == given
    assert spans.statuses("generation") == ["ok"]


def test_streams_pass_while_the_sdk_is_off(off: None) -> None:
    """Without a recorder the very stream comes back."""
    original = Stream([])
    assert draft(original) is original
