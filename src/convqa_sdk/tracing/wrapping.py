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


def wrap(fn: Any, make_plan: Callable[[Callable[..., Any]], Plan]) -> Any:
    """Return `fn` instrumented: same kind, signature, result and exceptions.

    Raises:
        InstrumentationError: `fn` cannot be called.
    """
    if isinstance(fn, (classmethod, staticmethod)):
        inner = cast("Any", fn)
        return type(inner)(wrap(inner.__func__, make_plan))
    if not callable(fn):
        raise InstrumentationError(f"a stage decorates a function or method, not {type(fn).__name__}")
    plan = make_plan(fn)
    called = fn if inspect.isroutine(fn) or isinstance(fn, functools.partial) else type(fn).__call__
    if inspect.isasyncgenfunction(called):
        return _async_generator(fn, plan)
    if inspect.iscoroutinefunction(called):
        return _coroutine(fn, plan)
    if inspect.isgeneratorfunction(called):
        return _generator(fn, plan)
    return _function(fn, plan)


def _function(fn: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        stage = plan.begin(args, kwargs)
        if stage is None:
            return fn(*args, **kwargs)
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:
            stage.finish(error)
            raise
        return follow_stream(plan, stage, result)

    return wrapper


def _coroutine(fn: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        stage = plan.begin(args, kwargs)
        if stage is None:
            return await fn(*args, **kwargs)
        try:
            result = await fn(*args, **kwargs)
        except BaseException as error:
            stage.finish(error)
            raise
        return follow_stream(plan, stage, result)

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
                except GeneratorExit:
                    following.step(inner.close)
                    raise
                except BaseException as error:  # noqa: BLE001 - thrown in by the consumer, for the bot's generator
                    item = following.step(inner.throw, error)
                else:
                    item = following.step(inner.send, sent)
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
                    item = await following.step_async(inner.athrow(error))
                else:
                    item = await following.step_async(inner.asend(sent))
        except StopAsyncIteration:
            following.done(None)
        except BaseException as error:
            following.failed(error)
            raise

    return wrapper
