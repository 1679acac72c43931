"""Find personal data and secrets in a text that nobody has cut.

The text is walked in slices, and every pattern call is short, so that a worker can give way to the bot between two
slices. A slice only decides where an anchor is looked for: the match itself reads on in the whole text, and the run of
digits around a slice's end is looked at whole, so a value on a border is found like any other. Linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from convqa_sdk.redaction.findings import Finding, resolve
from convqa_sdk.redaction.patterns import RULES, Rule
from convqa_sdk.redaction.phones import SEPARATORS
from convqa_sdk.redaction.validators import IBAN_LENGTHS

SLICE: Final = 4096
OVERLAP: Final = 512
_TAIL_PIECE = 4096

# Characters from rare to common in support text: a literal is only searched for where its rarest character occurs.
_RARE_FIRST = "~@+_/:ZQXzJKGVqx|-0123456789jABCDEFGHILMNOPRSTUWYkvbpgfwymcuhdrlsionate. "
_JOINTS = "_-"

_DIGITS_RUN = re.compile(f"[0-9](?:[()/{SEPARATORS}]{{0,3}}[0-9])+")
_DIGITS = re.compile("[0-9]+")
_COLONS = re.compile(":[0-9A-Fa-f]{0,4}:")
_SHORTEST_NUMBER = 7

_Anchored = tuple[int, Rule]


def _rarest(literal: str) -> str:
    return min(literal, key=_RARE_FIRST.index)


_BY_GATE: dict[str, list[tuple[str, int, Rule]]] = {}
_BY_JOINT: dict[str, dict[str, list[tuple[str, int, Rule]]]] = {}
for _index, _rule in enumerate(RULES):
    for _literal in _rule.literals:
        _gate = _rarest(_literal)
        if _gate in _JOINTS and _literal.index(_gate) >= 2:
            _key = _literal[: _literal.index(_gate)][-2:]
            _BY_JOINT.setdefault(_gate, {}).setdefault(_key, []).append((_literal, _index, _rule))
        else:
            _BY_GATE.setdefault(_gate, []).append((_literal, _index, _rule))
_GATES: Final = tuple(_BY_GATE.items())
_JOINT_KEYS: Final = tuple(_BY_JOINT.items())
_NUMBER_RULES: Final = {
    digit: tuple((i, rule) for i, rule in enumerate(RULES) if rule.anchor == "number" and digit in rule.digits)
    for digit in "0123456789"
}
_IBAN_RULES: Final = tuple((index, rule) for index, rule in enumerate(RULES) if rule.anchor == "iban")
_COLON_RULES: Final = tuple((index, rule) for index, rule in enumerate(RULES) if rule.anchor == "colon")


def detect(text: str, *, pause: Callable[[], None] | None = None) -> list[Finding]:
    """Find personal data and secrets.

    Args:
        text: An uncut text.
        pause: Called between two slices of a long text, so that the caller can yield the interpreter.

    Returns:
        Findings with offsets into `text`, sorted, none overlapping another.

    Raises:
        TypeError: `text` is no `str`.
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"detect() takes a str, not {type(text).__name__}; decode bytes first")
    return resolve(_scan(str.__str__(text), SLICE, pause))


def detect_in_slices(text: str, size: int) -> list[Finding]:
    """Find the same as `detect` with slices of another size; tests hold the two against each other."""
    return resolve(_scan(text, size, None))


def _scan(text: str, size: int, pause: Callable[[], None] | None) -> list[Finding]:
    found: list[Finding] = []
    resume = [0] * len(RULES)
    for low in range(0, len(text), size):
        if low and pause is not None:
            pause()
        high = low + size
        part = text if high >= len(text) and not low else text[low : high + OVERLAP]
        for gate, entries in _GATES:
            if gate in part:
                for literal, index, rule in entries:
                    _scan_literal(text, low, high, literal, rule, index, resume, found)
        for joint, keys in _JOINT_KEYS:
            if joint in part:
                _scan_joints(text, low, high, joint, keys, resume, found)
        _scan_numbers(text, low, high, resume, found)
        _scan_colons(text, low, high, resume, found)
    return found


def _scan_literal(
    text: str, low: int, high: int, literal: str, rule: Rule, index: int, resume: list[int], found: list[Finding]
) -> None:
    """Try a rule wherever its literal begins inside the slice, behind what it has already read."""
    last = high + len(literal) - 1
    anchor = text.find(literal, max(low, resume[index]), last)
    while anchor >= 0:
        _try(text, anchor, rule, index, resume, found)
        anchor = text.find(literal, max(anchor + 1, resume[index]), last)


def _scan_joints(
    text: str,
    low: int,
    high: int,
    joint: str,
    keys: dict[str, list[tuple[str, int, Rule]]],
    resume: list[int],
    found: list[Finding],
) -> None:
    """Try the many prefixes that end in the same `_` or `-` with one search: the two characters before it choose."""
    position = text.find(joint, low, high)
    while position >= 0:
        for literal, index, rule in keys.get(text[max(0, position - 2) : position], ()):
            anchor = position - literal.index(joint)
            if anchor >= resume[index] and text.startswith(literal, anchor):
                _try(text, anchor, rule, index, resume, found)
        position = text.find(joint, position + 1, high)


def _scan_numbers(text: str, low: int, high: int, resume: list[int], found: list[Finding]) -> None:
    for run in _DIGITS_RUN.finditer(text, low, high + OVERLAP):
        begin, end = run.span()
        if begin >= high:
            return
        if begin >= 2 and text[begin - 1].isalpha() and text[begin - 2 : begin].upper() in IBAN_LENGTHS:
            for index, rule in _IBAN_RULES:
                _try(text, begin - 2, rule, index, resume, found)
        if end - begin < _SHORTEST_NUMBER:
            continue
        for anchor in _group_starts(text, begin, min(end, high)):
            room, embedded = end - anchor, anchor > 0 and text[anchor - 1].isalnum()
            for index, rule in _NUMBER_RULES[text[anchor]]:
                if room >= rule.shortest and anchor >= resume[index] and (rule.embedded or not embedded):
                    _try(text, anchor, rule, index, resume, found, read_on=False)


def _group_starts(text: str, begin: int, end: int) -> Iterator[int]:
    for group in _DIGITS.finditer(text, begin, end):
        start = group.start()
        if start == 0 or not "0" <= text[start - 1] <= "9":
            yield start


def _scan_colons(text: str, low: int, high: int, resume: list[int], found: list[Finding]) -> None:
    for match in _COLONS.finditer(text, low, high + 5):
        if match.start() >= high:
            return
        for index, rule in _COLON_RULES:
            if match.start() >= resume[index]:
                _try(text, match.start(), rule, index, resume, found)


def _try(
    text: str, anchor: int, rule: Rule, index: int, resume: list[int], found: list[Finding], *, read_on: bool = True
) -> None:
    """Match a rule at an anchor and keep the value when it is one; never read the same characters twice for a rule."""
    start = anchor if rule.begin is None else rule.begin(text, anchor)
    limit = start + rule.reach
    match = rule.pattern.match(text, start, limit)
    if match is None:
        return
    begin, end = match.span(rule.group)
    if rule.tail is not None and end == limit:
        end = _read_tail(text, end, rule.tail)
    span = rule.check(text, begin, end)
    if span is not None:
        found.append(Finding(*span, rule.label))
        resume[index] = span[1]
    elif read_on:
        resume[index] = end


def _read_tail(text: str, end: int, tail: re.Pattern[str]) -> int:
    """Return where a value ends that is longer than its rule's reach, reading in pieces."""
    while True:
        more = tail.match(text, end, end + _TAIL_PIECE)
        if more is None or more.end() < end + _TAIL_PIECE:
            return end if more is None else more.end()
        end = more.end()
