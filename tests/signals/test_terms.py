"""What a sentence states, as terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals.terms import AFFIRMED, NEGATED, SPEAKER, _Reading, plain_words, terms
from convqa_sdk.signals.word_forms import FORMS, NO_FORMS, WordForms
from convqa_sdk.signals.word_phrases import word_set

ENGLISH = FORMS["en"]


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        ("30 days", {(43_200, "minutes")}),
        ("thirty-day", {(43_200, "minutes")}),
        ("one month", {(1, "months")}),
        ("24 hours or 1 day", {(1_440, "minutes")}),
        ("2 years, 24 months", {(24, "months")}),
        ("5 to 7 business days", {(7_200, "minutes"), (10_080, "minutes")}),
        ("$1,299.50", {(1_299.5, "dollar")}),
        ("1299.50 dollars", {(1_299.5, "dollar")}),
        ("\u20ac5 and 5 %", {(5, "euro"), (5, "percent")}),
        ("9am and 17", {(9, "am"), (17, "")}),
        ("twenty four cases", {(24, "")}),
        ("the 3rd of May", {(3, "")}),
        ("2026-05-03", {(3, ""), (2_026, "")}),
        ("version 1.2.3 of HAT271", set()),
        ("one of them", set()),
    ],
)
def test_figures_have_their_units(sentence: str, figures: set[tuple[float, str]]) -> None:
    """Durations are in minutes or months, whatever they are spelled in; other units keep their name."""
    assert set(terms(sentence, ENGLISH).figures) == figures


@pytest.mark.parametrize(
    ("one", "other"),
    [("cancelled", "cancelling"), ("policies", "policy"), ("fees", "fee"), ("shipped", "ships"), ("quickly", "quick")],
)
def test_endings_do_not_tell_words_apart(one: str, other: str) -> None:
    """Forms of one word have one stem."""
    assert ENGLISH.stem(one) == ENGLISH.stem(other)


@pytest.mark.parametrize(
    "sentence",
    ["It is not refundable.", "It isn't refundable.", "It is non-refundable.", "Never refundable.", "No refundable"],
)
def test_a_negation_denies_the_word_behind_it(sentence: str) -> None:
    """However it is written."""
    assert terms(sentence, ENGLISH).polarity[ENGLISH.stem("refundable")] == NEGATED


@pytest.mark.parametrize("sentence", ["Not only refundable.", "Not late, but refundable.", "Refundable, not late."])
def test_a_negation_ends_with_its_clause(sentence: str) -> None:
    """And `not only` denies nothing."""
    assert terms(sentence, ENGLISH).polarity[ENGLISH.stem("refundable")] == AFFIRMED


def test_names_codes_months_and_the_speaker_are_exact() -> None:
    """No other word stands for them; the capitals of a title tell no names."""
    assert terms("I sent the Aurora to HAT271 on 5 May.", ENGLISH).exact == {SPEAKER, "aurora", "hat271", "mm5"}
    assert terms("Our Return And Refund Policy", ENGLISH).exact == set()
    assert terms("You may return it.", ENGLISH).exact == set()


@given(st.text(max_size=400), st.sampled_from([ENGLISH, NO_FORMS]))
def test_any_sentence_has_terms(sentence: str, forms: object) -> None:
    """Nothing raises, and every weight is positive."""
    found = terms(sentence, forms)  # type: ignore[arg-type]
    assert all(weight > 0 for weight in found.weights.values())
    assert found.polarity.keys() <= found.weights.keys()


PLAIN = sorted(
    word_set(
        "the of you your it's customer's can't I I'm me Refund refund refunds cancelled Aurora AURORA Policy policies"
        " say make may March but and not never two one unavailable 5 9am $ % 'tis rock'n'roll caf\u00e9 a_b"
        " non-refundable , . : ( )"
    )
)


@given(st.lists(st.sampled_from(PLAIN), max_size=12).map(" ".join), st.sampled_from([ENGLISH, NO_FORMS]))
def test_plain_sentences_are_read_as_a_walk_reads_them(sentence: str, forms: WordForms) -> None:
    """Where the order of the words tells nothing, leaving it aside changes nothing."""
    assert terms(sentence, forms) == _Reading(sentence, forms).terms


def test_most_sentences_are_plain() -> None:
    """Names, the speaker and apostrophes within words included; figures, negations and months are not."""
    assert plain_words("Contact Acme Support, I'm your agent.", ENGLISH) == [
        "contact", "acme", "support", "i'm", "your", "agent",
    ]  # fmt: skip
    for sentence in ("It takes 5 days.", "It is not open.", "It isn't open.", "In January.", "It is unavailable."):
        assert plain_words(sentence, ENGLISH) is None
