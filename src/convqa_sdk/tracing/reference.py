"""`TurnRef`: a short string that says which turn an outcome is about, from anywhere, on any day."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote
from zlib import crc32

_PREFIX = "cq1"
_FORM = re.compile(r"(cq1\.([0-9a-f]{32})\.([0-9a-f]{16})\.([A-Za-z0-9_.~%-]*))\.([0-9a-f]{4})")


class TurnRef(NamedTuple):
    """A turn: its conversation and, when it was recorded, its trace and span id.

    `str(ref)` is `cq1.<trace id>.<span id>.<conversation id>.<check>`, URL-safe; `TurnRef.parse` reads it back. The
    check is the low half of a CRC-32, so that a string which a ticket system cut short names no other conversation.
    Zero ids mean that the turn was not recorded; an outcome then carries the conversation id only.
    """

    conversation_id: str
    trace_id: int = 0
    span_id: int = 0

    def __str__(self) -> str:
        """Return the string form."""
        conversation = quote(self.conversation_id, safe="", errors="surrogatepass")
        body = f"{_PREFIX}.{self.trace_id:032x}.{self.span_id:016x}.{conversation}"
        return f"{body}.{_check(body)}"

    @classmethod
    def parse(cls, text: str) -> TurnRef | None:
        """Return the reference that `text` spells, None when it is not one (then it is a conversation id)."""
        match = _FORM.fullmatch(text)
        if match is None:
            return None
        body, trace_id, span_id, conversation, check = match.groups()
        if check != _check(body):
            return None
        try:
            return cls(unquote(conversation, errors="surrogatepass"), int(trace_id, 16), int(span_id, 16))
        except UnicodeDecodeError:
            return None


def _check(body: str) -> str:
    return f"{crc32(body.encode()) & 0xFFFF:04x}"
