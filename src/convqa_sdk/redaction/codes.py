"""Decide what a code is: digits, or digits and letters, that number a person, an account, a document or a vehicle.

Words decide first: behind `passport number` a code is a passport. Without a word only what its own shape and check
digits prove counts, or what is the whole message, because that answers the question for it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from convqa_sdk.redaction import wallets
from convqa_sdk.redaction.context import SOMETHING_ELSE, classes_behind, classes_close, is_named, is_telling, joined
from convqa_sdk.redaction.dates import date_span
from convqa_sdk.redaction.identifier_words import WORDS
from convqa_sdk.redaction.identifiers import LONGEST, Identifier, identifiers_of_length, kinds
from convqa_sdk.redaction.rule import Named, Span
from convqa_sdk.redaction.validators import mac_span

REACH: Final = 64

_GROUP = re.compile("[A-Za-z0-9]+")
_SEQUENCE = re.compile(
    "[A-Za-z0-9]{1,24}(?:(?:[ .\\-/_:]{1,2}| - |\r?\n)(?:[A-Za-z]{0,5}[0-9][A-Za-z0-9]{0,11}|[A-Z]{1,4}|[a-z]{1,2})){0,18}"
)
_PREFIX = re.compile("(?:[A-Za-z]{1,6}[-/_.#]|[A-Z]{1,4} )$")
_SEPARATORS = str.maketrans("", "", " .-/_:\n\r")
_LAYOUT = str.maketrans("\n_", "  ", "\r")
_MONEY_BEFORE = frozenset("$€£¥₹₺#")
_MONEY_BEHIND = frozenset("€£¥%₹₺")
_SECURITY_CODE = re.compile("[0-9]{3,4}")
_NOTHING: Final[frozenset[str]] = frozenset()
_PART_OF = frozenset("-./#@+")
_GOING_ON = frozenset("-./,:")
_BEFORE_PREFIX = frozenset("-/_.# ")
_MEASURE = re.compile(
    "[0-9]{1,2}:[0-9]{2}.*|[0-9]{1,5}[.,][0-9]{1,2}|[0-9]+(?:\\.[0-9]+){2,}|[0-9]+ ?[xX] ?[0-9].*|v[0-9].*"
)
_LOWER_GROUP = re.compile("[ ./-][a-z]+(?:[ ./-]|$)")
_CISCO = 4
_HEX_PAIR = re.compile("[0-9A-Fa-f]{2}-")
_HARDWARE = re.compile("(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}")
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_ORDER = (
    "CVV", "US_SSN", "DATE_OF_BIRTH", "VIN", "PASSPORT", "DRIVER_LICENSE", "NATIONAL_ID", "VEHICLE_PLATE",
    "BANK_ACCOUNT", "ACCOUNT_ID",
)  # fmt: skip
_ACCOUNTS_FIRST = (*_ORDER[:-2], "ACCOUNT_ID", "BANK_ACCOUNT")
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_BIRTH = frozenset({"DATE_OF_BIRTH"})
_WITHIN_DATE = frozenset(".-/ ")
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


def code_at(text: str, start: int, end: int, named: Named) -> Found | None:
    """Return the value that stands where a group of letters and digits begins.

    Args:
        text: The whole text.
        start: Where a group begins that holds a digit.
        end: Where it ends.
        named: Returns the classes that words before an offset name.

    Returns:
        Start, end, class and the name of what found it; None when no value stands there.
    """
    if end - start >= wallets.SHORTEST:
        return _wallet(text, start, end, named)
    hardware = _hardware(text, start) if text[start + 2 : start + 3] == "-" or end - start == _CISCO else None
    if hardware is not None and mac_span(text, *hardware.span()) is not None:
        return *hardware.span(), "MAC_ADDRESS", "mac_grouped"
    begins = _begins(text, start)
    before = text[begins[0] - 1 : begins[0]]
    classes = _NOTHING
    if not before or not (before in _MONEY_BEFORE or joined(before)):
        classes = named(start) or classes_behind(text, end)
        if not classes and text[end : end + 1] in _WITHIN_DATE:
            date = date_span(text, start)
            classes = classes_behind(text, date[1]) & _BIRTH if date is not None else classes
        if classes and classes != SOMETHING_ELSE:
            for label in _ACCOUNTS_FIRST if text[begins[0]] in _CAPITALS else _ORDER:
                if label in classes:
                    span = _named(text, begins, label)
                    if span is not None:
                        return *span, label, f"{label.lower()}_named"
    return _proved(text, begins, classes)


def _hardware(text: str, start: int) -> re.Match[str] | None:
    """Match a hardware address in groups; the first ones may have held no digit."""
    while _HEX_PAIR.match(text, start - 3, start) and start >= 3:
        start -= 3
    return _HARDWARE.match(text, start, start + 18)


def _wallet(text: str, start: int, end: int, named: Named) -> Found | None:
    """Return a wallet's address; anything else so long is no code."""
    token = text[start:end]
    proved = wallets.is_wallet(token) or (
        text.startswith("bitcoincash:", max(0, start - 12)) and wallets.is_cash_address(token)
    )
    if not proved and wallets.has_wallet_shape(token):
        proved = "CRYPTO_WALLET" in named(start)
    return (start, end, "CRYPTO_WALLET", "wallet") if proved else None


def _named(text: str, begins: list[int], label: str) -> Span | None:
    """Return the value of a class that words name."""
    if label == "CVV":
        match = _SECURITY_CODE.match(text, begins[-1]) if label in classes_close(text, begins[-1]) else None
        return match.span() if match is not None and not joined(text[match.end() : match.end() + 1]) else None
    if label == "DATE_OF_BIRTH":
        return date_span(text, begins[-1])
    if label not in _GENERIC:
        return None
    shape, fewest, groups = _shape(label)
    likely: Span | None = None
    for start in begins:
        inside = _is_inside(text, start)
        for count, end, compact in _sequences(text, start):
            if count == 3 and date_span(text, start) == (start, end):
                continue
            matching = [kind for kind in _possible(compact) if kind.label == label and kind.matches(compact)]
            if any(kind.check == "strong" for kind in matching):
                return start, end
            if likely is not None or inside or not _upright(text[start:end]):
                continue
            generic = count <= groups and shape.fullmatch(compact) and sum(map(str.isdigit, compact)) >= fewest
            if (matching or generic) and label in classes_close(text, start):
                likely = start, end
    return likely


def _proved(text: str, begins: list[int], classes: frozenset[str]) -> Found | None:
    """Return the value that its shape and check digits prove, or that is the whole message."""
    for start in begins:
        before = text[start - 1 : start]
        inside = _is_inside(text, start)
        money = before in _MONEY_BEFORE
        for count, end, compact in _sequences(text, start):
            possible = _possible(compact)
            if not possible or text[end : end + 1] in _MONEY_BEHIND:
                continue
            if count == 3 and date_span(text, start) == (start, end):
                continue
            if count > 1 and _LOWER_GROUP.search(text, start, end):
                continue
            whole = end - start == len(text) or text.strip() == text[start:end]
            for kind in possible:
                if not whole or kind.alone == "never":
                    if kind.check != "strong" and not _upright(text[start:end]):
                        continue
                    if not inside and not money and _stands_alone(kind, text[start:end], count, classes):
                        pass
                    elif (
                        kind.check == "none"
                        or not kind.matches(compact)
                        or not is_named(text, start, _own_words(kind.name))
                    ):
                        continue
                if kind.matches(compact):
                    return start, end, kind.label, kind.name
    return None


def _stands_alone(kind: Identifier, written: str, count: int, classes: frozenset[str]) -> bool:
    """Tell whether a kind is accepted without a word for it, inside a longer text."""
    if kind.alone not in ("always", "written"):
        return False
    if kind.alone == "written" and (count == 1 or (classes == SOMETHING_ELSE and kind.label != "US_SSN")):
        return False
    return count == 1 or kind.laid_out(written.translate(_LAYOUT).upper())


def _is_inside(text: str, start: int) -> bool:
    """Tell whether a group goes on a code that began before it."""
    return text[start - 1 : start] in _PART_OF and joined(text[max(0, start - 2) : start - 1])


def _goes_on(text: str, end: int) -> bool:
    """Tell whether a value is followed by more of the same code or number."""
    after = text[end : end + 1]
    return after in _GOING_ON and "0" <= text[end + 1 : end + 2] <= "9"


def _sequences(text: str, start: int) -> list[tuple[int, int, str]]:
    """Return the sequences of groups that begin at an offset, the longest first: count, end, and the compact value."""
    match = _SEQUENCE.match(text, start, start + REACH)
    if match is None:
        return []
    found: list[tuple[int, int, str]] = []
    compact = ""
    for count, group in enumerate(_GROUP.finditer(text, start, match.end()), 1):
        end = group.end()
        compact += group.group()
        if len(compact) > LONGEST + 8:
            break
        if not (end == match.end() and _GROUP.match(text, end)) and not _goes_on(text, end):
            found.append((count, end, compact.upper()))
    found.reverse()
    return found


def _begins(text: str, start: int) -> list[int]:
    """Return where a code may begin: with the short groups of letters in front of it, and without."""
    begins = [start]
    for _ in range(2):
        if text[begins[0] - 1 : begins[0]] not in _BEFORE_PREFIX:
            break
        match = _PREFIX.search(text, max(0, begins[0] - 8), begins[0])
        if match is None or joined(text[match.start() - 1 : match.start()]) or is_telling(match.group()):
            break
        begins.insert(0, match.start())
    return begins


def _upright(written: str) -> bool:
    """Tell whether what a word names may be a code: no time, amount or measure, and no group that is a word."""
    if _MEASURE.fullmatch(written):
        return False
    groups = _GROUP.findall(written)
    return all(any("0" <= c <= "9" for c in group) or (len(group) <= 4 and group.isupper()) for group in groups)


@cache
def _own_words(name: str) -> frozenset[str]:
    """Return the words that name one kind of identifier, without those that name its whole class."""
    kind = next(kind for kind in kinds() if kind.name == name)
    return kind.words - WORDS.get(kind.label, frozenset())


@cache
def _shape(label: str) -> tuple[re.Pattern[str], int, int]:
    expression, fewest, groups = _GENERIC[label]
    return re.compile(expression), fewest, groups


def _possible(compact: str) -> tuple[Identifier, ...]:
    """Return the kinds that have letters and digits where a compact value has them."""
    if len(compact) > LONGEST:
        return ()
    signature = compact.translate(_SIGNATURE)
    kinds = _by_signature.get(signature)
    if kinds is None:
        kinds = tuple(kind for kind in identifiers_of_length(len(compact)) if _signed(kind.shape).fullmatch(signature))
        if len(_by_signature) >= _MEMORY:
            _by_signature.clear()
        _by_signature[signature] = kinds
    return kinds


_MEMORY: Final = 4_096
_by_signature: dict[str, tuple[Identifier, ...]] = {}
_SIGNATURE: Final = {
    **dict.fromkeys(map(ord, "0123456789"), "0"),
    **dict.fromkeys(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "A"),
}
_PIECES: Final = re.compile("\\[[^\\]]*\\]|\\{[^}]*\\}|\\(\\?:|.")


@cache
def _signed(shape: str) -> re.Pattern[str]:
    """Return an expression for the signatures of what a shape matches: A for letters, 0 for digits."""
    signed: list[str] = []
    for piece in _PIECES.findall(shape):
        if piece[0] == "[":
            inside = re.compile(piece)
            letters = any(inside.match(letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            digits = any(inside.match(digit) for digit in "0123456789")
            signed.append("[" + "A" * letters + "0" * digits + "]")
        else:
            signed.append(piece.translate(_SIGNATURE) if piece.isalnum() else piece)
    return re.compile("".join(signed))
