"""Decide whether digits are a telephone number: by their shape, or by what the customer calls them.

A plain run of digits is an order number more often than a phone, so it counts only beside a word that says so, or when
it is a whole message (the answer to "what is your number?"). A British mobile is known by its first digits.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.context import Surroundings, joined
from convqa_sdk.redaction.context_words import PLACE_WORDS, SOMETHING_ELSE
from convqa_sdk.redaction.rule import Span

SEPARATORS: Final = " .\\-\u00a0\u2009\u202f\u2010-\u2015"
"""Inside a character class: what stands between the groups of a phone or card number."""

_DIGITS = re.compile("[0-9]+")
_GOES_ON = re.compile(f"[{SEPARATORS}]{{1,2}}[1-9][0-9]{{2}}")
_THOUSANDS = re.compile(",[0-9]{1,3}(?:[^0-9]|$)")
_NO_PHONES = ([2, 2, 4], [3, 2, 4])  # a date, and the grouping of American social security numbers
_WORD_BEFORE = re.compile("[^A-Za-z0-9][A-Za-z]?[a-z]{4,}[-.]$")  # a word and its dash, not a code that goes on
_MOST_GROUPS = 7
_WHOLE_CHARS = 20
_NAMED, _NUMBERED, _WHOLE, _NONE = range(7, 16), range(10, 12), range(10, 12), range(0)

_BLANKS_BEFORE = re.compile("[A-Z0-9]{4,}[ ]$")


def international_span(text: str, start: int, end: int) -> Span | None:
    """Accept `+` and 8 to 15 digits (E.164), cut at the last whole group; `+1` has exactly eleven."""
    if joined(text[start - 1 : start]) or text[start - 1 : start] == "+":
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


def north_american_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Accept `NXX NXX XXXX` with separators or brackets, on its own."""
    if not (_begins_alone(text, start) and _ends_alone(text, end)) or _called_otherwise(text, start, around):
        return None
    head = text[start : start + 8]
    if not any(character in head for character in " .-()\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2015"):
        return None
    if text[start - 1 : start] == "(":
        start -= 1
    return start, end


def trunk_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Accept a national number with its trunk zero in groups (`020 7946 0958`), no date; or a bare British mobile."""
    if not _begins_alone(text, start) or _called_otherwise(text, start, around):
        return None
    groups = _groups(text, start, end)
    most = 15 if text[start + 1] == "0" else 12
    if len(groups) > 1 and [stop - begin for begin, stop in groups[:3]] in _NO_PHONES:
        return None
    for count in (11, 10, *range(most, 8, -1)):
        stop = _stop_at(groups, count)
        if stop is None or not _ends_alone(text, stop) or _GOES_ON.match(text, stop, stop + 8):
            continue
        if stop == groups[0][1]:
            mobile = count == 11 and text[start + 1] == "7" and text[start + 2] != "0"
            return (start, stop) if mobile and around.classes(start) != SOMETHING_ELSE else None
        return (start - 1 if text[start - 1 : start] == "(" else start), stop
    return None


def named_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Accept 7 to 15 digits beside a word such as `phone`; ten or eleven after `number`, or as a whole message."""
    if not _begins_alone(text, start):
        return None
    counts = _counts_after(text, start, end, around)
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
        trunk = text[start] == "0"
        likely = trunk if count == 11 else text[start] not in "01"
        return (start, stop) if likely and text.strip() == text[start:stop] else None
    return (start, stop) if count != 11 or counts is _NAMED or text[start] in "01" else None


def bracketed_span(text: str, start: int, end: int, around: Surroundings) -> Span | None:
    """Accept a number whose area code stands in brackets: `(37) 788-063`, 7 to 12 digits."""
    count = sum(map(str.isdigit, text[start:end]))
    if not 7 <= count <= 12 or joined(text[start - 1 : start]) or not _ends_alone(text, end):
        return None
    return None if _called_otherwise(text, start, around) else (start, end)


def _counts_after(text: str, start: int, end: int, around: Surroundings) -> range:
    """Return how many digits make a phone number beside the words that stand around it; empty for no number."""
    if around.message and len(text) <= _WHOLE_CHARS and not text[:start].strip():
        return _WHOLE
    classes = around.classes(start)
    if classes:
        return _NAMED if "PHONE" in classes else _NONE
    if "PHONE" in around.behind(end) or _signed(text, end):
        return _NAMED
    return _NUMBERED if around.numbered(start) else _NONE


def _signed(text: str, end: int) -> bool:
    """Tell whether nothing but a word such as `office` stands between a number and the end of its line."""
    return text[end : end + 16].partition("\n")[0].strip(" -,()").lower() in PLACE_WORDS


def _called_otherwise(text: str, start: int, around: Surroundings) -> bool:
    """Tell whether words say that this is no phone number, or it goes on in groups from the left."""
    if _BLANKS_BEFORE.search(text, max(0, start - 8), start) and any(map(str.isdigit, text[start - 5 : start])):
        return True
    classes = around.classes(start)
    if not classes or "PHONE" in classes or classes == SOMETHING_ELSE:
        return False
    return not classes.isdisjoint(around.close(start))


def _begins_alone(text: str, start: int) -> bool:
    """Return whether nothing before the digits makes them part of something longer: an id, an amount, a decimal."""
    before = text[start - 1 : start]
    if before and (joined(before) or before in "_$€£¥#+/@"):
        return False
    if (
        before
        and before in "-."
        and joined(text[start - 2 : start - 1])
        and not _WORD_BEFORE.search(text, max(0, start - 12), start)
    ):
        return False
    if before == "," and _is_digit(text, start - 2):
        return False
    return not (before == ":" and _is_digit(text, start - 2))


def _ends_alone(text: str, end: int) -> bool:
    after = text[end : end + 1]
    if after and (joined(after) or after in "_%€£@"):
        return False
    if after == ",":
        return _THOUSANDS.match(text, end) is None
    return not (after and after in ".-:/" and _is_digit(text, end + 1))


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
