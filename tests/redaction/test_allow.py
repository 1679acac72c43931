"""What is allowed leaves although it is found; nothing else does, and no shape takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction import Allow, Pseudonyms, RedactionPolicy, Redactor
from convqa_sdk.redaction.allow import AllowList

from .planted import cards, secrets

KEY = b"k" * 32
ORDER = "ORD-[0-9]{8}"


def redacted(text: str, *entries: Allow, field: str | None = None, pseudonyms: Pseudonyms | None = None) -> str:
    """The text as it leaves under an allow-list."""
    return Redactor(RedactionPolicy(allow=entries), pseudonyms).text(text, field=field).text


def test_a_value_is_allowed_in_every_spelling_and_others_are_not() -> None:
    """The company's own address stays, in capitals too; another one of its domain goes."""
    entry = Allow(cls="EMAIL", value="support@acme.com")
    text = "Mail support@acme.com, SUPPORT@acme.com or joe@acme.com"
    assert redacted(text, entry) == "Mail support@acme.com, SUPPORT@acme.com or [EMAIL]"
    assert redacted(text, Allow(cls="*", value="support@acme.com")) == redacted(text, entry)
    assert redacted("Mail support@acme.com", Allow(cls="PHONE", value="support@acme.com")) == "Mail [EMAIL]"


def test_a_shape_holds_for_the_whole_word_that_a_finding_stands_in() -> None:
    """Of an order number the digits alone may be taken for a telephone number; a number that only ends so goes."""
    text = "phone ORD-41555526, phone XORD-41555526"
    assert redacted(text) == "phone ORD-41555526, phone XORD-41555526"  # no telephone number to this detector
    entry = Allow(cls="*", shape=ORDER)
    rows = AllowList([entry], None)
    assert rows.allows("phone ORD-41555526.", 10, 18, "PHONE", None)
    assert not rows.allows("phone XORD-41555526", 11, 19, "PHONE", None)
    assert not rows.allows("phone ORD-415555261", 10, 19, "PHONE", None)
    assert not rows.allows("phone ORD-41555526", 10, 18, "SECRET", None)


def test_an_entry_for_a_field_holds_there_only() -> None:
    """The same text may leave in one attribute and not in another; without a field it does not."""
    entry = Allow(cls="EMAIL", value="support@acme.com", field="convqa.answer.text")
    assert redacted("support@acme.com", entry, field="convqa.answer.text") == "support@acme.com"
    assert redacted("support@acme.com", entry, field="convqa.message.text") == "[EMAIL]"
    assert redacted("support@acme.com", entry) == "[EMAIL]"
    redactor = Redactor(RedactionPolicy(allow=[entry]))
    assert redactor.structure({"a": "support@acme.com"}, field="convqa.answer.text")[0] == {"a": "support@acme.com"}
    assert redactor.structure({"a": "support@acme.com"})[0] == {"a": "[EMAIL]"}


def test_a_hashed_entry_does_not_show_its_value_and_survives_a_rotation() -> None:
    """It allows the value in any spelling with the same key, also when that has become an old one; else nothing."""
    entry = Allow.hashed("EMAIL", "Support@Acme.com", Pseudonyms(KEY))
    assert "acme" not in repr(entry).lower()
    assert entry.hmac is not None
    assert re.fullmatch("k1:[a-z]{20}", entry.hmac)
    text = "support@acme.com joe@acme.com"
    assert redacted(text, entry, pseudonyms=Pseudonyms(KEY)) == "support@acme.com [EMAIL]"
    assert redacted(text, entry, pseudonyms=Pseudonyms({"k2": b"n" * 32, "k1": KEY})) == "support@acme.com [EMAIL]"
    for other in (None, Pseudonyms(None), Pseudonyms(b"other" * 8)):
        assert redacted(text, entry, pseudonyms=other) == "[EMAIL] [EMAIL]"
    with pytest.raises(ConfigurationError, match="needs a key"):
        Allow.hashed("EMAIL", "support@acme.com", Pseudonyms(None))


@given(st.one_of(secrets(), cards()))
def test_a_secret_is_never_allowed(value: str) -> None:
    """Not even an entry for all classes lets one pass; a card that is listed passes."""
    text = redacted(f"x {value} y", Allow(cls="*", value=value), Allow(cls="*", shape="[A-Za-z0-9_.-]{1,64}"))
    assert (value in text) is value[0].isdigit()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"cls": "SECRET", "value": "x"}, "cannot be allowed"),
        ({"cls": "CVV", "shape": "[0-9]{3}"}, "cannot be allowed"),
        ({"cls": "joe@example.com", "value": "x"}, "name a class"),
        ({"cls": "EMAIL"}, "exactly one"),
        ({"cls": "EMAIL", "value": "a", "shape": "b"}, "exactly one"),
        ({"cls": "EMAIL", "value": ""}, "at least 1"),
        ({"cls": "EMAIL", "hmac": "joe@example.com"}, "pattern"),
        ({"cls": "*", "hmac": "k1:" + "a" * 20}, "one class"),
        ({"cls": "EMAIL", "value": "a", "field": "joe@example.com"}, "pattern"),
    ],
)
def test_an_entry_that_says_nothing_clear_is_refused_without_quoting_it(settings: dict[str, str], says: str) -> None:
    """A secret's class, no or two conditions, and what has another form; the message says what is accepted."""
    with pytest.raises(ValidationError, match=says) as caught:
        Allow(**settings)
    assert "joe" not in str(caught.value)


@pytest.mark.parametrize(
    "shape",
    ["", "(a+)+", "a*", ".{8}", "[^a]{3}", r"\d{8}", r"\bA", "(?=a)", "a{2,1}", "a{0}", "a|", "a?", "[0-9]{65}",
     "a?b?c?d?e", "[a-z]{1,9}[a-z]{1,9}[a-z]{1,9}[a-z]{1,9}", "x" * 201, "[", "a{", "ORD-[0-9]{8}$"],
)  # fmt: skip
def test_a_shape_outside_the_subset_is_refused(shape: str) -> None:
    """What is unbounded, empty, grouped, means something else to another engine, or can take long."""
    with pytest.raises(ValidationError, match="shape: "):
        Allow(cls="*", shape=shape)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (ORDER, "ORD-12345678"),
        ("[A-Z]{2}[0-9]{6,9}", "AB123456"),
        (r"#[0-9]{4}|C\.[0-9a-f-]{3}", "C.a-f"),
        ("[A-Za-z0-9_]{3}-?[0-9]", "a_9-1"),
    ],
)
def test_a_shape_of_the_subset_means_what_re_says(shape: str, value: str) -> None:
    """Characters, classes, bounded repetition and alternatives are accepted, and match the whole value only."""
    rows = AllowList([Allow(cls="*", shape=shape)], None)
    assert rows.allows(f"{value} ", 0, len(value), "PHONE", None)
    assert not rows.allows(f"{value}x ", 0, len(value) + 1, "PHONE", None)


def test_the_slowest_shape_is_fast() -> None:
    """The most ambiguous shape that is accepted fails on the longest value in few steps."""
    rows = AllowList([Allow(cls="*", shape="a{0,21}a{0,21}a{1,21}b")], None)
    began = time.thread_time()
    for _ in range(100):
        assert not rows.allows("a" * 64, 0, 64, "PHONE", None)
    assert time.thread_time() - began < 5  # a thousand times what it takes: only a runaway fails
