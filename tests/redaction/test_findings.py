"""Findings that overlap become one list that covers the same characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction.findings import SPECIFIC_FIRST, Finding, InvalidFindingError, checked, resolve

findings = st.builds(
    lambda start, length, label: Finding(start, start + length, label),
    st.integers(0, 60),
    st.integers(1, 30),
    st.sampled_from(SPECIFIC_FIRST),
)


@given(st.lists(findings, max_size=20))
def test_resolving_keeps_every_claimed_character_and_overlaps_nothing(candidates: list[Finding]) -> None:
    """The result is sorted, does not overlap, and covers exactly what the candidates cover."""
    result = resolve(candidates)
    covered = [position for found in result for position in range(found.start, found.end)]
    assert covered == sorted({position for found in candidates for position in range(found.start, found.end)})


@given(st.lists(findings, max_size=20))
def test_resolving_twice_changes_nothing(candidates: list[Finding]) -> None:
    """A resolved list is its own resolution."""
    assert resolve(resolve(candidates)) == resolve(candidates)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([Finding(0, 10, "PHONE"), Finding(2, 8, "SECRET")], [Finding(0, 10, "PHONE")]),
        ([Finding(0, 5, "PHONE"), Finding(0, 5, "SECRET")], [Finding(0, 5, "SECRET")]),
        ([Finding(0, 10, "PHONE"), Finding(8, 12, "EMAIL")], [Finding(0, 10, "PHONE"), Finding(10, 12, "EMAIL")]),
        ([Finding(0, 4, "PHONE"), Finding(2, 12, "EMAIL")], [Finding(0, 2, "PHONE"), Finding(2, 12, "EMAIL")]),
        ([Finding(0, 6, "PHONE"), Finding(3, 9, "EMAIL")], [Finding(0, 3, "PHONE"), Finding(3, 9, "EMAIL")]),
    ],
)
def test_the_longer_wins_and_then_the_more_specific(candidates: list[Finding], expected: list[Finding]) -> None:
    """Length decides first, the order of classes second, and the loser keeps what is left."""
    assert resolve(candidates) == resolve(candidates[::-1]) == expected


@pytest.mark.parametrize(
    "nonsense",
    [
        (-1, 2, "EMAIL"),
        (0, 0, "EMAIL"),
        (3, 2, "EMAIL"),
        (0, 11, "EMAIL"),
        (0, 2, "joe"),
        (0, 2),
        ("0", 2, "EMAIL"),
        None,
        (0.0, 2, "EMAIL"),
    ],
)
def test_nonsense_of_a_detector_is_refused_without_echo(nonsense: object) -> None:
    """Offsets outside the text, unknown labels and other shapes raise, and the message holds no value."""
    with pytest.raises(InvalidFindingError) as caught:
        checked([nonsense], 10, frozenset({"EMAIL"}))
    assert "joe" not in str(caught.value)
