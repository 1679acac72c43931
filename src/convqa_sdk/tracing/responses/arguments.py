r"""A tool call's arguments as plain JSON data, whether the provider gives text (OpenAI) or an object (Anthropic).

One form for both means that the redactor sees decoded strings: an address written with a JSON escape (`\u0040`)
inside a text of JSON would pass it unseen.
"""

from __future__ import annotations

import re
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, NoReturn, cast

from convqa_sdk.tracing.pieces import MAX_TEXT
from convqa_sdk.tracing.snapshot import CutText, cut

if TYPE_CHECKING:
    from json import JSONDecoder

__all__ = ["copied", "parsed"]

_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def parsed(arguments: str) -> object:
    """Return the object or array that a text of JSON holds; any other text (cut short, not JSON, a scalar) as text.

    Longer than a text that is kept, it is not parsed but cut. In what stays text the escaped characters are decoded.
    """
    if len(arguments) > MAX_TEXT:
        return _unescaped(cut(arguments, MAX_TEXT))
    try:
        value: object = _decoder().decode(arguments)
    except (ValueError, RecursionError):
        return _unescaped(arguments)
    return cast("object", value) if isinstance(value, (dict, list)) else arguments


def _unescaped(text: str) -> str:
    if "\\u" not in text:
        return text
    plain = _ESCAPES.sub(lambda found: cast("str", _decoder().decode(f'"{found[0]}"')), text)
    if not isinstance(text, CutText):
        return plain
    head = CutText(plain)
    head.original_length = text.original_length
    return head


def copied(arguments: object) -> object:
    """Return a deep copy of JSON data (a text of JSON is parsed); None when it is not JSON data or goes round."""
    if isinstance(arguments, str):
        return parsed(arguments)
    import json

    try:
        return parsed(json.dumps(arguments, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return None


@cache
def _decoder() -> JSONDecoder:
    """Return a decoder that refuses what JSON cannot express; made once, and only when a tool is called."""
    from json import JSONDecoder

    return JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON; give a number or null")


def _finite(literal: str) -> float:
    value = float(literal)
    if not isfinite(value):
        raise ValueError("a number beyond the range of a double is not portable JSON; give it as a string")
    return value
