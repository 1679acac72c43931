"""Check digits of national identifiers, held against python-stdnum and textbook formulas written here."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convqa_sdk.redaction import identifier_checks, national_checks

SECOND = [
    (national_checks.chinese_identity, "cn.ric", "110105(?:19)[0-9]{2}(?:0[1-9])(?:1[0-9])[0-9]{3}[0-9X]"),
    (national_checks.spanish_dni, "es.dni", "[0-9]{8}[A-Z]"),
    (identifier_checks.aba, "us.rtn", "(?:0[1-9]|1[0-2])[0-9]{7}"),
    (national_checks.thai_identity, "th.pin", "[1-8]1[0-7][0-9]{10}"),
]
"""Our check, the module of python-stdnum that verifies the same, and values that both have to read."""


@pytest.mark.parametrize(("ours", "module", "values"), SECOND, ids=[row[1] for row in SECOND])
def test_our_checks_agree_with_a_second_implementation(ours: Callable[[str], bool], module: str, values: str) -> None:
    """Both take and refuse the same values."""
    theirs: Callable[[str], bool] = pytest.importorskip(f"stdnum.{module}").is_valid

    @given(st.from_regex(values, fullmatch=True).filter(str.isascii))
    def agree(value: str) -> None:
        assert ours(value) == theirs(value)

    agree()


@given(
    st.from_regex("(?:0[1-9]|1[0-9]|2[0-8])(?:0[1-9]|1[0-2])[0-9]{2}[0-8][0-9]{2}[0-9A-Y]", fullmatch=True).filter(
        str.isascii
    )
)
def test_finnish_codes_agree_with_a_second_implementation(value: str) -> None:
    """A permanent code of the twentieth century with its dash is valid for both or for neither."""
    hetu = pytest.importorskip("stdnum.fi.hetu")
    assert national_checks.finnish(value) == hetu.is_valid(f"{value[:6]}-{value[6:]}")


@given(st.from_regex("[2-6][0-9]{9}", fullmatch=True).filter(str.isascii))
def test_medicare_cards_carry_the_sum_of_their_first_eight_digits(value: str) -> None:
    """The ninth digit is the sum of eight, weighted 1, 3, 7, 9, without its tens (Department of Health)."""
    a, b, c, d, e, f, g, h, check, _issue = map(int, value)
    assert national_checks.australian_medicare(value) == (
        (a + 3 * b + 7 * c + 9 * d + e + 3 * f + 7 * g + 9 * h) % 10 == check
    )


@example("087654301")
@example("087654302")
@given(st.from_regex("[0-9]{9}", fullmatch=True).filter(str.isascii))
def test_snils_is_the_sum_of_falling_weights(value: str) -> None:
    """The last two digits are the weighted sum, reduced while it exceeds 101 (PFR)."""
    total = sum((9 - place) * int(digit) for place, digit in enumerate(value))
    while total > 101:
        total %= 101
    check = "00" if total in (100, 101) else f"{total:02d}"
    assert [tail for tail in (f"{n:02d}" for n in range(100)) if national_checks.snils(value + tail)] == [check]


@given(
    st.text(string.ascii_uppercase, min_size=1, max_size=1),
    st.from_regex("[0-9]{8}", fullmatch=True).filter(str.isascii),
)
def test_german_insured_persons_have_one_check_digit(letter: str, digits: str) -> None:
    """Digit sums of products with 1, 2, 1, 2, … over the letter's place in the alphabet and eight digits (GKV)."""
    place = string.ascii_uppercase.index(letter) + 1
    total = 0
    for position, digit in enumerate([place // 10, place % 10, *map(int, digits)]):
        product = digit * (1 + position % 2)
        total += product if product < 10 else product - 9
    assert [d for d in string.digits if national_checks.german_health_insurance(letter + digits + d)] == [
        str(total % 10)
    ]


@given(st.from_regex("[A-Z]{3}[0-9]{5}", fullmatch=True).filter(str.isascii))
def test_polish_identity_cards_have_one_check_digit(value: str) -> None:
    """The first digit is the sum of the letters and the digits behind it, weighted 7, 3, 1, 7, 3, 1, 7, 3."""
    letters, digits = value[:3], value[3:]
    numbers = [ord(letter) - 55 for letter in letters] + [int(digit) for digit in digits]
    total = sum(number * weight for number, weight in zip(numbers, (7, 3, 1, 7, 3, 1, 7, 3), strict=True))
    fitting = [digit for digit in string.digits if national_checks.polish_identity_card(letters + digit + digits)]
    assert fitting == [str(total % 10)]


@pytest.mark.parametrize("value", ["1248100998", "2208162517"])
def test_companies_registered_in_korea_have_one_check_digit(value: str) -> None:
    """The numbers that two listed companies print on their sites pass, and no other last digit does."""
    assert [digit for digit in string.digits if national_checks.korean_business(value[:-1] + digit)] == [value[-1]]


@given(st.from_regex("[12][0-9]{9}", fullmatch=True).filter(str.isascii))
def test_portuguese_numbers_are_weighted_with_the_first_ten_primes(value: str) -> None:
    """The check digit is nine less the last digit of the sum (Segurança Social)."""
    primes = [number for number in range(2, 30) if all(number % divisor for divisor in range(2, number))]
    total = sum(int(digit) * prime for digit, prime in zip(value, reversed(primes), strict=True))
    fitting = [digit for digit in string.digits if national_checks.portuguese_social_security(value + digit)]
    assert fitting == [str(9 - total % 10)]


@given(st.from_regex("8[0-9]{8}", fullmatch=True).filter(str.isascii))
def test_hungarian_tax_identifiers_weigh_each_digit_by_its_place(value: str) -> None:
    """The tenth digit is the sum of places times digits modulo 11; ten is never given out (NAV)."""
    rest = sum(place * int(digit) for place, digit in zip(range(1, 10), value, strict=True)) % 11
    fitting = [digit for digit in string.digits if national_checks.hungarian_tax(value + digit)]
    assert fitting == ([str(rest)] if rest < 10 else [])


@given(st.from_regex("[A-Z]{2}[0-9]{6}", fullmatch=True).filter(str.isascii))
def test_polish_passports_have_one_check_digit(value: str) -> None:
    """The first digit is the sum of letters and digits weighted 7, 3, 1, as in the machine-readable zone."""
    numbers = [int(character, 36) for character in value]
    total = sum(number * weight for number, weight in zip(numbers, (7, 3, 1, 7, 3, 1, 7, 3), strict=True))
    fitting = [digit for digit in string.digits if national_checks.polish_passport(value[:2] + digit + value[2:])]
    assert fitting == [str(total % 10)]
