"""Find personal data and secrets in a text that nobody has cut.

A text is searched as it is read, and around encoded places as it would be decoded. The search walks it in slices, and
every pattern call is short, so that a worker can give way to the bot between two slices. A slice only decides where an
anchor is looked for: the match itself reads on in the whole text, and the run of digits around a slice's end is looked
at whole, so a value on a border is found like any other. Linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from convqa_sdk.redaction.anchors import Anchor, Present, chosen_engine, present_by
from convqa_sdk.redaction.codes import code_at
from convqa_sdk.redaction.context import REACH, Surroundings, joined
from convqa_sdk.redaction.context_words import SOMETHING_ELSE, role
from convqa_sdk.redaction.encodings import decoded
from convqa_sdk.redaction.findings import Finding, resolve
from convqa_sdk.redaction.kinds_by_form import possible
from convqa_sdk.redaction.patterns import RULES
from convqa_sdk.redaction.phones import SEPARATORS
from convqa_sdk.redaction.rule import Engine, Rule
from convqa_sdk.redaction.telling import SECRETS, SIGNS, TOKEN, Tell, tell_by
from convqa_sdk.redaction.tokens import tokens
from convqa_sdk.redaction.validators import IBAN_LENGTHS
from convqa_sdk.redaction.views import View, readable

SLICE: Final = 4096
OVERLAP: Final = 512
_TAIL_PIECE = 4096
_PAUSE_EVERY = 16  # candidates: about 0.1 ms of work
_ANYTHING = ~0
_DEPTH = 2  # of tokens that encode texts with tokens

_DIGITS_RUN = re.compile(f"[0-9](?:[()/_*,|:\\t\\r\\n{SEPARATORS}]{{0,3}}[0-9])+")
_DIGITS = re.compile("[0-9]+")
_CODE = re.compile("[0-9][A-Za-z0-9]*")
_COLONS = re.compile(":[0-9A-Fa-f]{0,4}:")
_SHORTEST_NUMBER = 7
_LABEL_CHARS = 12  # a token of Slack may have thirteen letters
_LABEL = re.compile("[A-Za-z ._-]*")  # no class fits into so few characters without a digit or a sign
_NUMBERED_CHARS = 13
_NUMBERED = re.compile("([a-z]{1,8}|[A-Z]{1,8})([-_]?)([0-9]{1,4})")
_LETTERS_BEFORE = 24
_LONGEST_PIN = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALNUM = _LETTERS + "0123456789"
_LIKE_NO_DIGIT = frozenset("acdfhjkmnpruvwxy")
_LONGEST_GROUP = 128
_TABLE_GROUP, _TABLE_REACH = 4, 400
_TABLE = re.compile(  # figures or a dump, not codes
    "(?:(?:[A-Za-z]?[0-9][A-Za-z0-9]{0,3}|[A-Za-z])[ .\\-/_:,\t\r\n]{1,3}){48}|(?:[A-Za-z0-9]{1,4}[.\\-/_:,]){48}"
)
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MARKER = re.compile(r"\[[A-Z][A-Z_]{1,39}:[a-z0-9]{1,16}:[a-z]{20}\]")

_NUMBER_RULES: Final = {
    digit: tuple(rule for rule in RULES if rule.anchor == "number" and digit in rule.digits) for digit in "0123456789"
}
_IBAN_RULES: Final = tuple(rule for rule in RULES if rule.anchor == "iban")
_COLON_RULES: Final = tuple(rule for rule in RULES if rule.anchor == "colon")


class Hit(NamedTuple):
    """A finding, and the rule that made it."""

    start: int
    end: int
    label: str
    rule: str


def detect(text: str, *, pause: Callable[[], None] | None = None, message: bool = True) -> list[Finding]:
    """Find personal data and secrets.

    Args:
        text: An uncut text.
        pause: Called between two slices of a long text, and more often in a dense one, so that the caller can yield
            the interpreter.
        message: Whether the text may be a message. One that is nothing but a number answers a question for it, so
            less proof is asked than of a name or an id.

    Returns:
        Findings with offsets into `text`, sorted, none overlapping another.

    Raises:
        TypeError: `text` is no `str`.
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"detect() takes a str, not {type(text).__name__}; decode bytes first")
    bits = None
    if not message and len(text) <= _NUMBERED_CHARS and is_numbered(text):
        return []
    if text.isascii() and len(text) <= SLICE:
        bits = (_tools or _made_tools()).tell(text, text.encode("ascii"))
        if not bits:
            return []
    hits = _hits(str.__str__(text), pause, bits=bits, message=message)
    return resolve([Finding(hit.start, hit.end, hit.label) for hit in hits]) if hits else []


def load() -> None:
    """Load what the first text would: the engine, the tables of words and of identifiers, their check digits."""
    detect("call 020 7946 0958, national id 44051401458, passport C01X00T47, three four")


def is_label(text: str) -> bool:
    """Tell whether a text is so short and plain that no rule can match in it, whatever stands before it."""
    return len(text) <= _LABEL_CHARS and _LABEL.fullmatch(text) is not None


def is_numbered(text: str) -> bool:
    """Tell whether a name, alone, is a word that names nobody and a small number, such as `kb-12`; most ids are."""
    match = _NUMBERED.fullmatch(text)
    return match is not None and _names_nobody(match[1]) and not possible(match[1].upper() + match[3]).standing


@lru_cache(maxsize=1024)
def _names_nobody(word: str) -> bool:
    """Tell whether a word names nobody, begins no secret, and holds a letter that looks like no digit."""
    lowered = word.lower()
    told = [each for each in (role(lowered), role(word.upper())) if each is not None]
    return (
        all(each.classes <= SOMETHING_ELSE and not each.kinds for each in told)
        and not any(rule.folded and literal in lowered for rule in RULES for literal in rule.literals)
        and not _LIKE_NO_DIGIT.isdisjoint(lowered)
    )


def detect_with(text: str, *, slices: int = SLICE, engine: Engine | None = None, quiet: bool = True) -> list[Finding]:
    """Find the same as `detect` with slices of another size, another engine, or without the way out for quiet texts.

    Tests hold these against each other.
    """
    tools = _tools_of(engine or chosen_engine())
    hits = _hits(text, None, slices, tools, bits=None if quiet else _ANYTHING)
    return resolve([Finding(hit.start, hit.end, hit.label) for hit in hits])


def explain(text: str) -> list[Hit]:
    """Return the findings of `detect`, each with the name of the rule that made it."""
    hits = _hits(text, None)
    return [
        Hit(*found, next((hit.rule for hit in hits if hit.label == found.label and _meet(hit, found)), found.label))
        for found in resolve([Finding(hit.start, hit.end, hit.label) for hit in hits])
    ]


def _meet(hit: Hit, found: Finding) -> bool:
    return hit.start < found.end and found.start < hit.end


class _Tools(NamedTuple):
    """What an engine gives: what tells what a text can hold, and what finds the anchors in it."""

    tell: Tell
    present: Present


def _hits(
    text: str,
    pause: Callable[[], None] | None,
    size: int = SLICE,
    tools: _Tools | None = None,
    *,
    bits: int | None = None,
    message: bool = True,
    depth: int = 0,
) -> list[Hit]:
    """Return what every rule finds, in the text as it is read and as it would be decoded."""
    view = readable(text, pause)
    tools = tools or _tools or _made_tools()
    tell = tools.tell
    told = bits
    if bits is None and len(view.text) <= SLICE:
        told = bits = tell(view.text, _bytes(view.text))
    if bits is None:
        bits = _ANYTHING
    if not bits:
        return []
    hits = _given(view, _Scan(view.text, tools, pause, message=message).run(size, bits=told))
    for plain, regions in decoded(view, tell, pause) if bits & ~(SECRETS | TOKEN) else ():
        scan = _Scan(plain.text, tools, pause, message=message)
        for low, high in regions:
            scan.run(size, low, high)
        hits += _given(plain, scan.hits)
    if depth < _DEPTH and bits & (SIGNS | TOKEN):
        covered = sorted(hit[:2] for hit in hits)
        for token in tokens(view.text, pause):
            start, end = view.given(token.start, token.end)
            nearest = bisect_right(covered, (start, len(text))) - 1
            if nearest >= 0 and covered[nearest][1] >= end:
                continue
            before = view.text[max(0, token.start - REACH) : token.start]
            inside = _hits(before + token.text, pause, size, tools, message=message, depth=depth + 1)
            inside = [hit for hit in inside if hit.end > len(before)]
            if inside:
                hits.append(Hit(start, end, inside[0].label, inside[0].rule))
    return hits


def _bytes(text: str) -> bytes:
    """Return a text in as many bytes as it has characters; what is not ASCII becomes `?`."""
    return text.encode("ascii", "replace")


_tools: _Tools | None = None


def _made_tools() -> _Tools:
    """Choose the engine, when the first text comes."""
    global _tools  # noqa: PLW0603 - asking the environment and the file system costs as much as a short text
    _tools = _tools_of(chosen_engine())
    return _tools


@cache
def _tools_of(engine: Engine) -> _Tools:
    return _Tools(tell_by(engine), present_by(engine, RULES))


def _given(view: View, hits: list[Hit]) -> list[Hit]:
    """Return hits with offsets into the given text."""
    if view.below is None and not view.edits:
        return hits
    return [Hit(*view.given(hit.start, hit.end), hit.label, hit.rule) for hit in hits]


class _Scan:
    """One pass over one text; remembers per rule how far it has read, so that nothing is read twice."""

    __slots__ = ("around", "candidates", "codes", "hits", "numbers", "pause", "resume", "text", "tools")

    def __init__(self, text: str, tools: _Tools, pause: Callable[[], None] | None, *, message: bool) -> None:
        self.text = text
        self.pause = pause
        self.tools = tools
        self.candidates = 0
        self.codes = 0
        self.numbers = 0
        self.hits: list[Hit] = []
        self.resume: dict[object, int] = {}
        self.around = Surroundings(text, message=message)

    def run(self, size: int, begin: int = 0, end: int | None = None, *, bits: int | None = None) -> list[Hit]:
        """Search what begins between two offsets.

        Args:
            size: Characters of a slice.
            begin: First offset.
            end: Behind the last; None: the end of the text.
            bits: What the text tells; None: asked for each slice.
        """
        text, pause, (tell, present) = self.text, self.pause, self.tools
        end = len(text) if end is None else end
        for low in range(begin, end, size):
            if low > begin and pause is not None:
                pause()
            high = min(low + size, end)
            part = text if high >= len(text) and not low else text[low : high + OVERLAP]
            raw = _bytes(part)
            told = tell(part, raw) if bits is None else bits
            if not told:
                continue
            folded = part.lower()
            for anchor in present(part, folded, raw, told):
                self._literal(anchor, folded if anchor.rule.folded else part, low, high)
            if not told & SIGNS:
                continue
            if b":" in raw:
                self._colons(low, high)
            if len(raw.translate(None, b"0123456789")) != len(raw):
                self._numbers(low, high)
                self._codes(low, high)
        return self.hits

    def _literal(self, anchor: Anchor, part: str, low: int, high: int) -> None:
        """Try a rule wherever its literal begins inside the slice."""
        literal, rule, resume = anchor.literal, anchor.rule, self.resume
        last = high - low + len(literal) - 1
        place = part.find(literal, max(0, resume.get(anchor.number, 0) - low), last)
        while place >= 0:
            self._try(low + place, rule, anchor.number)
            place = part.find(literal, max(place + 1, resume.get(anchor.number, 0) - low), last)

    def _numbers(self, low: int, high: int) -> None:
        text, resume = self.text, self.resume
        for run in _DIGITS_RUN.finditer(text, low, high + OVERLAP):
            begin, end = run.span()
            if begin >= high:
                return
            if end - begin < _SHORTEST_NUMBER:
                continue
            for place in _group_starts(text, begin, min(end, high)):
                if place < self.numbers:
                    continue
                room, embedded = end - place, place > 0 and joined(text[place - 1])
                for rule in _NUMBER_RULES[text[place]]:
                    if room >= rule.shortest and (rule.embedded or not embedded) and place >= resume.get(rule.name, 0):
                        match = rule.pattern.match(text, place, place + rule.reach)
                        if match is not None and self._judge(place, match.end(), rule, rule.name):
                            self.numbers = max(self.numbers, self.hits[-1].end)

    def _codes(self, low: int, high: int) -> None:
        """Judge every group of letters and digits that holds a digit."""
        text = self.text
        taken = [hit[:2] for hit in self.hits if hit.end > low and hit.end - hit.start > _LONGEST_PIN]
        if "[" in text:
            taken += [marker.span() for marker in _MARKER.finditer(text, max(0, low - OVERLAP), high + OVERLAP)]
        taken.sort(reverse=True)
        for match in _CODE.finditer(text, low, high + OVERLAP):
            begin = match.start()
            if begin >= high:
                return
            if begin == low and _goes_on_from(text, begin):
                continue
            start = begin
            if begin and text[begin - 1] in _LETTERS:
                head = text[max(0, begin - _LETTERS_BEFORE) : begin]
                start = begin - len(head) + len(head.rstrip(_LETTERS))
                self._iban(start, begin)
            elif begin > 2 and text[begin - 2] in _LETTERS:
                self._iban(begin - 3, begin)
            while taken and taken[-1][1] <= begin:
                taken.pop()
            if begin < self.codes or (taken and taken[-1][0] <= begin):
                continue
            self._tick()
            table = _TABLE.match(text, start, start + _TABLE_REACH) if match.end() - start <= _TABLE_GROUP else None
            if table is not None:
                self.codes = table.end() - REACH
                continue
            if text[match.end() : match.end() + 1] == "-":
                unique = _UUID.match(text, start)
                if unique is not None:
                    self.codes = unique.end()
                    continue
            found = code_at(text, start, match.end(), self.around)
            if found is not None:
                self.hits.append(Hit(*found))
                self.codes = found[1]

    def _iban(self, start: int, begin: int) -> None:
        """Try an IBAN where two letters stand before digits, right before them or with one sign between."""
        text = self.text
        if start >= 0 and text[start : start + 2].upper() in IBAN_LENGTHS and text[start + 2 : begin] in ("", " ", "-"):
            known = len(self.hits)
            for rule in _IBAN_RULES:
                self._try(start, rule, rule.name)
            if len(self.hits) > known:
                self.codes = max(self.codes, self.hits[-1].end)

    def _colons(self, low: int, high: int) -> None:
        for match in _COLONS.finditer(self.text, low, high + 5):
            if match.start() >= high:
                return
            for rule in _COLON_RULES:
                if match.start() >= self.resume.get(rule.name, 0):
                    self._try(match.start(), rule, rule.name)

    def _try(self, place: int, rule: Rule, search: object) -> None:
        """Match a rule at an anchor and keep the value when it is one."""
        text = self.text
        if rule.alone and place and joined(text[place - 1]):
            return
        start = place if rule.begin is None else rule.begin(text, place)
        limit = start + rule.reach
        match = rule.pattern.match(text, start, limit)
        if match is None:
            self._tick()
            return
        begin, end = match.span(rule.group)
        if rule.tail is not None and end == limit:
            end = _read_tail(text, end, rule.tail)
        if not self._judge(begin, end, rule, search):
            self.resume[search] = end

    def _judge(self, begin: int, end: int, rule: Rule, search: object) -> bool:
        """Keep a candidate if it is a value; say whether it was."""
        self._tick()
        if rule.judge is not None:
            span = rule.judge(self.text, begin, end, self.around)
        else:
            span = (begin, end) if rule.check is None else rule.check(self.text, begin, end)
        if span is None:
            return False
        self.hits.append(Hit(*span, rule.label, rule.name))
        self.resume[search] = span[1]
        return True

    def _tick(self) -> None:
        """Give way after every few candidates."""
        self.candidates += 1
        if self.candidates % _PAUSE_EVERY == 0 and self.pause is not None:
            self.pause()


def _goes_on_from(text: str, begin: int) -> bool:
    """Tell whether a digit is not the first of its group of letters and digits."""
    head = text[max(0, begin - _LONGEST_GROUP) : begin]
    return any("0" <= character <= "9" for character in head[len(head.rstrip(_ALNUM)) :])


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
