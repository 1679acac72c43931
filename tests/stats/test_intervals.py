"""Intervals against published tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.stats.intervals import wilson

PUBLISHED = Path(__file__).parents[3] / "shared" / "reference" / "wilson_newcombe1998_a.json"


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published results in shared/reference are not here")
def test_wilson_intervals_are_those_of_the_published_table() -> None:
    """Newcombe 1998, table I, method 3, to four decimals."""
    published = json.loads(PUBLISHED.read_text())
    for successes, trials in published["data"]:
        share = wilson(successes, trials)
        expected = published["expected"]
        assert share.low == pytest.approx(expected[f"{successes}_{trials}_lo"], abs=6e-5)
        assert share.high == pytest.approx(expected[f"{successes}_{trials}_hi"], abs=6e-5)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.01, 0.99))
def test_the_share_lies_in_its_interval_and_the_interval_in_0_to_1(first: int, second: int, confidence: float) -> None:
    """Whatever the counts."""
    successes, trials = min(first, second), max(first, second)
    share = wilson(successes, trials, confidence)
    assert 0.0 <= share.low <= share.high <= 1.0
    if share.value is not None:
        assert share.low - 1e-9 <= share.value <= share.high + 1e-9


def test_a_share_of_nothing_is_unknown() -> None:
    """Not zero, and its interval says nothing."""
    share = wilson(0, 0)
    assert share.value is None
    assert (share.low, share.high) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "trials", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0.0)])
def test_what_is_no_share_is_refused(successes: int, trials: int, confidence: float) -> None:
    """And so is what is no confidence."""
    with pytest.raises(ValueError, match="give"):
        wilson(successes, trials, confidence)
