"""Thinning: some customers are recorded whole, the others not at all, by the same draw in every process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.assign import is_drawn

from .conftest import Make, Recorded

CUSTOMERS = [f"a-{number}" for number in range(200)]
IN = next(customer for customer in CUSTOMERS if is_drawn(customer, 0.3))
OUT = next(customer for customer in CUSTOMERS if not is_drawn(customer, 0.3))


@pytest.fixture
def thinned(record: Make) -> Recorded:
    """Three customers of ten are recorded."""
    return record(sampling=0.3)


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
    assert carrier["baggage"] == f"shop=berlin,convqa.conversation=c-{IN}"
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
