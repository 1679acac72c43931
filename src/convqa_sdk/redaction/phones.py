"""Decide whether digits are a telephone number: by their shape, or by what the customer calls them.

A plain run of digits is an order number more often than a phone, so it counts only after a word that says so, or
when it is a whole message of ten digits (the answer to "what is your number?").
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.context import vocabulary, words_before
from convqa_sdk.redaction.rule import Span

SEPARATORS: Final = " .\\-\u00a0\u2009\u202f\u2010-\u2015"
"""Inside a character class: what stands between the groups of a phone or card number."""

_DIGITS = re.compile("[0-9]+")
_GOES_ON = re.compile(f"[{SEPARATORS}]{{1,2}}[1-9][0-9]{{2}}")
_MOST_GROUPS = 7
_WHOLE_CHARS = 20
_NAMED, _NUMBERED, _WHOLE, _NONE = range(7, 16), range(10, 12), range(10, 11), range(0)

_STRONG = vocabulary(
    "phone phones telephone tel tele mobile mob cell cellphone call called calling callback ring dial text sms "
    "whatsapp msisdn fax contact reach ph hotline landline handy telefon telefonu telefonnummer rufnummer anrufen "
    "telefono teléfono móvil movil celular llamar téléphone appeler portable cellulare telefoon bellen komórka zadzwoń"
)
_WEAK = vocabulary("number num no nr nummer numer numéro número")
_OTHER_NUMBER = vocabulary(
    "order orders account acct card credit debit reference ref tracking ticket invoice confirmation booking "
    "reservation case policy id ssn social security routing sort serial member membership customer transaction pin zip "
    "zipcode postcode amount balance iban passport license licence flight sku item product model version charge date "
    "imei vin nhs nip pesel regon claim code error konto kontonummer zamówienie commande pedido bestellung rechnung "
    "swift bic meter"
)


def international_span(text: str, start: int, end: int) -> Span | None:
    """Accept `+` and 8 to 15 digits (E.164), cut at the last whole group; `+1` has exactly eleven."""
    if start and (text[start - 1].isalnum() or text[start - 1] == "+"):
        return None
    extension = text.find("x", start, end)
    main = extension if extension >= 0 else end
    digits = [position for position in range(start, main) if _is_digit(text, position)]
    if text[digits[0]] == "0":
        return None
    most = 11 if text[digits[0]] == "1" else 15
    count = min(len(digits), most)
    while count >= 8:
        stop = digits[count - 1] + 1
        if not _is_digit(text, stop):
            stop = end if stop + 1 >= main < end else stop
            return (start, stop) if count == 11 or text[digits[0]] != "1" else None
        count -= 1
    return None


def north_american_span(text: str, start: int, end: int) -> Span | None:
    """Accept `NXX NXX XXXX` with separators or brackets, on its own."""
    if not (_begins_alone(text, start) and _ends_alone(text, end)):
        return None
    head = text[start : start + 8]
    if not any(character in head for character in " .-()\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2015"):
        return None
    if text[start - 1 : start] == "(":
        start -= 1
    return start, end


def trunk_span(text: str, start: int, end: int) -> Span | None:
    """Accept a national number with its trunk zero in groups (`020 7946 0958`), no date; or a bare British mobile."""
    if not _begins_alone(text, start):
        return None
    groups = _groups(text, start, end)
    most = 15 if text[start + 1] == "0" else 12
    if len(groups) > 1 and [stop - begin for begin, stop in groups[:3]] == [2, 2, 4]:
        return None
    for count in (11, 10, *range(most, 8, -1)):
        stop = _stop_at(groups, count)
        if stop is None or not _ends_alone(text, stop) or _GOES_ON.match(text, stop, stop + 8):
            continue
        if stop == groups[0][1]:
            mobile = count == 11 and text[start + 1] == "7" and text[start + 2] != "0"
            return (start, stop) if mobile and not _called_otherwise(text, start) else None
        return (start - 1 if text[start - 1 : start] == "(" else start), stop
    return None


def named_span(text: str, start: int, end: int) -> Span | None:
    """Accept 7 to 15 digits after a word such as `phone`, ten or eleven after `number`, ten as a whole message."""
    if not _begins_alone(text, start):
        return None
    counts = _counts_after(text, start)
    if not counts:
        return None
    groups = _groups(text, start, end)
    if groups[0][1] - start >= 10:
        del groups[1:]
    if len(groups) > _MOST_GROUPS:
        return None
    count, stop = _longest(groups, text)
    if count not in counts or not _ends_alone(text, stop) or _is_date(text, groups):
        return None
    if counts is _WHOLE:
        return (start, stop) if text[start] in "23456789" and text.strip() == text[start:stop] else None
    return (start, stop) if count != 11 or counts is _NAMED or text[start] in "01" else None


def _counts_after(text: str, start: int) -> range:
    """Return how many digits make a phone number behind the words that stand before it; empty for no number."""
    if len(text) <= _WHOLE_CHARS and not text[:start].strip():
        return _WHOLE
    numbered = False
    for word in words_before(text, start):
        if word in _STRONG:
            return _NAMED
        if word in _OTHER_NUMBER:
            return _NONE
        numbered = numbered or word in _WEAK
    return _NUMBERED if numbered else _NONE


def _called_otherwise(text: str, start: int) -> bool:
    """Return whether the nearest telling word says that this is some other number."""
    for word in words_before(text, start):
        if word in _STRONG:
            return False
        if word in _OTHER_NUMBER:
            return True
    return False


def _begins_alone(text: str, start: int) -> bool:
    """Return whether nothing before the digits makes them part of something longer: an id, an amount, a decimal."""
    before = text[start - 1 : start]
    if before and (before.isalnum() or before in "_$€£¥#+/@"):
        return False
    if before and before in "-.," and text[max(0, start - 2)].isalnum():
        return False
    return not (before == ":" and _is_digit(text, start - 2))


def _ends_alone(text: str, end: int) -> bool:
    after = text[end : end + 1]
    if after and (after.isalnum() or after in "_%€£@"):
        return False
    return not (after and after in ".,-:/" and _is_digit(text, end + 1))


def _is_date(text: str, groups: list[Span]) -> bool:
    lengths = [stop - begin for begin, stop in groups]
    if lengths[:3] in ([4, 2, 2], [2, 2, 4], [1, 2, 4], [2, 1, 4], [1, 1, 4], [4, 1, 2], [4, 2, 1]):
        return True
    value = text[groups[0][0] : groups[0][1]]
    year_first = value[:2] in ("19", "20") and value[4:6] <= "12"
    year_last = value[4:6] in ("19", "20") and value[:2] <= "31" and value[2:4] <= "31"
    return lengths == [8] and (year_first or year_last)


def _groups(text: str, start: int, end: int) -> list[Span]:
    """Return the spans of the runs of digits inside a span."""
    return [run.span() for run in _DIGITS.finditer(text, start, end)]


def _stop_at(groups: list[Span], wanted: int) -> int | None:
    """Return the end of the group with which the digits add up to `wanted`, if one does."""
    count = 0
    for begin, stop in groups:
        count += stop - begin
        if count == wanted:
            return stop
    return None


def _longest(groups: list[Span], text: str) -> tuple[int, int]:
    """Return how many digits the whole groups hold, and where they end; a group that goes on does not count."""
    if _is_digit(text, groups[-1][1]):
        del groups[-1]
    return sum(stop - begin for begin, stop in groups), groups[-1][1] if groups else 0


def _is_digit(text: str, position: int) -> bool:
    return 0 <= position < len(text) and "0" <= text[position] <= "9"
