"""Tell a generated value from words: what a secret's looks alone can say.

A generated token changes between letters, digits and cases every few characters; a name that a person made changes
only where a word ends. The mean length of such pieces separates the two better than Shannon's entropy, which short
tokens and long names share.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.context_words import vocabulary

SHORTEST_TOKEN: Final = 10
"""Characters below which a value without a password's name is not called generated."""

_MAX_CHARS = 96  # enough of a value to judge it
_PIECE = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^ -~]")
_PART = re.compile("[^\\W_]+")
_MEAN_MIXED = 3.99
_MEAN_LETTERS = 3.0
_MEAN_SHORT = 3.0
_LETTERS_ONLY = 16
_SHORTEST_PART = 6
_LONG_CODE = re.compile("[0-9A-F]{24,}|[0-9a-f]{24,}|[0-9A-Z]{32,}")
_UUID = re.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_LICENCE = re.compile("(?:[A-Z0-9]{4,8}-){2,7}[A-Z0-9]{4,8}")
_UNSPEAKABLE = re.compile("[bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ]{6}")
_MASKED = re.compile("[xX]{4,}|\\*{3,}|\\.{3}|[\u2022\u2026]|\\{\\{|\\$\\{|\\$\\(|#\\{|<%|_{4,}|-{4,}")
_REFERENCE = re.compile(
    "\\$(?:[A-Z][A-Z0-9_]*|[A-Za-z_]+)(?:[.:][A-Za-z_]+)*|%[A-Za-z_0-9]+%|<[^<>]*>|\\{[A-Za-z_0-9. ]*\\}"
    "|\\[[A-Za-z_ ]*\\]|@[a-z_.]+@|%\\(?[a-z_]*\\)?[sd]"
)
_PATH = re.compile(
    "(?:~|\\.{1,2})?/(?:[A-Za-z0-9_.\\-]*/)*[A-Za-z0-9_.\\-]*|[A-Za-z]:\\\\.*|[a-z][a-z0-9+.]{1,15}://.*"
)
_LONGEST_PATH_PART = 20
_PLACEHOLDER_WORDS = vocabulary(
    "your insert placeholder example examples redacted changeme replace replaceme dummy fake sample here todo fixme"
)
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")


def is_placeholder(value: str) -> bool:
    """Return whether a value only stands for a secret: masked, a reference to a variable, or a word for it."""
    value = value[:_MAX_CHARS]
    if _MASKED.search(value) or _REFERENCE.fullmatch(value) or len(set(value)) == 1:
        return True
    return not _PLACEHOLDER_WORDS.isdisjoint(word.lower() for word in _WORD.findall(value))


def is_path(value: str) -> bool:
    """Return whether a value is a path or a URL, and not base64 that begins with a slash."""
    value = value[:_MAX_CHARS]
    if not _PATH.fullmatch(value):
        return False
    return "://" in value or not any(
        len(part) >= _LONGEST_PATH_PART and _part_is_generated(part) for part in value.split("/")
    )


def is_generated(value: str) -> bool:
    """Return whether a value looks like what a machine generated: random letters and digits, hexadecimal, a UUID."""
    value = value[:_MAX_CHARS]
    if len(value) < SHORTEST_TOKEN:
        return False
    if _UUID.fullmatch(value) or _LICENCE.fullmatch(value):
        return True
    generated = 0
    for part in _PART.findall(value):
        if len(part) >= _SHORTEST_PART and _part_is_generated(part):
            generated += len(part)
    return generated >= SHORTEST_TOKEN or (2 * generated >= len(value) and generated >= _SHORTEST_PART + 2)


def is_mixed(value: str) -> bool:
    """Return whether a value has what words lack: a digit or a sign among letters, or capitals inside."""
    letters = any(character.isalpha() for character in value)
    if not letters:
        return False
    if any(character.isdigit() for character in value):
        return True
    core = value.strip(".,;:!?()[]\"'")
    if any(not character.isalnum() and character not in "-'\u2019./_" for character in core):
        return True
    return core[1:] != core[1:].lower() and core != core.upper()


def _part_is_generated(part: str) -> bool:
    if _LONG_CODE.fullmatch(part):
        return any("0" <= character <= "9" for character in part) and not part.isdigit()
    pieces = _PIECE.findall(part)
    if not pieces:
        return False
    mean = len(part) / len(pieces)
    digits = any("0" <= character <= "9" for character in part)
    letters = not part.isdigit()
    if len(part) >= _LETTERS_ONLY and _UNSPEAKABLE.search(part) is not None:
        return letters
    if digits and letters:
        return mean <= (_MEAN_MIXED if len(part) >= SHORTEST_TOKEN else _MEAN_SHORT)
    return letters and len(part) >= _LETTERS_ONLY and mean <= _MEAN_LETTERS
