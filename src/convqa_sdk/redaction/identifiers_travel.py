"""Passports and driving licences.

Most have no public check digit, so that the words around them decide. The shapes here are those that are accepted when
they are the whole message; behind a word, `any_passport` and `any_driver_license` take every document number.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from convqa_sdk.redaction import identifier_checks as checks
from convqa_sdk.redaction import national_checks
from convqa_sdk.redaction.identifier_kind import kind
from convqa_sdk.redaction.identifier_words import WORDS

_passport = partial(kind, "PASSPORT")
_licence = partial(kind, "DRIVER_LICENSE")
_PASSPORT = WORDS["PASSPORT"]
_LICENCE = WORDS["DRIVER_LICENSE"]
_DE_DOCUMENT = "[CFGHJKLMNPRTVWXYZ0-9]"

IDENTIFIERS: Final = (
    _passport(
        "pl_passport",
        "[A-Z]{2}[0-9]{7}",
        _PASSPORT,
        layout="[A-Z]{2} ?[0-9]{7}",
        valid=national_checks.polish_passport,
        check="weak",
        alone="message",
    ),
    _passport(
        "de_passport",
        f"[CFGHJKLMNPRTVWXYZ]{_DE_DOCUMENT}{{7}}[0-9]",
        _PASSPORT,
        valid=checks.german_document,
        check="weak",
        alone="message",
    ),
    _passport(
        "de_passport_with_check_digit",
        f"[CFGHJKLMNPRTVWXYZ]{_DE_DOCUMENT}{{8}}[0-9]",
        _PASSPORT,
        valid=checks.german_document,
        check="weak",
        alone="message",
    ),
    _passport(
        "de_passport_without_check_digit",
        f"[CFGHJKLMNPRTVWXYZ]{_DE_DOCUMENT}{{8}}",
        _PASSPORT,
        valid=checks.some_digits,
    ),
    _passport("two_letters_seven_digits", "[A-Z]{2}[0-9]{7}", _PASSPORT, valid=checks.no_reference, alone="message"),
    _passport("one_letter_eight_digits", "[A-Z][0-9]{8}", _PASSPORT, alone="message"),
    _passport("es_passport", "[A-Z]{3}[0-9]{6}", _PASSPORT, valid=checks.no_reference, alone="message"),
    _passport("fr_passport", "[0-9]{2}[A-Z]{2}[0-9]{5}", _PASSPORT, alone="message"),
    _passport(
        "in_passport",
        "[A-PR-WY][1-9][0-9]{5}[1-9]",
        _PASSPORT,
        layout="[A-PR-WY][1-9][0-9] ?[0-9]{4}[1-9]",
        alone="message",
    ),
    _passport("kr_passport", "[MSRODG][0-9]{3}[A-Z][0-9]{4}", _PASSPORT, alone="message"),
    _passport("ca_passport", "[A-Z]{2}[0-9]{6}|[A-Z][0-9]{6}[A-Z]{2}", _PASSPORT),
    _passport("nl_passport", "[A-NP-Z]{2}[A-NP-Z0-9]{6}[0-9]", _PASSPORT, valid=checks.some_digits),
    _passport("any_passport", "[A-Z0-9]{6,12}", _PASSPORT, valid=checks.mostly_digits),
    _licence(
        "gb_driving_licence",
        "[A-Z]{1,5}9{0,4}[0-9](?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9][A-Z9]{2}[A-Z0-9]{3}",
        _LICENCE,
        layout="[A-Z9]{5} [0-9]{6} [A-Z9]{2}[A-Z0-9]{3}(?: [0-9]{2})?",
        valid=checks.sixteen,
        check="strong",
        alone="always",
    ),
    _licence(
        "it_driving_licence",
        "[A-Z]{2}[0-9]{7}[A-Z]|U1[A-Z0-9]{7}[A-Z]",
        _LICENCE,
        valid=checks.mostly_digits,
        alone="message",
    ),
    _licence(
        "kr_driving_licence",
        "(?:1[1-9]|2[0-68])[0-9]{10}",
        _LICENCE,
        layout="[12][0-9]-[0-9]{2}-[0-9]{6}-[0-9]{2}|[12][0-9] [0-9]{2} [0-9]{6} [0-9]{2}",
        alone="written",
    ),
    _licence(
        "de_driving_licence",
        "[A-Z]{2}[0-9]{8}[A-Z]|[A-Z][0-9]{2}[A-Z]{3}[0-9A-Z]{3}[0-9][A-Z0-9]",
        _LICENCE,
        valid=checks.mostly_digits,
        alone="message",
    ),
    _licence(
        "us_letter_and_digits",
        "[A-Z][0-9]{11,14}",
        _LICENCE,
        layout="[A-Z][0-9]{3}-?[0-9]{3,4}-?[0-9]{2,4}-?[0-9]{3,4}(?:-?[0-9]{1,2})?",
        alone="message",
    ),
    _licence("nz_driving_licence", "[A-Z]{2}[0-9]{6}", _LICENCE),
    _licence("any_driver_license", "[A-Z0-9]{5,20}", _LICENCE, valid=checks.mostly_digits),
)
