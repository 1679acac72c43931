"""Reads the texts of a JSON document with their places, so that what is found in one can be told, or written over.

The document is walked as it is written, token by token and without recursion: it may be large, deep, and have members
of one name twice. What is no JSON is said with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from convqa_sdk.redaction.secret_keys import is_sensitive_key
from convqa_sdk.redaction.structures import NAMES, VALUES

_TOKEN: Final = re.compile(
    r'[ \t\r\n]*(?:(?P<string>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>true|false|null)|(?P<sign>[{}\[\],:]))"
)
_REST: Final = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPED: Final = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|[^\\]+")
_BOM: Final = "\ufeff"

MAX_STEPS: Final = 32
"""Steps of a path that are told, the innermost."""

Kind = Literal["text", "key", "number", "secret"]


class NotJsonError(ValueError):
    """A document is no JSON; knows the offset, and quotes nothing."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"no JSON at character {offset}")
        self.offset = offset


class Leaf(NamedTuple):
    """A text, a number or a key of a document.

    Attributes:
        kind: `secret` is a value of whatever form whose key names a secret.
        start: Offset of its first character in the document, the quote of a text.
        end: Offset behind the last one.
        value: The text without quotes and escapes; a number or a secret as it is written.
        key: The nearest key above, `value` where there is none.
        path: Keys and indices that lead there.
    """

    kind: Kind
    start: int
    end: int
    value: str
    key: str
    path: tuple[str | int, ...]


class _Frame:
    """An object or an array that is open.

    Attributes:
        named: What a value in it that is called `value` is: the name that stands beside it, else the key above both.
    """

    __slots__ = ("index", "is_object", "key", "named", "state")

    def __init__(self, *, is_object: bool, key: str) -> None:
        self.is_object = is_object
        self.key = self.named = key
        self.index = 0
        self.state = "first"


def leaves(document: str) -> Iterator[Leaf]:
    """Yield the texts, numbers and keys of a JSON document in their order.

    Args:
        document: The document as it is written.

    Raises:
        NotJsonError: It is no JSON; what came before was yielded.
    """
    walk = _Walk(document)
    position = 1 if document.startswith(_BOM) else 0
    while not walk.done:
        token = _TOKEN.match(document, position)
        if token is None:
            raise NotJsonError(position)
        position = token.end()
        leaf = walk.step(str(token.lastgroup), token.start(token.lastindex or 0), position)
        if leaf is not None:
            yield leaf
    if _REST.fullmatch(document, position) is None:
        raise NotJsonError(position)


class _Walk:
    """Goes from token to token, and knows what is open around."""

    def __init__(self, document: str) -> None:
        self.done = False
        self._document = document
        self._stack: list[_Frame] = []
        self._secret: tuple[int, int, str] | None = None  # start, depth and key of a container that is a secret

    def step(self, kind: str, start: int, end: int) -> Leaf | None:
        """Take a token; return what it completes."""
        frame = self._stack[-1] if self._stack else None
        sign = self._document[start] if kind == "sign" else ""
        if sign and sign in ",:}]":
            return self._between(frame, sign, start, end)
        if frame is None:
            return self._value(None, "value", kind, start, end)
        if frame.is_object and frame.state in ("first", "key"):
            if kind != "string":
                raise NotJsonError(start)
            frame.key, frame.state = _text(self._document[start:end], start), "colon"
            return self._leaf("key", start, end, frame.key, "")
        if frame.state not in ("first", "value"):
            raise NotJsonError(start)
        frame.state = "next"
        leaf = self._value(frame, frame.named if _is_value(frame) else frame.key, kind, start, end)
        if leaf is not None and leaf.kind == "text" and frame.is_object and frame.key in NAMES:
            frame.named = leaf.value
        return leaf

    def _between(self, frame: _Frame | None, sign: str, start: int, end: int) -> Leaf | None:
        """Take a sign that stands between values or closes some."""
        if frame is None or not _goes_on(frame, sign):
            raise NotJsonError(start)
        if sign in ",:":
            return None
        self._stack.pop()
        self.done = not self._stack
        if self._secret is None or len(self._stack) != self._secret[1]:
            return None
        begin, _, key = self._secret
        self._secret = None
        return self._leaf("secret", begin, end, self._document[begin:end], key)

    def _value(self, frame: _Frame | None, key: str, kind: str, start: int, end: int) -> Leaf | None:
        hides = self._secret is None and frame is not None and frame.is_object and is_sensitive_key(key)
        if kind == "sign":
            if hides:
                self._secret = (start, len(self._stack), key)
            self._stack.append(_Frame(is_object=self._document[start] == "{", key=key))
            return None
        self.done = not self._stack
        if kind == "word":
            return None
        written = self._document[start:end]
        value = _text(written, start) if kind == "string" else written
        return self._leaf("secret" if hides else "text" if kind == "string" else "number", start, end, value, key)

    def _leaf(self, kind: Kind, start: int, end: int, value: str, key: str) -> Leaf | None:
        return Leaf(kind, start, end, value, key, _path(self._stack)) if self._secret is None else None


def _is_value(frame: _Frame) -> bool:
    return frame.is_object and frame.key in VALUES


def _goes_on(frame: _Frame, sign: str) -> bool:
    """Take a sign that stands between values; tell whether it may stand there."""
    if sign == ":":
        fits, frame.state = frame.is_object and frame.state == "colon", "value"
    elif sign == ",":
        fits, frame.state = frame.state == "next", "key" if frame.is_object else "value"
        frame.index += 1
    else:
        fits = frame.state in ("first", "next") and frame.is_object == (sign == "}")
    return fits


def _path(stack: list[_Frame]) -> tuple[str | int, ...]:
    return tuple([frame.key if frame.is_object else frame.index for frame in stack[-MAX_STEPS:]])


def _text(token: str, start: int) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token))
    except ValueError:
        raise NotJsonError(start) from None


def place(token: str, start: int, end: int) -> tuple[int, int]:
    """Return where a piece of a text stands in its token.

    Args:
        token: The text as it is written, with quotes and escapes.
        start: Offset of the piece in the text.
        end: Offset behind it.
    """
    if "\\" not in token:
        return start + 1, end + 1
    begin = stop = position = 0
    for piece in _ESCAPED.finditer(token, 1, len(token) - 1):
        characters = 1 if piece[0].startswith("\\") else len(piece[0])
        for bound, offset in ((0, start), (1, end)):
            if position <= offset <= position + characters:
                at = piece.end() if offset == position + characters else piece.start() + offset - position
                begin, stop = (at, stop) if bound == 0 else (begin, at)
        position += characters
    return begin, stop


def shown(path: tuple[str | int, ...]) -> str:
    """Return a path as `$.messages[0].content`; its keys may be personal data: redact it before anybody sees it."""
    return "$" + "".join(map(_step, path))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN.fullmatch(step) else f"[{json.dumps(step, ensure_ascii=False)}]"
