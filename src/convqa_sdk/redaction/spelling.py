"""Values that people spell out: signs of an address and digits as words, single letters, odd signs between groups.

Each way has a function that finds the places which begin between two offsets, with what is meant there, and, but for
digits in words, which `telling` knows, one that tells cheaply whether a piece of text may hold any.
"""

# ruff: noqa: RUF001 - words of many scripts
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Place = tuple[int, int, str]

AT: Final = "at|AT|At|@|arroba|chiocciola|malpa"
"""How the sign of an address is spoken."""
DOT: Final = "dot|DOT|Dot|\\.|punkt|punto|point|ponto"
"""How its points are."""

_REACH = 512
_WORD_DOT = f"[ \t]{{1,3}}(?:{DOT})[ \t]{{1,3}}"
_DOT_WORDS = (" dot ", " punkt ", " punto ", " point ", " ponto ")
_AT_APART = (" @", "@ ", '"@', '@"', "'@", "@'", "@\t")
_NEAR_AT = 64
_ADDRESS: Final = re.compile(
    rf"(?P<name>[A-Za-z0-9._+\-]{{1,64}}(?:{_WORD_DOT}[A-Za-z0-9_+\-]{{1,32}}){{0,3}})"
    rf"[ \t\"']{{0,3}}(?:(?:{AT})[ \t]{{1,3}}|@[ \t\"']{{0,3}})"
    rf"(?P<host>[A-Za-z0-9\-]{{1,63}}(?:(?:{_WORD_DOT}| \. ?|\.|,)[A-Za-z0-9\-]{{2,63}}){{1,4}})"
)
_QUAD: Final = re.compile(rf"[0-9]{{1,3}}(?:{_WORD_DOT}[0-9]{{1,3}}){{3}}")
_POINT: Final = re.compile(rf"{_WORD_DOT}| ?\.[ \t]?|,")
_ENDINGS: Final = frozenset(
    (
        "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "mobi", "app", "dev", "blog",
        "shop", "store", "online", "site", "email", "cloud", "tech", "xyz", "academy", "agency", "support", "company",
        "solutions", "services", "digital", "systems", "network", "group", "global", "world", "life", "live", "media",
        "news", "example", "test",
    )
)  # fmt: skip
"""Top-level domains of more than two letters under which people have addresses."""

_LETTER_CLASSES: Final = bytes(
    120 if (chr(code).isalnum() and code < 128) or code in b"@._+" else 32 if code in b" \t-" else 0
    for code in range(256)
)
_LETTERS_APART: Final = b"x x x x x x "
_LETTERS: Final = re.compile(r"[A-Za-z0-9@._\-+](?:[ \t][A-Za-z0-9@._\-+]){5,120}|[A-Za-z0-9](?:-[A-Za-z0-9]){9,60}")

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


_SPEAKERS = (
    "[Cc]ustomer|[Uu]ser|[Cc]lient[e]?|[Kk]unde|[Kk]lient|[Kk]lant|[Aa]siakas|[Mm]e|[Yy]ou|[Vv]isitor|[Gg]uest"
    "|[Cc]aller"
)
_SIGNS: Final = (
    " ?[*|+~#^•,_] ?", "\t", "\\) ?\\(", " [\\-–] ", "\r?\n[>|] ?", f"\r?\n(?:{_SPEAKERS}): ", "  {1,3}",
)  # fmt: skip
_BETWEEN: Final = re.compile("|".join(_SIGNS))
_GROUP: Final = re.compile("[A-Za-z0-9]{1,20}")
_LONGEST_RUN: Final = 40
_ODD_SIGNS = b"*|+~#^,_\t)>?"
_SIGN_CLASSES: Final = bytes(
    48
    if code in b"0123456789"
    else 120
    if chr(code).isalnum() and code < 128
    else 115
    if code in _ODD_SIGNS
    else 10
    if code == 10
    else 32
    for code in range(256)
)
"""Digits are `0`, letters `x`, odd signs `s`; the rest but a new line is blank."""
_GROUPS_APART: Final = (b"0s", b"0 s", b"x s x", b"x s 0", b"0\n", b"0  ")

_ALIKE_CLASSES: Final = bytes(48 if code in b"0123456789" else 111 if code in b"OoIl|" else 32 for code in range(256))
_ALIKE_BESIDE: Final = (b"0o", b"o0", b"0 oo", b"oo 0")
_ALIKE: Final = re.compile(r"[0-9OoIl](?:[ .\-/_]{0,2}[0-9OoIl]|\|[0-9OoIl]){6,40}\|?")
_ALIKE_WORD: Final = re.compile("[OoIl|]+")
_MEANT: Final = str.maketrans("OoIl|", "00111")


def signs_may_be_words(text: str) -> bool:
    """Tell whether a sign of an address may be written as a word, or be set apart."""
    at = text.find("@")
    if at >= 0 and (any(map(text.__contains__, _AT_APART)) or "," in text[at : at + _NEAR_AT]):
        return True
    return any(map(text.lower().__contains__, _DOT_WORDS))


def addresses(text: str, low: int, high: int) -> Iterator[Place]:
    """Find addresses whose signs are written as words or set apart: `jane at example dot com`."""
    for match in _ADDRESS.finditer(text, low, high + _REACH):
        if match.start() >= high:
            break
        host = _POINT.sub(".", match["host"])
        if "@" not in match.group() and " " not in match["host"]:
            continue  # "meet me at example.com"
        meant = f"{_POINT.sub('.', match['name'])}@{host}"
        ending = host.rpartition(".")[2].lower()
        if (ending in _ENDINGS or (len(ending) == 2 and ending.isalpha())) and meant != match.group():
            yield match.start(), match.end(), meant
    for match in _QUAD.finditer(text, low, high + _REACH):
        yield match.start(), match.end(), _POINT.sub(".", match.group())


def letters_apart(raw: bytes) -> bool:
    """Tell whether a text may be written letter by letter somewhere."""
    return _LETTERS_APART in raw.translate(_LETTER_CLASSES)


def letter_by_letter(text: str, low: int, high: int) -> Iterator[Place]:
    """Find what is written letter by letter: `j a n e @ ...`, `D-E-8-9-...`."""
    for match in _LETTERS.finditer(text, low, high + _REACH):
        start, end = match.span()
        if start >= high:
            return
        if text[end : end + 1].isalnum():
            end -= 2
        if text[start - 1 : start].isalnum():
            start += 2
        joint = "-" if text[start + 1 : start + 2] == "-" else " "
        yield start, end, text[start:end].replace(joint, "").replace("\t", "")


def digit_words(text: str, low: int, high: int) -> Iterator[Place]:
    """Find digits that are written as words, at least six in a row, that begin between two offsets."""
    for place in _digit_words(text, low, min(len(text), high + _REACH)):
        if place[0] < high:
            yield place


def _digit_words(text: str, low: int, high: int) -> Iterator[Place]:
    run: list[tuple[int, int, str]] = []
    times = 1
    for match in _WORD.finditer(text, low, high):
        word = match.group().lower()
        digit = _DIGIT_OF.get(word, word if word.isdigit() else "")
        gap = text[run[-1][1] : match.start()] if run else " "
        if run and _GAP.fullmatch(gap) is None and gap:
            yield from _in_digits(run)
            run, times = [], 1
        if digit:
            run.append((match.start(), match.end(), digit * times))
            times = 1
        elif word in _TIMES and run:
            times = _TIMES[word]
            run.append((match.start(), match.end(), ""))
        else:
            yield from _in_digits(run)
            run, times = [], 1
    yield from _in_digits(run)


def _in_digits(run: list[tuple[int, int, str]]) -> Iterator[Place]:
    words = sum(end - start > 1 for start, end, _ in run)
    if words >= _FEWEST_DIGITS:
        yield run[0][0], run[-1][1], "".join(digit for _, _, digit in run)


def signs_apart(raw: bytes) -> bool:
    """Tell whether odd signs may stand between groups of a code."""
    return any(map(raw.translate(_SIGN_CLASSES).__contains__, _GROUPS_APART))


def groups_apart(text: str, low: int, high: int) -> Iterator[Place]:
    """Find the signs between groups of a code that are not usual there, at least two of a kind.

    `4111*1111*1111*1111`, `(4111)(1111)`, or the beginnings of quoted lines between two groups.
    """
    position = low
    while (first := _GROUP.search(text, position, high)) is not None and first.start() < high:
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


def letters_among_digits(raw: bytes) -> bool:
    """Tell whether letters that look like digits stand beside digits."""
    classes = raw.translate(_ALIKE_CLASSES)
    return any(map(classes.__contains__, _ALIKE_BESIDE))


def digits_alike(text: str, low: int, high: int) -> Iterator[Place]:
    """Find the letters that stand for digits in numbers: O for 0, l for 1."""
    for match in _ALIKE.finditer(text, low, high + _REACH):
        if match.start() >= high:
            return
        written = match.group()
        if not written[0].isdigit() and text[match.start() - 1 : match.start()].isalnum():
            word = _ALIKE_WORD.match(written)
            written = " " * word.end() + written[word.end() :] if word is not None else written
        meant = written.translate(_MEANT)
        alike = sum(a != b for a, b in zip(written, meant, strict=True))
        if 0 < alike <= sum(map(str.isdigit, written)):
            for offset, (character, digit) in enumerate(zip(written, meant, strict=True), match.start()):
                if character != digit:
                    yield offset, offset + 1, digit
