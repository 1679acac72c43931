"""The one spelling that stands for all spellings of a value, so that equal values have equal pseudonyms."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, Final
from unicodedata import category, decimal, normalize

from convqa_sdk.redaction.words import folded

_DIGITS: Final = frozenset({"CREDIT_CARD", "CVV", "PHONE", "US_SSN"})
_ALPHANUMERIC: Final = frozenset(
    {
        "BANK_ACCOUNT",
        "DRIVER_LICENSE",
        "IBAN",
        "MAC_ADDRESS",
        "NATIONAL_ID",
        "PASSPORT",
        "VEHICLE_PLATE",
        "VIN",
    }
)
_EXACT: Final = frozenset({"ACCOUNT_ID", "CRYPTO_WALLET"})
"""An account in a text is to have the pseudonym of the account that the bot names, which is taken as it is."""
_SPOKEN = ((re.compile(r"\s*[\[({]\s*at\s*[\])}]\s*"), "@"), (re.compile(r"\s*[\[({]\s*dot\s*[\])}]\s*"), "."))
_TRUNK = re.compile(r"\(0+\)")


def canonical(label: str, value: str, region: str | None = None) -> str:
    """Return the one spelling of a value.

    Args:
        label: The class of the value.
        value: The text as it was matched.
        region: Two letters of the country whose telephone numbers are written without its code; None: no such.

    Returns:
        E-mail in lower case, its domain in ASCII (IDNA); telephone numbers in E.164 where a region is given, else as
        digits with their leading `+` (`00` counts as one); cards and US social security numbers as digits; other
        numbers of documents and accounts as capitals and digits; IP addresses in lower case, compressed; names,
        addresses and listed words without case and diacritics; account ids and crypto wallets unchanged.
    """
    if not value.isascii():
        value = "".join(c for c in normalize("NFKC", value) if category(c) != "Cf")
    if label == "EMAIL":
        return _email(value.strip().lower())
    if label == "IP_ADDRESS":
        return _ip_address(value.strip().lower())
    if label == "PHONE":
        return _phone(value.strip(), region)
    if label in _DIGITS:
        return _digits(value)
    if label in _ALPHANUMERIC:
        return "".join(str(decimal(c, c)) for c in value if c.isalnum()).upper()
    if label in _EXACT:
        return value.strip()
    return " ".join(folded(value).split())


def _digits(value: str) -> str:
    return "".join(str(digit) for digit in (decimal(character, None) for character in value) if digit is not None)


def _email(value: str) -> str:
    if "@" not in value:
        value = _decoded(value)
        for spoken, sign in _SPOKEN:
            value = spoken.sub(sign, value)
    if value.isascii():
        return value
    local, _, domain = value.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return value


def _decoded(value: str) -> str:
    """Return a value as a browser reads it: an address may stand in a link, or in a page."""
    if "%" in value:
        from urllib.parse import unquote

        value = unquote(value)
    if "&" in value:
        from html import unescape

        value = unescape(value)
    return value


def _ip_address(value: str) -> str:
    import ipaddress

    try:
        return ipaddress.ip_address(value.strip("[]")).compressed
    except ValueError:
        return value


def _phone(value: str, region: str | None) -> str:
    if region is not None:
        numbers = phone_library()
        try:
            number = numbers.parse(value, region)
        except numbers.NumberParseException:
            pass
        else:
            return str(numbers.format_number(number, numbers.PhoneNumberFormat.E164))
    international = value.lstrip(" (").startswith("+")
    digits = _digits(_TRUNK.sub("", value) if international else value)
    if international:
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def phone_library() -> Any:
    """Return the module `phonenumbers`.

    Raises:
        ImportError: It is not installed; the message names the extra.
    """
    try:
        return import_module("phonenumbers")
    except ImportError:
        raise ImportError("telephone numbers in E.164 need phonenumbers: pip install 'convqa-sdk[redaction]'") from None
