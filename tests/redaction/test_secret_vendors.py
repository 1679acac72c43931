"""Keys that are known by a prefix, by a part inside or by their shape; all are put together at run time."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.secret_vendors import VENDORS

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def _random(alphabet: str, length: int) -> str:
    return "".join(random.Random(length).choices(alphabet, k=length))


def _secrets_in(text: str) -> list[str]:
    return [text[found.start : found.end] for found in detect(text) if found.label == "SECRET"]


@given(st.sampled_from(VENDORS), st.data())
@settings(max_examples=300, deadline=None)
def test_every_vendor_finds_what_it_describes(vendor: object, data: st.DataObject) -> None:
    """Each expression can match, and what it matches, alone in a sentence, is covered whole or judged a placeholder."""
    rule = next(rule for rule in VENDORS if rule is vendor)
    token = data.draw(st.from_regex(rule.expression, fullmatch=True).filter(str.isascii))
    covered = {position for a, b, _ in detect(f"see {token} there") for position in range(a, b)}
    if rule.check is None or rule.check(f"see {token} there", 4, 4 + len(token)) is not None:
        assert {p + 4 for p, character in enumerate(token) if character.isalnum()} <= covered


@pytest.mark.parametrize(
    "token",
    [
        "bP8" + "8Q~" + _random(ALNUM, 34),
        _random(ALNUM, 6) + "_" + _random(ALNUM, 29) + "_mmk",
        _random(HEX, 32) + "-us18",
        _random(HEX, 32) + "FFFFNRAL",
        "MT" + _random(ALNUM, 22) + "." + _random(ALNUM, 6) + "." + _random(ALNUM, 27),
        "110201543" + ":AA" + _random(ALNUM, 33),
        _random(ALNUM, 14) + ".atlas" + "v1." + _random(ALNUM, 60),
        "0x" + _random(HEX, 64),
        "$2b$10$" + _random(ALNUM, 53),
        "eyJ" + _random(ALNUM, 20) + "." + _random(ALNUM, 20) + "." * 2 + _random(ALNUM, 20) + "." + _random(ALNUM, 9),
    ],
)
def test_a_key_known_by_its_shape_is_found_whole(token: str) -> None:
    """Exactly the key is found, wherever the part stands by which it is known."""
    assert _secrets_in(f"I pasted {token} here") == [token]


def test_private_keys_of_other_tools_are_found_whole() -> None:
    """The blocks of SSH2 and the files of PuTTY go from their first line to their last."""
    ssh = f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{_random(ALNUM, 64)}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
    putty = f"PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\n{_random(ALNUM, 64)}\nPrivate-MAC: {_random(HEX, 40)}"
    assert _secrets_in(f"a\n{ssh}\nb") == [ssh]
    assert _secrets_in(f"a\n{putty}\nb") == [putty]


@pytest.mark.parametrize(
    "text",
    [
        "xoxb-xxxxxxxxxxx-" + "x" * 24,
        "xox" + "a-access-token-string",
        "sk" + "_live_short",
        "pk" + "_live_" + _random(ALNUM, 24),
        "the transaction hash is 0x" + _random(HEX, 64),
        "call_AP" + "937" + _random(ALNUM, 17),
        "https://${user}:${password}@example.com",
        "https://{{user}}:{{pass}}@example.com",
        "A brisk-walking task-oriented desk-job risk-averse person",
    ],
)
def test_what_only_resembles_a_key_stays(text: str) -> None:
    """Masked keys, public keys, hashes of transactions, ids and placeholders are no secrets."""
    assert _secrets_in(text) == []
