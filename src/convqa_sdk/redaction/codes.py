"""Decide what a code is: digits, or digits and letters, that number a person, an account, a document or a vehicle.

Words decide first: behind `passport number` a code is a passport. Without a word only what its own shape and check
digits prove counts, or what is the whole message, because that answers the question for it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from convqa_sdk.redaction import wallets
from convqa_sdk.redaction.context import SOMETHING_ELSE, classes_before, classes_behind, joined
from convqa_sdk.redaction.dates import date_span
from convqa_sdk.redaction.identifiers import Identifier, identifiers_of_length
from convqa_sdk.redaction.rule import Span
from convqa_sdk.redaction.validators import mac_span

REACH: Final = 64

_GROUP = re.compile("[A-Za-z0-9]+")
_SEQUENCE = re.compile("[A-Za-z0-9]{1,24}(?:(?:[ .\\-/_:]{1,2}| - |\r?\n)(?:[A-Za-z0-9]{1,12})){0,18}")
_PREFIX = re.compile("(?:[A-Za-z]{1,6}[-/_.#]|[A-Z]{1,4} )$")
_SEPARATORS = str.maketrans("", "", " .-/_:\n\r")
_LAYOUT = str.maketrans("\n_", "  ", "\r")
_MONEY_BEFORE = "$€£¥₹₺#"
_MONEY_BEHIND = ("€", "£", "¥", "%", "₹", "₺")
_SECURITY_CODE = re.compile("[0-9]{3,4}")
_PART_OF = "-./_#@+"
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_ORDER = (
    "CVV", "US_SSN", "DATE_OF_BIRTH", "VIN", "PASSPORT", "DRIVER_LICENSE", "NATIONAL_ID", "VEHICLE_PLATE",
    "BANK_ACCOUNT", "ACCOUNT_ID",
)  # fmt: skip
_GENERIC: Final[dict[str, tuple[str, int, int]]] = {  # shape of the compact value, fewest digits, longest group count
    "US_SSN": ("[0-9]{9}", 9, 9),
    "VIN": ("[A-HJ-NPR-Z0-9]{17}", 3, 1),
    "PASSPORT": ("[A-Z0-9]{6,12}", 4, 4),
    "DRIVER_LICENSE": ("[A-Z0-9]{5,18}", 3, 6),
    "NATIONAL_ID": ("[A-Z0-9]{6,20}", 5, 11),
    "VEHICLE_PLATE": ("[A-Z0-9]{4,9}", 1, 3),
    "BANK_ACCOUNT": ("[0-9]{6,26}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", 6, 9),
    "ACCOUNT_ID": ("[A-Z0-9]{4,24}", 3, 4),
}


Found = tuple[int, int, str, str]
LONGEST_GROUP: Final = 128
_HARDWARE = re.compile("(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}[.\\-]){2}[0-9A-Fa-f]{4}")


def find_code(text: str, start: int) -> Found | None:
    """Return the value that stands where a group of letters and digits begins.

    Args:
        text: The whole text.
        start: Where the first group begins that holds a digit.

    Returns:
        Start, end, class and the name of what found it; None when no value stands there.
    """
    apart = _long(text, start) or _hardware(text, start)
    if apart is not None:
        return apart
    starts = _starts(text, start)
    before = text[starts[0] - 1 : starts[0]]
    if before and (before in _MONEY_BEFORE or joined(before)):
        return _proved(text, starts, frozenset())
    named = classes_before(text, starts[0])
    if not named:
        first = _GROUP.match(text, start, start + REACH)
        named = classes_behind(text, first.end()) if first is not None else named
    for label in _ORDER if named else ():
        if label in named:
            span = _named(text, starts, label)
            if span is not None:
                return *span, label, f"{label.lower()}_named"
    return _proved(text, starts, named)


def _long(text: str, start: int) -> Found | None:
    """Return a wallet's address, or nothing of what is too long for any other code."""
    group = _GROUP.match(text, start, start + LONGEST_GROUP)
    if group is None or len(group.group()) < wallets.SHORTEST:
        return None
    token = group.group()
    if (
        wallets.is_wallet(token)
        or (wallets.has_wallet_shape(token) and classes_before(text, start) == {"CRYPTO_WALLET"})
        or (text[max(0, start - 12) : start] == "bitcoincash:" and wallets.is_cash_address(token))
    ):
        return start, group.end(), "CRYPTO_WALLET", "wallet"
    return None


def _hardware(text: str, start: int) -> Found | None:
    """Return a hardware address with dashes or points."""
    match = _HARDWARE.match(text, start, start + 18)
    span = mac_span(text, *match.span()) if match is not None else None
    return None if span is None else (*span, "MAC_ADDRESS", "mac_dashed")


def _named(text: str, starts: list[int], label: str) -> Span | None:
    """Return the value of a class that words name."""
    if label == "CVV":
        match = _SECURITY_CODE.match(text, starts[-1])
        return match.span() if match is not None and not text[match.end() : match.end() + 1].isalnum() else None
    if label == "DATE_OF_BIRTH":
        return date_span(text, starts[-1])
    shape, fewest, groups = _shape(label)
    generic: Span | None = None
    for start in starts:
        for count, end in _sequences(text, start):
            if _goes_on(text, end):
                continue
            written = text[start:end]
            compact = written.translate(_SEPARATORS).upper()
            if any(kind.label == label and kind.matches(compact) for kind in identifiers_of_length(len(compact))):
                return start, end
            if (
                generic is None
                and count <= groups
                and sum(map(str.isdigit, compact)) >= fewest
                and shape.fullmatch(compact)
                and _upright(written)
                and not (count == 3 and date_span(text, start) == (start, end))
            ):
                generic = start, end
    return generic


def _proved(text: str, starts: list[int], named: frozenset[str]) -> Found | None:
    """Return the value that its shape and check digits prove, or that is the whole message."""
    for start in starts:
        before = text[start - 1 : start]
        inside = bool(before) and before in _PART_OF and text[max(0, start - 2)].isalnum() and before != "_"
        for count, end in _sequences(text, start):
            if _goes_on(text, end) or text[end : end + 1] in _MONEY_BEHIND:
                continue
            written = text[start:end]
            compact = written.translate(_SEPARATORS).upper()
            kinds = _alone(len(compact))
            if not kinds:
                continue
            whole = text.strip() == written
            for kind in kinds:
                if not whole:
                    if kind.alone == "message" or inside or (before and before in _MONEY_BEFORE):
                        continue
                    if kind.alone == "written" and (count == 1 or named == SOMETHING_ELSE):
                        continue
                    if count > 1 and not kind.laid_out(written.translate(_LAYOUT).upper()):
                        continue
                if kind.matches(compact):
                    return start, end, kind.label, kind.name
    return None


def _goes_on(text: str, end: int) -> bool:
    """Tell whether a value is followed by more of the same code or number."""
    after = text[end : end + 1]
    return (after.isalnum() and after.isascii()) or (
        after in ("-", ".", "/", ",", ":") and text[end + 1 : end + 2].isdigit()
    )


def _sequences(text: str, start: int) -> list[tuple[int, int]]:
    """Return count and end of the sequences of groups that begin at an offset, the longest first."""
    match = _SEQUENCE.match(text, start, start + REACH)
    if match is None:
        return []
    ends = [group.end() for group in _GROUP.finditer(text, start, match.end())]
    return list(enumerate(ends, 1))[::-1]


def _starts(text: str, start: int) -> list[int]:
    """Return where a code may begin: with the short groups of letters in front of it, and without."""
    starts = [start]
    for _ in range(2):
        match = _PREFIX.search(text, max(0, starts[0] - 8), starts[0])
        if match is None or text[match.start() - 1 : match.start()].isalnum():
            break
        starts.insert(0, match.start())
    return starts


def _upright(written: str) -> bool:
    """Tell whether a code named by a word may be one: groups of letters alone are words unless they are short."""
    groups = _GROUP.findall(written)
    return all(any("0" <= c <= "9" for c in group) or (len(group) <= 4 and group.isupper()) for group in groups)


@cache
def _shape(label: str) -> tuple[re.Pattern[str], int, int]:
    expression, fewest, groups = _GENERIC[label]
    return re.compile(expression), fewest, groups


@cache
def _alone(length: int) -> tuple[Identifier, ...]:
    """Return the kinds of a length that need no word."""
    return tuple(kind for kind in identifiers_of_length(length) if kind.alone != "never")
