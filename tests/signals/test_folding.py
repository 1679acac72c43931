"""Texts as the phrases are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals.folding import LONGEST, folded


@pytest.mark.parametrize(
    "text",
    [
        "That's WRONG",
        "That\u2019s wrong",
        "THAT\u02bcS  WRONG ",
        "\uff34\uff48\uff41\uff54\uff07\uff53 wrong",
        "tha\u200bt's\twrong",
    ],
)
def test_case_apostrophes_widths_and_spaces_are_folded(text: str) -> None:
    """All of these are one phrase."""
    assert folded(text) == "thats wrong"


def test_accents_are_folded_and_line_breaks_end_a_clause() -> None:
    """So that phrases need no letters but those of English, and do not reach over lines."""
    assert folded("Już podałem\n\nnuméro “x”") == 'juz podalem . numero "x"'


@given(st.text(max_size=3_000))
def test_what_is_looked_at_is_bounded(text: str) -> None:
    """Also where folding makes a text longer."""
    assert len(folded(text)) <= LONGEST
    assert folded("\ufdfa" * 2_000 + text) == folded("\ufdfa" * LONGEST)
