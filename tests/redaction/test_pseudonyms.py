"""Pseudonyms join what belongs together, say nothing without the key, and are never detected again."""

from __future__ import annotations

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction import Pseudonyms, detect

from .planted import any_text, planted

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("label", "one", "other"),
    [
        ("EMAIL", "Joe@Example.com", "joe@example.com"),
        ("CREDIT_CARD", "4111 1111 1111 1111", "4111-1111-1111-1111"),
        ("PHONE", "+44 20 7946 0958", "+442079460958"),
        ("PHONE", "0044 20 7946 0958", "+442079460958"),
        ("IBAN", "gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"),
    ],
)
def test_spellings_of_one_value_share_a_token(label: str, one: str, other: str) -> None:
    """Case and separators do not matter."""
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.token(label, one) == pseudonyms.token(label, other)


def test_class_key_and_value_each_change_the_token() -> None:
    """The label is part of the message, so that tokens of different classes never match."""
    base = Pseudonyms(KEY).token("EMAIL", "a@b.co")
    letters = {base.split(":")[2]}
    letters.add(Pseudonyms(KEY).identifier("ACCOUNT_ID", "a@b.co").split(":")[2])
    letters.add(Pseudonyms(b"other" * 8).token("EMAIL", "a@b.co").split(":")[2])
    letters.add(Pseudonyms(KEY).token("EMAIL", "a@b.de").split(":")[2])
    assert len(letters) == 4


def test_the_letters_are_those_of_hmac_sha256() -> None:
    """An independent computation over label, NUL, value gives the same letters, of at least 75 bits."""
    number = int(hmac.new(KEY, b"EMAIL\0joe@example.com", hashlib.sha256).hexdigest(), 16)
    letters = "".join(chr(97 + number // 26**i % 26) for i in range(20))
    assert Pseudonyms(KEY).token("EMAIL", "Joe@example.com") == f"[EMAIL:k1:{letters}]"
    assert 26 ** len(letters) > 2**75


@given(
    any_text,
    st.sampled_from(["USER_ID", "ACCOUNT_ID", "EMAIL", "PHONE", "SECRET_WORD"]),
    st.sampled_from(["k1", "a", "2025"]),
)
def test_a_pseudonym_is_never_detected_again(value: str, kind: str, key_id: str) -> None:
    """Any value, surrogates included, gives letters only, in which nothing is found."""
    token = Pseudonyms(KEY, key_id).identifier(kind, value)
    assert re.fullmatch(rf"\[{kind}:{key_id}:[a-z]{{20}}\]", token)
    assert detect(f"phone {token} {token}, number 5 {token}") == []


def test_without_a_key_identifiers_are_withheld_and_values_get_their_marker() -> None:
    """Never an unkeyed hash."""
    keyless = Pseudonyms(None)
    assert keyless.identifier("USER_ID", "u-1") == "[WITHHELD]"
    assert keyless.token("EMAIL", "a@b.co") == "[EMAIL]"
    assert not keyless.keyed


@given(planted)
def test_a_conversation_id_with_personal_data_is_replaced_entirely(value: str) -> None:
    """A phone or mail as chat id becomes a pseudonym; an ordinary id stays; failed detection counts as a finding."""
    pseudonyms = Pseudonyms(KEY)
    identifier = pseudonyms.identifier("CONVERSATION_ID", value)
    assert pseudonyms.reference(value, detect(value)) == identifier
    assert pseudonyms.reference(value, None) == identifier
    assert pseudonyms.reference("conv-1", detect("conv-1")) == "conv-1"


@pytest.mark.parametrize("arguments", [(b"",), ("text",), (KEY, "K1"), (KEY, ""), (KEY, "k:1"), (KEY, "k" * 17)])
def test_unusable_keys_are_refused(arguments: tuple[object, ...]) -> None:
    """An empty or textual key and a strange key id raise; nothing of the key is shown."""
    with pytest.raises(ConfigurationError) as caught:
        Pseudonyms(*arguments)
    assert "text'" not in str(caught.value)
    assert "\\x01" not in repr(Pseudonyms(KEY))


def test_a_kind_must_be_a_name() -> None:
    """A kind that could carry a value is refused."""
    with pytest.raises(ConfigurationError):
        Pseudonyms(KEY).identifier("joe@example.com", "x")
