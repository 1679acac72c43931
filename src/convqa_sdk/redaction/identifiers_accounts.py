"""Bank accounts that are no IBAN, routing numbers, customer numbers and card codes."""

from __future__ import annotations

from functools import partial
from typing import Final

from convqa_sdk.redaction import identifier_checks as checks
from convqa_sdk.redaction import national_checks
from convqa_sdk.redaction.identifier_checks import Library
from convqa_sdk.redaction.identifier_kind import kind, national
from convqa_sdk.redaction.identifier_words import WORDS

_bank = partial(kind, "BANK_ACCOUNT")

IDENTIFIERS: Final = (
    _bank(
        "us_routing",
        "[0-9]{9}",
        "routing, routing no, routing number, rtn, aba, aba number, transit number",
        layout="[0-9]{4}-[0-9]{4}-[0-9]",
        valid=checks.aba,
        check="weak",
        alone="written",
    ),
    _bank("us_routing_bare", "[0-9]{9}", "routing, aba", valid=checks.aba, check="weak", alone="message"),
    _bank("gb_sort_code", "[0-9]{6}", "sort code, sortcode, sort-code", layout="[0-9]{2}-[0-9]{2}-[0-9]{2}"),
    _bank(
        "gb_sort_code_and_account",
        "[0-9]{14}",
        "sort code, sortcode, sort-code, account",
        layout="[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{8}",
        alone="written",
    ),
    _bank("au_bsb", "[0-9]{6}", "bsb, bsb number", layout="[0-9]{3}-[0-9]{3}"),
    _bank("ca_transit", "[0-9]{8,9}", "transit number, institution number", layout="[0-9]{5}-[0-9]{3}"),
    _bank("in_ifsc", "[A-Z]{4}0[A-Z0-9]{6}", "ifsc, ifsc code", valid=checks.some_digits),
    _bank("mx_clabe", "[0-9]{18}", "clabe", valid=checks.weighted((3, 7, 1) * 6, 10), check="weak"),
    _bank(
        "es_ccc",
        "[0-9]{20}",
        "ccc, cuenta",
        layout="[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{10}",
        valid=Library("es.ccc"),
        check="strong",
        alone="message",
    ),
    _bank(
        "pl_nrb",
        "[0-9]{26}",
        "nrb, rachunek, rachunku, konto, konta",
        layout="[0-9]{2}(?: [0-9]{4}){6}",
        valid=national_checks.polish_account,
        check="strong",
        alone="always",
    ),
    _bank(
        "nz_account",
        "[0-9]{15,16}",
        "account",
        layout="[0-9]{2}-[0-9]{4}-[0-9]{7}-[0-9]{2,3}",
        valid=Library("nz.bankaccount"),
        check="weak",
        alone="written",
    ),
    _bank(
        "no_konto",
        "[0-9]{11}",
        "kontonummer, kontonr, konto",
        layout="[0-9]{4}[. ][0-9]{2}[. ][0-9]{5}",
        valid=Library("no.kontonr"),
        check="weak",
        alone="written",
    ),
    kind("ACCOUNT_ID", "lettered_account_id", "[A-Z]{1,5}[0-9]{3,10}", WORDS["ACCOUNT_ID"]),
    _bank("any_account", "[0-9]{5,26}", WORDS["BANK_ACCOUNT"]),
    _bank("any_lettered_account", "[0-9A-Z]{8,30}", WORDS["BANK_ACCOUNT"], valid=checks.mostly_digits),
    kind("ACCOUNT_ID", "any_account_id", "[A-Z0-9]{4,20}", WORDS["ACCOUNT_ID"], valid=checks.some_digits),
    kind("CVV", "cvv", "[0-9]{3,4}", WORDS["CVV"]),
    national(
        "any_national_id",
        "[A-Z0-9]{6,20}",
        WORDS["NATIONAL_ID"] | WORDS["US_SSN"] | {"social insurance"},
        valid=checks.mostly_digits,
    ),
)
