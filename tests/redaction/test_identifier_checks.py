"""Check digits of no one country, held against textbook formulas written here, and the words of a kind."""

from __future__ import annotations

import inspect
import string
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import identifier_checks, national_checks
from convqa_sdk.redaction import identifier_checks as checks
from convqa_sdk.redaction.identifier_kind import named, without_accents


def _checks(module: ModuleType) -> list[Callable[[str], bool]]:
    own = [found for name, found in vars(module).items() if inspect.isfunction(found) and not name.startswith("_")]
    return [
        found
        for found in own
        if found.__module__ == module.__name__ and [*inspect.signature(found).parameters] == ["value"]
    ]


@given(st.text(max_size=20) | st.text(string.digits + string.ascii_uppercase, max_size=20))
def test_checks_answer_for_any_text(value: str) -> None:
    """Every check answers yes or no, those of a module that is not there too."""
    every = [*_checks(identifier_checks), *_checks(national_checks)]
    assert len(every) > 30
    library = (checks.Library("pl.pesel"), checks.Library("no.such"), checks.Completed("se.personnummer", -4, "-"))
    for check in (*every, *library):
        assert check(value) in (True, False)


@given(st.from_regex("[A-Z0-9]{8,9}", fullmatch=True).filter(str.isascii))
def test_travel_documents_have_one_check_digit(value: str) -> None:
    """Weights 7, 3, 1 over digits and letters from A = 10, modulo 10 (ICAO 9303 part 3, 4.9)."""
    worth = {character: number for number, character in enumerate(string.digits + string.ascii_uppercase)}
    total = sum(worth[character] * (7, 3, 1)[place % 3] for place, character in enumerate(value))
    assert [digit for digit in string.digits if checks.icao(value + digit)] == [str(total % 10)]


@given(st.from_regex("[1-9][0-9]{16}", fullmatch=True).filter(str.isascii))
def test_clabe_has_one_check_digit(value: str) -> None:
    """Products with 3, 7, 1 without their tens; the complement of their sum to ten (Banco de México)."""
    total = sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(value))
    clabe = checks.weighted((3, 7, 1) * 6, 10)
    assert [digit for digit in string.digits if clabe(value + digit)] == [str((10 - total % 10) % 10)]


@pytest.mark.parametrize("value", ["AB1234563", "BB1388568"])
def test_dea_numbers_that_agencies_print_are_valid(value: str) -> None:
    """Published specimens pass, and no other last digit does."""
    assert [digit for digit in string.digits if checks.dea(value[:-1] + digit)] == [value[-1]]


@pytest.mark.parametrize("value", ["000123456", "666123456", "900123456", "123004567", "123450000", "078051120"])
def test_numbers_never_given_out_are_no_social_security_numbers(value: str) -> None:
    """Areas 000, 666 and 9xx, a zero group or serial, and the number of the wallet advertisement (SSA)."""
    assert not checks.ssn(value)
    assert checks.ssn("219099998")


@pytest.mark.parametrize("value", ["20240512", "12052024", "05122024", "19991231"])
def test_a_date_of_eight_digits_is_no_document_number(value: str) -> None:
    """A date beside a passport is not taken for its number."""
    assert not checks.mostly_digits(value)
    assert checks.mostly_digits("98765432")


def test_words_are_found_as_people_type_them() -> None:
    """A word stands as it is, without accents, and with umlauts spelt out; short words keep their accents."""
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
