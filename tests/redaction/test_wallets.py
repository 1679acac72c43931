"""Addresses of wallets, held against the vectors of the standards and a second implementation."""

from __future__ import annotations

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.wallets import has_wallet_shape, is_cash_address, is_wallet

from .planted import any_text

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

# Addresses that BIP 173, BIP 350, Bitcoin's and Litecoin's documentation and EIP-55 print.
PUBLISHED = [
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
]  # fmt: skip
# Strings that BIP 173 and BIP 350 list as invalid, or whose check digit was changed.
WRONG = [
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF3",
    "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", "bc1qw508D6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "0x" + "g" * 40, "",
]  # fmt: skip


def base58_check(version: int, payload: bytes) -> str:
    """Return an address with its check sum, by the textbook: double SHA-256, zero bytes as ones."""
    raw = bytes([version]) + payload
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


@pytest.mark.parametrize("address", PUBLISHED)
def test_published_addresses_are_found_without_a_word(address: str) -> None:
    """In a sentence, exactly."""
    text = f"please send it to {address}, thanks"
    assert is_wallet(address)
    assert [(text[start:end], label) for start, end, label in detect(text)] == [(address, "CRYPTO_WALLET")]


@pytest.mark.parametrize("address", WRONG)
def test_wrong_check_sums_prefixes_and_mixed_cases_are_no_wallets(address: str) -> None:
    """A Bech32 address is in one case, and every check sum counts."""
    assert not is_wallet(address)


@given(st.sampled_from([0, 5, 30, 48, 65, 111]), st.binary(min_size=20, max_size=20))
def test_every_base58_address_with_a_right_check_sum_is_a_wallet(version: int, payload: bytes) -> None:
    """Bitcoin, Dogecoin, Litecoin and Tron differ in the version byte alone."""
    assert is_wallet(base58_check(version, payload))


@given(st.binary(min_size=20, max_size=20), st.integers(1, 30), st.sampled_from(BASE58))
def test_one_changed_character_breaks_a_base58_address(payload: bytes, position: int, other: str) -> None:
    """The check sum sees it."""
    address = base58_check(5, payload)
    changed = address[:position] + other + address[position + 1 :]
    assert is_wallet(changed) == (changed == address)


@given(st.text(string.ascii_letters + string.digits, max_size=120) | any_text)
def test_no_token_makes_the_checks_raise(token: str) -> None:
    """Each answers for any text."""
    assert all(isinstance(check(token), bool) for check in (is_wallet, is_cash_address, has_wallet_shape))


def test_a_chain_without_a_check_sum_needs_a_word() -> None:
    """Forty-four characters of Base58 are a Solana address where words say so, and an identifier elsewhere."""
    address = "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"
    assert [label for _, _, label in detect(f"my solana wallet is {address}")] == ["CRYPTO_WALLET"]
    assert detect(f"request {address} failed") == []
