"""Check digits of identifiers: those of python-stdnum, loaded when first needed, and the few it does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import Final

from convqa_sdk.redaction.validators import iban_valid, luhn_valid

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


@dataclass(frozen=True)
class Completed(Library):
    """A check of python-stdnum for values whose sign at a position the compact value has lost."""

    position: int
    sign: str

    def __call__(self, value: str) -> bool:
        """Tell whether the value with its sign is valid."""
        return super().__call__(value[: self.position] + self.sign + value[self.position :])


@dataclass(frozen=True)
class Prefixed(Library):
    """A check of python-stdnum for values that need a prefix."""

    prefix: str

    def __call__(self, value: str) -> bool:
        """Tell whether the value with its prefix is valid."""
        return super().__call__(self.prefix + value)


def spanish_dni(value: str) -> bool:
    """Tell whether seven or eight digits are followed by the letter of their remainder modulo 23."""
    digits = value[:-1]
    return digits_only(digits) and len(value) <= 9 and value[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


def spanish_social_security(value: str) -> bool:
    """Tell whether twelve digits are a Spanish social security number: province, and a remainder modulo 97."""
    if len(value) != 12 or not digits_only(value) or not 1 <= int(value[:2]) <= 66:
        return False
    body = value[:2] + (value[3:10] if value[2] == "0" else value[2:10])
    return int(body) % 97 == int(value[10:])


def polish_account(value: str) -> bool:
    """Tell whether 26 digits are a Polish account number, which is an IBAN without its country."""
    return len(value) == 26 and digits_only(value) and iban_valid("PL" + value)


def hungarian_health_insurance(value: str) -> bool:
    """Tell whether nine digits are a Hungarian TAJ number: weights 3 and 7, remainder modulo 10."""
    if len(value) != 9 or not digits_only(value):
        return False
    return sum(int(digit) * weight for digit, weight in zip(value[:8], (3, 7) * 4, strict=True)) % 10 == int(value[8])


def hungarian_tax(value: str) -> bool:
    """Tell whether ten digits are a Hungarian tax identifier: a leading 8, place times digit modulo 11."""
    if len(value) != 10 or not digits_only(value) or value[0] != "8":
        return False
    return sum(int(digit) * place for place, digit in enumerate(value[:9], 1)) % 11 == int(value[9])


def snils(value: str) -> bool:
    """Tell whether eleven digits are a Russian SNILS: weights 9 to 1, modulo 101, and 100 written as 00."""
    if len(value) != 11 or not digits_only(value):
        return False
    return sum(int(digit) * (9 - place) for place, digit in enumerate(value[:9])) % 101 % 100 == int(value[9:])


def portuguese_social_security(value: str) -> bool:
    """Tell whether eleven digits are a Portuguese NISS: prime weights, complement to nine."""
    if len(value) != 11 or not digits_only(value):
        return False
    weights = (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)
    total = sum(int(digit) * weight for digit, weight in zip(value[:10], weights, strict=True))
    return 9 - total % 10 == int(value[10])


def singapore_nric(value: str) -> bool:
    """Tell whether a Singapore NRIC or FIN has the letter that its digits ask for."""
    if len(value) != 9 or value[0] not in "STFGM" or not digits_only(value[1:8]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    if value[0] == "M":
        return value[8] == "KLJNPQRTUWX"[10 - (total + 3) % 11]
    total += 4 if value[0] in "TG" else 0
    return value[8] == ("JZIHGFEDCBA" if value[0] in "ST" else "XWUTRQPNMLK")[total % 11]


def taiwan_identity(value: str) -> bool:
    """Tell whether a Taiwanese identity or residence number has its check digit: the letter counts as two digits."""
    if len(value) != 10 or value[0] not in _TAIWAN_LETTERS or not digits_only(value[2:]):
        return False
    first = _TAIWAN_LETTERS.index(value[0]) + 10
    second = int(value[1]) if value[1].isdigit() else (_TAIWAN_LETTERS.find(value[1]) + 10) % 10
    digits = (first // 10, first % 10, second, *map(int, value[2:]))
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


_TAIWAN_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def hong_kong_identity(value: str) -> bool:
    """Tell whether a Hong Kong identity card has its check character: weights 9 to 1 modulo 11, a lone letter after 36."""
    letters, digits, check = value[:-7], value[-7:-1], value[-1:]
    if not (1 <= len(letters) <= 2 and letters.isascii() and letters.isalpha() and digits_only(digits)):
        return False
    numbers = [36] * (2 - len(letters)) + [int(character, 36) for character in letters + digits]
    total = sum(number * weight for number, weight in zip(numbers, range(9, 1, -1), strict=True))
    return check == "0123456789A"[(11 - total % 11) % 11]


def japanese_individual(value: str) -> bool:
    """Tell whether twelve digits are a Japanese individual number: weights 6 to 2 and 7 to 2, modulo 11."""
    if len(value) != 12 or not digits_only(value) or len(set(value)) == 1:
        return False
    rest = (
        sum(int(digit) * weight for digit, weight in zip(value[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
        % 11
    )
    return (0 if rest <= 1 else 11 - rest) == int(value[11])


def korean_registration(value: str) -> bool:
    """Tell whether thirteen digits are a Korean resident's or foreigner's number.

    A date and a century digit; numbers given out since October 2020 have no check digit, older ones need theirs.
    """
    if len(value) != 13 or not digits_only(value) or not _month_and_day(value[2:6]):
        return False
    if not "1" <= value[6] <= "8":
        return False
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(int(digit) * weight for digit, weight in zip(value[:12], weights, strict=True))
    base = 11 if value[6] in "1234" else 13
    return (base - total % 11) % 10 == int(value[12]) or (value[6] in "3478" and int(value[:2]) >= 20)


def _month_and_day(value: str) -> bool:
    return (
        1 <= int(value[:2]) <= 12
        and 1 <= int(value[2:]) <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[int(value[:2]) - 1]
    )


def plate_letters(value: str) -> bool:
    """Tell whether a plate-like value is neither a date, a time, an amount nor a size."""
    letters = "".join(character for character in value if character.isalpha())
    return letters not in _NOT_PLATES


_NOT_PLATES: Final = frozenset(
    "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC AM PM USD EUR GBP PLN CHF GB MB TB KB MM CM KG KM ML USBGB SSDGB RAMGB"
    " HDDTB SSDTB HDDGB ISO RFC USB PDF HTTP IOS MAC WIN".split()
)


def some_digits(value: str) -> bool:
    """Tell whether a value holds at least three digits, so that it is no word."""
    return sum(character in _DIGITS for character in value) >= 3


def mostly_digits(value: str) -> bool:
    """Tell whether a value holds at least five digits."""
    return sum(character in _DIGITS for character in value) >= 5


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


def thai_identity(value: str) -> bool:
    """Tell whether thirteen digits are a Thai identity number: a province in use, weights 13 to 2 modulo 11."""
    if len(value) != 13 or not digits_only(value) or len(set(value)) == 1 or value[1] == "0" or value[1:3] in _NOT_THAI:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[:12], range(13, 1, -1), strict=True))
    return (11 - total % 11) % 10 == int(value[12])


_NOT_THAI: Final = frozenset("28 29 59 68 69 78 79 87 88 89 97 98 99".split())


def australian_medicare(value: str) -> bool:
    """Tell whether ten or eleven digits are a Medicare card: weights 1, 3, 7, 9, 1, 3, 7, 9 modulo 10."""
    if len(value) not in (10, 11) or not digits_only(value) or not "2" <= value[0] <= "6":
        return False
    return sum(int(d) * w for d, w in zip(value[:8], (1, 3, 7, 9) * 2, strict=True)) % 10 == int(value[8])


def german_document(value: str) -> bool:
    """Tell whether a German travel document has its ICAO check digit and at least three digits more."""
    return some_digits(value[:-1]) and icao(value)


def sixteen(value: str) -> bool:
    """Tell whether a value has the 16 characters of a British driving licence, the name padded to five."""
    return len(value) == 16


def german_plate(value: str) -> bool:
    """Tell whether a value may be a German plate: at most eight characters, and no unit, month or currency."""
    return len(value) <= 9 and plate_letters(value)
