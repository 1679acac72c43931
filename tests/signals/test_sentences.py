"""Sentences and words of a text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from convqa_sdk.signals.sentences import _WORD, MOST_CHARACTERS, after_words, sentences, words


def test_sentences_end_with_their_sign_or_line() -> None:
    """Signs, lines and list items end a sentence; abbreviations and decimals do not."""
    text = "It costs 3.50 e.g. today. Really?\n- **One** item\n2. Another (really!) one"
    assert list(sentences(text)) == ["It costs 3.50 e.g. today.", "Really?", "One item", "Another (really!)", "one"]


def test_words_are_lower_case_and_keep_what_joins_them() -> None:
    """An apostrophe, a hyphen and a decimal point stay inside a word."""
    assert words("I can't buy non-refundable 3.5 GB!") == ["i", "can't", "buy", "non-refundable", "3.5", "gb"]


@example("a-b")
@example("it's")
@example("3.5 Gb")
@given(st.text() | st.text(st.sampled_from("aB3 .,-'_!\n\u00e9")))
def test_words_are_the_same_whether_or_not_signs_join_them(sentence: str) -> None:
    """A sentence in which nothing joins words is split without the pattern that finds what is joined."""
    assert words(sentence) == _WORD.findall(sentence.lower())


def test_the_rest_behind_the_first_words_is_told() -> None:
    """As it was written; of fewer words, nothing is left."""
    assert after_words("Yes, WELL: it is.", 2) == "it is."
    assert after_words("Yes.", 1) == ""


@given(st.text(st.characters(exclude_characters="\u02bc"), max_size=3_000))  # an apostrophe that counts as a letter
def test_no_word_is_lost_and_no_sentence_is_long(text: str) -> None:
    """Whatever the text: every letter of it stands in a sentence of bounded length."""
    found = list(sentences(text))
    assert all(0 < len(sentence) <= MOST_CHARACTERS for sentence in found)
    assert sum(map(str.isalpha, "".join(found))) == sum(map(str.isalpha, text))
