"""What an answer claims, and what it cites for that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import Claim, claims_of
from convqa_sdk.signals.claims import MOST_CLAIMS


@pytest.mark.parametrize(
    "answer",
    [
        "Hello!",
        "Hi Emma, thanks for waiting!",
        "How can I help you today?",
        "Thank you for your patience.",
        "I'm sorry for the delay.",
        "I understand your frustration.",
        "I'd be happy to help you with that.",
        "Please provide your order number.",
        "Let me know if you need anything.",
        "You're welcome! Have a great day!",
        "Here are the details:",
        "Yes, it is.",
        "\U0001f600",
        "",
    ],
)
def test_politeness_questions_and_headings_claim_nothing(answer: str) -> None:
    """Greetings, thanks, apologies, offers, requests for information, questions and headings assert nothing."""
    assert claims_of(answer) == ()


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ("Returns take 5 days. Fees are 3%.", ["Returns take 5 days.", "Fees are 3%."]),
        ("Sorry, sale items cannot be returned.", ["sale items cannot be returned."]),
        ("I'm sorry, but sale items cannot be returned.", ["sale items cannot be returned."]),
        ("I can confirm that your order shipped.", ["your order shipped."]),
        ("Thanks, your refund of $50 was issued.", ["your refund of $50 was issued."]),
        ("I have refunded you.", ["I have refunded you."]),
        ("Returns are free of charge, but shipping costs $5.", ["Returns are free of charge", "shipping costs $5."]),
        ("1. Open the settings\n2) Tap **Mobile data**", ["Open the settings", "Tap Mobile data"]),
        ("- Cabin: economy\n- Price: $292", ["Cabin: economy", "Price: $292"]),
        ("Contact Dr. Smith at St. Mary.", ["Contact Dr. Smith at St. Mary."]),
    ],
)
def test_what_is_asserted_is_a_claim(answer: str, claims: list[str]) -> None:
    """Sentences, clauses and list items that assert something are claims, without what only introduces them."""
    assert [claim.text for claim in claims_of(answer)] == claims


@pytest.mark.parametrize(
    ("answer", "claim"),
    [
        ("Returns take 5 days [kb-22].", Claim("Returns take 5 days.", ("kb-22",))),
        ("Returns take 5 days. [kb-22]", Claim("Returns take 5 days.", ("kb-22",))),
        ("Returns take 5 days [1][2].", Claim("Returns take 5 days.", ("1", "2"))),
        ("Returns take 5 days [1, kb-2].", Claim("Returns take 5 days.", ("1", "kb-2"))),
        ("Returns take 5 days.\u30103\u3011", Claim("Returns take 5 days.", ("3",))),
        ("Write to [EMAIL] or [EMAIL:k1:abc].", Claim("Write to [EMAIL] or [EMAIL:k1:abc].")),
        ("It ends on [2026-01-05] today.", Claim("It ends on [2026-01-05] today.")),
        ("Read the [guide](https://example.com/5) first.", Claim("Read the [guide](https://example.com/5) first.")),
    ],
)
def test_marks_belong_to_the_claim_they_stand_at(answer: str, claim: Claim) -> None:
    """A mark in or right behind a sentence is its source; redaction's markers, dates and links are no marks."""
    assert claims_of(answer) == (claim,)


def test_a_claim_has_its_sources_as_a_tuple() -> None:
    """One source may be given as it is."""
    assert Claim("a", "kb-1").sources == ("kb-1",)
    assert Claim("a").sources == ()


def test_one_claim_more_than_the_bound_is_returned_at_most_a_sentence_later() -> None:
    """Whoever reads the claims can tell that there were too many; the rest of the answer is not read."""
    assert MOST_CLAIMS < len(claims_of("Returns take days. " * 500)) <= MOST_CLAIMS + 5


def test_without_tables_every_sentence_but_a_question_is_a_claim() -> None:
    """A language that has no cues loses nothing that might be a claim."""
    claims = claims_of("Guten Tag. Das kostet 5 Euro. Noch etwas?", language="xx")
    assert [claim.text for claim in claims] == ["Guten Tag.", "Das kostet 5 Euro."]


@given(st.text(max_size=2_000))
def test_no_text_raises_and_claims_hold_words(answer: str) -> None:
    """Any text has claims, and each of them has a word."""
    assert all(any(map(str.isalnum, claim.text)) for claim in claims_of(answer))
