"""Statements of databases without their literals: strings of every kind, numbers and comments become `?`.

One expression reads SQL of any dialect. Where dialects disagree about where a literal ends, it is taken to end later:
a statement that lost some of its structure is readable, one that kept a value has leaked.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, cast

_TOKEN: Final = re.compile(
    r"""
    --[^\n]* | \#(?![>-])[^\n]* | /\*.*?(?:\*/|\Z)                                 # comments
    | \b[nN]?[qQ]'(?:\[.*?(?:\]'|\Z)|\{.*?(?:\}'|\Z)|\(.*?(?:\)'|\Z)|<.*?(?:>'|\Z)|([^\s\[{(<]).*?(?:\1'|\Z))
    | \$((?:[A-Za-z_]\w*)?)\$.*?(?:\$\2\$|\Z)                                      # strings between dollar signs
    | '(?:[^'\\]|''|\\(?!'))*(?:'|\\'.*|\Z)
    | (?P<double>"(?:[^"\\]|""|\\(?!"))*(?:"|\\".*|\Z))
    | (?P<kept>`[\w$.-]{1,128}` | \$[0-9]{1,4}(?![\w$]) | (?<![\w:]):[0-9]{1,4}\b | \?[0-9]{1,4}\b)
    | (?<![\w$@])\.?[0-9][\w.]*(?:(?<=[eE])[+-][0-9]+)?
    """,
    re.VERBOSE | re.DOTALL,
)
"""Before the numbers stand placeholders and names, which are kept."""
_NAME: Final = re.compile(r'"[A-Za-z_][\w$]*"')
_BEFORE_NAME: Final = re.compile(r"(?:\.|\b(?:from|join|into|update|table|as)\s{1,4})\Z", re.IGNORECASE)
_LOOK_BACK: Final = 12


def without_literals(statement: str) -> str:
    """Return a statement with `?` for each literal; of a statement in JSON, for each value.

    Words that no sign marks as a value stay, such as those of Redis. In double quotes, which mark names in some
    dialects and texts in others, only what stands at a dot or behind `FROM` and the like counts as a name.

    Args:
        statement: SQL, or what another database calls a statement.
    """
    if statement.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(_without_values(json.loads(statement)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return _TOKEN.sub(_replaced, statement)


def _replaced(match: re.Match[str]) -> str:
    token = match.group()
    if match["kept"] is not None or (match["double"] is not None and _is_name(match)):
        return token
    return "?"


def _is_name(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    if not _NAME.fullmatch(match.group()):
        return False
    return text.startswith(".", end) or _BEFORE_NAME.search(text[max(0, start - _LOOK_BACK) : start]) is not None


def _without_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_values(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return list(map(_without_values, value))  # pyright: ignore[reportUnknownArgumentType] - JSON holds anything
    return value if value is None or isinstance(value, bool) else "?"
