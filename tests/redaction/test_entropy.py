"""What tells a generated value from words."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction.entropy import is_generated, is_mixed, is_path, is_placeholder


@given(st.sampled_from([string.ascii_letters + string.digits, string.digits + "abcdef"]), st.integers(0, 10**9))
def test_random_tokens_look_generated(alphabet: str, seed: int) -> None:
    """Of random tokens of 32 characters, hexadecimal or of letters and digits, every one does."""
    assert is_generated("".join(random.Random(seed).choices(alphabet, k=32)) + "a1")


@pytest.mark.parametrize(
    "value",
    [
        "ultraPictureBox1",
        "us-east-1",
        "my-secrets-manager-secret",
        "gpt-4o-mini",
        "version2024",
        "2024-11-03T10:00:00Z",
    ],
)
def test_names_do_not_look_generated(value: str) -> None:
    """Identifiers, regions, models and dates are made of words and numbers."""
    assert not is_generated(value)


@pytest.mark.parametrize(
    "value", ["${VAR}", "$TOKEN", "{{ secret }}", "<key>", "xxxxxxxx", "YOUR_KEY", "%PASS%", "****"]
)
def test_placeholders_are_told(value: str) -> None:
    """References, masks and words for a secret stand for it."""
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["$BC0jJrapd", "(8Xb_k2z!", "hunter2", "Sommer!2024"])
def test_passwords_are_no_placeholders(value: str) -> None:
    """Signs in front do not make a reference."""
    assert not is_placeholder(value)
    assert is_mixed(value)


def test_paths_are_told_from_base64() -> None:
    """A long generated part makes base64 of what looks like a path."""
    assert is_path("/etc/app/key1.pem")
    assert is_path("https://example.com/a")
    assert not is_path("/VnpmUGWxhQW9KQAwrL2ZYdDJPNG1PQjYxMXNPaF")
