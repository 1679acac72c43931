"""Decide whether a run of characters that looks like a card, an IBAN, an address or a key really is one.

The plain functions take the bare value. The `*_span` functions take a text and the span a pattern matched, look at the
neighbours (patterns stay in the RE2 subset, which has no lookaround), and return the span of the value, or None.
"""

from __future__ import annotations

import re
import string
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from convqa_sdk.redaction.context import Surroundings, joined
from convqa_sdk.redaction.context_words import SOMETHING_ELSE
from convqa_sdk.redaction.rule import Span

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# ISO 13616 registry: length of an IBAN by country.
_IBAN_LENGTHS_TEXT = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 "
    "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTHS: Final = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS_TEXT.split()}

_LONG_WORD = re.compile("[ \t\r\n][A-Za-z]{5,}")
_SHORTEST_CARD = 13
_BETWEEN = re.compile("[^0-9]+")
_USUAL = frozenset((" ", "-", ".", "  ", " - "))
_DECIMAL = re.compile("[0-9]+\\.[0-9]+")

_SHORTEST_DIGEST, _LONGEST_DIGEST, _UUID_CHARS = 20, 128, 36
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_VERSION_BEFORE = re.compile(
    "(?:^|[^a-z])(?:v|ver|versions?|release|build|firmware|driver|chapter|section|clause|update)\\.?"
    "(?: +is| +no| +number| +to)?[ :=#\"']*$"
)


def luhn_valid(digits: str) -> bool:
    """Return whether the ASCII digits satisfy the Luhn check (ISO/IEC 7812-1, annex B)."""
    plain = sum(map(int, digits[-1::-2]))
    return (plain + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def issuer_lengths(digits: str) -> tuple[int, ...]:
    """Return the card lengths that the issuer of this prefix uses; empty when no issuer has it."""
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    if digits[0] == "4":
        return (13, 16, 19)
    if four in (1800, 2131):
        return (15,)
    if 2200 <= four <= 2204 or four == 9792:
        return (16,)
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return (16,)
    if two in (34, 37):
        return (15,)
    if two in (36, 38, 39) or 300 <= three <= 305 or four == 3095:
        return (14, 16, 17, 18, 19)
    if 3528 <= four <= 3589 or two in (60, 62, 64, 65, 81, 82) or 636 <= three <= 639:
        return (16, 17, 18, 19)
    if four in (5018, 5020, 5038, 5893, 6304, 6334, 6759, 6761, 6762, 6763, 6767) or two in (50, 56, 57, 58):
        return (13, 14, 15, 16, 17, 18, 19)
    return ()


def card_valid(digits: str) -> bool:
    """Return whether ASCII digits are a payment card number: issuer prefix, its lengths, and Luhn."""
    return 13 <= len(digits) <= 19 and len(digits) in issuer_lengths(digits) and luhn_valid(digits)


def iban_valid(compact: str) -> bool:
    """Return whether an IBAN without separators has its country's length and a mod-97 remainder of 1 (ISO 7064)."""
    value = compact.upper()
    if len(value) != IBAN_LENGTHS.get(value[:2]) or not value.isascii() or not value.isalnum():
        return False
    return int("".join(str(int(character, 36)) for character in value[4:] + value[:4])) % 97 == 1


def card_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Find the longest valid card number that begins at `start` and ends with a group of digits by `end`.

    Thirteen digits are a bar code more often, where words say that they are something else.
    """
    compact, ends = _digits_with_ends(text, start, end)
    lengths = issuer_lengths(compact)
    for length in reversed(lengths):
        if length > len(compact) or (length == _SHORTEST_CARD and around.classes(start) == SOMETHING_ELSE):
            continue
        stop = ends[length - 1]
        if not _digit_at(text, stop) and luhn_valid(compact[:length]) and _evenly_parted(text[start:stop]):
            return None if _in_digest(text, start, stop) else (start, stop)
    return None


def _evenly_parted(card: str) -> bool:
    """Tell whether the digits of a card are parted by blanks, dashes or points, or by one other sign throughout."""
    if _DECIMAL.fullmatch(card) or card.count("\n") > 1:
        return False
    parts = {part.strip("\r\n") for part in _BETWEEN.findall(card)} - {""}
    return parts <= _USUAL or len(parts) == 1


def _in_digest(text: str, start: int, end: int) -> bool:
    """Tell whether digits are part of a UUID, or of a longer run of hexadecimal characters that mixes both kinds."""
    if _in_uuid(text, start, end):
        return True
    before = text[max(0, start - _LONGEST_DIGEST) : start]
    head = before[len(before.rstrip(string.hexdigits)) :]
    behind = text[end : end + _LONGEST_DIGEST]
    rest = head + behind[: len(behind) - len(behind.lstrip(string.hexdigits))]
    mixed = not rest.isalpha() and not rest.isdigit()
    return mixed and len(rest) + end - start >= _SHORTEST_DIGEST and text[start:end].isdigit()


def _in_uuid(text: str, start: int, end: int) -> bool:
    uuids = _UUID.finditer(text, max(0, start - _UUID_CHARS), end + _UUID_CHARS)
    return any(uuid.start() <= start and end <= uuid.end() for uuid in uuids)


def card_in_context_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Accept a mistyped card number (no valid check digit) when the customer says that it is a card."""
    if _digit_at(text, end) or joined(text[start - 1 : start]) or text.startswith("0000", start):
        return None
    return (start, end) if "CREDIT_CARD" in around.classes(start) and not _in_digest(text, start, end) else None


def iban_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Find an IBAN at `start`: exactly its country's count of letters and digits, separators between.

    Its check digits must be right, unless words say that it is an account and it is in capitals.
    """
    if joined(text[start - 1 : start]):
        return None
    length = IBAN_LENGTHS.get(text[start : start + 2].upper(), 0)
    compact: list[str] = []
    for position in range(start, end):
        if text[position].isalnum():
            compact.append(text[position])
            if len(compact) == length:
                stop = position + 1
                bounded = not joined(text[stop : stop + 1]) and _LONG_WORD.search(text, start, stop) is None
                proved = iban_valid("".join(compact)) or (
                    text[start:stop].isupper() and "BANK_ACCOUNT" in around.classes(start)
                )
                return (start, stop) if bounded and proved and not _in_uuid(text, start, stop) else None
    return None


def ipv4_span(text: str, start: int, end: int) -> Span | None:
    """Accept a dotted quad that is an address, and neither part of a longer number nor a version."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if joined(before) or before == "." or joined(after):
        return None
    if after == "." and _digit_at(text, end + 1):
        return None
    try:
        IPv4Address(text[start:end])
    except AddressValueError:
        return None
    return None if _VERSION_BEFORE.search(text[max(0, start - 24) : start].lower()) else (start, end)


def ipv6_span(text: str, start: int, end: int) -> Span | None:
    """Accept an IPv6 address with at least two groups; `::1` and `a::b` are code more often than addresses."""
    if joined(text[start - 1 : start]) or text[start - 1 : start] == "_":
        return None
    while end > start and text[end - 1] in ":." and text[end - 2 : end] != "::":
        end -= 1
    if joined(text[end : end + 1]) or text[end : end + 1] == "_":
        return None
    value = text[start:end]
    groups = [group for group in value.split(":") if group]
    if len(groups) < 2 or sum(map(len, groups)) < 4 or not any(map(str.isdigit, value)):
        return None
    try:
        IPv6Address(value)
    except AddressValueError:
        return None
    return start, end


def mac_span(text: str, start: int, end: int) -> Span | None:
    """Accept a hardware address that is not part of a longer run, and neither empty nor everybody's."""
    if joined(text[start - 1 : start]) or joined(text[end : end + 1]):
        return None
    if text[start - 1 : start] in (":", "-", ".") or (
        text[end : end + 1] in (":", "-") and joined(text[end + 1 : end + 2])
    ):
        return None
    plain = text[start:end].translate(_NO_SIGNS).lower()
    return (start, end) if set(plain) - {"0"} and set(plain) - {"f"} else None


_NO_SIGNS = str.maketrans("", "", ":-.")
_URL_PASSWORD = re.compile("://[^\\s/?#@:\"'<>]{0,128}:[^\\s/?#\"'<>]{1,256}@")
_MARKER = re.compile(r"\[[A-Z][A-Z_]*(?::[a-z0-9]+:[a-z]+)?\]")


def email_span(text: str, start: int, end: int) -> Span | None:
    """Accept an address with a local part, unless it is the user part of a URL that carries a password."""
    while start < end and text[start] in "'.&*":
        start += 1
    if text[start] == "@":
        return None
    scheme = text.rfind("://", max(0, start - 400), start)
    if scheme >= 0 and _URL_PASSWORD.fullmatch(text, scheme, text.index("@", start) + 1):
        return None
    return start, end


def url_password_span(text: str, start: int, end: int) -> Span | None:
    """Accept the password of a URL, unless a marker already stands in its place."""
    return None if _MARKER.fullmatch(text, start, end) else (start, end)


def mixed_token_span(text: str, start: int, end: int) -> Span | None:
    """Accept a token that holds a digit, as words joined by hyphens do not."""
    return (start, end) if any("0" <= character <= "9" for character in text[start:end]) else None


def _digit_at(text: str, position: int) -> bool:
    return position < len(text) and "0" <= text[position] <= "9"


def _digits_with_ends(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """Return the ASCII digits of a span joined, and for each the offset behind it."""
    ends = [position + 1 for position in range(start, end) if "0" <= text[position] <= "9"]
    return "".join(text[position - 1] for position in ends), ends
