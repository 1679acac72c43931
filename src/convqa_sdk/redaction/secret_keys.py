"""Names under which a secret stands, whatever it looks like: as keys of structures, and as names in a text of JSON."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from convqa_sdk.redaction.context import vocabulary
from convqa_sdk.redaction.rule import Span

MAX_KEY: Final = 64
"""Characters of a name that are looked at."""

_WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SENSITIVE = vocabulary(
    "password passwd passphrase passcode pwd secret secrets authorization cvv cvc pin apikey privatekey"
)
_SENSITIVE_PAIRS = frozenset(
    (("api", "key"), ("private", "key"), ("access", "key"), ("secret", "key"), ("pass", "word"))
)
_COUNTED = vocabulary("count counts limit usage budget type cost price total length id ids index rate")

_OPENING = re.compile(r"[bBrRuU]{0,2}(\\{0,64})([\"'])")
_BRACKET = re.compile(r"[A-Za-z_.]{0,64}[({\[]")
_NUMBER = re.compile("-?[0-9][0-9.eE+-]{0,400}")
_BRACKETS_AND_QUOTES = re.compile(r"[()\[\]{}\"']")
_MARKER = re.compile(r"\[[A-Z]+(?::[a-z_]+)?\]")


@lru_cache(maxsize=512)
def is_sensitive_key(key: str) -> bool:
    """Return whether a key names a value that is a secret whatever it looks like.

    Args:
        key: As in `password`, `clientSecret`, `X-API-Key`, `access_token`; but not `max_tokens` or `token_count`.
    """
    words = [word.lower() for word in _WORDS.findall(key[:MAX_KEY])]
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if word in _SENSITIVE or (word, following) in _SENSITIVE_PAIRS:
            return True
        if word == "token" and following not in _COUNTED:
            return True
    return False


def member_span(text: str, start: int, end: int) -> Span | None:
    """Return the value of a member of a JSON object (or of a Python dictionary as text) whose name is a secret's.

    Args:
        text: The whole text; it need not be valid, and may be JSON inside a text of JSON, with escaped quotes.
        start: Where the quote stands that closes the name.
        end: Where the value begins.
    """
    before = text[max(0, start - MAX_KEY - 2) : start].rstrip("\\")
    _, opened, name = before.rpartition(text[start])
    if not opened or not is_sensitive_key(name):
        return None
    opening = _OPENING.match(text, end)
    if opening is not None:
        begin = opening.end()
        stop = _closing(text, begin, opening.group(2), len(opening.group(1)))
    elif _BRACKET.match(text, end):
        begin, stop = end, _closing_bracket(text, end)
    else:
        number = _NUMBER.match(text, end)
        begin, stop = number.span() if number is not None else (end, end)
    return None if begin == stop or _MARKER.fullmatch(text, begin, stop) else (begin, stop)


def _closing(text: str, begin: int, quote: str, depth: int) -> int:
    """Return where a value ends whose quotes have `depth` backslashes; one that is left open has all the rest."""
    floor = begin
    while (found := text.find(quote, floor)) >= 0:
        first = found
        while first > floor and text[first - 1] == "\\":
            first -= 1
        escapes = found - first - depth
        if escapes < 0 or escapes // (depth + 1) % 2 == 0:
            return found - min(depth, found - first)
        floor = found + 1
    return len(text)


def _closing_bracket(text: str, begin: int) -> int:
    """Return where an object, array, tuple or call ends, or the text when it is left open."""
    depth, position = 0, begin
    while (found := _BRACKETS_AND_QUOTES.search(text, position)) is not None:
        sign, position = found.group(), found.end()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return position
        else:
            escapes = 1 if text[found.start() - 1] == "\\" else 0
            position = _closing(text, position, sign, escapes) + escapes + 1
    return len(text)
