"""How alike two requests are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import SIMILAR, request_tokens, similarity

SETS = st.frozensets(st.integers(0, 8))


def test_tokens_are_folded_and_without_fillers() -> None:
    """Case, accents and apostrophes make no difference; words that any request holds are left out."""
    assert request_tokens("Could you RÉSET my password, please?") == {"reset", "password"}
    assert request_tokens("can you help me") == frozenset()


def test_a_language_without_fillers_keeps_all_words() -> None:
    """Nothing is known of them."""
    assert request_tokens("je veux annuler", language="fr") == {"je", "veux", "annuler"}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("abc", "abc", 1), ("abc", "abd", 0.5), ("ab", "cd", 0), ("", "", 0), ("abc", "abcde", 0.6)],
)
def test_similarity_is_common_by_all(a: str, b: str, expected: float) -> None:
    """By hand: of a, b, c and a, b, d two of four are common."""
    assert similarity(frozenset(a), frozenset(b)) == pytest.approx(expected)


@given(SETS, SETS)
def test_similarity_is_symmetric_and_one_of_a_set_with_itself(a: frozenset[int], b: frozenset[int]) -> None:
    """Between 0 and 1; an empty set is like nothing."""
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, a) == (1 if a else 0)


def test_what_was_pasted_is_no_part_of_a_request() -> None:
    """A device's report that comes again, with one value changed, is not the same request again."""
    report = "- Airplane Mode: OFF\n- SIM Card: active\n- Signal: {}\n- Network: 5G\n- Data: enabled\n"
    first = request_tokens("I switched the phone off and on.\n" + report.format("poor"))
    second = request_tokens("The mode is changed now.\n" + report.format("good"))
    assert similarity(first, second) < SIMILAR
    assert "airplane" not in first
    assert "switched" in first


def test_a_line_with_a_colon_is_a_request_all_the_same() -> None:
    """One or two such lines are how people write."""
    assert "lisbon" in request_tokens("My question: is the hotel in Lisbon booked?\nAnother: from when?")
