"""Pydantic's complaints in words that say what to do, for files and arguments that people write."""

from __future__ import annotations

from typing import Final

_BY_KIND: Final = {
    "string_type": "give a text; what YAML would read as a number, a date or a switch has to stand in quotes",
    "extra_forbidden": "there is no such setting",
}
_BY_PATTERN: Final = {
    "'^[A-Z]{2}$'": "give two capital letters, such as US",
    "'^[A-Z]{3}$'": "give three capital letters, such as EUR",
    "'^[a-z0-9]{1,16}$'": "give 1 to 16 small letters and digits, such as k2",
}


def plainly(kind: str, message: str) -> str:
    """Return a complaint in words that help; one that helps already stays as it is.

    Args:
        kind: Pydantic's name for it.
        message: Pydantic's text, or that of a validator of ours.
    """
    if kind == "string_pattern_mismatch":
        return next((words for pattern, words in _BY_PATTERN.items() if pattern in message), message)
    return _BY_KIND.get(kind, message.removeprefix("Value error, "))
