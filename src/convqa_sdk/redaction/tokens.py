"""Tokens of Base64 or hexadecimal digits that hold readable text, also in pairs, and over lines."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from convqa_sdk.redaction.views import PIECE

LONGEST_TOKEN: Final = 4_096

_REACH = 512
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_\-]{12,4096}(?:\r?\n[A-Za-z0-9+/_\-]{4,4096}){0,64}={0,2}")
_HEX_PAIRS: Final = re.compile("(?:0x)?[0-9A-Fa-f]{2}(?:[ :,]{1,2}(?:0x)?[0-9A-Fa-f]{2}){5,512}")
_HEX_CLASSES: Final = bytes(
    104 if code in b"0123456789abcdefABCDEF" else 32 if code in b" :," else 0 for code in range(256)
)
_HEX_APART: Final = b"hh hh hh hh hh hh"
_HEXADECIMAL: Final = re.compile("(?:[0-9A-Fa-f]{2}){8,}")
_SHORTEST_TOKEN: Final = 12
_LONG: Final = b"x" * _SHORTEST_TOKEN
_TOKEN_CLASS: Final = bytes(
    120 if (chr(code).isalnum() and code < 128) or code in b"+/_-" else 32 for code in range(256)
)
_NO_TOKEN: Final = re.compile("[^0-9A-Fa-f]")
_BLANKS: Final = str.maketrans("\n\t\r", "   ")
_SAFE: Final = str.maketrans("-_", "+/")


class Token(NamedTuple):
    """A token that was decoded: its offsets, and its plain text."""

    start: int
    end: int
    text: str


def tokens(text: str, pause: Callable[[], None] | None = None) -> Iterator[Token]:
    """Decode tokens of Base64 or hexadecimal digits, also in pairs and over lines, that hold readable text."""
    for low in range(0, len(text), PIECE):
        high = low + PIECE
        raw = text[low : high + _REACH].encode("ascii", "replace")
        if pause is not None and low:
            pause()
        if _LONG in raw.translate(_TOKEN_CLASS):
            yield from _decoded_tokens(_TOKEN, text, low, high)
        if _HEX_APART in raw.translate(_HEX_CLASSES) or b"0x" in raw:
            yield from _decoded_tokens(_HEX_PAIRS, text, low, high)


def _decoded_tokens(pattern: re.Pattern[str], text: str, low: int, high: int) -> Iterator[Token]:
    resume = low
    while (match := pattern.search(text, resume, high + LONGEST_TOKEN)) is not None and match.start() < high:
        resume = match.end()
        plain = _plain(match.group())
        if plain is None and "\n" in match.group():
            resume = match.start() + match.group().index("\n") + 1
            plain = _plain(match.group().partition("\n")[0])
        if plain is not None:
            yield Token(match.start(), resume, plain)


def _plain(token: str) -> str | None:
    """Return the text that a token encodes, None when it encodes none."""
    bare = _NO_TOKEN.sub("", token.replace("0x", "")) if " " in token or ":" in token or "," in token else token
    if _HEXADECIMAL.fullmatch(bare):
        return _text(bytes.fromhex(bare))
    bare = "".join(token.split()).rstrip("=").translate(_SAFE)
    if len(bare) % 4 == 1 or len(bare) < _SHORTEST_TOKEN:
        return None
    try:
        return _text(base64.b64decode(bare + "=" * (-len(bare) % 4)))
    except binascii.Error:
        return None


def _text(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-16-le" if raw[1:2] == b"\0" and raw[3:4] == b"\0" else "utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.translate(_BLANKS).isprintable() else None
