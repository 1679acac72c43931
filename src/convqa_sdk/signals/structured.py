"""What a tool gave, as text that claims can be compared with: fields and values, without the signs of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

MOST_VALUES: Final = 500
"""Of a structure, so many values are read."""
_DEEPEST: Final = 8


def readable(output: Any) -> str:
    """Return what a tool gave as sentences: `status: shipped.` of `{"status": "shipped"}`, and texts as they are.

    Args:
        output: Text, text of JSON, or what JSON can hold; anything else becomes nothing.
    """
    if isinstance(output, str):
        if not output.lstrip().startswith(("{", "[")):
            return str(output)
        try:
            output = json.loads(output)
        except (ValueError, RecursionError):
            return str(output)
    return "\n".join(islice(_facts("", output, 0), MOST_VALUES))


def _facts(name: str, value: Any, depth: int) -> Iterator[str]:
    """Yield a sentence for each value; the plain values of an object are one, because they are about one thing."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        held = cast("Mapping[object, Any]", value)
        plain = [f"{_words(key)}: {_plain(item)}" for key, item in held.items() if _is_plain(item)]
        if plain:
            yield f"{name}: {', '.join(plain)}." if name else f"{', '.join(plain)}."
        for key, item in held.items():
            if not _is_plain(item):
                yield from _facts(_words(key), item, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        for item in value:  # pyright: ignore[reportUnknownVariableType] # reason: of anything
            yield from _facts(name, item, depth + 1)
    elif _is_plain(value):
        yield f"{name}: {_plain(value)}." if name else f"{_plain(value)}."


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    return str(value)


def _words(key: object) -> str:
    return str(key).replace("_", " ") if isinstance(key, (str, int)) else ""
