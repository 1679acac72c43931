"""Decorators and blocks: every kind of callable stays what it is."""

from __future__ import annotations

import asyncio
import functools
import inspect
import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import InstrumentationError

from .conftest import Make, Recorded, is_child

STAGES = [
    convqa.intent_detection,
    convqa.retrieval,
    convqa.rerank,
    convqa.generation,
    convqa.tool,
    convqa.access_check,
    convqa.policy_check,
    convqa.escalation,
]
TURN: Any = convqa.turn(conversation_id="order")
DECORATORS: list[Any] = [
    *[pytest.param((s, s.__name__), id=f"bare {s.__name__}") for s in STAGES],
    *[pytest.param((s(), s.__name__), id=f"called {s.__name__}") for s in STAGES],
    pytest.param((TURN, "turn"), id="turn"),
]


def plain(order: str, *rest: int, count: int = 1, **more: Any) -> tuple[Any, ...]:
    """Say it back."""
    return (order, rest, count, more)


async def coroutine(order: str, *rest: int, count: int = 1, **more: Any) -> tuple[Any, ...]:
    """Say it back."""
    await asyncio.sleep(0)
    return (order, rest, count, more)


def generator(order: str, *rest: int, count: int = 1, **more: Any) -> Iterator[Any]:
    """Say it back."""
    yield from (order, rest, count, more)


async def async_generator(order: str, *rest: int, count: int = 1, **more: Any) -> AsyncIterator[Any]:
    """Say it back."""
    for item in (order, rest, count, more):
        yield item


KINDS: list[Callable[..., Any]] = [plain, coroutine, generator, async_generator]
TESTS = [inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction]
EXPECTED = ("o-1", (1, 2), 3, {"extra": 4})


async def outcome(result: Any) -> Any:
    """Run whatever a call returned to its end."""
    if inspect.isawaitable(result):
        return await result
    if hasattr(result, "__anext__"):
        return tuple([item async for item in result])
    return tuple(result)


@pytest.mark.parametrize("fn", KINDS, ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("given", DECORATORS)
async def test_a_decorated_function_keeps_its_kind(spans: Recorded, given: Any, fn: Callable[..., Any]) -> None:
    """Kind, signature, name, docstring, annotations, arguments and result stay; each call makes one ok span."""
    decorator, kind = given
    decorated = decorator(fn)
    assert [test(decorated) for test in TESTS] == [test(fn) for test in TESTS]
    assert inspect.isfunction(decorated)
    assert inspect.signature(decorated) == inspect.signature(fn)
    assert (decorated.__name__, decorated.__qualname__, decorated.__doc__, decorated.__module__) == (
        (fn.__name__, fn.__qualname__, fn.__doc__, fn.__module__)
    )
    assert decorated.__wrapped__ is fn
    for _ in range(2):
        assert await outcome(decorated("o-1", 1, 2, count=3, extra=4)) == EXPECTED
    assert spans.statuses(kind) == ["ok", "ok"]
    assert len(spans.all) == 2


@pytest.mark.parametrize("fn", KINDS, ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("given", DECORATORS)
async def test_a_decorated_functions_exception_is_its_own(spans: Recorded, given: Any, fn: Callable[..., Any]) -> None:
    """A wrong call raises the function's own TypeError, and the stage is an error."""
    decorator, kind = given
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'order'"):
        await outcome(decorator(fn)())
    assert spans.statuses(kind) == ["error"]


@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.__name__)
async def test_blocks(spans: Recorded, make: Any) -> None:
    """Each stage is a `with` and an `async with` block whose value is the stage, inside the turn."""
    with convqa.turn("c-1", "hi"):
        with make() as stage:
            assert convqa.current_stage() is stage
            assert stage.kind == make.__name__
        async with make() as stage:
            assert convqa.current_stage() is stage
    assert spans.statuses(make.__name__) == ["ok", "ok"]
    assert all(is_child(span, spans.one("turn")) for span in spans.of(make.__name__))


async def test_turn_blocks(spans: Recorded) -> None:
    """A turn is a `with` and an `async with` block whose value is the turn."""
    with convqa.turn("c-1", "hi") as turn:
        assert convqa.current_turn() is turn
    async with convqa.turn("c-1", "hi") as turn:
        assert convqa.current_turn() is turn
    assert spans.statuses("turn") == ["ok", "ok"]


class Bot:
    """Methods of every kind, decorated in either order."""

    prefix = "bot"

    @convqa.tool
    def method(self, order: str) -> str:
        return f"{self.prefix} {order}"

    @convqa.tool(name="amethod")
    async def amethod(self, order: str) -> str:
        return f"{self.prefix} {order}"

    @convqa.tool
    def stream(self, order: str) -> Iterator[str]:
        yield f"{self.prefix} {order}"

    @convqa.tool
    @classmethod
    def outer_class(cls, order: str) -> str:
        return f"{cls.prefix} {order}"

    @classmethod
    @convqa.tool
    def inner_class(cls, order: str) -> str:
        return f"{cls.prefix} {order}"

    @convqa.tool
    @staticmethod
    def outer_static(order: str) -> str:
        return f"bot {order}"

    @staticmethod
    @convqa.tool
    def inner_static(order: str) -> str:
        return f"bot {order}"

    @convqa.tool
    @classmethod
    async def outer_async_class(cls, order: str) -> str:
        return f"{cls.prefix} {order}"

    @staticmethod
    @convqa.tool
    async def inner_async_static(order: str) -> str:
        return f"bot {order}"

    @convqa.tool
    @classmethod
    def outer_class_stream(cls, order: str) -> Iterator[str]:
        yield f"{cls.prefix} {order}"


METHODS = [name for name, member in vars(Bot).items() if not name.startswith("__") and name != "prefix"]


class Child(Bot):
    prefix = "child"


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("owner", [Bot(), Child()], ids=["own", "inherited"])
async def test_methods(spans: Recorded, owner: Bot, name: str) -> None:
    """Methods, class methods and static methods bind as before; the arguments are those of the caller."""
    result = getattr(owner, name)("o-1")
    got = await outcome(result) if not isinstance(result, str) else result
    got = got[0] if isinstance(got, tuple) else got
    assert got == f"{owner.prefix if 'static' not in name else 'bot'} o-1"
    assert spans.statuses("tool") == ["ok"]
    assert spans.value("tool", "gen_ai.tool.name") == name
    assert spans.value("tool", "gen_ai.tool.call.arguments") == '{"order":"o-1"}'


@pytest.mark.parametrize("name", [name for name in METHODS if "class" in name or "static" in name])
async def test_class_and_static_methods_work_on_the_class(spans: Recorded, name: str) -> None:
    """Class and static methods are called on the class, too, and are still of their kind."""
    result = getattr(Child, name)("o-1")
    got = await outcome(result) if not isinstance(result, str) else result
    assert "o-1" in (got[0] if isinstance(got, tuple) else got)
    kind = classmethod if "class" in name else staticmethod
    assert isinstance(vars(Bot)[name], kind)


async def test_partials(spans: Recorded) -> None:
    """Partial objects of every kind of function keep their kind and remaining signature; the tool is the function."""
    for fn in KINDS:
        partial = functools.partial(functools.partial(fn, "o-1", 1), 2, count=3)
        decorated = convqa.tool(partial)
        assert [test(decorated) for test in TESTS] == [test(fn) for test in TESTS]
        assert inspect.signature(decorated) == inspect.signature(partial)
        assert await outcome(decorated(extra=4)) == EXPECTED
        assert spans.of("tool")[-1].attributes["gen_ai.tool.name"] == fn.__name__
    assert spans.statuses("tool") == ["ok"] * 4


async def test_callable_instances(spans: Recorded) -> None:
    """Instances with a `__call__` of any kind can be decorated; they are called as before."""
    for fn in KINDS:
        called = type("Search", (), {"__call__": lambda self, *args, _fn=fn, **kwargs: _fn(*args, **kwargs)})
        if fn is coroutine:

            class Search:
                async def __call__(self, *args: Any, **kwargs: Any) -> Any:
                    return await coroutine(*args, **kwargs)

            called = Search
        decorated = convqa.retrieval(called())
        assert inspect.iscoroutinefunction(decorated) == (fn is coroutine)
        assert await outcome(decorated("o-1", 1, 2, count=3, extra=4)) == EXPECTED
    assert spans.statuses("retrieval") == ["ok"] * 4


async def test_mocks_can_be_decorated(spans: Recorded) -> None:
    """The bot's own tests replace functions by mocks: a MagicMock stays sync, an AsyncMock is awaited in its stage."""
    assert convqa.tool(MagicMock(return_value=1))("a") == 1
    slow = AsyncMock(side_effect=ValueError("bad"))
    with pytest.raises(ValueError, match="bad"):
        await convqa.tool(slow)("a")
    assert spans.statuses("tool") == ["ok", "error"]


@pytest.mark.parametrize("kind", ["generation", "retrieval", "tool", "intent_detection", "access_check", "escalation"])
def test_a_mocked_result_is_returned_and_ends_the_stage(spans: Recorded, kind: str) -> None:
    """A MagicMock that claims to be one of our results, a stream or a response passes as it is, and fills nothing."""
    for spec in (None, str, bool, list, convqa.Intent, convqa.Handoff, convqa.PolicyResult):
        mock = MagicMock(spec=spec)
        decorated = getattr(convqa, kind)(lambda mock=mock: mock)
        assert decorated() is mock
    assert spans.statuses(kind) == ["ok"] * 7
    for key in ("gen_ai.output.messages", "convqa.intent.class", "convqa.access.decision", "gen_ai.usage.input_tokens"):
        assert all(key not in span.attributes for span in spans.all)


def test_builtins_can_be_decorated(spans: Recorded) -> None:
    """A function without a readable signature works; its arguments are kept by position."""
    assert convqa.tool(max)(1, 2) == 2
    assert convqa.tool(len)([1, 2]) == 2
    assert spans.statuses("tool") == ["ok", "ok"]
    assert "[1,2]" in spans.of("tool")[0].attributes["gen_ai.tool.call.arguments"].replace(" ", "")


@pytest.mark.parametrize("thing", [1, "text", None, property(lambda self: 1)], ids=lambda thing: type(thing).__name__)
def test_what_cannot_be_called_cannot_be_decorated(thing: Any) -> None:
    """Decorating what is no function raises at decoration."""
    with pytest.raises(TypeError, match="a stage decorates a function or method"):
        convqa.tool(name="t")(thing)


def test_stages_can_be_stacked(spans: Recorded) -> None:
    """A function may be two stages; the upper decorator is the parent."""

    @convqa.escalation
    @convqa.tool
    def hand_over(reason: str) -> convqa.Handoff:
        return convqa.Handoff("summary", queue="q")

    assert hand_over("policy").queue == "q"
    assert is_child(spans.one("tool"), spans.one("escalation"))


def test_recursion_nests(spans: Recorded) -> None:
    """A stage that calls itself nests."""

    @convqa.tool
    def count(n: int) -> int:
        return n and 1 + count(n - 1)

    with convqa.turn("c-1", "hi"):
        assert count(3) == 3
    depth = {span.context.span_id: span for span in spans.all}
    deepest = spans.of("tool")[-1]
    chain = [deepest]
    while chain[-1].parent is not None:
        chain.append(depth[chain[-1].parent.span_id])
    assert [span.attributes["convqa.stage"] for span in chain] == ["tool"] * 4 + ["turn"]


# ---------------------------------------------------------------------------------------- what is wrong at once


@pytest.mark.parametrize("name", ["conversation_id", "message", "session_id", "account_id"])
def test_an_unknown_parameter_of_a_turn_is_refused_at_decoration(name: str) -> None:
    """`@turn` names parameters of the function; a wrong name raises a TypeError that says what there is."""
    given = {"conversation_id": "conversation", name: "nobody"}

    def reply(conversation: str, text: str) -> str:
        return text

    with pytest.raises(TypeError, match=r"no parameter 'nobody'; it has \['conversation', 'text'\]") as caught:
        convqa.turn(**given)(reply)
    assert isinstance(caught.value, InstrumentationError)


def test_a_bare_turn_is_refused_at_decoration() -> None:
    """There is no bare `@turn`, nor one that does not name the conversation."""
    with pytest.raises(TypeError, match="write @turn"):
        convqa.turn(lambda: "x")  # type: ignore[arg-type] # reason: wrong on purpose
    with pytest.raises(TypeError, match="needs conversation_id"):
        convqa.turn()(lambda: "x")


def test_an_unknown_parameter_in_fields_is_refused_at_decoration() -> None:
    """`fields=` names parameters of the function; a wrong name raises a TypeError."""
    with pytest.raises(TypeError, match="no parameter 'nobody'"):
        convqa.retrieval(fields={"query": "nobody"})(lambda q: [])


def test_a_turn_decorator_binds_by_name_or_position_and_takes_the_rest_literally(spans: Recorded) -> None:
    """Conversation, message, account and session come from the arguments or defaults; everything else is literal."""

    @convqa.turn(
        conversation_id="conversation", message="text", account_id="account", session_id="session", channel="web"
    )
    def reply(conversation: str, text: str, *, account: str = "a-1", session: str | None = None) -> str:
        return f"answer to {text}"

    assert reply("c-1", "hello") == "answer to hello"
    assert reply(text="hello", conversation="c-2", session="s-2") == "answer to hello"
    first, second = (span.attributes for span in spans.of("turn"))
    assert first["gen_ai.conversation.id"] == first["session.id"] == "c-1"
    assert (second["gen_ai.conversation.id"], second["session.id"]) == ("c-2", "s-2")
    assert first["convqa.account.id"] == second["convqa.account.id"] != "a-1"
    assert first["convqa.channel"] == "web"
    assert first["convqa.message.text"] == "hello"
    assert first["convqa.answer.text"] == "answer to hello"
    assert first["convqa.answer.type"] == "generated"
    assert spans.stats.violations == {}


# ------------------------------------------------------------------------------------------------- handles twice


@pytest.mark.parametrize(
    "make", [lambda: convqa.tool(name="t", result="ok"), lambda: convqa.turn("c-1", "hi")], ids=["stage", "turn"]
)
class TestHandlesTwice:
    def test_in_testing_a_second_entry_raises_at_once(self, record: Make, make: Any) -> None:
        """In the test kit a handle that is entered twice raises, and makes no second span."""
        spans = record(strict=True)
        handle = make()
        with handle:
            pass
        with pytest.raises(RuntimeError, match="entered before"), handle:
            raise AssertionError("the block ran")
        assert len(spans.all) == 1

    def test_in_production_a_second_entry_is_a_violation(self, spans: Recorded, make: Any) -> None:
        """In production the second block is recorded, marked and counted."""
        handle = make()
        for _ in range(2):
            with handle:
                pass
        first, second = (span.attributes.get("convqa.instrumentation.violations", ()) for span in spans.all)
        assert "handle" not in first
        assert "handle" in second
        assert spans.stats.faults["misuse"] == 1
        assert spans.stats.violations["handle"] == 1

    def test_nested_entries_all_end(self, spans: Recorded, make: Any) -> None:
        """Entered again while it is open, each block still ends its own stage, once."""
        handle = make()
        with handle as outer, handle as middle:
            with handle as inner:
                assert convqa.current_stage() is inner
            assert inner.status == "ok"
            assert not middle.status
            assert convqa.current_stage() is middle
        assert outer.status == middle.status == "ok"
        assert [(s.attributes or {})["convqa.status"] for s in spans.all] == ["ok"] * 3


async def test_a_decorator_handle_can_be_used_again(record: Make) -> None:
    """As a decorator, one handle serves many functions and many concurrent calls."""
    spans = record(strict=True)
    handle = convqa.retrieval(data_source="kb")

    @handle
    async def first(query: str) -> list[convqa.Document]:
        await asyncio.sleep(0)
        return []

    @handle
    async def second(question: str) -> list[convqa.Document]:
        return []

    async with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        await asyncio.gather(*(first("q") for _ in range(5)), second("q"))
    assert len(spans.of("retrieval")) == 6
    assert {span.attributes["gen_ai.retrieval.query.text"] for span in spans.of("retrieval")} == {"q"}
    assert spans.stats.violations == {}


def test_what_a_cache_adds_to_a_function_stays(spans: Recorded) -> None:
    """A tool over `functools.lru_cache` can still be cleared."""

    @convqa.tool
    @functools.lru_cache
    def lookup(order: str) -> str:
        return order

    assert [lookup("a"), lookup("a")] == ["a", "a"]
    assert lookup.cache_info().hits == 1
    lookup.cache_clear()
    assert len(spans.of("tool")) == 2


async def test_a_generator_that_is_a_coroutine_is_awaited(spans: Recorded) -> None:
    """`types.coroutine` makes a generator awaitable; decorated it still is."""

    @convqa.tool
    @types.coroutine
    def lookup() -> Any:
        yield from asyncio.sleep(0).__await__()
        return 7

    assert await lookup() == 7
    assert spans.status("tool") == "ok"
    assert list(lookup()) == [None]


def test_an_interrupt_inside_a_message_reaches_the_bot(spans: Recorded) -> None:
    """The bot's own `__str__` may take its time; Ctrl-C in it is not ours to swallow."""

    class Slow(Exception):
        def __str__(self) -> str:
            raise KeyboardInterrupt

    @convqa.tool
    def lookup() -> None:
        raise Slow

    with pytest.raises(KeyboardInterrupt):
        lookup()


def test_an_exception_that_lies_about_its_class_is_an_error_all_the_same(spans: Recorded) -> None:
    """It is recognised by its type, which it cannot lie about."""

    class Liar(Exception):
        @property
        def __class__(self) -> Any:  # type: ignore[override] # reason: wrong on purpose
            raise ValueError("hostile")

    @convqa.tool
    def lookup() -> None:
        raise Liar

    with pytest.raises(Liar):
        lookup()
    assert spans.status("tool") == "error"
