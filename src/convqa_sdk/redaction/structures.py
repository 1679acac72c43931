"""Walk a JSON-able value and redact its texts, its keys and its numbers.

A number is read together with the key above it, as it will stand in the exported JSON: `{"phone": 3348917502}` is a
phone number, `{"order": 3348917502}` is not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

from convqa_sdk.redaction.findings import Finding
from convqa_sdk.redaction.secret_keys import is_sensitive_key

MAX_DEPTH: Final = 32
MAX_NODES: Final = 10_000
MAX_NAMES: Final = 1_024

TOO_LONG: Final = "[WITHHELD:too_long]"
"""Stands where a text goes on that does not leave whole."""

_WITHHELD = "[WITHHELD]"
_SECRET = "[SECRET]"  # noqa: S105 - a marker
HINTED_CHARS: Final = 64
"""Longest text that is read together with the key above it."""
_LARGEST_PLAIN = 999_999  # no class fits into six digits
_LARGEST_BITS = 256
_CHECK_EVERY = 64

StructureStatus = Literal["clean", "redacted", "withheld", "failed_closed", "off"]
_SEVERITY: Final[tuple[StructureStatus, ...]] = ("clean", "redacted", "withheld", "failed_closed")

_CAMEL = re.compile("([a-z0-9])([A-Z])")
_SPACED: Final = r"\1 \2"

NAMES: Final = ("name", "key", "field", "header", "Name", "Key")
VALUES: Final = frozenset(("value", "val", "Value"))
"""Keys of a value that says its name beside it, as in lists of headers, form fields and environment variables."""


class Summary(NamedTuple):
    """What was done to a structure: the worst status of its parts, the number of replacements, their classes."""

    status: StructureStatus
    count: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride] - hides tuple.count
    classes: tuple[str, ...]


class RenderedText(Protocol):
    """What rendering one text gives back: `redactor.Redacted`."""

    @property
    def text(self) -> str:
        """The text that may leave."""
        ...

    @property
    def summary(self) -> Summary:
        """What was done to it."""
        ...


_type_of: Callable[[object], type[Any]] = type
_items: Callable[[dict[Any, Any]], Iterable[tuple[Any, Any]]] = dict[Any, Any].items
_keys: Callable[[dict[Any, Any]], Iterable[Any]] = dict[Any, Any].keys
_get: Callable[[dict[Any, Any], str], Any] = dict[Any, Any].get
"""A dictionary's items, keys and values as it holds them: a subclass may override its methods, and raise or lie."""

Find = Callable[[str], list[Finding] | None]


class Render(Protocol):
    """Writes a text with its findings, and looks again at what it wrote."""

    def __call__(self, text: str, findings: Sequence[Finding] | None, find: Find, *, cut: bool = False) -> RenderedText:
        """Return the text that may leave."""
        ...


class Walk:
    """One walk over one value; holds the limits and the tally.

    Args:
        find: Detects in one text; None means failed.
        find_alone: The same without recognizers, in keys, values without letters, and what was written for a text.
        render: Writes a text with its findings, and looks again with the given function.
        check: Raises when the time is used up; may pause.
        room: How many characters of text the whole value may hold.
        is_clean: Tells quickly of most short words that nothing can be found in them, whatever stands before them.
        names: Keys in which nothing was found; a bot has few of them. None: nothing may be remembered.
        secret: The policy's action for secrets.

    Attributes:
        room: How many characters of text it may still hold.
    """

    def __init__(
        self,
        *,
        find: Find,
        find_alone: Find,
        render: Render,
        check: Callable[[], None],
        room: int,
        secret: str,
        is_clean: Callable[[str], object],
        names: set[str] | None,
    ) -> None:
        self._find = find
        self._find_alone = find_alone
        self._render = render
        self._check = check
        self.room = room
        self._is_clean = is_clean
        self._names: Collection[str] = () if names is None else names
        self._remember = names
        self._dropped = _WITHHELD if secret == "withhold" else _SECRET  # noqa: S105 - the name of an action
        self._nodes = 0
        self._above: set[int] = set()
        self._worst = 0
        self._count = 0
        self._classes: set[str] = set()

    def run(self, value: object) -> tuple[object, Summary]:
        """Return the redacted copy and its summary."""
        copy = self._node(value, "value", 0)
        return copy, Summary(_SEVERITY[self._worst], self._count, tuple(sorted(self._classes)))

    def _node(self, value: Any, key: str, depth: int) -> object:  # the hot loop: exact types are asked for first
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            return self._withheld()
        if self._nodes % _CHECK_EVERY == 0:
            self._check()
        kind = _type_of(value)
        if kind is str:
            return self._text(value, key)
        if value is None or kind is bool:
            return value
        if kind is dict or kind is tuple or kind is list:
            return self._container(value, key, depth)
        if isinstance(value, str):
            return self._cut(value) if _is_cut(value) else self._text(str.__str__(value), key)
        if isinstance(value, (int, float)):
            return self._number(value, key)
        if isinstance(value, (dict, list, tuple)):
            return self._container(value, key, depth)
        return self._withheld()

    def _container(self, value: Any, key: str, depth: int) -> object:
        mark = id(value)
        if mark in self._above:
            return self._withheld()
        self._above.add(mark)
        try:
            if issubclass(type(value), dict):
                return self._dictionary(value, key, depth)
            if _are_pairs(value):
                return [self._pair(item, depth + 1) for item in value]
            return self._list(value, key, depth + 1)
        finally:
            self._above.discard(mark)

    def _list(self, value: Any, key: str, depth: int) -> list[object]:
        copy: list[object] = []
        named = False
        for item in value:
            is_text = _type_of(item) is str
            if named and is_text and item[:1] != "-":
                copy.append(self._secret())
            else:
                copy.append(self._node(item, key, depth))
            named = is_text and item[:1] == "-" and "=" not in item and is_sensitive_key(item)
        return copy

    def _pair(self, pair: Any, depth: int) -> object:
        """Return a name and its value, as in the headers of a request."""
        name, child = pair
        if is_sensitive_key(name) and child is not None:
            self._nodes += 2
            return [self._key(name), self._secret()]
        return [self._node(name, "name", depth), self._node(child, name, depth)]

    def _dictionary(self, value: dict[Any, Any], above: str, depth: int) -> dict[object, object]:
        copy: dict[object, object] = {}
        named = _name_beside(value, above)
        for key, child in _items(value):
            if type(key) is str and (key in self._names or self._is_clean(key)):
                self.room -= len(key)
                name: str = key
                written: object = key
            else:
                name, written = key if isinstance(key, str) else _called(key), self._key(key)
            if named and name in VALUES:
                name = named
            if child is not None and child is not True and child is not False and is_sensitive_key(name):
                redacted: object = self._secret()
            else:
                redacted = self._node(child, name, depth + 1)
            copy[_unused(written, copy)] = redacted
            if self._nodes > MAX_NODES:
                self._withheld()
                break
        return copy

    def _key(self, key: Any) -> object:
        if key is None or key is True or key is False:
            return key
        if isinstance(key, str):
            if _is_cut(key):
                return TOO_LONG  # half a value is not recognised
            return self._name(str.__str__(key))
        return self._number(key, "value") if isinstance(key, (int, float)) else self._withheld()

    def _name(self, key: str) -> str:
        """Return a key as a text behind a word: a name is no message, and a number alone is nobody's there."""
        written = self._text(key, "name", self._find_alone)
        if self._remember is not None and written == key and len(key) <= HINTED_CHARS and self.room >= 0:
            if len(self._remember) >= MAX_NAMES:
                self._remember.clear()
            self._remember.add(key)
        return written

    def _cut(self, head: str) -> str:
        """Return the head of a text without its end, where half a value may stand."""
        room = self.room
        self.room -= len(head)
        text = str.__str__(head)[: max(0, room)]
        rendered = self._render(text, self._find(text), self._find_alone, cut=True)
        self._tally(*rendered.summary)
        return rendered.text

    def _text(self, text: str, key: str, find: Find | None = None) -> str:
        self.room -= len(text)
        if self._is_clean(text):
            return text
        if self.room < 0 and len(text) > HINTED_CHARS:  # names and roles stay: what is too long keeps its form
            self._tally("withheld", 0, ())
            return TOO_LONG
        again = self._find_alone
        if find is None:
            find = self._find if any(map(str.isalpha, text)) else again
        if key and len(text) <= HINTED_CHARS:
            find, again = _with_hint(find, key), _with_hint(again, key)
        findings = find(text)
        if findings is not None and not findings and text.isascii():
            return text
        rendered = self._render(text, findings, again)
        self._tally(*rendered.summary)
        return rendered.text

    def _number(self, value: float, key: str) -> object:
        if isinstance(value, float):
            if not math.isfinite(value):
                return None
            plain = float.__float__(value)
            text = str(int(plain))  # a fraction's digits are nobody's number, but one in sixty passes for a card
        else:
            plain = int.__int__(value)
            if plain.bit_length() > _LARGEST_BITS:
                return self._withheld()
            text = str(plain)
        if abs(plain) <= _LARGEST_PLAIN and len(text) <= 7:
            return plain
        written = self._text(text, key or "value")
        return plain if written == text else written

    def _secret(self) -> str:
        """Return what stands for a value whose name says that it is a secret."""
        self._tally("withheld" if self._dropped == _WITHHELD else "redacted", 1, ("SECRET",))
        return self._dropped

    def _withheld(self) -> str:
        self._tally("withheld", 0, ())
        return _WITHHELD

    def _tally(self, status: StructureStatus, count: int, classes: Iterable[str]) -> None:
        self._worst = max(self._worst, _SEVERITY.index(status))
        self._count += count
        self._classes.update(classes)


def _with_hint(search: Find, key: str) -> Find:
    """Return a detection that reads a short value behind its key, with offsets into the value."""
    prefix = hint(key)
    shift = len(prefix)

    def find(text: str) -> list[Finding] | None:
        found = search(prefix + text)
        if found is None:
            return None
        return [Finding(max(0, f.start - shift), f.end - shift, f.label) for f in found if f.end > shift]

    return find


def _called(key: object) -> str:
    """Return the name that a key which is no text gives to its value."""
    return key[:HINTED_CHARS].decode("ascii", "replace") if isinstance(key, bytes) else "value"


def _are_pairs(value: Any) -> bool:
    """Tell whether a list holds nothing but a name and its value each."""
    return bool(value) and all(
        _type_of(item) in (list, tuple) and len(item) == 2 and _type_of(item[0]) is str for item in value
    )


def _name_beside(value: dict[Any, Any], above: str) -> str:
    """Return the name that stands beside a value, else the key above both; empty where there is no such value."""
    if VALUES.isdisjoint(_keys(value)):
        return ""
    found: list[Any] = [_get(value, name) for name in NAMES]
    return next((name for name in found if _type_of(name) is str and name), above)


def hint(key: str) -> str:
    """Return what a short value is read behind, so that its key says what it is."""
    return f"{_CAMEL.sub(_SPACED, key[:HINTED_CHARS])}: "


def _is_cut(text: str) -> bool:
    """Tell whether a text is the head of a longer one: capture's class for these knows the `original_length`."""
    return hasattr(type(text), "original_length")


def _unused(key: object, taken: dict[object, object]) -> object:
    """Return the key, numbered when two keys became the same marker, so that no value is lost."""
    if key not in taken:
        return key
    number = 2
    while f"{key}#{number}" in taken:
        number += 1
    return f"{key}#{number}"
