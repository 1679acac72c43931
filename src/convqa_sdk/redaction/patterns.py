"""The rules of the detector, as data. To add a class, add an entry.

Patterns stay in the subset that RE2 shares with `re`: no lookaround, no backreference, and neither the digit class nor
the word boundary, on which the engines differ. What stands around a match is judged by `check`.
"""

from __future__ import annotations

from typing import Final

from convqa_sdk.redaction import phones, validators
from convqa_sdk.redaction.rule import Rule
from convqa_sdk.redaction.secret_patterns import SECRETS

LABELS: Final = frozenset(
    {
        *(
            "ACCOUNT_ID",
            "BANK_ACCOUNT",
            "CREDIT_CARD",
            "CRYPTO_WALLET",
            "CVV",
            "DATE_OF_BIRTH",
            "DRIVER_LICENSE",
            "EMAIL",
        ),
        *(
            "IBAN",
            "IP_ADDRESS",
            "MAC_ADDRESS",
            "NATIONAL_ID",
            "PASSPORT",
            "PHONE",
            "SECRET",
            "US_SSN",
            "VEHICLE_PLATE",
            "VIN",
        ),
    }
)
"""The classes that the detector can report."""

DETECTOR_VERSION: Final = "2"
"""Stamped on spans; changes whenever the same text may give other findings."""

_LETTERS = "\u00c0-\u024f\u0370-\u052f"
_LOCAL_PART = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+%'!#$&*^~"
_HEX_COLONS = "0123456789abcdefABCDEF:."
_SEPARATOR = f"[{phones.SEPARATORS}]"


def _local_part_begin(text: str, anchor: int) -> int:
    """Return where the local part before an `@` begins; letters of alphabetic scripts count, ideographs do not."""
    floor = max(0, anchor - 256)
    head = text[floor:anchor]
    while True:
        head = head.rstrip(_LOCAL_PART)
        if not head or not ("\u00c0" <= head[-1] <= "\u024f" or "\u0370" <= head[-1] <= "\u052f"):
            return floor + len(head)
        head = head[:-1]


def _address_begin(text: str, anchor: int) -> int:
    floor = max(0, anchor - 48)
    return floor + len(text[floor:anchor].rstrip(_HEX_COLONS))


PERSONAL: Final = (
    Rule(
        name="email",
        label="EMAIL",
        literals=("@",),
        expression=(
            f"[A-Za-z0-9._\\-+%'!#$&*^~{_LETTERS}]{{1,256}}@(?:[A-Za-z0-9{_LETTERS}\\-]{{1,63}}\\.){{1,15}}"
            f"(?:xn--[A-Za-z0-9\\-]{{1,59}}|[A-Za-z{_LETTERS}]{{2,24}})"
        ),
        check=validators.email_span,
        begin=_local_part_begin,
    ),
    Rule(
        name="card",
        label="CREDIT_CARD",
        anchor="number",
        expression="[1-689](?:[ .\\-/_*,|:\t\r\n]{0,3}[0-9]){12,18}",
        judge=validators.card_span,
        reach=64,
        digits="12345689",
        embedded=True,
        shortest=13,
    ),
    Rule(
        name="card_in_context",
        label="CREDIT_CARD",
        anchor="number",
        expression=f"[0-9]{{12,19}}|[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{2,4}}",
        judge=validators.card_in_context_span,
        reach=32,
        shortest=12,
    ),
    Rule(
        name="iban",
        label="IBAN",
        anchor="iban",
        expression="[A-Za-z]{2}[ -]?[0-9][ .\\-/_*\t\r\n]{0,2}[0-9](?:[ .\\-/_*\t\r\n]{0,2}[A-Za-z0-9]){10,31}",
        judge=validators.iban_span,
        reach=80,
    ),
    Rule(
        name="ipv4",
        label="IP_ADDRESS",
        anchor="number",
        expression="[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        check=validators.ipv4_span,
        reach=16,
    ),
    Rule(
        name="ipv6",
        label="IP_ADDRESS",
        anchor="colon",
        expression="[0-9A-Fa-f:.]{6,46}",
        check=validators.ipv6_span,
        begin=_address_begin,
        reach=48,
    ),
    Rule(
        name="mac",
        label="MAC_ADDRESS",
        anchor="colon",
        expression="(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}",
        check=validators.mac_span,
        begin=_address_begin,
        reach=20,
    ),
    Rule(
        name="phone_international",
        label="PHONE",
        literals=("+",),
        expression=f"\\+\\(?[0-9]{{1,3}}\\)?(?:[()/{phones.SEPARATORS}]{{0,3}}[0-9]){{5,13}}(?: ?x[0-9]{{1,6}})?",
        check=phones.international_span,
        reach=64,
    ),
    Rule(
        name="phone_bracketed",
        label="PHONE",
        literals=("(",),
        expression=(
            f"\\([0-9]{{2,5}}\\)[ \\-]?[0-9]{{2,4}}(?:{_SEPARATOR}[0-9]{{2,4}}){{1,2}}"
            "|\\([0-9]{2,5}\\)[ \\-]?[0-9]{5,8}"
        ),
        judge=phones.bracketed_span,
        reach=32,
    ),
    Rule(
        name="phone_north_american",
        label="PHONE",
        anchor="number",
        expression=(
            f"(?:1{_SEPARATOR}{{1,2}}\\(?)?[2-9][0-9]{{2}}(?:\\){_SEPARATOR}{{0,2}}|{_SEPARATOR}{{1,2}})[0-9]{{3}}{_SEPARATOR}{{1,2}}[0-9]{{4}}"
            "(?: ?x[0-9]{1,6})?"
        ),
        judge=phones.north_american_span,
        reach=32,
        digits="123456789",
        shortest=10,
    ),
    Rule(
        name="phone_trunk",
        label="PHONE",
        anchor="number",
        expression=(
            f"0 ?[1-9][0-9]{{0,3}}(?:\\)?[/{phones.SEPARATORS}]{{1,3}}\\(?[0-9]{{2,8}}){{1,4}}"
            f"|00[1-9][0-9]{{0,2}}(?:\\)?[/{phones.SEPARATORS}]{{1,2}}\\(?[0-9]{{1,8}}){{1,5}}"
            "|07[0-9]{9}"
        ),
        judge=phones.trunk_span,
        reach=48,
        digits="0",
        shortest=10,
    ),
    Rule(
        name="phone_named",
        label="PHONE",
        anchor="number",
        expression=f"[0-9](?:[()/]?{_SEPARATOR}{{0,2}}[()]?[0-9]){{6,14}}",
        judge=phones.named_span,
        reach=48,
    ),
)

RULES: Final = SECRETS + PERSONAL
