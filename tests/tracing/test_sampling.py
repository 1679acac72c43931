"""Thinning: some customers are recorded whole, the others not at all, by the same draw in every process."""

from __future__ import annotations

from collections import Counter
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


def test_another_process_leaves_out_the_stages_of_a_turn_that_is_left_out(thinned: Recorded) -> None:
    """Its stages would be orphans there; those of a recorded turn are its children."""
    for customer in (OUT, IN):
        carrier: dict[str, str] = {}
        with convqa.turn("c-1", account_id=customer):
            convqa.inject(carrier)
        with convqa.extract(carrier):
            look_up("o-1")
    assert values(thinned, "convqa.stage") == ["turn", "tool"]


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
