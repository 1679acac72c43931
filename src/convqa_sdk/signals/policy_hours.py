"""Opening hours: as a book states them, and as a sentence quotes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from convqa_sdk.signals.wording import Sentence, Token, sentences, word_set

_NAMES: Final = (
    ("mon", "monday", "montag", "lundi", "lunes"),
    ("tue", "tues", "tuesday", "dienstag", "mardi", "martes"),
    ("wed", "wednesday", "mittwoch", "mercredi", "miércoles"),
    ("thu", "thur", "thurs", "thursday", "donnerstag", "jeudi", "jueves"),
    ("fri", "friday", "freitag", "vendredi", "viernes"),
    ("sat", "saturday", "samstag", "samedi", "sábado"),
    ("sun", "sunday", "sonntag", "dimanche", "domingo"),
)
_DAY_OF: Final = {name: day for day, names in enumerate(_NAMES) for one in names for name in (one, f"{one}s")}
_GROUPS: Final = {
    "weekday": range(5), "weekdays": range(5), "daily": range(7), "everyday": range(7), "weekend": range(5, 7),
    "weekends": range(5, 7), "täglich": range(7), "werktags": range(5),
}  # fmt: skip
_TO: Final = frozenset({"-", "\u2013", "\u2014", "to", "through", "until", "till", "and", "bis", "à", "a", "al"})
_OPEN: Final = frozenset({"open", "opening", "geöffnet", "ouvert", "abierto", "öffnungszeiten"})
_THERE: Final = frozenset({"hours", "available", "reach", "reachable", "erreichbar", "there", "joignable"})
_OURS: Final = word_set("us we our support team line lines agents office desk uns wir nous hotline store")
_WE: Final = _OURS | word_set("we shop stores shops branch branches wir geschäft laden filiale")
_NOT_ALWAYS: Final = word_set(
    "not no never closed except but if unless until since was were this next today holiday holidays nicht kein "
    "geschlossen außer"
)
"""Words beside which a day is not one on which the company is always open."""
_WHOLE_DAY: Final = (0, 1440)
_SHORT_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Hours(NamedTuple):
    """One stretch of time on some days.

    Attributes:
        days: From 0, Monday; empty where a sentence names none.
        opens: Minutes after midnight.
        closes: Minutes after midnight, up to 1440; the same as `opens` where a sentence names days alone.
        first: Offset of its first character in the text.
        last: Offset behind its last.
    """

    days: frozenset[int]
    opens: int
    closes: int
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        """Return it as a book would state it."""
        times = f"{self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"
        if not self.days:
            return times
        return _days_as_text(self.days) if self.opens == self.closes else f"{_days_as_text(self.days)} {times}"


def parse_hours(text: str) -> Hours:
    """Return hours as a book writes them, such as `Mon-Fri 08:00-20:00`.

    Raises:
        ValueError: They are written otherwise.
    """
    for sentence in sentences(text):
        found = list(_stretches(sentence))
        if len(found) == 1 and found[0].days:
            return found[0]
    raise ValueError(f"{text!r} are no opening hours; write days and times, such as Mon-Fri 08:00-20:00")


def quoted_hours(sentence: Sentence) -> Iterator[Hours]:
    """Yield the opening hours that a sentence quotes."""
    words = sentence.words
    if _OPEN.isdisjoint(words) and (_THERE.isdisjoint(words) or _OURS.isdisjoint(words)):
        return
    found = [*_stretches(sentence), *_always(sentence)]
    yield from found or _days_alone(sentence)


def agreeing(expected: Sequence[Hours], found: Hours) -> bool:
    """Tell whether a book has these hours, on every day that they are said of."""
    if found.opens == found.closes:
        return all(any(day in each.days for each in expected) for day in found.days)
    if not found.days:
        return any((each.opens, each.closes) == (found.opens, found.closes) for each in expected)
    return all(
        any(day in each.days and (each.opens, each.closes) == (found.opens, found.closes) for each in expected)
        for day in found.days
    )


def _always(sentence: Sentence) -> Iterator[Hours]:
    words, tokens = sentence.words, sentence.tokens
    for at, word in enumerate(words):
        if (word, *words[at + 1 : at + 3]) in (("24", "/", "7"), ("around", "the", "clock")):
            yield Hours(frozenset(range(7)), *_WHOLE_DAY, tokens[at].start, tokens[at + 2].end)


def _days_alone(sentence: Sentence) -> Iterator[Hours]:
    """Yield the days on which a sentence says that the company is open, where it tells no times."""
    words, tokens = sentence.words, sentence.tokens
    if sentence.asks or _OPEN.isdisjoint(words) or _WE.isdisjoint(words) or not _NOT_ALWAYS.isdisjoint(words):
        return
    at = 0
    while at < len(words):
        days, behind = _days(words, at)
        if days:
            yield Hours(days, 0, 0, tokens[at].start, tokens[behind - 1].end)
        at = max(behind, at + 1)


def _stretches(sentence: Sentence) -> Iterator[Hours]:
    tokens, words = sentence.tokens, sentence.words
    days: frozenset[int] = frozenset()
    waiting: list[Hours] = []
    at = 0
    while at < len(words):
        named, behind = _days(words, at)
        if named:
            days = named
            for each in waiting:  # `from 8 to 20, Monday to Friday`
                yield each._replace(days=days)
            waiting = []
            at = behind
            continue
        times, behind = _times(tokens, words, at)
        if times is not None:
            hours = Hours(days, *times, tokens[at].start, tokens[behind - 1].end)
            if days:
                yield hours
            else:
                waiting.append(hours)
            at = behind
            continue
        at += 1
    yield from waiting


def _days(words: Sequence[str], at: int) -> tuple[frozenset[int], int]:
    group = _GROUPS.get(words[at])
    if group is not None:
        return frozenset(group), at + 1
    first = _DAY_OF.get(words[at])
    if first is None:
        return frozenset(), at
    if at + 2 < len(words) and words[at + 1] in _TO and words[at + 2] in _DAY_OF:
        last = _DAY_OF[words[at + 2]]
        if words[at + 1] == "and":
            return frozenset({first, last}), at + 3
        return frozenset(range(first, last + 1)) or frozenset({*range(first, 7), *range(last + 1)}), at + 3
    return frozenset({first}), at + 1


def _times(tokens: Sequence[Token], words: Sequence[str], at: int) -> tuple[tuple[int, int] | None, int]:
    start, half, behind = _clock(tokens, words, at)
    if start is None or behind >= len(words) or words[behind] not in _TO:
        return None, at
    end, other, last = _clock(tokens, words, behind + 1)
    if end is None:
        return None, at
    if not half and other == "pm" and start < 720 <= start + 720 < end:
        start += 720  # `1 to 5 pm`
    if end <= start and not other:
        end += 720  # `9 to 5`
    return ((start, min(end, 1440)), last) if start < end else (None, at)


def _clock(tokens: Sequence[Token], words: Sequence[str], at: int) -> tuple[int | None, str, int]:
    """Return minutes after midnight, `am`, `pm` or nothing, and where the time ends."""
    if at >= len(words) or tokens[at].kind != "n" or _is_part_of_date(tokens, at):
        return None, "", at
    hour, _, minute = words[at].partition(":")
    if not hour.isdigit() or len(hour) > 2 or (minute and not minute.isdigit()):
        return None, "", at
    minutes = int(hour) * 60 + int(minute or 0)
    half, behind = _half(words, at + 1)
    if not half and not minute and behind < len(words) and words[behind] in _UNITS:
        return None, "", at
    if half == "pm" and minutes < 720:
        minutes += 720
    return (minutes, half, behind) if minutes <= 1440 else (None, "", at)


def _is_part_of_date(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a number is one of several that dashes hold together: `2024-05-24`."""
    return (
        at > 1
        and tokens[at - 1].end == tokens[at].start
        and tokens[at - 1].text == "-"
        and tokens[at - 2].kind == "n"
        and len(tokens[at - 2].text) == 4
        and tokens[at - 2].text.isdigit()
    )


_UNITS: Final = word_set(
    "business working day days hours hour week weeks month months year years minute minutes % percent"
)


def _half(words: Sequence[str], at: int) -> tuple[str, int]:
    if at < len(words) and words[at] in ("am", "pm"):
        return words[at], at + 1
    if words[at : at + 3] in (("a", ".", "m"), ("p", ".", "m")):
        stop = at + 4 if words[at + 3 : at + 4] == (".",) else at + 3
        return f"{words[at]}m", stop
    if at < len(words) and words[at] in ("uhr", "h"):
        return "", at + 1
    return "", at


def _days_as_text(days: frozenset[int]) -> str:
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{_SHORT_NAMES[ordered[0]]}-{_SHORT_NAMES[ordered[-1]]}"
    return ",".join(_SHORT_NAMES[day] for day in ordered)
