"""Check digits and addresses, held against published examples and second implementations."""

from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.validators import IBAN_LENGTHS, card_valid, iban_valid, luhn_valid

from .planted import iban_of, luhn_digit

# Examples of the IBAN registry (SWIFT, ISO 13616) and of Wikipedia's article on the IBAN.
PUBLISHED_IBANS = [
    "GB82WEST12345698765432", "BE71096123456769", "FR7630006000011234567890189", "DE75512108001245126199",
    "GR9608100010000001234567890", "MU43BOMM0101123456789101000MUR", "PK70BANK0000123456789000",
    "PL10105000997603123456789123", "RO09BCYP0000001234567890", "LC14BOSL123456789012345678901234",
    "SA4420000001234567891234", "ES7921000813610123456789", "SE7280000810340009783242", "CH5604835012345678009",
    "MT84MALT011000012345MTLCAST001S", "NO9386011117947", "KZ86125KZT5004100100",
]  # fmt: skip
# Test numbers that the networks and payment providers publish.
PUBLISHED_CARDS = [
    "4111111111111111", "4012888888881881", "4222222222222", "5555555555554444", "5105105105105100", "2223003122003222",
    "378282246310005", "371449635398431", "6011111111111117", "6011000990139424", "3530111333300000", "30569309025904",
    "38520000023237", "6200000000000005", "6759649826438453",
]  # fmt: skip


@pytest.mark.parametrize("iban", PUBLISHED_IBANS)
def test_published_ibans_are_valid_and_found(iban: str) -> None:
    """Every published example passes, plain and in groups of four."""
    grouped = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    assert iban_valid(iban)
    for text in (iban, grouped, iban.lower()):
        assert [(text[a:b], label) for a, b, label in detect(text)] == [(text, "IBAN")]


@given(st.text(string.digits, min_size=18, max_size=18), st.integers(4, 21), st.integers(1, 9))
def test_one_changed_digit_breaks_an_iban(account: str, position: int, shift: int) -> None:
    """Mod 97 finds every single wrong digit (ISO 7064), and accepts the digits a second formula computed."""
    iban = iban_of("DE", account)
    wrong = iban[:position] + str((int(iban[position]) + shift) % 10) + iban[position + 1 :]
    assert iban_valid(iban)
    assert not iban_valid(wrong)


def test_iban_lengths_reach_from_norway_to_russia() -> None:
    """The registry's shortest is 15 characters and its longest 33."""
    assert min(IBAN_LENGTHS.values()) == IBAN_LENGTHS["NO"] == 15
    assert max(IBAN_LENGTHS.values()) == IBAN_LENGTHS["RU"] == 33
    assert not iban_valid("GB82WEST1234569876543")


@pytest.mark.parametrize("card", PUBLISHED_CARDS)
def test_published_test_cards_are_valid(card: str) -> None:
    """The networks' test numbers pass prefix, length and Luhn."""
    assert card_valid(card)
    assert [label for _, _, label in detect(f"card {card}.")] == ["CREDIT_CARD"]


# Prefix and length by issuer (ISO/IEC 7812 ranges, Wikipedia's article on payment card numbers).
ISSUERS = [
    ("4", 13), ("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
    ("36", 14), ("300", 14), ("305", 14), ("3095", 14), ("38", 14), ("6011", 16), ("644", 16), ("65", 16), ("3528", 16),
    ("3589", 16), ("62", 16), ("62", 19), ("5018", 16), ("6304", 19), ("6334", 16), ("6767", 18), ("2200", 16),
    ("9792", 16), ("81", 16), ("1800", 15), ("2131", 15), ("5067", 16), ("6362", 16), ("637", 16), ("606282", 16),
]  # fmt: skip


@pytest.mark.parametrize(("prefix", "length"), ISSUERS)
@given(st.data())
def test_cards_of_every_issuer_are_found_without_a_word(prefix: str, length: int, data: st.DataObject) -> None:
    """A number with an issuer's prefix and length and the textbook's check digit is a card."""
    size = length - 1 - len(prefix)
    payload = prefix + data.draw(st.text(string.digits, min_size=size, max_size=size))
    card = payload + luhn_digit(payload)
    assert [label for _, _, label in detect(f"use {card} please")] == ["CREDIT_CARD"]


@given(st.text(string.digits, min_size=1, max_size=25))
def test_luhn_agrees_with_a_second_implementation(payload: str) -> None:
    """Exactly one of ten check digits is right, and it is the one the textbook sum gives."""
    assert [digit for digit in string.digits if luhn_valid(payload + digit)] == [luhn_digit(payload)]


def test_luhn_example_of_the_patent_family() -> None:
    """The classic example 7992739871 has check digit 3."""
    assert luhn_valid("79927398713")
    assert not luhn_valid("79927398710")


@pytest.mark.parametrize(
    "digits", ["1111111111111117", "4111111111111112", "411111111111", "41111111111111111", "9" * 16]
)
def test_wrong_issuer_length_or_check_digit_is_no_card(digits: str) -> None:
    """Prefix, length and Luhn all count."""
    assert not card_valid(digits)


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_in_a_sentence_is_found(address: ipaddress.IPv4Address) -> None:
    """What the standard library calls an address is one."""
    text = f"login from {address}, please check"
    assert [text[a:b] for a, b, label in detect(text) if label == "IP_ADDRESS"] == [str(address)]


@given(st.ip_addresses(v=6))
def test_every_ipv6_address_with_two_groups_is_found(address: ipaddress.IPv6Address) -> None:
    """Both the short and the long spelling are found, unless the short one is as tiny as `::1`."""
    text = f"from {address.exploded} now"
    assert [text[a:b] for a, b, label in detect(text)] == [address.exploded]
    short = str(address)
    groups = [group for group in short.split(":") if group]
    if len(groups) >= 2 and sum(map(len, groups)) >= 4:
        text = f"from {short} now"
        assert [text[a:b] for a, b, label in detect(text)] == [short]


@given(st.lists(st.integers(0, 999), min_size=4, max_size=4))
def test_only_quads_that_the_standard_library_accepts_are_addresses(parts: list[int]) -> None:
    """A quad with a part above 255 is no address."""
    quad = ".".join(map(str, parts))
    try:
        ipaddress.IPv4Address(quad)
    except ValueError:
        expected = []
    else:
        expected = [quad]
    text = f"host {quad} down"
    assert [text[a:b] for a, b, label in detect(text) if label == "IP_ADDRESS"] == expected
