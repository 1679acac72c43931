"""Vehicle plates and vehicle identification numbers."""

from __future__ import annotations

from functools import partial
from typing import Final

from convqa_sdk.redaction import identifier_checks as checks
from convqa_sdk.redaction.identifier_kind import kind
from convqa_sdk.redaction.identifier_words import WORDS

_plate = partial(kind, "VEHICLE_PLATE", valid=checks.plate_letters)
_PLATE = WORDS["VEHICLE_PLATE"]
_VIN = WORDS["VIN"]
_GB_AGE = "(?:0[2-9]|[1-2][0-9]|5[1-9]|[67][0-9])"
_GB_YEAR = "[A-HJ-NPR-TV-Y]"
_IN_STATE = (
    "(?:A[NPRS]|B[HR]|C[GH]|D[DLN]|G[AJ]|H[PR]|J[HK]|K[AL]|L[AD]|M[HLNPZ]|NL|O[DR]|P[BY]|RJ|SK|T[NRS]|U[AKP]|WB)"
)

IDENTIFIERS: Final = (
    kind("VIN", "vin", "[A-HJ-NPR-Z0-9]{13}[0-9]{4}", _VIN, valid=checks.vin, check="strong", alone="always"),
    kind("VIN", "vin_foreign", "[A-HJ-NPR-Z0-9]{13}[0-9]{4}", _VIN, valid=checks.vin_or_mixed, alone="message"),
    kind("VIN", "any_vin", "[A-HJ-NPR-Z0-9]{17}", _VIN, valid=checks.vin_or_mixed),
    _plate(
        "gb_plate",
        f"[A-HJ-PR-Y][A-HJ-PR-Y]{_GB_AGE}[A-HJ-PR-Z]{{3}}",
        _PLATE,
        layout="[A-Z]{2}[0-9]{2} ?[A-Z]{3}",
        alone="message",
    ),
    _plate(
        "gb_plate_prefix",
        f"{_GB_YEAR}[0-9]{{1,3}}[A-HJ-PR-Z]{{3}}",
        _PLATE,
        layout="[A-Z][0-9]{1,3} ?[A-Z]{3}",
        alone="message",
    ),
    _plate(
        "gb_plate_suffix",
        f"[A-HJ-PR-Z]{{3}}[0-9]{{1,3}}{_GB_YEAR}",
        _PLATE,
        layout="[A-Z]{3} ?[0-9]{1,3}[A-Z]",
        alone="message",
    ),
    _plate("ni_plate", "[A-Z]{3}[0-9]{4}|[A-Z]{2}[0-9]{4}", _PLATE),
    _plate("ie_plate", "[0-9]{2,3}[A-Z]{1,2}[0-9]{1,6}", _PLATE, layout="[0-9]{2,3}-[A-Z]{1,2}-[0-9]{1,6}"),
    _plate(
        "de_plate",
        "[A-Z]{2,5}[1-9][0-9]{0,3}[EH]?",
        _PLATE,
        layout="[A-Z]{1,3}[ -][A-Z]{1,2}[ -]?[1-9][0-9]{0,3}[EH]?",
        valid=checks.german_plate,
        alone="message",
    ),
    _plate(
        "fr_it_plate",
        "[A-HJ-NP-TV-Z]{2}[0-9]{3}[A-HJ-NP-TV-Z]{2}",
        _PLATE,
        layout="[A-Z]{2}[ -]?[0-9]{3}[ -]?[A-Z]{2}",
        alone="message",
    ),
    _plate("es_plate", "[0-9]{4}[BCDFGHJ-NPR-TV-Z]{3}", _PLATE, layout="[0-9]{4}[ -]?[A-Z]{3}", alone="message"),
    _plate("pl_plate", "[A-Z]{2,3}[0-9A-Z]{4,5}", _PLATE, layout="[A-Z]{2,3} [0-9A-Z]{4,6}", valid=checks.mixed),
    _plate(
        "tr_plate",
        "(?:0[1-9]|[1-7][0-9]|8[01])[A-Z]{1,3}[0-9]{2,5}",
        _PLATE,
        layout="[0-8][0-9] ?[A-Z]{1,3} ?[0-9]{2,5}",
        alone="message",
    ),
    _plate(
        "in_plate",
        f"{_IN_STATE}[0-9]{{1,2}}[A-Z]{{1,3}}[0-9]{{4}}|[0-9]{{2}}BH[0-9]{{4}}[A-Z]{{1,2}}",
        _PLATE,
        layout="[A-Z]{2}[ -]?[0-9]{1,2}[ -]?[A-Z]{1,3}[ -]?[0-9]{4}",
        alone="message",
    ),
    _plate(
        "ng_plate", "[A-Z]{3}[0-9]{3}[A-Z]{2}", _PLATE, layout="[A-Z]{3}[ -]?[0-9]{3}[ -]?[A-Z]{2}", alone="message"
    ),
    _plate("br_plate", "[A-Z]{3}[0-9][A-J0-9][0-9]{2}", _PLATE, layout="[A-Z]{3}-[0-9][A-J0-9][0-9]{2}"),
    _plate("any_plate_of_digits", "[0-9]{5,8}", _PLATE),
    _plate("any_plate", "[A-Z0-9]{4,9}", _PLATE, valid=checks.mixed),
)
