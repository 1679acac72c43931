"""What is kept of an answer for reading the reply to it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convqa_sdk.signals import AnswerTraits
from convqa_sdk.signals.answers import _HELD_BY_OFFERS, _OFFERS
from convqa_sdk.signals.word_phrases import word_set


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("Your refund arrives within 30 days.", ""),
        ("Refunds take 30 days. Is there anything else?", "ends_with_question offers offers_more"),
        ("It is free. If you have other questions, feel free to ask!", ""),
        ("Would you like me to transfer you to a human agent?", "ends_with_question offers"),
        ("what do you think of this option: the cheap one", "ends_with_question offers"),
        ("Please let me know your order number.", "ends_with_question"),
        ("Your order is 4412. Is that correct?", "ends_with_question asks_confirmation"),
        ("You said Tuesday, right?", "ends_with_question asks_confirmation"),
        ("**Is your address still 5 Main Street?**", "ends_with_question asks_confirmation"),
        ("Hi! How can I help you today?", "ends_with_question offers greets"),
        ("Welcome to Acme. I'm Ava. What can I do for you?", "ends_with_question greets"),
        ("Is it broken? Then send it back.", ""),
        ("", ""),
    ],
)
def test_facts_are_those_of_the_last_sentence(answer: str, told: str) -> None:
    """A question that something follows is none that the reply answers; a greeting is one with nothing before it."""
    traits = AnswerTraits.of(answer)
    assert {name for name, fact in traits._asdict().items() if fact} == set(told.split())


def test_an_answer_with_content_is_no_greeting() -> None:
    """Its offer of help ends it, as politeness has it."""
    assert not AnswerTraits.of("Your flight was cancelled and refunded today. How can I help you further?").greets
    assert not AnswerTraits.of(f"Hello, {'your flight was cancelled ' * 6}today. How can I help you?").greets


@given(st.text(max_size=2_000))
def test_nothing_textual_is_kept(answer: str) -> None:
    """Yes or no, of any text."""
    assert all(type(fact) is bool for fact in AnswerTraits.of(answer))


OFFERED = sorted(
    word_set(
        "would you like do want need can could may i help assist shall should is there anything else how what about"
        " think of if whether youd"
    )
)


@given(st.lists(st.sampled_from(OFFERED), max_size=6).map(" ".join))
@example("may i assist")
def test_an_offer_holds_one_of_the_pieces_that_are_looked_for_first(text: str) -> None:
    """So that an answer without any of them need not be searched for offers."""
    assert _OFFERS.search(text) is None or any(held in text for held in _HELD_BY_OFFERS)
