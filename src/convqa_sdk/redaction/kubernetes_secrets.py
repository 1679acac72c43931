"""The data of a Kubernetes Secret: base64 under names that say nothing, in a manifest that says `kind: Secret`."""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.rule import Rule, Span

_NEAR: Final = 4096
"""Characters around `kind:` in which the data are looked for."""

_KIND = re.compile("(?i:kind: {1,4}[\"']?secret[\"']?[ \t\r]{0,8}(?:\n|$))")
_DATA = re.compile("(?:^|\n)([ \t]{0,32})(?:data|stringData):[ \t]{0,8}(?:#[^\n]{0,256})?\n")
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
    for data in _DATA.finditer(text, floor, ceiling):
        span = _block(text, data.end(), len(data.group(1)), ceiling)
        if span is not None:
            return span
    return None


def _block(text: str, begin: int, indent: int, ceiling: int) -> Span | None:
    """Return the indented lines from an offset on when one holds a value."""
    position, stop, holds = begin, begin, False
    while position < ceiling and (line := _LINE.match(text, position, ceiling)) is not None and line.end() > position:
        if line.group(2).strip() and len(line.group(1)) <= indent:
            break
        content = line.group(2).partition("#")[0] if line.group(2).startswith("#") else line.group(2)
        value = content.rpartition(" ")[2].strip("\"' \r")
        holds = holds or (_VALUE.fullmatch(value) is not None and _TEMPLATE not in content)
        stop, position = line.end(2), line.end()
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
