"""Our own check digits, held against python-stdnum and against textbook formulas written here."""

from __future__ import annotations

import string
from collections.abc import Callable
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import identifier_checks as checks
from convqa_sdk.redaction.identifier_kind import named, without_accents

SECOND = [
    (checks.chinese_identity, "cn.ric", "110105(?:19)[0-9]{2}(?:0[1-9])(?:1[0-9])[0-9]{3}[0-9X]"),
    (checks.spanish_dni, "es.dni", "[0-9]{8}[A-Z]"),
    (checks.aba, "us.rtn", "(?:0[1-9]|1[0-2])[0-9]{7}"),
    (checks.thai_identity, "th.pin", "[1-8]1[0-7][0-9]{10}"),
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
    assert checks.finnish(value) == hetu.is_valid(f"{value[:6]}-{value[6:]}")


@given(st.from_regex("[2-6][0-9]{9}", fullmatch=True).filter(str.isascii))
def test_medicare_cards_carry_the_sum_of_their_first_eight_digits(value: str) -> None:
    """The ninth digit is the sum of eight, weighted 1, 3, 7, 9, without its tens (Department of Health)."""
    a, b, c, d, e, f, g, h, check, _issue = map(int, value)
    assert checks.australian_medicare(value) == ((a + 3 * b + 7 * c + 9 * d + e + 3 * f + 7 * g + 9 * h) % 10 == check)


@given(st.from_regex("[0-9]{9}", fullmatch=True).filter(str.isascii))
def test_snils_is_the_sum_of_falling_weights(value: str) -> None:
    """The last two digits are the weighted sum, reduced while it exceeds 101 (PFR)."""
    total = sum((9 - place) * int(digit) for place, digit in enumerate(value))
    while total > 101:
        total %= 101
    check = "00" if total in (100, 101) else f"{total:02d}"
    assert [tail for tail in (f"{n:02d}" for n in range(100)) if checks.snils(value + tail)] == [check]


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
    assert [d for d in string.digits if checks.german_health_insurance(letter + digits + d)] == [str(total % 10)]


@given(st.from_regex("[A-Z0-9]{8,9}", fullmatch=True).filter(str.isascii))
def test_travel_documents_have_one_check_digit(value: str) -> None:
    """Weights 7, 3, 1 over digits and letters from A = 10, modulo 10 (ICAO 9303 part 3, 4.9)."""
    worth = {character: number for number, character in enumerate(string.digits + string.ascii_uppercase)}
    total = sum(worth[character] * (7, 3, 1)[place % 3] for place, character in enumerate(value))
    assert [digit for digit in string.digits if checks.icao(value + digit)] == [str(total % 10)]


@given(st.from_regex("[A-Z]{3}[0-9]{5}", fullmatch=True).filter(str.isascii))
def test_polish_identity_cards_have_one_check_digit(value: str) -> None:
    """The first digit is the sum of the letters and the digits behind it, weighted 7, 3, 1, 7, 3, 1, 7, 3."""
    letters, digits = value[:3], value[3:]
    numbers = [ord(letter) - 55 for letter in letters] + [int(digit) for digit in digits]
    total = sum(number * weight for number, weight in zip(numbers, (7, 3, 1, 7, 3, 1, 7, 3), strict=True))
    fitting = [digit for digit in string.digits if checks.polish_identity_card(letters + digit + digits)]
    assert fitting == [str(total % 10)]


@given(st.from_regex("[1-9][0-9]{16}", fullmatch=True).filter(str.isascii))
def test_clabe_has_one_check_digit(value: str) -> None:
    """Products with 3, 7, 1 without their tens; the complement of their sum to ten (Banco de México)."""
    total = sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(value))
    clabe = checks.weighted((3, 7, 1) * 6, 10)
    assert [digit for digit in string.digits if clabe(value + digit)] == [str((10 - total % 10) % 10)]


@pytest.mark.parametrize("value", ["1248100998", "2208162517"])
def test_companies_registered_in_korea_have_one_check_digit(value: str) -> None:
    """The numbers that two listed companies print on their sites pass, and no other last digit does."""
    assert [digit for digit in string.digits if checks.korean_business(value[:-1] + digit)] == [value[-1]]


@pytest.mark.parametrize("value", ["AB1234563", "BB1388568"])
def test_dea_numbers_that_agencies_print_are_valid(value: str) -> None:
    """Published specimens pass, and no other last digit does."""
    assert [digit for digit in string.digits if checks.dea(value[:-1] + digit)] == [value[-1]]


@pytest.mark.parametrize("value", ["000123456", "666123456", "900123456", "123004567", "123450000", "078051120"])
def test_numbers_never_given_out_are_no_social_security_numbers(value: str) -> None:
    """Areas 000, 666 and 9xx, a zero group or serial, and the number of the wallet advertisement (SSA)."""
    assert not checks.ssn(value)
    assert checks.ssn("219099998")


@given(st.text(max_size=20))
def test_checks_answer_for_any_text(value: str) -> None:
    """Every check of the module answers yes or no."""
    for check in (
        checks.aba, checks.npi, checks.dea, checks.ssn, checks.icao, checks.luhn, checks.vin, checks.vin_or_mixed,
        checks.polish_identity_card, checks.polish_passport, checks.polish_account, checks.german_health_insurance,
        checks.german_social_security, checks.german_physician, checks.german_document, checks.spanish_dni,
        checks.spanish_social_security, checks.hungarian_health_insurance, checks.hungarian_tax, checks.snils,
        checks.portuguese_social_security, checks.singapore_nric, checks.taiwan_identity, checks.hong_kong_identity,
        checks.japanese_individual, checks.korean_registration, checks.korean_business, checks.thai_identity,
        checks.australian_medicare, checks.finnish, checks.chinese_identity, checks.plate_letters, checks.no_reference,
        checks.some_digits, checks.mostly_digits, checks.mixed, checks.Library("pl.pesel"), checks.Library("no.such"),
        checks.Completed("se.personnummer", -4, "-"),
    ):  # fmt: skip
        assert check(value) in (True, False)


@pytest.mark.parametrize("value", ["20240512", "12052024", "05122024", "19991231"])
def test_a_date_of_eight_digits_is_no_document_number(value: str) -> None:
    """A date beside a passport is not taken for its number."""
    assert not checks.mostly_digits(value)
    assert checks.mostly_digits("98765432")


def test_words_are_found_as_people_type_them() -> None:
    """A word stands in its own spelling, without accents, and with umlauts spelt out; short words keep their accents."""
    assert named("Führerschein".lower()) == {"führerschein", "fuhrerschein", "fuehrerschein"}
    assert named("né, dowód") == {"né", "dowód", "dowod"}
    assert without_accents("łódź") == "lodz"
    assert without_accents("여권번호") == "여권번호"


def test_library_modules_exist() -> None:
    """Every check that names a module of python-stdnum names one that is there."""
    pytest.importorskip("stdnum")
    from convqa_sdk.redaction.identifiers import kinds

    for found in kinds():
        if isinstance(found.valid, checks.Library):
            assert callable(import_module(f"stdnum.{found.valid.module}").is_valid), found.name
