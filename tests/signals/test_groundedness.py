"""Whether an answer is grounded in passages, claim by claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convqa_sdk.signals import Claim, ClaimVerdict, Passage, grounding
from convqa_sdk.signals.claims import MOST_CHARACTERS, MOST_CLAIMS
from convqa_sdk.signals.groundedness import MOST_PASSAGE_CHARACTERS
from convqa_sdk.signals.support import SUPPORTED

SHOP = (
    "Most items can be returned within 30 days of delivery. Sale items cannot be returned. Refunds are issued to the"
    " original payment method within 5-7 business days. A restocking fee of 15% applies to opened electronics. Standard"
    " shipping costs $4.99 and is free on orders over $50. The Aurora X2 laptop has a two-year warranty. Support is"
    " open between 9 am and 5 pm, Monday to Friday. Gift cards are non-refundable. Price matching is not available for"
    " marketplace sellers. The winter sale ends on January 5, 2026. Premium members get free shipping on all orders."
)
SUPPORTED_ANSWERS = [
    "You can return most items within 30 days of delivery.",
    "Most items can be returned within thirty days.",
    "Sale items can't be returned.",
    "Refunds are issued within 5 to 7 business days to your original payment method.",
    "A restocking fee of 15 percent applies to opened electronics.",
    "Shipping is free on orders over $50.00.",
    "The Aurora X2 laptop has a 24 month warranty.",
    "Gift cards are not refundable.",
    "Price matching is unavailable for marketplace sellers.",
    "Support is open from 9am to 5pm, Monday to Friday.",
    "The winter sale ends on 2026-01-05.",
    "I can confirm that sale items cannot be returned.",
    "Hi Emma, thanks for waiting! Unfortunately, sale items cannot be returned. Is there anything else?",
]
"""Other words, spellings, units and orders of what the shop says."""
UNSUPPORTED_ANSWERS = [
    "Most items can be returned within 60 days of delivery.",
    "Most items can be returned within 30 hours of delivery.",
    "Sale items can be returned.",
    "Most items cannot be returned within 30 days of delivery.",
    "Refunds are issued within 5 to 10 business days to your original payment method.",
    "A restocking fee of $15 applies to opened electronics.",
    "Standard shipping costs \u20ac4.99.",
    "The Aurora X3 laptop has a two-year warranty.",
    "The Borealis laptop has a two-year warranty.",
    "Gift cards are refundable.",
    "Price matching is available for marketplace sellers.",
    "Premium members do not get free shipping on all orders.",
    "Support is open between 9 am and 9 pm, Monday to Friday.",
    "The winter sale ends on January 6, 2026.",
    "The winter sale ends on February 5, 2026.",
    "I have refunded your order.",
    "We deliver by drone to the moon.",
]
"""Each differs from the shop in a figure, a unit, a name, a date or the polarity, or is nowhere said."""

RETURNS = "Most items can be returned within 30 days. Laptops can be returned within 14 days."
DELIVERY = "Delivery costs 4.90 EUR. It is free on orders over 50 EUR."
WARRANTY = "New products have a warranty of 2 years. Refurbished ones have a warranty of 12 months."

NOUNS = ("refund", "order", "parcel", "customer", "warranty", "store", "laptop", "payment", "voucher", "carrier")
FLIPS = [("can", "cannot"), ("will", "won't"), ("does", "does not"), ("is", "is never")]
WORDS = st.sampled_from(NOUNS)
SENTENCES = st.lists(WORDS, min_size=3, max_size=8).map(" ".join)


@pytest.mark.parametrize("answer", SUPPORTED_ANSWERS)
def test_what_a_passage_says_is_grounded(answer: str) -> None:
    """An answer that says what a passage says, in other words or units, is grounded."""
    found = grounding(answer, [SHOP])
    assert (found.grounded, found.unsupported) == (True, ())
    assert found.score >= SUPPORTED


@pytest.mark.parametrize("answer", UNSUPPORTED_ANSWERS)
def test_what_no_passage_says_is_not_grounded(answer: str) -> None:
    """A wrong figure, unit, name, date or polarity, or an invented fact, is unsupported."""
    found = grounding(answer, [SHOP])
    assert not found.grounded
    assert len(found.unsupported) == 1
    assert found.score < SUPPORTED


def test_one_unsupported_claim_makes_the_answer_ungrounded() -> None:
    """The verdict on an answer is that on its weakest claim; each claim has one of its own."""
    found = grounding("Sale items cannot be returned. Express shipping costs $20.", ["Nothing here.", SHOP])
    assert not found.grounded
    assert found.unsupported == ("Express shipping costs $20.",)
    assert found.claims[0] == ClaimVerdict("Sale items cannot be returned.", True, 1.0, "2", judged=False)
    assert found.score == found.claims[1].score


def test_an_answer_that_claims_nothing_is_not_grounded_and_has_nothing_unsupported() -> None:
    """A greeting is no evidence of grounding, and no invention either."""
    found = grounding("Hello! How can I help you today?", [SHOP])
    assert (found.grounded, found.score, found.claims, found.unsupported) == (False, 0.0, (), ())


def test_without_passages_every_claim_is_unsupported() -> None:
    """What was not retrieved supports nothing."""
    assert grounding("Sale items cannot be returned.", []).unsupported == ("Sale items cannot be returned.",)


def test_words_from_all_over_a_passage_support_nothing() -> None:
    """A claim whose words stand far from each other in a passage is not what it says."""
    passage = "Gold members board first. " + "Weather may change. " * 5 + "Pets travel in the cabin."
    assert not grounding("Gold pets board the cabin.", [passage]).grounded


@pytest.mark.parametrize(
    ("claim", "passage", "supported"),
    [
        ("Laptops can be returned within 30 days.", RETURNS, False),
        ("Laptops can be returned within 14 days.", RETURNS, True),
        ("Most items can be returned within 30 days.", RETURNS, True),
        ("Delivery costs 50 EUR.", DELIVERY, False),
        ("Delivery costs 4.90 EUR.", DELIVERY, True),
        ("Delivery is free on orders over 50 EUR.", DELIVERY, True),
        ("Refurbished products have a warranty of 2 years.", WARRANTY, False),
        ("New products have a warranty of two years.", WARRANTY, True),
        ("New products have a warranty of one year.", WARRANTY, False),
        ("Laptops can be returned within 14 days.", "Laptops can be returned. Return them within 14 days.", True),
        ("Returns take 5 days and refunds take 3 days.", "Returns take 5 days. Refunds take 3 days.", True),
        ("The shop opens at 8 am and closes at 7 pm.", "The shop opens at 8 am. It closes at 7 pm.", True),
        ("Delivery costs 50 EUR.", "Delivery costs extra. It is free over 50 EUR.", False),
    ],
)
def test_a_figure_is_that_of_what_is_said(claim: str, passage: str, supported: bool) -> None:
    """A figure from a neighbouring sentence about something else supports nothing; sentences about one thing add up."""
    assert grounding(claim, [passage]).grounded is supported


def test_claims_can_be_given() -> None:
    """The bot's own claims are judged in place of those found in the answer."""
    found = grounding("see below", [SHOP], claims=["Gift cards are non-refundable.", Claim("Gift cards expire.")])
    assert [verdict.supported for verdict in found.claims] == [True, False]


def test_documents_without_text_support_nothing() -> None:
    """Anything with an id and a text is a passage; a text that was not kept says nothing."""

    class Kept(NamedTuple):
        id: str
        text: str | None

    found = grounding("Gift cards are non-refundable.", [Kept("a", None), Kept("b", SHOP)])
    assert found.claims[0].passage == "b"


def test_a_judge_decides() -> None:
    """A judge's share, or its yes or no, is the verdict; it sees the passages with their ids."""
    seen: list[Sequence[Passage]] = []

    def judge(claim: str, passages: Sequence[Passage]) -> float | bool:
        seen.append(passages)
        return True if "drone" in claim else 0.2

    found = grounding("We deliver by drone. Gift cards are non-refundable.", [SHOP], judge=judge)
    assert [(claim.supported, claim.score) for claim in found.claims] == [(True, 1.0), (False, 0.2)]
    assert all(claim.judged for claim in found.claims)
    assert seen[0] == [Passage("1", SHOP)]
    assert found.judge_failures == 0


@pytest.mark.parametrize("wrong", [math.nan, 1.5, -0.1, "yes", None])
def test_a_judge_that_returns_no_share_is_replaced_and_counted(wrong: object) -> None:
    """The built-in floor decides, and the result says how often."""
    found = grounding("Gift cards are non-refundable.", [SHOP], judge=lambda claim, passages: wrong)  # type: ignore[arg-type,return-value]
    assert (found.grounded, found.judge_failures, found.claims[0].judged) == (True, 1, False)


def test_a_judge_that_raises_is_replaced_and_counted() -> None:
    """A judge's exception does not leave the function."""

    def judge(claim: str, passages: Sequence[Passage]) -> float:
        raise RuntimeError(claim)

    assert grounding("Gift cards are non-refundable.", [SHOP], judge=judge).judge_failures == 1


def test_an_answer_that_is_not_read_to_its_end_is_not_grounded() -> None:
    """What is cut may hold anything."""
    found = grounding("Gift cards are non-refundable. " + " " * MOST_CHARACTERS, [SHOP])
    assert (found.is_cut, found.grounded, found.unsupported) == (True, False, ())
    many = grounding("", [SHOP], claims=["Gift cards are non-refundable."] * (MOST_CLAIMS + 1))
    assert (many.is_cut, many.grounded, len(many.claims)) == (True, False, MOST_CLAIMS)


def test_passages_are_read_up_to_a_bound_together() -> None:
    """What stands behind the bound supports nothing."""
    filler = "Nothing is said here. " * (MOST_PASSAGE_CHARACTERS // 22)
    assert grounding("Gift cards are non-refundable.", [filler[: -len(SHOP) - 50], SHOP]).grounded
    assert not grounding("Gift cards are non-refundable.", [filler, SHOP[200:]]).grounded


def test_a_language_without_tables_compares_words_as_they_are() -> None:
    """Words, numbers and signs of currency are compared; endings and negations are unknown."""
    passage = "Die R\u00fcckgabe ist 30 Tage lang m\u00f6glich und kostet 5 \u20ac."
    assert grounding("Die R\u00fcckgabe kostet 5 \u20ac.", [passage], language="de").grounded
    assert not grounding("Die R\u00fcckgabe kostet 6 \u20ac.", [passage], language="de").grounded


def test_the_caller_can_pause() -> None:
    """`pause` is called behind each sentence and comparison."""
    calls: list[None] = []
    grounding("Sale items cannot be returned.", [SHOP], pause=lambda: calls.append(None))
    assert len(calls) > SHOP.count(". ")


@given(st.text(max_size=600), st.lists(st.text(max_size=600), max_size=3))
def test_no_text_raises_and_the_score_is_a_share(answer: str, passages: list[str]) -> None:
    """Any texts can be compared."""
    found = grounding(answer, passages, claims=[answer])
    assert 0.0 <= found.score <= 1.0
    assert 0.0 <= grounding(answer, passages).score <= 1.0


@given(st.lists(SENTENCES, min_size=1, max_size=4), st.data())
def test_a_sentence_of_a_passage_is_supported(lines: list[str], data: st.DataObject) -> None:
    """A claim copied verbatim out of a passage is supported, whatever stands beside it."""
    forms = st.sampled_from(["{}.", "{} within 3 days.", "{} not 5 %.", "The Aurora {}."])
    spelled = [data.draw(forms).format(line) for line in lines]
    claim = data.draw(st.sampled_from(spelled))
    found = grounding("", [" ".join(spelled)], claims=[claim])
    assert found.claims[0].supported


@given(st.text(st.characters(exclude_characters="[]\u3010\u3011"), min_size=1, max_size=80))  # no marks
def test_any_text_supports_itself(text: str) -> None:
    """Whatever it is written in: a claim that is a whole passage is supported, if it has any word."""
    assume(any(map(str.isalnum, text)))
    found = grounding("", [text], claims=[text])
    assert found.claims[0].score == pytest.approx(1.0)


@given(SENTENCES, st.lists(SENTENCES, max_size=3), st.lists(SENTENCES, max_size=3))
def test_more_passages_never_lower_the_score(claim: str, passages: list[str], more: list[str]) -> None:
    """Another passage can only support more."""
    assert grounding("", passages + more, claims=[claim]).score >= grounding("", passages, claims=[claim]).score


@given(SENTENCES, st.integers(2, 90), st.integers(2, 90), st.sampled_from(["days", "%", "dollars", "orders"]))
def test_another_number_is_not_grounded(words: str, first: int, second: int, unit: str) -> None:
    """An answer whose number differs from the passage's is not grounded."""
    assume(first != second)
    assert not grounding(f"The {words} takes {first} {unit}.", [f"The {words} takes {second} {unit}."]).grounded


@given(SENTENCES, WORDS, st.sampled_from(FLIPS))
def test_flipped_negation_is_not_grounded(words: str, verb: str, forms: tuple[str, str]) -> None:
    """An answer that affirms what the passage denies, or denies what it affirms, is not grounded."""
    affirmed, denied = (f"The {words} {form} {verb}." for form in forms)
    assume(verb not in words)
    assert not grounding(affirmed, [denied]).grounded
    assert not grounding(denied, [affirmed]).grounded
