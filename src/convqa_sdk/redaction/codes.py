"""Decide what a code is: digits, or digits and letters, that number a person, an account, a document or a vehicle.

Words decide first: behind `passport number` a code is a passport. Without a word only what its own shape and check
digits prove counts, or what is the whole message, because that answers the question for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from convqa_sdk.redaction import wallets
from convqa_sdk.redaction.context import Surroundings, joined
from convqa_sdk.redaction.context_words import SOMETHING_ELSE, is_telling
from convqa_sdk.redaction.dates import date_span
from convqa_sdk.redaction.identifiers import Identifier
from convqa_sdk.redaction.kinds_by_form import Possible, possible
from convqa_sdk.redaction.rule import Span
from convqa_sdk.redaction.validators import mac_span

LONGEST_CODE: Final = 34
REACH: Final = 64

_GROUP = re.compile("[A-Za-z0-9]+")
_SEQUENCE = re.compile(
    "[A-Za-z0-9]{1,24}(?:(?:[ .\\-/_:]{1,2}| - |\r?\n)"
    "(?:[A-Za-z]{0,5}[0-9][A-Za-z0-9]{0,11}|[A-Z]{1,4}|[a-z]{1,2})){0,18}"
)
_PREFIX = re.compile("(?:[A-Za-z]{1,6}[-/_.#]|[A-Z]{1,4} )$")
_SEPARATORS = str.maketrans("", "", " .-/_:\n\r")
_LAYOUT = str.maketrans("\n_", "  ", "\r")
_MONEY_BEFORE = frozenset("$€£¥₹₺#")
_MONEY_BEHIND = frozenset("€£¥%₹₺")
_SECURITY_CODE = re.compile("[0-9]{3,4}")
_NOTHING: Final[frozenset[str]] = frozenset()
_PART_OF = frozenset("-./@+")
_THOUSANDS = re.compile(",[0-9]{1,3}(?:[^0-9]|$)")
_GOING_ON = frozenset("-./,:")
_BEFORE_PREFIX = frozenset("-/_.# ")
_MEASURE = re.compile(
    "[0-9]{1,2}:[0-9]{2}.*|[0-9]{1,4} ?(?:mm|cm|kg|km|ml|kb|mb|gb)|"
    "[0-9]{1,5}[.,][0-9]{1,2}|[0-9]+(?:\\.[0-9]+){2,4}|[0-9]+ ?[xX] ?[0-9].*|v[0-9].*"
)
_LOWER_GROUP = re.compile("[ ./-][a-z]+(?:[ ./-]|$)")
_ALNUM = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_BEFORE_NAME = frozenset(" ()-\t")
_MARGIN = 16
_DATE_GROUPS = 3
_LONGEST_DATE = 8
_SHORTEST_NAME = 3
_SHORT = 2
_SHORTEST_BY_CLASS = 5  # shorter ones count behind their own name: `RFC 2616` is nobody's
_DATE_AHEAD = re.compile("(?:st|nd|rd|th|er|º)?[.]? ?(?:de |of |di |da |d')?[^\\W\\d_]{3}")
_JOINTS = frozenset(" .-/_:\r\n\t")
_HEX_GROUP, _HEX_GROUPS = 2, 6
_CISCO = 4
_HEX_PAIR = re.compile("[0-9A-Fa-f]{2}-")
_HARDWARE = re.compile("(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}")

_ORDER = (
    "CVV", "US_SSN", "DATE_OF_BIRTH", "VIN", "PASSPORT", "DRIVER_LICENSE", "NATIONAL_ID", "VEHICLE_PLATE",
    "BANK_ACCOUNT", "ACCOUNT_ID",
)  # fmt: skip
_ACCOUNTS_FIRST = (*_ORDER[:-2], "ACCOUNT_ID", "BANK_ACCOUNT")
_CAPITALS_AND_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
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
    "BANK_ACCOUNT": ("[A-Z]{0,3}[0-9]{6,26}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", 6, 9),
    "ACCOUNT_ID": ("[A-Z0-9]{4,24}", 3, 4),
}


Found = tuple[int, int, str, str]
Sequence = tuple[int, int, str]
"""Count of groups, the offset where they end, and the compact value."""


def code_at(  # noqa: PLR0912 - runs at each number of a text: every call would be paid for
    text: str, start: int, end: int, around: Surroundings
) -> Found | None:
    """Return the value that stands where a group of letters and digits begins.

    Args:
        text: The whole text.
        start: Where a group begins that holds a digit.
        end: Where it ends.
        around: The words around values of this text.

    Returns:
        Start, end, class and the name of what found it; None when no value stands there.
    """
    length = end - start
    after = text[end : end + 1]
    if length >= wallets.SHORTEST:
        return _wallet(text, start, end, around)
    if length <= _SHORT and not _goes_further(text, start, end) and not _DATE_AHEAD.match(text, end, end + 12):
        return None
    if (length == _HEX_GROUP and after == "-") or (length == _CISCO and after == "."):
        hardware = _hardware(text, start)
        if hardware is not None:
            return hardware
    before = text[start - 1 : start]
    begins = _begins(text, start) if before in _BEFORE_PREFIX else (start,)
    classes = _NOTHING
    if begins[0] != start:
        before = text[begins[0] - 1 : begins[0]]
    money = before in _MONEY_BEFORE
    places = [_Place(text, begin, end) for begin in begins]
    if not before or before == "#" or not (money or joined(before)):
        classes = around.classes(start)
        if not classes and after in _BEFORE_NAME:
            classes = around.behind(end)
        if not classes and after in _WITHIN_DATE:
            date = date_span(text, start)
            classes = around.behind(date[1]) & _BIRTH if date is not None else classes
        if classes and classes != SOMETHING_ELSE:
            for label in _ACCOUNTS_FIRST if text[begins[0]] in _CAPITALS else _ORDER:
                if label in classes:
                    span = _named(text, places, label, around)
                    if span is not None:
                        return *span, label, f"{label.lower()}_named"
    if places[0].inside and not around.kinds(start):
        return None
    return _proved(text, places, classes, around)


def _goes_further(text: str, start: int, end: int) -> bool:
    """Tell whether one or two characters are part of something longer: a code in groups, or a date."""
    after = text[end : end + 1]
    if after in _JOINTS:
        following = text[end + 1 : end + 2]
        if following in _CAPITALS_AND_DIGITS:
            return True
        if following in _JOINTS and text[end + 2 : end + 4].strip()[:1].isdigit():
            return True
    return text[start - 1 : start] in _JOINTS and joined(text[start - 2 : start - 1])


class _Place:
    """A place where a code may begin.

    Attributes:
        start: Its offset.
        inside: Whether it goes on a code that began before it, or a time.
        sequences: The sequences of groups that begin there, found when they are first asked for.
    """

    __slots__ = ("_first", "_sequences", "_text", "inside", "start")

    def __init__(self, text: str, start: int, first: int) -> None:
        self.start = start
        before = text[start - 1 : start]
        self.inside = before in _PART_OF and joined(text[start - 2 : start - 1])
        if before == ":":
            self.inside = text[start - 3 : start - 1].isdigit()
        self._text = text
        self._first = first
        self._sequences: list[Sequence] | None = None

    @property
    def sequences(self) -> list[Sequence]:
        found = self._sequences
        if found is None:
            found = self._sequences = _sequences(self._text, self.start, self._first)
        return found


def _hardware(text: str, start: int) -> Found | None:
    """Return a hardware address in groups; the first ones may have held no digit."""
    for _ in range(_HEX_GROUPS - 1):
        if start < 3 or not _HEX_PAIR.match(text, start - 3, start):
            break
        start -= 3
    match = _HARDWARE.match(text, start, start + 18)
    span = mac_span(text, *match.span()) if match is not None else None
    return None if span is None else (*span, "MAC_ADDRESS", "mac_grouped")


def _wallet(text: str, start: int, end: int, around: Surroundings) -> Found | None:
    """Return a wallet's address; anything else so long is no code."""
    token = text[start:end]
    proved = wallets.is_wallet(token) or (
        text.startswith("bitcoincash:", max(0, start - 12)) and wallets.is_cash_address(token)
    )
    if not proved and wallets.has_wallet_shape(token):
        proved = "CRYPTO_WALLET" in around.classes(start)
    return (start, end, "CRYPTO_WALLET", "wallet") if proved else None


def _named(text: str, places: list[_Place], label: str, around: Surroundings) -> Span | None:
    """Return the value of a class that words name."""
    if label == "CVV":
        return _security_code(text, places[-1].start, around)
    if label == "DATE_OF_BIRTH":
        return date_span(text, places[-1].start)
    if label not in _GENERIC:
        return None
    shape, fewest, groups = _shape(label)
    likely: Span | None = None
    for place in places:
        for count, end, compact in place.sequences:
            kinds = possible(compact)
            if any(kind.matches(compact) for kind in kinds.strong.get(label, ())):
                return place.start, end if likely is None else likely[1]
            if likely is not None or place.inside:
                continue
            written = text[place.start : end]
            if count <= groups and shape.fullmatch(compact) and sum(map(str.isdigit, compact)) >= fewest:
                credible = _upright(written) or _laid_out(kinds.others.get(label, ()), written)
            else:
                matching = [kind for kind in kinds.others.get(label, ()) if kind.matches(compact)]
                if len(compact) < _SHORTEST_BY_CLASS:
                    own = around.kinds(place.start)
                    matching = [kind for kind in matching if kind.name in own]
                credible = bool(matching) and (_upright(written) or _laid_out(matching, written))
            if credible and label in around.close(place.start):
                likely = place.start, end
    return likely


def _security_code(text: str, start: int, around: Surroundings) -> Span | None:
    match = _SECURITY_CODE.match(text, start)
    if match is None or joined(text[match.end() : match.end() + 1]) or "CVV" not in around.close(start):
        return None
    return match.span()


def _proved(text: str, places: list[_Place], classes: frozenset[str], around: Surroundings) -> Found | None:
    """Return the value that its shape and check digits prove, or that is the whole message."""
    own: frozenset[str] | None = None
    for place in places:
        start = place.start
        alone = not place.inside and text[start - 1 : start] not in _MONEY_BEFORE
        for count, end, compact in place.sequences:
            kinds = possible(compact)
            if not (kinds.message or kinds.named) or text[end : end + 1] in _MONEY_BEHIND:
                continue
            if own is None:
                own = around.kinds(start)
            found = None
            if around.message and len(text) - end + start <= _MARGIN and text.strip() == text[start:end]:
                found = _whole(kinds.message, text[start:end], compact)
            elif alone and kinds.standing:
                found = _standing(kinds, text[start:end], compact, count, classes)
            if found is None and own:
                found = _credible(kinds.named, text[start:end], compact, own)
            if found is not None:
                return start, end, found.label, found.name
    return None


def _whole(kinds: Iterable[Identifier], written: str, compact: str) -> Identifier | None:
    """Return the kind of a value that is the whole message."""
    upper = written.translate(_LAYOUT).upper()
    alone = (kind for kind in kinds if kind.stands_alone(upper, compact, whole=True))
    return next((kind for kind in alone if kind.matches(compact)), None)


def _standing(kinds: Possible, written: str, compact: str, count: int, classes: frozenset[str]) -> Identifier | None:
    """Return the kind of a value, without a word for it, inside a longer text."""
    upper = written
    if count > 1:
        upper = written.translate(_LAYOUT).upper()
        if kinds.layouts is None or kinds.layouts.fullmatch(upper) is None or _LOWER_GROUP.search(written):
            return None
    for kind in kinds.standing:
        if kind.alone == "written" and (count == 1 or (classes == SOMETHING_ELSE and kind.label != "US_SSN")):
            continue
        fits = kind.laid_out(upper) if count > 1 else kind.check == "strong" or _upright(written)
        if fits and kind.matches(compact):
            return kind
    return None


def _credible(kinds: Iterable[Identifier], written: str, compact: str, named: frozenset[str]) -> Identifier | None:
    """Return the kind whose own name stands before the value, and whose check digits are right."""
    for kind in kinds:
        if kind.name in named and kind.matches(compact) and (_laid_out((kind,), written) or _upright(written)):
            return kind
    return None


def _laid_out(kinds: Iterable[Identifier], written: str) -> bool:
    """Tell whether a value is written in the customary grouping of a kind."""
    return any(kind.laid_out(written.translate(_LAYOUT).upper()) for kind in kinds)


def _goes_on(text: str, end: int) -> bool:
    """Tell whether a value is followed by more of the same code or number."""
    after = text[end : end + 1]
    if after not in _GOING_ON or not "0" <= text[end + 1 : end + 2] <= "9":
        return False
    return after != "," or _THOUSANDS.match(text, end) is not None


def _sequences(text: str, start: int, first: int) -> list[Sequence]:
    """Return the sequences of groups that begin at an offset, the longest first; dates are no codes.

    Args:
        text: The whole text.
        start: Where the sequences begin.
        first: Where the first group with a digit ends.
    """
    if not _goes_on_in_groups(text, first) and text[start:first].isalnum():
        return [] if _goes_on(text, first) else [(1, first, text[start:first].upper())]
    match = _SEQUENCE.match(text, start, start + REACH)
    if match is None:
        return []
    found: list[Sequence] = []
    compact = ""
    last = match.end()
    for count, group in enumerate(_GROUP.finditer(text, start, last), 1):
        end = group.end()
        compact += group.group()
        if len(compact) > LONGEST_CODE or (end == last and text[end : end + 1] in _ALNUM):
            break
        if not _goes_on(text, end) and not (count == _DATE_GROUPS and _is_date(text, start, end, compact)):
            found.append((count, end, compact.upper()))
    found.reverse()
    return found


def _goes_on_in_groups(text: str, end: int) -> bool:
    """Tell whether another group of a code may follow one: digits, capitals, or a letter alone."""
    if text[end : end + 1] not in _JOINTS:
        return False
    following = text[end + 1 : end + 2]
    if following in _LOWER:
        return text[end + 2 : end + 3] not in _LOWER or text[end + 3 : end + 4] not in _LOWER
    return following in _CAPITALS_AND_DIGITS or following in _JOINTS


def _is_date(text: str, start: int, end: int, compact: str) -> bool:
    return len(compact) <= _LONGEST_DATE and compact.isdigit() and date_span(text, start) == (start, end)


def _begins(text: str, start: int) -> list[int]:
    """Return where a code may begin: with the short groups of letters in front of it, and without."""
    begins = [start]
    for _ in range(2):
        if text[begins[0] - 1 : begins[0]] not in _BEFORE_PREFIX:
            break
        if not text[begins[0] - 2 : begins[0] - 1].isalpha():
            break
        match = _PREFIX.search(text, max(0, begins[0] - 8), begins[0])
        if match is None or joined(text[match.start() - 1 : match.start()]) or _is_word(match.group()):
            break
        begins.insert(0, match.start())
    return begins


def _is_word(prefix: str) -> bool:
    """Tell whether letters in front of a code, with what joins them to it, are a word that names something."""
    word = prefix.rstrip(" -/_.#").lower()
    return not (prefix.endswith("-") and len(word) < _SHORTEST_NAME) and is_telling(word)


def _upright(written: str) -> bool:
    """Tell whether what a word names may be a code: no time, amount or measure, and no group that is a word."""
    if _MEASURE.fullmatch(written):
        return False
    groups = _GROUP.findall(written)
    return all(any("0" <= c <= "9" for c in group) or (len(group) <= 4 and group.isupper()) for group in groups)


@cache
def _shape(label: str) -> tuple[re.Pattern[str], int, int]:
    expression, fewest, groups = _GENERIC[label]
    return re.compile(expression), fewest, groups
