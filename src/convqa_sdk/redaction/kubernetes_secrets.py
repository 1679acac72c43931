"""The data of a Kubernetes Secret: base64 under names that say nothing, in a manifest that says `kind: Secret`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from convqa_sdk.redaction.rule import Rule, Span

_NEAR: Final = 2048
"""Characters around `kind:` in which the data are looked for."""

_MOST_LINES = 48
_MOST_BLOCKS = 2
_KIND = re.compile("(?i:kind: {1,4}[\"']?secret[\"']?[ \t\r]{0,8}(?:\n|$))")
_DATA = re.compile("(?:data|stringData):[ \t]{0,8}(?:#[^\n]{0,256})?\n")
_LINE = re.compile("([ \t]{0,64})([^\n]{0,8192})(?:\n|$)")
_VALUE = re.compile("[A-Za-z0-9+/]{10,}={0,3}")
_TEMPLATE = "{{"


def data_span(text: str, start: int, end: int) -> Span | None:
    """Return the block of data of the manifest in which `kind: Secret` stands."""
    if _KIND.match(text, start) is None:
        return None
    floor, ceiling = max(0, start - _NEAR), min(len(text), end + _NEAR)
    floor = max(floor, text.rfind("\n---", floor, start))
    following = text.find("\n---", end, ceiling)
    ceiling = following if following >= 0 else ceiling
    for line in (*_after(text, end, ceiling), *_before(text, floor, start)):
        indent = len(text[line : line + 64]) - len(text[line : line + 64].lstrip(" \t"))
        data = _DATA.match(text, line + indent, ceiling)
        span = _block(text, data.end(), indent, ceiling) if data is not None else None
        if span is not None:
            return span
    return None


def _after(text: str, begin: int, ceiling: int) -> Iterator[int]:
    """Yield where the next few lines begin that may open a block of data."""
    for _ in range(_MOST_BLOCKS):
        begin = text.find("ata:", begin, ceiling)
        if begin < 0:
            return
        yield text.rfind("\n", 0, begin) + 1
        begin += 1


def _before(text: str, floor: int, begin: int) -> Iterator[int]:
    """Yield where the last few lines begin that may open a block of data."""
    for _ in range(_MOST_BLOCKS):
        begin = text.rfind("ata:", floor, begin)
        if begin < 0:
            return
        yield text.rfind("\n", 0, begin) + 1


def _block(text: str, begin: int, indent: int, ceiling: int) -> Span | None:
    """Return the indented lines from an offset on when one holds a value."""
    position, stop, holds, lines = begin, begin, False, 0
    while (
        lines < _MOST_LINES
        and position < ceiling
        and (line := _LINE.match(text, position, ceiling)) is not None
        and line.end() > position
    ):
        if line.group(2).strip() and len(line.group(1)) <= indent:
            break
        content = line.group(2).partition("#")[0] if line.group(2).startswith("#") else line.group(2)
        value = content.rpartition(" ")[2].strip("\"' \r")
        holds = holds or (_VALUE.fullmatch(value) is not None and _TEMPLATE not in content)
        stop, position, lines = line.end(2), line.end(), lines + 1
    if not holds:
        return None
    while begin < stop and text[begin] in " \t\r\n":
        begin += 1
    return begin, stop


KUBERNETES: Final = (
    Rule(
        name="kubernetes_secret",
        label="SECRET",
        literals=("kind:",),
        folded=True,
        expression="[Kk]ind: {1,4}[\"']?[Ss]ecret[\"']?",
        check=data_span,
    ),
)
