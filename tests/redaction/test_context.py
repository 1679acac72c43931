"""What the words around a value say about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction.context import REACH, Surroundings, joined, words_before
from convqa_sdk.redaction.context_words import ACRONYMS, SOMETHING_ELSE, named_by_phrase, role

from .planted import any_text, awkward_text


def classes(text: str) -> frozenset[str]:
    """Return what the words before the `#` of a text name."""
    return Surroundings(text).classes(text.index("#"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("my card is #", "CREDIT_CARD"), ("Kreditkarte: #", "CREDIT_CARD"), ("tarjeta #", "CREDIT_CARD"),
        ("call me on #", "PHONE"), ("ruf mich an, Telefon #", "PHONE"), ("numer telefonu #", "PHONE"),
        ("тел. #", "PHONE"),
        ("passport no. #", "PASSPORT"), ("driver's license #", "DRIVER_LICENSE"), ("date of birth #", "DATE_OF_BIRTH"),
        ("dateOfBirth=#", "DATE_OF_BIRTH"), ("phoneNumber: #", "PHONE"), ("order number #", "OTHER"),
        ("invoice #", "OTHER"), ("gift card #", "OTHER"), ("zamówienie #", "OTHER"), ("我的护照号码#", "PASSPORT"),
    ],
)  # fmt: skip
def test_words_and_phrases_of_many_languages_name_classes(text: str, label: str) -> None:
    """The nearest word or phrase counts, also inside names of fields, and without blanks where scripts have none."""
    assert label in classes(text)


@pytest.mark.parametrize(
    "text", ["#", "hello there #", "the weather in [PHONE] #", "a@phone.example #", "phone" + " x" * 40 + " #"]
)
def test_other_words_name_nothing(text: str) -> None:
    """Neither ordinary words, nor markers of an earlier redaction, nor addresses, nor what is out of reach."""
    assert classes(text) == frozenset()


def test_the_nearer_word_wins() -> None:
    """A later word replaces an earlier one, in both orders."""
    assert classes("phone order #") == SOMETHING_ELSE
    assert classes("order phone #") == {"PHONE"}


def test_a_word_behind_counts_up_to_the_end_of_the_sentence() -> None:
    """`123 is my PIN` and `123. My phone` differ."""
    text = "5551234 is my phone"
    assert Surroundings(text).behind(7) == {"PHONE"}
    assert Surroundings("5551234. My phone").behind(7) == frozenset()
    assert Surroundings("5551234, my phone").behind(7) == frozenset()


def test_close_words_stand_in_the_same_clause() -> None:
    """Another number or the end of a clause between cuts the tie."""
    assert Surroundings("passport 12 and 925665416").close(16) == frozenset()
    assert Surroundings("passport: 925665416").close(10) == {"PASSPORT"}


def test_acronyms_that_are_words_count_in_capitals_only() -> None:
    """`NIE` names a Spanish number, `nie` is the German for never and the Polish for not."""
    assert "nie" in ACRONYMS
    assert "NATIONAL_ID" in classes("mi NIE #")
    assert classes("nie #") == frozenset()


@given(
    st.text(st.characters(), max_size=60),
    st.integers(0, 3 * REACH),
    st.sampled_from(["card", "phone number", "order", "passport"]),
)
def test_what_words_say_does_not_depend_on_where_the_text_begins(noise: str, shift: int, word: str) -> None:
    """Blocks in which words are read are no borders: a filler in front changes nothing within reach."""
    text = f"{word} is "
    filler = "lorem. " * 60
    for begin in (0, shift, 256 - len(text) // 2):
        padded = filler[:begin] + "; " + text
        assert Surroundings(padded + "5").classes(len(padded)) == Surroundings("; " + text + "5").classes(len(text) + 2)


@given(awkward_text | any_text, st.integers(0, 80))
def test_no_text_makes_the_search_for_words_raise(text: str, place: int) -> None:
    """Every question has an answer at every place."""
    place = min(place, len(text))
    around = Surroundings(text)
    for answer in (around.classes(place), around.behind(place), around.close(place), around.kinds(place)):
        assert isinstance(answer, frozenset)
    assert isinstance(around.numbered(place), bool)
    assert all(isinstance(word, str) for word in words_before(text, place))


@given(st.text(max_size=12))
def test_no_word_makes_the_vocabulary_raise(word: str) -> None:
    """Any word has a role or none."""
    assert role(word) is None or any(role(word) or ())
    named_by_phrase([word, word, word])


@pytest.mark.parametrize(
    ("character", "expected"),
    [("", False), ("a", True), ("7", True), ("é", True), (" ", False), ("码", False), ("ก", False), ("д", True)],
)
def test_scripts_without_blanks_do_not_join(character: str, expected: bool) -> None:
    """A value may follow an ideograph directly, but no letter."""
    assert joined(character) == expected
