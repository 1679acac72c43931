"""Names that are a word and a small number: most ids of documents, articles and chats."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.context_words import role
from convqa_sdk.redaction.detector import is_numbered
from convqa_sdk.redaction.identifiers import names
from convqa_sdk.redaction.patterns import RULES
from convqa_sdk.redaction.telling import SECRET_STEMS

TELLING = sorted(
    {
        word[:8]
        for text in (*names(), *SECRET_STEMS, *(literal for rule in RULES for literal in rule.literals))
        for word in text.split()
        if word.isascii() and word.isalpha()
    }
)
letters = st.text(string.ascii_lowercase, min_size=1, max_size=8) | st.text("oilsbzge", min_size=1, max_size=8)


@pytest.mark.parametrize("name", ["kb-7", "kb_12", "faq-7", "KB-7", "conv-3"])
def test_a_word_and_a_small_number_is_nobodys(name: str) -> None:
    """As the id that it is."""
    assert is_numbered(name)
    assert detect(name, message=False) == []


@given(
    letters | st.sampled_from(TELLING), st.sampled_from(["", "-", "_"]), st.text("0123456789", min_size=1, max_size=4)
)
@example("pin", "-", "4821")
@example("oilsoils", "", "0159")
@settings(max_examples=500)
def test_what_counts_as_such_holds_nothing(word: str, sign: str, digits: str) -> None:
    """What is passed over is what the whole search finds nothing in; a message is always searched."""
    for name in (word + sign + digits, word.upper() + sign + digits):
        if is_numbered(name):
            assert [found for found in detect(f"{name} ", message=False) if found.start < len(name)] == []


@pytest.mark.parametrize("name", ["pin-4821", "AB123456C", "otp1234", "passport-12", "123", "kb-12345"])
def test_others_are_searched(name: str) -> None:
    """A word that names something, more digits, or digits alone."""
    assert role("passport") is not None
    assert not is_numbered(name)
