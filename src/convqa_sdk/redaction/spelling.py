"""Values that people spell out: letter by letter, digit by digit in words, or with unusual signs between the groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Place = tuple[int, int, str]

_DIGITS = {
    "0": "zero oh null zéro cero nul zerowy sıfır noll nolla zero",
    "1": "one eins ein un une uno um een één jeden bir ett yksi",
    "2": "two zwei zwo deux dos due dois twee dwa iki två kaksi",
    "3": "three drei trois tres tre três drie trzy üç kolme",
    "4": "four vier quatre cuatro quattro quatro cztery dört fyra neljä",
    "5": "five fünf cinq cinco cinque vijf pięć beş fem viisi",
    "6": "six sechs seis sei zes sześć altı sex kuusi",
    "7": "seven sieben sept siete sette sete zeven siedem yedi sju seitsemän",
    "8": "eight acht huit ocho otto oito osiem sekiz åtta kahdeksan",
    "9": "nine neun neuf nueve nove negen dziewięć dokuz nio yhdeksän",
}
_DIGIT_OF: Final = {word: digit for digit, words in _DIGITS.items() for word in words.split()}
_TIMES: Final = {"double": 2, "triple": 3, "doppel": 2, "doble": 2}
_WORD: Final = re.compile("[^\\W\\d_]+|[0-9]")
_GAP: Final = re.compile("[ ,.\\-\t\n]{1,3}")
_FEWEST_DIGITS: Final = 6

_SPEAKERS = "[Cc]ustomer|[Uu]ser|[Cc]lient[e]?|[Kk]unde|[Kk]lient|[Kk]lant|[Aa]siakas|[Mm]e|[Yy]ou|[Vv]isitor|[Gg]uest|[Cc]aller"
_SIGNS: Final = (
    " ?[*|+~#^•,_] ?", "\t", "\\) ?\\(", " [\\-–] ", "\r?\n[>|] ?", f"\r?\n(?:{_SPEAKERS}): ", "  {1,3}",
)  # fmt: skip
_BETWEEN: Final = re.compile("|".join(_SIGNS))
_GROUP: Final = re.compile("[A-Za-z0-9]{1,20}")
_LONGEST_RUN: Final = 40


def digit_words(text: str, low: int, high: int) -> Iterator[Place]:
    """Find digits that are written as words, at least six in a row, in a slice of a text."""
    run: list[tuple[int, int, str]] = []
    times = 1
    for match in _WORD.finditer(text, low, high):
        word = match.group().lower()
        digit = _DIGIT_OF.get(word, word if word.isdigit() else "")
        gap = text[run[-1][1] : match.start()] if run else " "
        if run and _GAP.fullmatch(gap) is None and gap:
            yield from _spelled(run)
            run, times = [], 1
        if digit:
            run.append((match.start(), match.end(), digit * times))
            times = 1
        elif word in _TIMES and run:
            times = _TIMES[word]
            run.append((match.start(), match.end(), ""))
        else:
            yield from _spelled(run)
            run, times = [], 1
    yield from _spelled(run)


def _spelled(run: list[tuple[int, int, str]]) -> Iterator[Place]:
    words = sum(end - start > 1 for start, end, _ in run)
    if words >= _FEWEST_DIGITS:
        yield run[0][0], run[-1][1], "".join(digit for _, _, digit in run)


def groups_apart(text: str, low: int, high: int) -> Iterator[Place]:
    """Find the signs between groups of a code that are not usual there, at least two of a kind, in a slice of a text.

    `4111*1111*1111*1111`, `(4111)(1111)`, or the beginnings of quoted lines between two groups.
    """
    position = low
    while (first := _GROUP.search(text, position, high)) is not None:
        places: list[Place] = []
        groups = [first.group()]
        end, sign = first.end(), ""
        while len(groups) < _LONGEST_RUN:
            between = _BETWEEN.match(text, end)
            if between is None or (sign and between.group().strip(" ") != sign):
                break
            following = _GROUP.match(text, between.end())
            if following is None:
                break
            sign = between.group().strip(" ") or between.group()
            places.append((between.start(), between.end(), " "))
            groups.append(following.group())
            end = following.end()
        position = end
        if places and _is_code(groups, sign):
            yield from places


def _is_code(groups: list[str], sign: str) -> bool:
    digits = sum(map(str.isdigit, "".join(groups)))
    if digits < _FEWEST_DIGITS or any(group.isalpha() and len(group) > 4 for group in groups):
        return False
    return len(groups) >= 3 or "\n" in sign
