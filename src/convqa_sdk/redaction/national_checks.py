"""Check digits of national identifiers that python-stdnum lacks, or is stricter about than those who give them out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Final

from convqa_sdk.redaction.context_words import vocabulary
from convqa_sdk.redaction.identifier_checks import digits_only, month_and_day
from convqa_sdk.redaction.validators import iban_valid


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
    """Tell whether a Hong Kong identity card has its check character: weights 9 to 1 modulo 11."""
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
    """Tell whether thirteen digits are a Korean resident's or foreigner's number: a date, and the digit of its century.

    Numbers given out since October 2020 have no check digit, to people of any age.
    """
    return len(value) == 13 and digits_only(value) and month_and_day(value[2:6]) and "1" <= value[6] <= "8"


def thai_identity(value: str) -> bool:
    """Tell whether thirteen digits are a Thai identity number: a province in use, weights 13 to 2 modulo 11."""
    if len(value) != 13 or not digits_only(value) or len(set(value)) == 1 or value[1] == "0" or value[1:3] in _NOT_THAI:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[:12], range(13, 1, -1), strict=True))
    return (11 - total % 11) % 10 == int(value[12])


_NOT_THAI: Final = vocabulary("28 29 59 68 69 78 79 87 88 89 97 98 99")


def australian_medicare(value: str) -> bool:
    """Tell whether ten or eleven digits are a Medicare card: weights 1, 3, 7, 9, 1, 3, 7, 9 modulo 10."""
    if len(value) not in (10, 11) or not digits_only(value) or not "2" <= value[0] <= "6":
        return False
    return sum(int(d) * w for d, w in zip(value[:8], (1, 3, 7, 9) * 2, strict=True)) % 10 == int(value[8])


def finnish(value: str) -> bool:
    """Tell whether a Finnish personal identity code, without its sign if that was a dash, has date and check character.

    The sign between date and serial became one of several letters in 2023, so that its meaning is not verified.
    """
    digits = value[:6] + value[-4:-1]
    if len(value) not in (10, 11) or len(digits) != 9 or not digits_only(digits):
        return False
    if not month_and_day(value[2:4] + value[:2]) or not int(digits[6:]) >= 2:
        return False
    return value[-1] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31]


def korean_business(value: str) -> bool:
    """Tell whether ten digits are a Korean business registration: weights 1, 3, 7 and the carry of the ninth digit."""
    if len(value) != 10 or not digits_only(value):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value[:9], (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
    return (total + int(value[8]) * 5 // 10 + int(value[9])) % 10 == 0


def chinese_identity(value: str) -> bool:
    """Tell whether 18 characters are a Chinese identity number: a date, and a check character (ISO 7064, MOD 11-2)."""
    if len(value) != 18 or not digits_only(value[:17]) or not month_and_day(value[10:14]):
        return False
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(value[:17]))
    return value[17] == "10X98765432"[total % 11]
