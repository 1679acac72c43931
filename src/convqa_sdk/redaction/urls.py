"""Find what stands in URLs: parameters by their names, personal data behind percent signs, userinfo.

A parameter's name may say that its value is a secret, or the id of somebody. Works on any text that holds URLs, or on
a query alone. Findings are whole: of `?email=jane%40example.com` the value of the parameter, as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote, unquote_plus

from convqa_sdk.redaction.context_words import vocabulary
from convqa_sdk.redaction.findings import Finding
from convqa_sdk.redaction.person_keys import person_kind
from convqa_sdk.redaction.secret_keys import is_sensitive_key
from convqa_sdk.redaction.structures import hint

Find = Callable[[str], Sequence[Finding] | None]

_PARAMETER: Final = re.compile(r"(?:^|[?&;#])([^\s=&?#;\"'<>]{1,128})=((?:[^\s&#;\"'<>]|;(?![^\s=&?#;]{1,128}=))+)")
_USERINFO: Final = re.compile(r"://([^\s/?#@\"'<>]{1,512})@")
_PIECE: Final = re.compile(r"[^\s/?&#=;\"'<>]+")
_ENCODED: Final = re.compile("%[0-9A-Fa-f]{2}")
_MARKER: Final = re.compile(r"\[[A-Z][A-Z_]{1,39}[\]:]")
_ROUNDS: Final = 3
_PARAMETER_NAMES: Final = vocabulary(
    "access_token auth code credential credentials jwt otp pass session sessionid session_id jsessionid phpsessid sid "
    "sig signature x-amz-credential x-amz-security-token x-amz-signature x-goog-signature"
)
"""Names of parameters that carry a secret in a URL, besides those that name one anywhere."""


class _UndetectedError(Exception):
    """A part of a URL could not be searched."""


def url_findings(text: str, find: Find) -> list[Finding] | None:
    """Find personal data and secrets in the URLs of a text.

    Args:
        text: The text, or the query of a URL.
        find: Detects in one text; None means failed.

    Returns:
        Findings in `text`, which may overlap each other and those of `find`; None when `find` failed.
    """
    if "=" not in text and "%" not in text and "://" not in text:
        return []
    found = [Finding(*match.span(1), "SECRET") for match in _USERINFO.finditer(text) if not _is_marker(match[1])]
    try:
        return [*found, *_parameters(text, find), *_encoded(text, find)]
    except _UndetectedError:
        return None


def _parameters(text: str, find: Find) -> Iterator[Finding]:
    position = 0
    while (match := _PARAMETER.search(text, position)) is not None:
        position = match.end()  # the sign before the next one is looked at again: it is no part of a value
        name, value = _decoded(match[1]), match[2]
        if _is_marker(value):
            continue
        if is_sensitive_key(name) or name.lower() in _PARAMETER_NAMES:
            yield Finding(*match.span(2), "SECRET")
            continue
        if person_kind(name):
            yield Finding(*match.span(2), "ACCOUNT_ID")
            continue
        prefix = hint(name)
        label = _label(prefix + _decoded(value, plus=True), find, len(prefix))
        if label is not None:
            yield Finding(*match.span(2), label)


def _encoded(text: str, find: Find) -> Iterator[Finding]:
    if "%" not in text:
        return
    for match in _PIECE.finditer(text):
        if "%" in match[0] and _ENCODED.search(match[0]):
            label = _label(_decoded(match[0]), find)
            if label is not None:
                yield Finding(*match.span(), label)


def _label(text: str, find: Find, behind: int = 0) -> str | None:
    """Return the class of the first finding that reaches behind an offset."""
    found = find(text)
    if found is None:
        raise _UndetectedError
    return next((label for _, end, label in found if end > behind), None)


def _decoded(text: str, *, plus: bool = False) -> str:
    """Return a text without percent signs, also where it was encoded more than once."""
    for _ in range(_ROUNDS):
        plain = unquote_plus(text) if plus else unquote(text)
        if plain == text:
            break
        text, plus = plain, False
    return text


def _is_marker(text: str) -> bool:
    return _MARKER.match(text) is not None
