"""Pseudonyms join what belongs together, say nothing without the key, and are never detected again."""

from __future__ import annotations

import hashlib
import hmac
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction import Pseudonyms, detect
from convqa_sdk.redaction.pseudonyms import keys_in

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


def test_a_rotation_keeps_old_keys_for_joins() -> None:
    """New tokens are made with the first key; all of them are told, and the old one equals what it was."""
    old, both = Pseudonyms(KEY), Pseudonyms({"k2": b"n" * 32, "k1": KEY})
    assert both.token("EMAIL", "a@b.co").startswith("[EMAIL:k2:")
    assert both.all_tokens("EMAIL", "A@b.co") == (both.token("EMAIL", "a@b.co"), old.token("EMAIL", "a@b.co"))
    assert both.all_tokens("USER_ID", "U-1") == (both.identifier("USER_ID", "U-1"), old.identifier("USER_ID", "U-1"))
    assert both.all_tokens("USER_ID", "U-1") != both.all_tokens("USER_ID", "u-1")
    assert Pseudonyms(None).all_tokens("EMAIL", "a@b.co") == ()


@pytest.mark.parametrize("label", ["SECRET", "CVV"])
def test_a_secret_never_gets_a_pseudonym(label: str) -> None:
    """Whatever a policy says: who asks for its token gets its marker."""
    assert Pseudonyms(KEY).token(label, "737") == f"[{label}]"
    assert Pseudonyms(KEY).all_tokens(label, "737") == ()


def test_a_callable_is_asked_until_it_gives_keys() -> None:
    """While it raises or gives nonsense there is no key; from the first key on it is not asked again."""
    answers: list[object] = [RuntimeError("hunter2"), 7, "text", b"", {}, {"K": KEY}, None, {"k7": KEY}]
    asked: list[object] = []

    def fetch() -> object:
        asked.append(answers[len(asked)])
        if isinstance(asked[-1], Exception):
            raise asked[-1]
        return asked[-1]

    pseudonyms = Pseudonyms(fetch)
    for _ in range(7):
        assert pseudonyms.identifier("USER_ID", "u-1") == "[WITHHELD]"
    for _ in range(3):
        assert pseudonyms.identifier("USER_ID", "u-1").startswith("[USER_ID:k7:")
    assert len(asked) == len(answers)


@pytest.mark.parametrize("keys", [{}, {"k1": b""}, {"k1": "text"}, {"K": KEY}, {7: KEY}, {"k1": KEY, "k0": None}, 7])
def test_unusable_mappings_are_refused(keys: object) -> None:
    """Each key and each id is looked at, old ones too."""
    with pytest.raises(ConfigurationError):
        Pseudonyms(keys)


def test_a_region_makes_national_and_international_numbers_one() -> None:
    """The customer who leaves out the country's code is the same; a region that is none is refused."""
    pseudonyms = Pseudonyms(KEY, phone_region="US")
    assert pseudonyms.token("PHONE", "(415) 555-2671") == pseudonyms.token("PHONE", "+1 415 555 2671")
    with pytest.raises(ConfigurationError, match="two capital letters"):
        Pseudonyms(KEY, phone_region="usa")


def test_a_region_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens would differ between installs otherwise; the error names the extra."""
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(ImportError, match=r"convqa-sdk\[redaction\]"):
        Pseudonyms(KEY, phone_region="US")


def test_keys_in_a_text() -> None:
    """A JSON object in braces holds several keys, the current one first; any other text is one key."""
    assert list(keys_in('{"k2": "new", "k1": "old"}').items()) == [("k2", b"new"), ("k1", b"old")]
    for text in ("k2:new,k1:old", "a, b", "{half", "half}"):
        assert dict(keys_in(text, "k7")) == {"k7": text.encode()}


@pytest.mark.parametrize(
    "text", ["{}", "{secret}", '{"k1": 7}', '{"k1": "x", "k1": "y"}', '{"k1": {"a": "b"}}', '{"K": "x"}']
)
def test_braces_around_no_keys(text: str) -> None:
    """Are an error that says what is accepted and quotes nothing, rather than a key that nobody meant."""
    with pytest.raises(ConfigurationError) as raised:
        keys_in(text)
    assert "secret" not in str(raised.value)


def test_identifiers_under_all_keys() -> None:
    """An account's id is taken exactly as it is, under each key, as its pseudonym was made."""
    both = Pseudonyms({"k2": b"n" * 32, "k1": KEY})
    assert both.all_identifiers("ACCOUNT_ID", "a-1") == (
        both.identifier("ACCOUNT_ID", "a-1"),
        Pseudonyms(KEY).identifier("ACCOUNT_ID", "a-1"),
    )
