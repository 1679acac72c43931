"""Thinning: some customers are recorded whole, the others not at all, by the same draw in every process."""

from __future__ import annotations

import contextvars
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

import convqa_sdk as convqa
from convqa_sdk.assign import is_drawn

from .conftest import Make, Recorded, is_child

CUSTOMERS = [f"a-{number}" for number in range(200)]
IN = next(customer for customer in CUSTOMERS if is_drawn(customer, 0.3))
OUT = next(customer for customer in CUSTOMERS if not is_drawn(customer, 0.3))


Thin = Callable[..., Recorded]


@pytest.fixture(params=["left out", "measured"])
def thin(request: pytest.FixtureRequest, record: Make) -> Thin:
    """Record a share of the customers; the turns of the others are not captured at all, or measured alone."""

    def make(**settings: Any) -> Recorded:
        measured = {"meter_provider": MeterProvider(shutdown_on_exit=False)} if request.param == "measured" else {}
        return record(**settings, **measured)

    return make


@pytest.fixture
def thinned(thin: Thin) -> Recorded:
    """Three customers of ten are recorded."""
    return thin(sampling=0.3)


def values(recorded: Recorded, key: str) -> list[Any]:
    """The values of an attribute on all spans."""
    return [(span.attributes or {}).get(key) for span in recorded.all]


@convqa.tool
def look_up(order: str) -> str:
    """A stage."""
    return order


def turn(conversation: str, **segments: Any) -> None:
    """One turn with a stage in it."""
    with convqa.turn(conversation, "hi", **segments) as opened:
        look_up("o-1")
        assert opened.answer("x") == "x"


def test_a_customer_is_recorded_whole_or_not_at_all(thinned: Recorded) -> None:
    """Each turn of each conversation of a customer shares the customer's fate, and so do its stages."""
    for customer in CUSTOMERS:
        for conversation in range(2):
            turn(f"{customer}-{conversation}", account_id=customer)
    drawn = [customer for customer in CUSTOMERS if is_drawn(customer, 0.3)]
    assert set(values(thinned, "gen_ai.conversation.id")) == {f"{customer}-{n}" for customer in drawn for n in range(2)}
    assert Counter(values(thinned, "convqa.stage")) == {"turn": 2 * len(drawn), "tool": 2 * len(drawn)}
    assert thinned.stats.recorded == 2 * len(drawn)


def test_without_a_customer_the_conversation_decides(thinned: Recorded) -> None:
    """The account comes first, then the user, then the conversation."""
    turn(OUT)
    turn(IN)
    turn(OUT, user_id=IN)
    turn(IN, user_id=OUT)
    turn(OUT, user_id=OUT, account_id=IN)
    turn(IN, user_id=IN, account_id=OUT)
    assert values(thinned, "gen_ai.conversation.id") == [IN, IN, OUT, OUT, OUT, OUT]


def test_every_span_says_with_which_probability_it_is_there(thinned: Recorded) -> None:
    """Whoever counts has to weigh by it; outcomes are never thinned."""
    turn(IN)
    convqa.record_feedback(OUT, thumbs="up")
    assert values(thinned, "convqa.sampling.probability") == [0.3, 0.3, 1.0]


def test_decorated_turns_are_thinned_too(thinned: Recorded) -> None:
    """The parameter that holds the account decides."""

    @convqa.turn(conversation_id="conversation", account_id="customer")
    def answer(conversation: str, customer: str) -> str:
        look_up("o-1")
        return "x"

    assert answer("c-1", OUT) == "x"
    assert thinned.all == ()
    answer("c-1", IN)
    assert len(thinned.all) == 2


@pytest.mark.parametrize("customer", [OUT, IN])
def test_stages_of_a_stream_share_the_turns_fate(thinned: Recorded, customer: str) -> None:
    """Between and after the chunks of `turn.stream` the turn is current again, left out or not."""

    def draft() -> Iterator[str]:
        look_up("inside")
        yield "a"
        look_up("between")
        yield "b"

    with convqa.turn("c-1", account_id=customer) as opened:
        assert list(opened.stream(draft())) == ["a", "b"]
        look_up("after")
    look_up("outside")
    expected = ["tool"] * 3 + ["turn"] if customer == IN else []
    assert values(thinned, "convqa.stage") == [*expected, "tool"]
    assert thinned.of("tool")[-1].attributes["gen_ai.conversation.id"].startswith("unknown-")


async def test_stages_of_an_asynchronous_stream_share_it_too(thinned: Recorded) -> None:
    """The same for `async for`."""

    async def draft() -> AsyncIterator[str]:
        look_up("inside")
        yield "a"

    with convqa.turn("c-1", account_id=OUT) as opened:
        assert [chunk async for chunk in opened.stream(draft())] == ["a"]
        look_up("after")
    assert thinned.all == ()


def test_another_process_leaves_out_the_stages_of_a_turn_that_is_left_out(thinned: Recorded) -> None:
    """Its stages would be orphans there; those of a recorded turn are its children."""
    for customer in (OUT, IN):
        carrier: dict[str, str] = {}
        with convqa.turn("c-1", account_id=customer):
            convqa.inject(carrier)
        with convqa.extract(carrier):
            look_up("o-1")
    assert values(thinned, "convqa.stage") == ["turn", "tool"]


def test_headers_that_are_used_again_carry_the_last_turn(thinned: Recorded) -> None:
    """What an earlier turn wrote is replaced, other members of the baggage stay, properties are ignored."""
    carrier = {"baggage": "shop=berlin"}
    for customer in (OUT, IN, OUT, IN):
        with convqa.turn(f"c-{customer}", account_id=customer):
            convqa.inject(carrier)
    assert carrier["baggage"] == f"shop=berlin,convqa.conversation=c-{IN},convqa.sampling=0.3"
    with convqa.extract(carrier):
        look_up("o-1")
    assert thinned.of("tool")[0].attributes["gen_ai.conversation.id"] == f"c-{IN}"
    left_out = {"baggage": "convqa.conversation=c-1, convqa.recorded=0;prop=1"}
    with convqa.extract(left_out):
        look_up("o-2")
    assert len(thinned.of("tool")) == 1


def test_a_service_that_is_off_does_not_switch_off_others(record: Make, off: None) -> None:
    """Only who leaves a turn out by its draw says so."""
    carrier: dict[str, str] = {}
    with convqa.turn("c-1"):
        convqa.inject(carrier)
    assert carrier == {"baggage": "convqa.conversation=c-1"}


@pytest.mark.parametrize("kind", [str, type("Id", (str,), {})])
def test_the_type_of_an_id_does_not_matter(thinned: Recorded, kind: type[str]) -> None:
    """A customer of one service is the same in another."""
    turn(OUT, account_id=kind(IN))
    turn(IN, account_id=kind(OUT))
    assert values(thinned, "gen_ai.conversation.id") == [OUT, OUT]


def test_the_draw_is_fair_and_a_larger_share_contains_a_smaller_one() -> None:
    """Of 20,000 ids, a share differs from its probability by less than five standard errors."""
    ids = [f"customer-{number}" for number in range(20_000)]
    for share in (0.01, 0.1, 0.5, 0.9):
        drawn = sum(is_drawn(each, share) for each in ids) / len(ids)
        assert abs(drawn - share) < 5 * (share * (1 - share) / len(ids)) ** 0.5
    assert all(is_drawn(each, 0.5) for each in ids if is_drawn(each, 0.1))
    assert not any(is_drawn(each, 0.0) for each in ids)
    assert all(is_drawn(each, 1.0) for each in ids)


def test_the_draw_is_the_same_for_ever() -> None:
    """Other SDKs and later versions have to draw alike: c-10492 lies at 0.3601421."""
    assert [is_drawn("c-10492", share) for share in (0.360142, 0.360143)] == [False, True]


def test_turns_that_are_left_out_are_counted(thinned: Recorded) -> None:
    """`stats()` says the share and how many turns it left out, also from many threads, and nothing else counts them."""
    threads = [threading.Thread(target=lambda: [turn(OUT) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    turn(IN)
    for thread in threads:
        thread.join()
    for _ in range(2):
        assert (thinned.stats.sampling, thinned.stats.left_out, thinned.stats.recorded) == (0.3, 2_000, 1)


def test_without_a_share_no_turn_is_left_out(record: Make) -> None:
    """Everything is recorded by default, and a recording that is off leaves nothing out: it decides on nobody."""
    recorded = record()
    turn(OUT)
    assert (recorded.stats.sampling, recorded.stats.left_out) == (1.0, 0)


# ------------------------------------------------------------------- where only OpenTelemetry's context is carried


def by_opentelemetry(work: Callable[[], Any]) -> Any:
    """Run in a thread that gets OpenTelemetry's context and no other, as its instrumentation of threads does."""
    context = otel_context.get_current()

    def attached() -> Any:
        token = otel_context.attach(context)
        try:
            return work()
        finally:
            otel_context.detach(token)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(attached).result()


@pytest.mark.parametrize("join", [True, False])
def test_opentelemetrys_context_carries_a_turn_that_is_left_out(thin: Thin, join: bool) -> None:
    """Joined or apart, its stages are no orphans there, nor those of another service that is called from there."""
    thinned = thin(sampling=0.3, join=join)
    headers: dict[str, str] = {}
    with convqa.turn("c-1", account_id=OUT):
        by_opentelemetry(lambda: (look_up("o-1"), convqa.inject(headers)))
        with convqa.extract(headers):
            by_opentelemetry(lambda: look_up("o-2"))
    assert headers == {"baggage": "convqa.conversation=c-1,convqa.recorded=0"}
    assert thinned.all == ()
    by_opentelemetry(lambda: look_up("outside"))
    assert thinned.violations("tool") == ("turn",)


@pytest.mark.parametrize("join", [True, False])
def test_a_turn_that_is_left_out_is_never_the_current_span(thin: Thin, join: bool) -> None:
    """Spans of other instrumentation inside it keep their parents, and afterwards the context is what it was."""
    thin(sampling=0.3, join=join)
    tracer = TracerProvider().get_tracer("app")
    with tracer.start_as_current_span("request") as request:
        before = otel_context.get_current()
        with convqa.turn("c-1", account_id=OUT):
            assert trace.get_current_span() is request
            with tracer.start_as_current_span("http") as http:
                by_opentelemetry(lambda: look_up("o-1"))
        assert otel_context.get_current() == before
    assert http.parent == request.get_span_context()


@pytest.mark.parametrize("join", [True, False])
def test_of_nested_turns_the_inner_one_decides_there(thin: Thin, join: bool) -> None:
    """One customer's turn inside another's: below a foreign span too, a thread works for the inner one."""
    thinned = thin(sampling=0.3, join=join)
    tracer = TracerProvider().get_tracer("app")
    for outer, inner in ((OUT, IN), (IN, OUT)):
        with convqa.turn("outer", account_id=outer), convqa.turn("inner", account_id=inner):
            by_opentelemetry(lambda: look_up("o-1"))
            with tracer.start_as_current_span("http"):
                by_opentelemetry(lambda: look_up("o-2"))
        assert len(thinned.of("tool")) == 2
        assert [span.parent is not None for span in thinned.of("tool")] == [join, join]


def test_steps_of_a_decorated_stream_carry_it_too(thinned: Recorded) -> None:
    """A generator that is a turn is carried during its steps, and not between them."""

    @convqa.turn(conversation_id="conversation", account_id="customer")
    def answer(conversation: str, customer: str) -> Iterator[str]:
        by_opentelemetry(lambda: look_up("inside"))
        yield "a"

    for _ in answer("c-1", OUT):
        by_opentelemetry(lambda: look_up("between"))
    assert len(thinned.all) == 1


def test_while_recording_is_off_opentelemetrys_context_is_left_alone(off: None) -> None:
    """Whoever switches the SDK off meets nothing of it."""
    before = otel_context.get_current()
    with convqa.turn("c-1"):
        assert otel_context.get_current() is before


# ------------------------------------------------------------------------------------------------ unclosed turns


def test_turns_that_end_in_any_order_leave_nothing_current(thinned: Recorded) -> None:
    """Also when they were left out: what ended first is not made current again by what ended last."""
    first, last = (convqa.turn(conversation, account_id=OUT) for conversation in ("c-1", "c-2"))
    before = otel_context.get_current()
    first.__enter__()
    last.__enter__()
    first.__exit__(None, None, None)
    last.__exit__(None, None, None)
    look_up("outside")
    by_opentelemetry(lambda: look_up("outside"))
    assert len(thinned.of("tool")) == 2
    assert otel_context.get_current() == before


@pytest.mark.parametrize("settings", [{"disabled": True}, {"sampling": 0.0}, {"sampling": 0.5}, {"join": False}, {}])
def test_turns_that_nobody_closes_are_not_kept(thin: Thin, settings: dict[str, Any]) -> None:
    """Of 10,000 turns in one context, recorded or not, the last few are alive, and the last one is current."""
    recorded = thin(**settings)

    def forget() -> int:
        turns: list[weakref.ref[Any]] = []
        for number in range(10_000):
            opened = convqa.turn(f"c-{number}").__enter__()
            assert convqa.current_turn() is opened
            turns.append(weakref.ref(opened))
        del opened
        return sum(turn() is not None for turn in turns)

    assert contextvars.copy_context().run(forget) <= 65
    assert recorded.stats.open <= 65
    assert recorded.stats.faults == {}


def test_the_limit_of_nesting_holds_for_what_is_not_recorded_too(thinned: Recorded) -> None:
    """A block around many turns that nobody closes gets its own context back at its end."""
    with convqa.turn("around", account_id=IN) as around:
        with convqa.tool(name="t"):
            for number in range(100):
                convqa.turn(f"c-{number}", account_id=OUT).__enter__()
            by_opentelemetry(lambda: look_up("o-1"))
        assert convqa.current_turn() is around
        by_opentelemetry(lambda: look_up("o-2"))
    assert len(thinned.of("tool")) == 2
    assert is_child(thinned.of("tool")[-1], thinned.one("turn"))


# ------------------------------------------------------------------------------------------------ the probability


@pytest.mark.parametrize("conversation", ["", None, 7.5])
@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_turn_of_nobody_is_drawn_by_chance(thin: Thin, conversation: Any, share: float) -> None:
    """Without customer and conversation each turn is drawn for itself, with the probability that its spans tell."""
    thinned = thin(sampling=share)
    for _ in range(1_000):
        turn(conversation)
    kept = len(thinned.of("turn"))
    assert abs(kept - 1_000 * share) <= 5 * (1_000 * share * (1 - share)) ** 0.5
    assert len(thinned.of("tool")) == kept
    assert set(values(thinned, "convqa.sampling.probability")) <= {share}


TOLD = {"": 1.0, "0.3": 0.3, "1": 1.0, "1e-05": 1e-05, "0": None, "-1": None, "2": None, "nan": None, "None": None}


@pytest.mark.parametrize("told", TOLD)
def test_stages_of_another_process_have_the_probability_of_their_turn(record: Make, told: str) -> None:
    """What the baggage tells, not what is set here: nothing told is 1, what is no probability is unknown."""
    here = record(sampling=0.7)
    member = f",convqa.sampling={told}" if told else ""
    parent = "00-0000000000000000000000000000abcd-00000000000000ef-01"
    onward: dict[str, str] = {}
    with convqa.extract({"traceparent": parent, "baggage": f"convqa.conversation=c-1{member}"}):
        with convqa.tool(name="t"):
            convqa.inject(onward)
        with convqa.extract(onward):
            look_up("further on")
    assert values(here, "gen_ai.conversation.id") == ["c-1", "c-1"]
    assert values(here, "convqa.sampling.probability") == [TOLD[told]] * 2


def test_a_turn_in_another_process_is_drawn_there(record: Make) -> None:
    """Its own spans tell the probability there, those beside it the one of the turn that called."""
    record(sampling=0.9)
    carrier: dict[str, str] = {}
    with convqa.turn("c-1", account_id=IN):
        convqa.inject(carrier)
    there = record(sampling=0.5)
    with convqa.extract(carrier):
        turn("inner", account_id=IN)
        look_up("o-1")
    assert values(there, "convqa.sampling.probability") == [0.5, 0.5, 0.9]


@pytest.mark.parametrize(("settings", "told"), [({"sampling": 0.3}, None), ({}, 1.0)])
def test_a_stage_outside_any_turn_claims_no_probability_that_it_may_not_have(
    record: Make, settings: dict[str, Any], told: float | None
) -> None:
    """Whether its turn was drawn is not known there, so a thinned bot's says nothing and a whole one's is sure."""
    recorded = record(**settings)
    look_up("o-1")
    assert values(recorded, "convqa.sampling.probability") == [told]
