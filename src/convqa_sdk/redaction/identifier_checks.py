"""Check digits of identifiers: those of python-stdnum, loaded when first needed, and the few it does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import Final

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
    """Tell whether nine digits are a routing number: a prefix in use, weights 3, 7, 1 (American Bankers Association)."""
    return _ABA_SUM(value) and (value[0] != "0" or value[1] != "0") and (int(value[:2]) in _ABA_PREFIXES)


_ABA_SUM: Final = weighted((3, 7, 1) * 3, 10)
_ABA_PREFIXES: Final = frozenset((*range(1, 13), *range(21, 33), *range(61, 73), 80))


def npi(value: str) -> bool:
    """Tell whether ten digits are a US provider number: Luhn behind the prefix 80840 of the card of a health insurer."""
    return len(value) == 10 and digits_only(value) and luhn_valid("80840" + value) and len(set(value[:9])) > 1


def dea(value: str) -> bool:
    """Tell whether the seven digits behind two letters are a US DEA registration: odd places plus twice the even ones."""
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


def polish_identity_card(value: str) -> bool:
    """Tell whether a Polish identity card number is valid: weights 7, 3, 1, 9, 7, 3, 1, 7, 3 with A as 10."""
    return _lettered(value, (7, 3, 1, 9, 7, 3, 1, 7, 3), 3, 9)


def polish_passport(value: str) -> bool:
    """Tell whether a Polish passport number is valid: weights 7, 3, 9, 1, 7, 3, 1, 7, 3 with A as 10."""
    return _lettered(value, (7, 3, 9, 1, 7, 3, 1, 7, 3), 2, 9)


def _lettered(value: str, weights: Sequence[int], letters: int, length: int) -> bool:
    if len(value) != length or not (value.isascii() and value[:letters].isalpha() and digits_only(value[letters:])):
        return False
    return sum(int(character, 36) * weight for character, weight in zip(value, weights, strict=True)) % 10 == 0


def german_health_insurance(value: str) -> bool:
    """Tell whether a German insured person's number is valid: the letter as two digits, weights 1 and 2, digit sums."""
    if len(value) != 10 or not "A" <= value[0] <= "Z" or not digits_only(value[1:]):
        return False
    digits = f"{ord(value[0]) - 64:02d}{value[1:9]}"
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, cycle((1, 2)), strict=False))
    return total % 10 == int(value[9])


def german_social_security(value: str) -> bool:
    """Tell whether a German pension insurance number is valid: area, date of birth, letter, check digit."""
    if len(value) != 12 or not "A" <= value[8] <= "Z" or not digits_only(value[:8] + value[9:]):
        return False
    if not (1 <= int(value[2:4]) % 50 <= 31 or value[2:4] == "00") or not 1 <= int(value[4:6]) <= 12:
        return False
    digits = f"{value[:8]}{ord(value[8]) - 64:02d}{value[9:11]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, weights, strict=True))
    return total % 10 == int(value[11])


def german_physician(value: str) -> bool:
    """Tell whether nine digits are a German physician's number: weights 4 and 9, complement to ten at place seven."""
    if len(value) != 9 or not digits_only(value):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[:6], (4, 9) * 3, strict=True))
    return (10 - total % 10) % 10 == int(value[6]) and value[7:] != "00"


def vin(value: str) -> bool:
    """Tell whether 17 characters have the North American check character (ISO 3779, 49 CFR 565) at place nine."""
    if len(value) != 17 or not all(character in _VIN_VALUES for character in value):
        return False
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return value[8] == "0123456789X"[total % 11]


_VIN_VALUES: Final = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True)
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin_or_mixed(value: str) -> bool:
    """Tell whether 17 characters may be a chassis number of any maker: letters and at least four digits."""
    return sum(character in _DIGITS for character in value) >= 4 and any("A" <= character <= "Z" for character in value)
