"""A provider's stream object, returned by the bot's function and followed until it ends: the only changed result."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from inspect import isasyncgenfunction, isawaitable
from types import AsyncGeneratorType, GeneratorType
from typing import TYPE_CHECKING, Any

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.following import Following
from convqa_sdk.tracing.snapshot import type_of
from convqa_sdk.tracing.stage import Stage

if TYPE_CHECKING:
    from convqa_sdk.tracing.wrapping import Plan


MAX_WRAPPERS = 8
"""Instrumentations around one stream that are looked through."""
_GENERATORS = ("google.genai.", "langchain_core.")
"""Where providers' streams are written as generators, which have no class of their own to be known by."""


def follow_stream(plan: Plan, stage: Stage, result: Any) -> Any:
    """End the stage with `result`, or return a stand-in for a provider's stream that ends it later.

    Of botocore's answer, a dictionary in which the stream is one entry, a copy with the stand-in is returned.
    """
    kind = type_of(result)
    if kind is str:
        return plan.close(stage, result)
    answer: dict[str, Any] | None = None
    stream = result
    try:
        if kind is dict and "ResponseMetadata" in result:
            answer, stream = result, result.get("stream")
        proxy = _proxy_type(stage, stream)
    except Exception as error:  # noqa: BLE001 - a foreign object's own code may raise anything
        fault("stream", error)
        proxy = None
    if proxy is None:
        return plan.close(stage, result)
    stage.detach()
    followed = proxy(stream, Following(plan, stage))
    return followed if answer is None else {**answer, "stream": followed}


def _proxy_type(stage: Stage, result: Any) -> type[_Proxy] | None:
    """Choose the stand-in: iterators of a class of their own and stream managers, from generation stages only."""
    if stage.kind != "generation" or stage.recorder is None:
        return None
    kind: type[Any] = _inner_type(result)
    if kind.__module__ == "builtins" or issubclass(kind, (GeneratorType, AsyncGeneratorType)):
        return _generator_proxy_type(result)
    if any(base.__module__ == "unittest.mock" for base in kind.__mro__):
        return None  # a mock has every method
    if any(hasattr(kind, name) for name in ("__len__", "__getitem__", "__bool__", "__await__")):
        return None  # more than a stream: the stand-in could not pass for it
    if not any("Stream" in base.__name__ for base in kind.__mro__):
        return None  # an iterator of the bot's own
    if hasattr(kind, "__next__") and hasattr(kind, "__anext__"):
        return EitherStreamProxy
    events = any("EventStream" in base.__name__ for base in kind.__mro__)  # botocore's have no `__next__`
    if hasattr(kind, "__anext__") or hasattr(kind, "__aenter__") or (events and hasattr(kind, "__aiter__")):
        return AsyncStreamProxy
    if hasattr(kind, "__next__") or hasattr(kind, "__enter__") or (events and hasattr(kind, "__iter__")):
        return SyncStreamProxy
    return None


def _generator_proxy_type(result: Any) -> type[_Proxy] | None:
    """Choose the stand-in for a generator whose code is a provider's client's; None for any other value."""
    kind = type_of(result)
    if kind is not GeneratorType and kind is not AsyncGeneratorType:
        return None
    frame = result.gi_frame if kind is GeneratorType else result.ag_frame
    home = None if frame is None else frame.f_globals.get("__name__")
    if not isinstance(home, str) or not home.startswith(_GENERATORS):
        return None
    return SyncStreamProxy if kind is GeneratorType else AsyncStreamProxy


def _inner_type(result: Any) -> type[Any]:
    """Return the class of a result; of a transparent wrapper (wrapt) by other instrumentation, that of its content."""
    for _ in range(MAX_WRAPPERS):
        if not any(base.__name__ == "ObjectProxy" for base in type_of(result).__mro__):
            break
        result = result.__wrapped__
    return type_of(result)


class _Proxy:
    """Forwards everything to the stream; passes `isinstance` as the stream's own class."""

    def __init__(self, wrapped: Any, following: Following) -> None:
        self.__dict__["_convqa_wrapped"] = wrapped
        self.__dict__["_convqa_following"] = following

    @property  # type: ignore[misc] # reason: isinstance shall see the stream's own class
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] # reason: as above; nobody sets it
        return self._convqa_wrapped.__class__

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._convqa_wrapped, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._convqa_wrapped, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_convqa_"):
            raise AttributeError(name)  # copied without its parts
        value = getattr(self._convqa_wrapped, name)
        return self._convqa_steps(value) if name == "text_stream" else value

    def _convqa_steps(self, items: Any) -> Any:
        raise NotImplementedError  # pragma: no cover - each stand-in has one

    def __str__(self) -> str:
        return str(self._convqa_wrapped)

    def __repr__(self) -> str:
        return repr(self._convqa_wrapped)

    def __del__(self) -> None:
        following = self.__dict__.get("_convqa_following")
        if following is not None:
            following.closed(self._convqa_wrapped)


class SyncStreamProxy(_Proxy):
    """Follows an iterator or a context manager that gives one."""

    def __iter__(self) -> Iterator[Any]:
        wrapped = self._convqa_wrapped
        return self if hasattr(_inner_type(wrapped), "__next__") else self._convqa_steps(wrapped)

    def __next__(self) -> Any:
        return self._convqa_step(self._convqa_wrapped.__next__)

    def _convqa_step(self, step: Callable[[], Any]) -> Any:
        following = self._convqa_following
        try:
            item = following.step(step)
        except StopIteration:
            following.exhausted(self._convqa_wrapped)
            raise
        except BaseException as error:
            following.failed(error)
            raise
        following.chunk(item)
        return item

    def _convqa_steps(self, items: Iterable[Any]) -> Iterator[Any]:
        def steps() -> Iterator[Any]:
            iterator = iter(items)
            while True:
                try:
                    item = self._convqa_step(iterator.__next__)
                except StopIteration:
                    return
                yield item

        return steps()

    def __enter__(self) -> Any:
        entered = self._convqa_following.step(self._convqa_wrapped.__enter__)
        if entered is self._convqa_wrapped:
            return self
        inside = self.__dict__["_convqa_entered"] = SyncStreamProxy(entered, self._convqa_following)
        return inside  # kept above: the block outlasts its name

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> Any:
        try:
            return self._convqa_wrapped.__exit__(kind, error, trace)
        finally:
            if error is not None:
                self._convqa_following.failed(error)
            else:
                self._convqa_following.closed(self._convqa_wrapped)

    def close(self) -> Any:
        """Close the stream; before its end that is a cancellation."""
        try:
            return self._convqa_wrapped.close()
        finally:
            self._convqa_following.closed(self._convqa_wrapped)


class AsyncStreamProxy(_Proxy):
    """Follows an asynchronous iterator or a context manager that gives one."""

    def __aiter__(self) -> AsyncIterator[Any]:
        wrapped = self._convqa_wrapped
        step = getattr(_inner_type(wrapped), "__anext__", None)
        is_iterator = step is not None and not isasyncgenfunction(step)  # as aiobotocore's is
        return self if is_iterator else self._convqa_steps(wrapped)

    async def __anext__(self) -> Any:
        return await self._convqa_step_async(self._convqa_wrapped.__anext__)

    async def _convqa_step_async(self, step: Callable[[], Any]) -> Any:
        following = self._convqa_following
        try:
            item = await following.step_async(step())
        except StopAsyncIteration:
            following.exhausted(self._convqa_wrapped)
            raise
        except BaseException as error:
            following.failed(error)
            raise
        following.chunk(item)
        return item

    def _convqa_steps(self, items: AsyncIterable[Any]) -> AsyncIterator[Any]:
        async def steps() -> AsyncIterator[Any]:
            iterator = items.__aiter__()
            while True:
                try:
                    item = await self._convqa_step_async(iterator.__anext__)
                except StopAsyncIteration:
                    return
                yield item

        return steps()

    async def __aenter__(self) -> Any:
        entered = await self._convqa_following.step_async(self._convqa_wrapped.__aenter__())
        if entered is self._convqa_wrapped:
            return self
        inside = self.__dict__["_convqa_entered"] = AsyncStreamProxy(entered, self._convqa_following)
        return inside  # kept above: the block outlasts its name

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> Any:
        try:
            return await self._convqa_wrapped.__aexit__(kind, error, trace)
        finally:
            if error is not None:
                self._convqa_following.failed(error)
            else:
                self._convqa_following.closed(self._convqa_wrapped)

    def close(self) -> Any:
        """Close the stream; before its end that is a cancellation. Awaitable when the stream's own is."""
        return self._convqa_closed(self._convqa_wrapped.close)

    def aclose(self) -> Any:
        """Close the stream, by its own `aclose` when it has one."""
        wrapped = self._convqa_wrapped
        return self._convqa_closed(wrapped.aclose if hasattr(wrapped, "aclose") else wrapped.close)

    def _convqa_closed(self, close: Callable[[], Any]) -> Any:
        closing: Any = None
        try:
            closing = close()
        finally:
            if not isawaitable(closing):
                self._convqa_following.closed(self._convqa_wrapped)
        return self._convqa_closing(closing) if isawaitable(closing) else closing

    async def _convqa_closing(self, closing: Awaitable[Any]) -> Any:
        try:
            return await closing
        finally:
            self._convqa_following.closed(self._convqa_wrapped)


class EitherStreamProxy(SyncStreamProxy, AsyncStreamProxy):
    """Follows a stream that is read in either way, as LiteLLM's; `close` is its own, and not awaited."""

    def _convqa_steps(self, items: Any) -> Any:
        return (AsyncStreamProxy if hasattr(items, "__aiter__") else SyncStreamProxy)._convqa_steps(self, items)
