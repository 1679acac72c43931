"""Check digits of identifiers: those of python-stdnum, loaded when first needed, and those of no one country."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import Final

from convqa_sdk.redaction.context_words import vocabulary
from convqa_sdk.redaction.validators import luhn_valid

_DIGITS = frozenset("0123456789")


@dataclass(frozen=True)
class Library:
    """A check that needs the extra `redaction`: the validator of one module of python-stdnum."""

    module: str

    def __call__(self, value: str) -> bool:
        """Tell whether the value is valid; without the library nothing is."""
        try:
            return bool(import_module(f"stdnum.{self.module}").is_valid(value))
        except Exception:  # noqa: BLE001 - third-party code on hostile text: what it cannot read is not valid
            return False


def digits_only(value: str) -> bool:
    """Tell whether a value is of ASCII digits, at least one."""
    return bool(value) and _DIGITS.issuperset(value)


def weighted(weights: Sequence[int], modulus: int, remainder: int = 0) -> Callable[[str], bool]:
    """Return a check that the digits times their weights sum to a remainder."""

    def valid(value: str) -> bool:
        if len(value) != len(weights) or not digits_only(value):
            return False
        return sum(weight * int(digit) for weight, digit in zip(weights, value, strict=True)) % modulus == remainder

    return valid


def luhn(value: str) -> bool:
    """Tell whether digits satisfy Luhn and are not one digit repeated."""
    return digits_only(value) and len(set(value)) > 1 and luhn_valid(value)


def aba(value: str) -> bool:
    """Tell whether nine digits are an ABA routing number: a prefix in use, and weights 3, 7, 1."""
    return _ABA_SUM(value) and (value[0] != "0" or value[1] != "0") and (int(value[:2]) in _ABA_PREFIXES)


_ABA_SUM: Final = weighted((3, 7, 1) * 3, 10)


_ABA_PREFIXES: Final = frozenset((*range(1, 13), *range(21, 33), *range(61, 73), 80))


def npi(value: str) -> bool:
    """Tell whether ten digits are a US provider number: Luhn behind 80840, the prefix of health cards."""
    return len(value) == 10 and digits_only(value) and luhn_valid("80840" + value) and len(set(value[:9])) > 1


def dea(value: str) -> bool:
    """Tell whether the digits behind two letters are a US DEA number: odd places plus twice the even ones."""
    digits = value[2:]
    if len(digits) != 7 or not digits_only(digits):
        return False
    odd, even = sum(map(int, digits[0:6:2])), sum(map(int, digits[1:6:2]))
    return (odd + 2 * even) % 10 == int(digits[6])


def ssn(value: str) -> bool:
    """Tell whether nine digits may be a US social security number (no area 000, 666, 9xx; no zero group or serial)."""
    if len(value) != 9 or not digits_only(value):
        return False
    area, group, serial = value[:3], value[3:5], value[5:]
    if area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000":
        return False
    return value not in ("078051120", "219099999", "123456789", "987654321") and len(set(value)) > 1


def icao(value: str) -> bool:
    """Tell whether the last digit is the check digit of a travel document (ICAO 9303: weights 7, 3, 1; A is 10)."""
    if len(value) < 2 or not value.isascii() or not value.isalnum() or not digits_only(value[-1]):
        return False
    total = sum(int(character, 36) * weight for character, weight in zip(value[:-1], cycle((7, 3, 1)), strict=False))
    return total % 10 == int(value[-1])


def vin(value: str) -> bool:
    """Tell whether 17 characters have the North American check character (ISO 3779, 49 CFR 565) at place nine."""
    if len(value) != 17 or not all(character in _VIN_VALUES for character in value) or not vin_or_mixed(value):
        return False
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return value[8] == "0123456789X"[total % 11]


_VIN_VALUES: Final = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True)
)


_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin_or_mixed(value: str) -> bool:
    """Tell whether 17 characters may be a chassis number of any maker: at least two letters and four digits."""
    return 4 <= sum(character in _DIGITS for character in value) <= len(value) - 2


@dataclass(frozen=True)
class Completed(Library):
    """A check of python-stdnum for values whose sign at a position the compact value has lost."""

    position: int
    sign: str

    def __call__(self, value: str) -> bool:
        """Tell whether the value with its sign is valid."""
        return super().__call__(value[: self.position] + self.sign + value[self.position :])


def month_and_day(value: str) -> bool:
    """Tell whether four digits are a month and a day of it."""
    if len(value) != 4 or not digits_only(value):
        return False
    month, day = int(value[:2]), int(value[2:])
    return 1 <= month <= 12 and 1 <= day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def plate_letters(value: str) -> bool:
    """Tell whether a plate-like value is neither a date, a time, an amount nor a size."""
    letters = "".join(character for character in value if character.isalpha())
    return letters not in _NOT_PLATES


_NOT_PLATES: Final = vocabulary(
    "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC AM PM USD EUR GBP PLN CHF GB MB TB KB MM CM KG KM ML"
    " USBGB SSDGB RAMGB HDDTB SSDTB HDDGB ISO RFC USB PDF HTTP IOS MAC WIN"
)


def some_digits(value: str) -> bool:
    """Tell whether a value holds at least three digits, so that it is no word."""
    return sum(character in _DIGITS for character in value) >= 3


def mostly_digits(value: str) -> bool:
    """Tell whether a value holds at least five digits and is no date of eight."""
    return sum(character in _DIGITS for character in value) >= 5 and not _is_date(value)


def _is_date(value: str) -> bool:
    if len(value) != 8 or not digits_only(value):
        return False
    year_first = value[:2] in ("19", "20") and month_and_day(value[4:])
    return year_first or (
        value[4:6] in ("19", "20") and (month_and_day(value[:4]) or month_and_day(value[2:4] + value[:2]))
    )


def mixed(value: str) -> bool:
    """Tell whether a value holds both a letter and a digit."""
    return any(character in _DIGITS for character in value) and any("A" <= character <= "Z" for character in value)


def weighted_complement(weights: Sequence[int], modulus: int) -> Callable[[str], bool]:
    """Return a check that the last digit is the weighted sum's remainder if below two, else its complement."""

    def valid(value: str) -> bool:
        if len(value) != len(weights) + 1 or not digits_only(value) or len(set(value)) == 1:
            return False
        rest = sum(weight * int(digit) for weight, digit in zip(weights, value[:-1], strict=True)) % modulus
        return int(value[-1]) == (rest if rest < 2 else modulus - rest)

    return valid


def german_document(value: str) -> bool:
    """Tell whether a German travel document has its ICAO check digit and at least three digits more."""
    return some_digits(value[:-1]) and icao(value)


def sixteen(value: str) -> bool:
    """Tell whether a value has the 16 characters of a British driving licence, the name padded to five."""
    return len(value) == 16


def german_plate(value: str) -> bool:
    """Tell whether a value may be a German plate: at most eight characters, and no unit, month or currency."""
    return len(value) <= 9 and plate_letters(value)


def no_reference(value: str) -> bool:
    """Tell whether a value does not begin like the number of an order, an invoice or a case."""
    return not value.startswith(_REFERENCES)


_REFERENCES: Final = (
    *("ORD", "ORN", "INV", "REF", "TKT", "RMA", "CAS", "SKU", "TRK", "ACC", "CUS", "BKG", "RES", "CLM", "REQ", "INC"),
    *(
        "PNR",
        "TRX",
        "TXN",
        "PAY",
        "SHP",
        "RET",
        "SUP",
        "FAQ",
        "BUG",
        "DOC",
        "LOT",
        "SN",
        "PO",
        "SO",
        "NO",
        "NR",
        "ID",
        "RE",
    ),
)
