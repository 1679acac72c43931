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
from convqa_sdk.redaction.patterns import RULES
from convqa_sdk.redaction.phones import SEPARATORS
from convqa_sdk.redaction.rule import Rule
from convqa_sdk.redaction.validators import IBAN_LENGTHS

SLICE: Final = 4096
OVERLAP: Final = 512
_TAIL_PIECE = 4096
_PAUSE_EVERY = 32  # candidates: about 0.1 ms of work

# Characters from rare to common in support text: a literal is only searched for where its rarest character occurs.
_RARE_FIRST = "~@+_/:ZQXzJKGVqx|\"'-0123456789jABCDEFGHILMNOPRSTUWYkvbpgfwymcuhdrlsionate. "
_JOINTS = "_-"  # most prefixes of vendors end in one of these
_JOINT_KEY_CHARS = 2

_DIGITS_RUN = re.compile(f"[0-9](?:[()/{SEPARATORS}]{{0,3}}[0-9])+")
_DIGITS = re.compile("[0-9]+")
_COLONS = re.compile(":[0-9A-Fa-f]{0,4}:")
_SHORTEST_NUMBER = 7
_ESCAPES = re.compile(
    r"\\(?:[nrtbfv]|u00(?:0[0-9a-fA-F]|1[0-9a-fA-F]|20|[aA]0|3[dD]|2[bB])|x(?:0[0-9a-fA-F]|1[0-9a-fA-F]|20|[aA]0))"
    r"|%(?:0[0-9a-fA-F]|20|2[26789bBcC]|3[aAbBdD])"
)
_SIGNS = {"%2b": "+", "\\u002b": "+"}
_LABEL_CHARS = 12  # a token of Slack may have thirteen letters
_LABEL = re.compile("[A-Za-z ._-]*")  # no class fits into so few characters without a digit or a sign

_Entry = tuple[str, int, Rule]
_Keys = dict[str, list[_Entry]]


def _rarest(literal: str) -> str:
    return min(literal, key=_RARE_FIRST.find)  # any other character is rarer still


_BY_GATE: dict[str, list[_Entry]] = {}
_BY_JOINT: dict[str, _Keys] = {}
_folded: list[_Entry] = []
_searches = len(RULES)  # by number of the rule where one search finds all its anchors, else each literal has its own
for _index, _rule in enumerate(RULES):
    for _literal in _rule.literals:
        if _rule.folded:
            _folded.append((_literal, _searches, _rule))
            _searches += 1
            continue
        _joint = next((joint for joint in _JOINTS if _literal.find(joint) >= _JOINT_KEY_CHARS), None)
        if _joint is not None:
            _key = _literal[: _literal.index(_joint)][-_JOINT_KEY_CHARS:]
            _BY_JOINT.setdefault(_joint, {}).setdefault(_key, []).append((_literal, _index, _rule))
        else:
            _BY_GATE.setdefault(_rarest(_literal), []).append((_literal, _searches, _rule))
            _searches += 1
_SEARCHES: Final = _searches
_FOLDED: Final = tuple(_folded)
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
        pause: Called between two slices of a long text, and more often in a dense one, so that the caller can yield
            the interpreter.

    Returns:
        Findings with offsets into `text`, sorted, none overlapping another.

    Raises:
        TypeError: `text` is no `str`.
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"detect() takes a str, not {type(text).__name__}; decode bytes first")
    if is_label(text):
        return []
    found = _Scan(_unescaped(str.__str__(text)), pause).run(SLICE)
    return resolve(found) if found else found


def is_label(text: str) -> bool:
    """Tell whether a text is so short and plain that no rule can match in it, whatever stands before it."""
    return len(text) <= _LABEL_CHARS and _LABEL.fullmatch(text) is not None


def _unescaped(text: str) -> str:
    r"""Blank escapes that stand for a space or a sign, so that no letter of theirs is glued to what follows.

    Every escape keeps its length, and with it every offset: `\n+1 415 555 2671`, as `repr` and JSON write it, is read
    as two blanks and a number.
    """
    if "\\" not in text and "%" not in text:
        return text
    return _ESCAPES.sub(_blank, text)


def _blank(escape: re.Match[str]) -> str:
    return _SIGNS.get(escape.group().lower(), " ").rjust(len(escape.group()))


def detect_in_slices(text: str, size: int) -> list[Finding]:
    """Find the same as `detect` with slices of another size; tests hold the two against each other."""
    return resolve(_Scan(_unescaped(text), None).run(size))


class _Scan:
    """One pass over one text; remembers per search how far it has read, so that nothing is read twice."""

    __slots__ = ("candidates", "folded", "found", "pause", "resume", "text")

    def __init__(self, text: str, pause: Callable[[], None] | None) -> None:
        self.text = text
        self.folded = text.replace("\u0130", "i").lower()  # the one letter that lower case makes longer
        self.pause = pause
        self.candidates = 0
        self.found: list[Finding] = []
        self.resume = [0] * _SEARCHES

    def run(self, size: int) -> list[Finding]:
        text, pause = self.text, self.pause
        for low in range(0, len(text), size):
            if low and pause is not None:
                pause()
            high = low + size
            part = text if high >= len(text) and not low else text[low : high + OVERLAP]
            for gate, entries in _GATES:
                if gate in part:
                    for entry in entries:
                        if entry[0] in part:
                            self._literal(entry, low, high)
            folded = self.folded[low : high + OVERLAP]
            for entry in _FOLDED:
                if entry[0] in folded:
                    self._literal(entry, low, high)
            for joint, keys in _JOINT_KEYS:
                if joint in part:
                    self._joint(joint, keys, low, high)
            if _has_digit(part):
                self._numbers(low, high)
            self._colons(low, high)
        return self.found

    def _literal(self, entry: _Entry, low: int, high: int) -> None:
        """Try a rule wherever its literal begins inside the slice of the text, folded or not as the rule says."""
        literal, index, rule = entry
        text = self.folded if rule.folded else self.text
        last = high + len(literal) - 1
        anchor = text.find(literal, max(low, self.resume[index]), last)
        while anchor >= 0:
            self._try(anchor, index, rule)
            anchor = text.find(literal, max(anchor + 1, self.resume[index]), last)

    def _joint(self, joint: str, keys: _Keys, low: int, high: int) -> None:
        """Try the many prefixes that end in the same `_` or `-` with one search: two characters before it choose."""
        text = self.text
        position = text.find(joint, low, high)
        while position >= 0:
            for literal, index, rule in keys.get(text[max(0, position - _JOINT_KEY_CHARS) : position], ()):
                anchor = position - literal.index(joint)
                if anchor >= self.resume[index] and text.startswith(literal, anchor):
                    self._try(anchor, index, rule)
            position = text.find(joint, position + 1, high)

    def _numbers(self, low: int, high: int) -> None:
        text, resume = self.text, self.resume
        for run in _DIGITS_RUN.finditer(text, low, high + OVERLAP):
            begin, end = run.span()
            if begin >= high:
                return
            if begin >= 2 and text[begin - 1].isalpha() and text[begin - 2 : begin].upper() in IBAN_LENGTHS:
                for index, rule in _IBAN_RULES:
                    self._try(begin - 2, index, rule)
            if end - begin < _SHORTEST_NUMBER:
                continue
            for anchor in _group_starts(text, begin, min(end, high)):
                room, embedded = end - anchor, anchor > 0 and text[anchor - 1].isalnum()
                for index, rule in _NUMBER_RULES[text[anchor]]:
                    if room >= rule.shortest and anchor >= resume[index] and (rule.embedded or not embedded):
                        match = rule.pattern.match(text, anchor, anchor + rule.reach)
                        if match is not None:
                            self._judge(anchor, match.end(), index, rule)

    def _colons(self, low: int, high: int) -> None:
        for match in _COLONS.finditer(self.text, low, high + 5):
            if match.start() >= high:
                return
            for index, rule in _COLON_RULES:
                if match.start() >= self.resume[index]:
                    self._try(match.start(), index, rule)

    def _try(self, anchor: int, index: int, rule: Rule) -> None:
        """Match a rule at an anchor and keep the value when it is one."""
        text = self.text
        if rule.alone and anchor and text[anchor - 1].isalnum():
            return
        start = anchor if rule.begin is None else rule.begin(text, anchor)
        limit = start + rule.reach
        match = rule.pattern.match(text, start, limit)
        if match is None:
            self._tick()
            return
        begin, end = match.span(rule.group)
        if rule.tail is not None and end == limit:
            end = _read_tail(text, end, rule.tail)
        if not self._judge(begin, end, index, rule):
            self.resume[index] = end

    def _judge(self, begin: int, end: int, index: int, rule: Rule) -> bool:
        """Keep a candidate if it is a value; say whether it was."""
        self._tick()
        span = (begin, end) if rule.check is None else rule.check(self.text, begin, end)
        if span is None:
            return False
        self.found.append(Finding(*span, rule.label))
        self.resume[index] = span[1]
        return True

    def _tick(self) -> None:
        """Give way after every few candidates."""
        self.candidates += 1
        if self.candidates % _PAUSE_EVERY == 0 and self.pause is not None:
            self.pause()


def _has_digit(text: str) -> bool:
    """Tell whether a text has any of the digits 0 to 9; an expression takes five times as long for that."""
    written = text.encode("utf-8", "surrogatepass")
    return len(written.translate(None, b"0123456789")) != len(written)


def _group_starts(text: str, begin: int, end: int) -> Iterator[int]:
    for group in _DIGITS.finditer(text, begin, end):
        start = group.start()
        if start == 0 or not "0" <= text[start - 1] <= "9":
            yield start


def _read_tail(text: str, end: int, tail: re.Pattern[str]) -> int:
    """Return where a value ends that is longer than its rule's reach, reading in pieces."""
    while True:
        more = tail.match(text, end, end + _TAIL_PIECE)
        if more is None or more.end() < end + _TAIL_PIECE:
            return end if more is None else more.end()
        end = more.end()
