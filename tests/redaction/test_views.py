"""A text as its reader sees it, and the way back to the offsets of the given one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.views import PIECE, View, edited, readable

from .evasions import SCRIPT_ZEROS, SEEN_ALIKE, carriers, in_script, leaked
from .planted import any_text, cards, emails, ibans

visible_values = st.one_of(emails(), cards(), ibans().map(lambda iban: iban.replace(" ", "")))


@pytest.mark.parametrize("form", SEEN_ALIKE)
@given(carriers, visible_values)
def test_nothing_of_a_value_that_looks_the_same_survives(form: str, carrier: tuple[str, str], value: str) -> None:
    """Unseen characters, other widths, other dashes and look-alike letters hide no letter and no digit of a value."""
    assert leaked(carrier[0], SEEN_ALIKE[form](value), carrier[1]) == ""


@pytest.mark.parametrize("script", SCRIPT_ZEROS)
@given(carriers, cards())
def test_digits_of_every_script_are_digits(script: str, carrier: tuple[str, str], card: str) -> None:
    """A card number is found whichever script its digits are of (Unicode's general category Nd)."""
    written = in_script(SCRIPT_ZEROS[script])(card)
    assert all(unicodedata.category(character) == "Nd" for character in written if character.isalnum())
    assert leaked(carrier[0], written, carrier[1]) == ""


def views_of(text: str) -> list[View]:
    """Return the readable view, and views with places of it replaced by less and by more."""
    view = readable(text)
    if len(view.text) < 3:
        return [view]
    third = len(view.text) // 3
    return [view, edited(view, [(third, 2 * third, "x"), (2 * third, len(view.text), "yyyy")])]


@given(st.text(st.characters(), max_size=60) | any_text.map("\u200b".join))
def test_the_way_back_is_monotone_and_stays_inside(text: str) -> None:
    """Every span of a view stands for a span of the given text, and a later character for no earlier one."""
    for view in views_of(text):
        last = (0, 0)
        for position in range(len(view.text)):
            start, end = view.given(position, position + 1)
            assert 0 <= start < end <= len(text) or start == end <= len(text)
            assert start >= last[0]
            assert end >= last[1]
            last = (start, end)
        if view.text:
            start, end = view.given(0, len(view.text))
            assert 0 <= start <= end <= len(text)


@given(st.text(st.characters(), max_size=60))
def test_a_character_of_the_view_comes_from_the_one_it_stands_for(text: str) -> None:
    """What was not changed is the very character; what was changed is one that reads so."""
    view = readable(text)
    for position, character in enumerate(view.text):
        start, end = view.given(position, position + 1)
        assert character == text[start] or readable(text[start:end]).text or start == end - 1


@given(st.integers(0, 3), st.text(st.characters(), min_size=1, max_size=8))
def test_the_border_between_two_pieces_changes_nothing(shift: int, text: str) -> None:
    """A text is read character by character, so that pieces do not matter."""
    filler = "é" * (PIECE - shift)
    unjoined = readable(filler + " ").text[:-1]
    assert readable(f"{filler} {text}").text == f"{unjoined} {readable(text).text}"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_plain_ascii_is_read_as_it_is(text: str) -> None:
    """Nothing is copied and nothing is changed in a text of printable ASCII characters."""
    view = readable(text)
    assert view.text is text
    assert view.edits == ()


@given(st.text(st.characters(), max_size=60))
def test_reading_twice_reads_the_same(text: str) -> None:
    """What is readable is not changed further."""
    once = readable(text).text
    assert readable(once).text == once


@pytest.mark.parametrize("word", ["привет", "\u0421\u0421\u0421\u0420", "αβγ", "日本語", "naïve", "müller", "Ёлка"])
def test_words_of_other_scripts_stay(word: str) -> None:
    """Only a word that mixes scripts is read as Latin."""
    assert readable(word).text == word


@given(any_text, visible_values, st.sampled_from(["\u200b", "\u00ad", "\ufeff", "\ud800", "\u0336"]), any_text)
def test_offsets_count_what_is_unseen(before: str, value: str, unseen: str, after: str) -> None:
    """A finding covers the planted value from its first to its last character in the given text."""
    written = unseen.join(value)
    text = f"{before} {written} {after}"
    covered = {position for a, b, _ in detect(text) for position in range(a, b)}
    start = len(before) + 1
    assert {p for p in range(start, start + len(written)) if text[p].isalnum()} <= covered
