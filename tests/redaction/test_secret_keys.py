"""What stands under a secret's name in a text of JSON."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import RedactionPolicy, Redactor
from convqa_sdk.redaction.secret_keys import NONE, PASSWORD, TOKEN, WEAK, is_sensitive_key, strength

SECRET = "hunter-two"
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 999) | st.text(alphabet="ab\"'\\{}[]:, é\n", max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("klmn"), inner, max_size=3),
    max_leaves=8,
)
secrets = st.sampled_from((SECRET, [SECRET, {"a": SECRET}], {"b": f'}} {SECRET} \\" ]', "c": [SECRET]}))
holders = st.builds(
    lambda before, secret, after: {"before": before, "password": secret, "after": after}, values, secrets, values
)


@given(holders, st.integers(0, 3), st.sampled_from((None, 1)))
def test_a_secret_in_json_text_does_not_leave(value: Any, depth: int, indent: int | None) -> None:
    """However deep JSON stands in JSON, and whatever stands around: the secret goes, the rest is what it was."""
    text = json.dumps(value, indent=indent)
    for _ in range(depth):
        text = json.dumps({"text": text})
    redacted = Redactor(RedactionPolicy()).text(text)
    assert SECRET not in redacted.text
    assert redacted.status == "redacted"
    assert redacted.text.endswith(text[-1])


@given(values)
def test_json_text_without_a_secret_stays(value: Any) -> None:
    """Nothing is taken for a secret that is none."""
    text = json.dumps({"k": value})
    assert Redactor(RedactionPolicy()).text(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        f'{{"wsse:Password": "{SECRET}"}}',
        f'{{"user\'s password": "{SECRET}"}}',
        f'{{"database, password": "{SECRET}"}}',
        f'{{"password[0]": "{SECRET}"}}',
        str({"password": SECRET.encode(), "after": 1}),
        str({"password": (SECRET, f") {SECRET}"), "after": 1}),
        str({"password": OrderedDict(a=SECRET, b=[SECRET]), "after": 1}),
        f"{{u'password': u'{SECRET}'}}",
    ],
)
def test_a_secret_in_a_dictionary_as_text_does_not_leave(text: str) -> None:
    """Names are what stands between two equal quotes, and values are what Python writes, also bytes and tuples."""
    redacted = Redactor(RedactionPolicy()).text(text)
    assert SECRET not in redacted.text
    assert redacted.text.endswith("'after': 1}" if "after" in text else "}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DB_PASSWORD", PASSWORD),
        ("userPassword", PASSWORD),
        ("mypassword", PASSWORD),
        ("contraseña", PASSWORD),
        ("Passwörter", PASSWORD),
        ("hasło", PASSWORD),
        ("mot-de-passe", PASSWORD),
        ("пароль", PASSWORD),
        ("密码", PASSWORD),
        ("X-Api-Key", TOKEN),
        ("clientSecret", TOKEN),
        ("stripeKey", WEAK),
        ("snyk", WEAK),
        ("password_url", NONE),
        ("PUBLIC_KEY", NONE),
        ("clientId", NONE),
        ("UserSecretsId", NONE),
        ("monkey_count", NONE),
        ("author", NONE),
    ],
)
def test_how_strongly_a_name_says_that_a_secret_follows(name: str, expected: int) -> None:
    """In any style and several languages; what is only about a secret says nothing."""
    assert strength(name) == expected


@pytest.mark.parametrize(
    "key",
    ["passwords", "Contraseña", "senha", "wachtwoord", "hasło", "mot_de_passe", "Passwort", "пароль", "accountKey"],
)
def test_keys_in_other_languages_name_a_secret(key: str) -> None:
    """Accents and case do not matter."""
    assert is_sensitive_key(key)
