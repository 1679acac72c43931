"""Numbers that are dictated digit by digit, or written with unusual signs between their groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.anchors import Engine
from convqa_sdk.redaction.detector import detect_with
from convqa_sdk.redaction.spelling import digit_words, groups_apart

from .evasions import DIGIT_WORDS, SPELLED, carriers, in_words, leaked
from .planted import any_text, awkward_text, cards

digits = st.text("0123456789", min_size=6, max_size=20)
cards_of_four_groups = cards().filter(lambda card: sum(map(str.isdigit, card)) == 16 and "7" in card)
"""Cards with a seven, whose word is rare enough in every language to look for digit words because of it."""


@pytest.mark.parametrize("form", SPELLED)
@given(carriers, cards_of_four_groups)
def test_nothing_of_a_spelled_card_number_survives(form: str, carrier: tuple[str, str], card: str) -> None:
    """Digits as words of eight languages, one by one, in groups with any sign, or over two lines leave nothing."""
    assert leaked(carrier[0], SPELLED[form](card), carrier[1]) == ""


@pytest.mark.parametrize(
    ("before", "number"), [("my phone is ", "442079460958"), ("my phone number: ", "4155552671"), ("SSN ", "536228743")]
)
@pytest.mark.parametrize(
    "form", ["words, en", "blanks throughout", "hyphens throughout", "'*' between groups", "brackets"]
)
def test_a_spelled_number_that_a_word_names_is_found(before: str, number: str, form: str) -> None:
    """Telephone and social security numbers have no check digit: a word and the digits suffice."""
    assert leaked(before, SPELLED[form](number), " thanks") == ""


@pytest.mark.parametrize("language", DIGIT_WORDS)
@given(digits)
def test_digit_words_are_read_as_their_digits(language: str, number: str) -> None:
    """Six or more words give the very digits, and the place from the first to the last word."""
    written = in_words(language)(number)
    text = f"it is {written}!"
    assert list(digit_words(text, 0, len(text))) == [(6, 6 + len(written), number)]


def test_double_and_triple_repeat_the_next_digit() -> None:
    """People say `double four` for 44."""
    text = "one two double four five six triple seven"
    assert [plain for _, _, plain in digit_words(text, 0, len(text))] == ["124456777"]


@given(awkward_text | any_text)
def test_places_are_in_order_and_inside(text: str) -> None:
    """For any text, what is replaced lies inside it, in order, and does not overlap."""
    for search in (digit_words, groups_apart):
        last = 0
        for start, end, _ in search(text, 0, len(text)):
            assert last <= start < end <= len(text)
            last = end


@pytest.mark.parametrize(
    "text",
    [
        "one two three go", "I ordered one shirt, two hats and three belts", "four or five days", "1*2*3*4", "a|b|c|d",
        "10 * 20 * 30", "2024 | 2025 | 2026", "- 4111\n- 4112\n- 4113", "size 40 - 42 - 44", "(12)(13)", "x_1_2_3",
        "one zero one, nine out of ten", "~~5~~ 6", "1, 2, 3, 4, 5, 6",
    ],
)  # fmt: skip
def test_counting_and_tables_are_no_numbers_of_anybody(text: str) -> None:
    """A few number words, products, years in a table and list items stay."""
    assert detect(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@\nexample.com",
        "jane.doe@@example.com",
        "jane.doe@example . com",
        "write to jane@example. com please",
        "jane.doe at gmail.com",
        "jane.doe arroba gmail.com",
        "jane.doe \u00e4t example.de",
        "jane.doe ma\u0142pa example kropka com",
        "jane \u0441\u043e\u0431\u0430\u043a\u0430 example \u0442\u043e\u0447\u043a\u0430 com",
        "<a href='mailto:jane%2Edoe%40example.com'>write</a>",
    ],
)
@pytest.mark.parametrize("engine", ["re", "re2"])
def test_addresses_that_were_wrapped_misspelt_or_spoken_are_found(text: str, engine: Engine) -> None:
    """A line break or a blank inside, a doubled sign, the sign's name in other languages, a link that encodes it."""
    assert [found.label for found in detect_with(text, engine=engine)] == ["EMAIL"]


@pytest.mark.parametrize(
    "text", ["meet me at example.com", "I look at yahoo.com a lot", "I use @support. Thanks", "mail joe@firma. Danke"]
)
def test_places_and_handles_are_no_addresses(text: str) -> None:
    """A web page that somebody looks at, and a name with a sign before it, are no address."""
    assert not detect_with(text)
