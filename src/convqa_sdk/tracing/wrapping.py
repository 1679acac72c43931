"""Wraps functions of every kind so that their calls become stages, and changes nothing else about them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, cast

from convqa_sdk.errors import InstrumentationError
from convqa_sdk.tracing.following import Following
from convqa_sdk.tracing.plan import StagePlan, TurnPlan
from convqa_sdk.tracing.proxy import follow_stream

Plan = StagePlan | TurnPlan
_CACHE = ("cache_info", "cache_clear", "cache_parameters")
"""What `functools.lru_cache` adds to a function, and `functools.wraps` does not take over."""


def wrap(fn: Any, make_plan: Callable[[Callable[..., Any]], Plan]) -> Any:
    """Return `fn` instrumented: same kind, signature, result and exceptions.

    Raises:
        InstrumentationError: `fn` cannot be called.
    """
    if isinstance(fn, (classmethod, staticmethod)):
        inner = cast("Any", fn)
        return type(inner)(wrap(inner.__func__, make_plan))
    if isinstance(fn, type) or not callable(fn):
        raise InstrumentationError(
            f"a stage decorates a function or method, not {type(fn).__name__}; give fields by name, as in name='lookup'"
        )
    plan = make_plan(fn)
    called = [fn] if _is_function(fn) else [fn, type(fn).__call__]
    if any(map(inspect.isasyncgenfunction, called)):
        return _async_generator(fn, plan)
    if _is_old_coroutine(fn):
        return _function(fn, plan)  # its result is awaited or iterated, as its caller likes
    if any(map(inspect.iscoroutinefunction, called)):
        return _coroutine(fn, plan)
    if any(map(inspect.isgeneratorfunction, called)):
        return _generator(fn, plan)
    return _function(fn, plan)


def _is_old_coroutine(fn: Any) -> bool:
    """Tell whether `fn` is a generator that `types.coroutine` has made awaitable."""
    code = getattr(fn, "__code__", None)
    return bool(getattr(code, "co_flags", 0) & inspect.CO_ITERABLE_COROUTINE)


def _is_function(fn: object) -> bool:
    return inspect.isroutine(fn) or isinstance(fn, functools.partial)


def _ending(plan: Plan) -> Callable[[Any, Any], Any]:
    """Return what takes a result and returns it: only a generation's may be a provider's stream."""
    if isinstance(plan, StagePlan) and plan.kind.kind == "generation":
        return functools.partial(follow_stream, plan)
    return plan.close


def _function(fn: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    begin, end = plan.begin, _ending(plan)

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        stage = begin(args, kwargs)
        if stage is None:
            return fn(*args, **kwargs)
        try:
            return end(stage, fn(*args, **kwargs))
        except BaseException as error:  # the bot's, or an interrupt while its result was being recorded
            stage.finish(error)
            raise

    for name in _CACHE:
        if hasattr(fn, name):
            setattr(wrapper, name, getattr(fn, name))
    return wrapper


def _coroutine(fn: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    begin, end = plan.begin, _ending(plan)

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        stage = begin(args, kwargs)
        if stage is None:
            return await fn(*args, **kwargs)
        try:
            return end(stage, await fn(*args, **kwargs))
        except BaseException as error:  # the bot's, or an interrupt while its result was being recorded
            stage.finish(error)
            raise

    return wrapper


def _generator(fn: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        following = Following(plan, plan.begin(args, kwargs, attach=False))
        try:
            inner = following.step(fn, *args, **kwargs)
            item = following.step(next, inner)
            while True:
                following.chunk(item)
                try:
                    sent = yield item
                except GeneratorExit as closing:
                    value = following.step(inner.close)
                    if value is None:
                        raise
                    following.failed(closing)
                    return value
                except BaseException as error:  # noqa: BLE001 - thrown in by the consumer, for the bot's generator
                    sent, forward = error, inner.throw
                else:
                    forward = inner.send
                try:
                    item = following.step(forward, sent)
                finally:
                    del sent  # an exception refers to this frame, which must not refer to it
        except StopIteration as stop:
            following.done(stop.value)
            return stop.value
        except BaseException as error:
            following.failed(error)
            raise

    return wrapper


def _async_generator(fn: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        following = Following(plan, plan.begin(args, kwargs, attach=False))
        try:
            inner = following.step(fn, *args, **kwargs)
            item = await following.step_async(inner.__anext__())
            while True:
                following.chunk(item)
                try:
                    sent = yield item
                except GeneratorExit:
                    await following.step_async(inner.aclose())
                    raise
                except BaseException as error:  # noqa: BLE001 - thrown in by the consumer, for the bot's generator
                    sent, forward = error, inner.athrow
                else:
                    forward = inner.asend
                try:
                    item = await following.step_async(forward(sent))
                finally:
                    del sent  # an exception refers to this frame, which must not refer to it
        except StopAsyncIteration:
            following.done(None)
        except BaseException as error:
            following.failed(error)
            raise

    return wrapper
