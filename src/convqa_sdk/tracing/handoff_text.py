"""A handoff packet as a marked section of plain text, for ticket systems without structured fields, and back.

```text
----- BEGIN CONVQA HANDOFF 1 -----
Summary: Wants a refund.
| The lantern arrived broken.
Tried:
- lookup_order
----- END CONVQA HANDOFF 1c9be1d2 -----
```

Each line of the section begins with a field's label, an item's `- `, or the `| ` of a line that goes on, so that no
text of a customer's can end it or begin another. The end carries a check of what stands between: a section that was
cut or edited is none. That guards against accidents; whoever may write into the ticket may write a section, too.
Blanks at the end of a text are followed by a mark of their own: those that a ticket system adds are then no part of it.
Empty lines between lines, and lines that were wrapped, are put right before the check is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast
from zlib import crc32

from convqa_sdk.isolation import once
from convqa_sdk.tracing.values import Handoff

_BEGIN: Final = "----- BEGIN CONVQA HANDOFF 1 -----"
_END: Final = re.compile("----- END CONVQA HANDOFF ([0-9a-f]{8}) -----")
_QUOTED: Final = re.compile(r"[>\s]*")
"""What mail programs put in front of each line of an answer."""
_LABELS: Final[Mapping[str, str]] = {
    "summary": "Summary",
    "intent": "Intent",
    "account_state": "Account state",
    "promises": "Promises",
    "tried": "Tried",
    "history": "History",
    "trace": "Trace",
    "queue": "Queue",
    "id": "Handoff",
}
"""Fields in the order in which people read them."""
_FIELDS: Final = {label: name for name, label in _LABELS.items()}
_LISTS: Final = frozenset({"account_state", "promises", "tried"})
_NONE: Final = "none"
_PLAIN_NAME: Final = re.compile(r"[\w .-]*\w")
_ESCAPED: Final = re.compile(r"\\([\\r.])")
_ESCAPES: Final = {"\\": "\\", "r": "\r", ".": ""}
_LINE: Final = re.compile(rf"[-|]|(?:{'|'.join(_LABELS.values())}):")
"""How a line of a section begins; any other goes on with the line before, which something has wrapped."""


def written(packet: Handoff) -> str:
    """Return a packet as a section of text; fields of which nothing is known are left out."""
    lines = [line for name in _LABELS for line in _lines(name, getattr(packet, name))]
    return "\n".join([_BEGIN, *lines, f"----- END CONVQA HANDOFF {_check(lines)} -----"])


def read(text: str) -> Handoff | None:
    """Return the packet in a longer text; None where there is none whole, or several that differ: the log says why."""
    lines = [_QUOTED.sub("", line, count=1) for line in text.split("\n")]
    found: list[Handoff] = []
    begun = False
    for start, line in enumerate(lines):
        if line.rstrip() == _BEGIN:
            begun = True
            packet = _section(lines, start + 1)
            if packet is not None and packet not in found:
                found.append(packet)
    if len(found) == 1:
        return found[0]
    if found:
        once("handoff_not_read", why="the text holds several packets that differ", do="give the text of one section")
    elif begun:
        once("handoff_damaged", why="no section fits the check at its end", do="keep it as to_text() has made it")
    return None


def listed(value: Any) -> list[str]:
    """Return a list, or what was read of an account: a text for each name, with its value as JSON unless it is None."""
    if not isinstance(value, Mapping):
        return items(value)
    pairs = [(_name(str(name)), each) for name, each in cast("Mapping[object, object]", value).items()]
    return [name if each is None else f"{name}: {_json(each)}" for name, each in pairs]


def items(given: Any) -> list[str]:
    """Return promises, or what was tried, as texts; a text alone is one item."""
    if isinstance(given, str):
        return [given]
    return [each if isinstance(each, str) else str(each) for each in cast("Iterable[Any]", given)]


# ------------------------------------------------------------------------------------------------------- writing


def _lines(name: str, value: Any) -> Iterator[str]:
    if value is None:
        return
    label = _LABELS[name]
    if name not in _LISTS:
        yield from _marked(f"{label}: ", value if isinstance(value, str) else str(value))
        return
    texts = listed(value)
    yield f"{label}:" if texts else f"{label}: {_NONE}"
    for item in texts:
        yield from _marked("- ", item)


def _marked(mark: str, text: str) -> Iterator[str]:
    escaped = text.replace("\\", "\\\\").replace("\r", "\\r").split("\n")
    first, *more = (line + "\\." if line != line.rstrip() else line for line in escaped)
    yield mark + first
    for line in more:
        yield f"| {line}"


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _json(value: Any) -> str:
    """Return a value as JSON; what JSON cannot hold, as its text."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # keys that are no texts, circles, depth
        return json.dumps(str(value), ensure_ascii=False)


def _check(lines: Sequence[str]) -> str:
    """Return a check that survives what ticket systems do to the ends of lines."""
    text = "\n".join(line.rstrip() for line in lines)
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"


# ------------------------------------------------------------------------------------------------------- reading


def _section(lines: Sequence[str], start: int) -> Handoff | None:
    """Return the packet whose first line is `start`; None when it has no end, or not the one that belongs to it."""
    body: list[str] = []
    for line in islice(lines, start, None):
        bare = line.rstrip()
        end = _END.fullmatch(bare)
        if end is not None:
            fitting = [whole for glue in (" ", "") if _check(whole := _unwrapped(body, glue)) == end[1]]
            return _packet(fitting[0]) if fitting else None
        if bare == _BEGIN:  # no line inside a section is
            return None
        if bare:  # none of ours is empty
            body.append(bare)
    return None


def _unwrapped(lines: Sequence[str], glue: str) -> list[str]:
    """Return lines with those put together again that something has wrapped, at blanks or anywhere."""
    whole: list[str] = []
    for line in lines:
        if whole and not _LINE.match(line):
            whole[-1] += glue + line
        else:
            whole.append(line)
    return whole


def _packet(lines: Sequence[str]) -> Handoff | None:
    values: dict[str, Any] = {}
    try:
        for name, given in _fields(lines):
            if name not in _LISTS:
                values[name] = given[0]
            elif name == "account_state":
                values[name] = dict(map(_pair, given[1:]))
            else:
                values[name] = tuple(given[1:])
        return Handoff(**values)
    except (ValueError, KeyError, RecursionError):  # a section that something else has written
        return None


def _fields(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each field with the text behind its label and its items, whose lines are put together again."""
    name, texts = "", [""]
    for line in lines:
        if line.startswith("|"):
            texts[-1] += "\n" + line.removeprefix("|").removeprefix(" ")
        elif line.startswith("-"):
            texts.append(line.removeprefix("-").removeprefix(" "))
        else:
            if name:
                yield name, list(map(_unescaped, texts))
            label, _, text = line.partition(":")
            name, texts = _FIELDS[label], [text.removeprefix(" ")]
    if name:
        yield name, list(map(_unescaped, texts))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found[1]], text)


def _pair(item: str) -> tuple[str, Any]:
    """Return a name and its value, of one line of the account's state."""
    if item.startswith('"'):
        name, end = json.JSONDecoder().raw_decode(item)
        rest = item[end:]
    else:
        name, mark, value = item.partition(":")
        name, rest = name.rstrip(), mark + value  # a plain name ends with a letter or digit
    return str(name), json.loads(rest.removeprefix(":")) if rest else None
