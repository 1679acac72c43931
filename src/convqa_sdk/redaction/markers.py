"""What we write in place of a value is not a value, though it may read as one: a customer may be called Person."""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.classes import CLASSES

_MARKER: Final = re.compile(r"\[([A-Z][A-Z_]{1,39})(?::too_long|:[a-z0-9]{1,16}:[a-z]{20})?\]")
_LONGEST: Final = 80
OTHERS: Final = frozenset({"ACCOUNT_ID", "CONVERSATION_ID", "TEXT", "USER_ID", "WITHHELD"})


def in_marker(text: str, start: int, end: int, labels: frozenset[str] = CLASSES) -> bool:
    """Tell whether a place in a text lies inside a marker or a pseudonym of ours.

    Args:
        text: The text.
        start: Where the place begins.
        end: Where it ends.
        labels: The classes that there are; what stands in brackets besides is somebody's text.
    """
    opening = text.rfind("[", max(0, start - _LONGEST), start + 1)
    marker = _MARKER.match(text, opening) if opening >= 0 else None
    return marker is not None and marker.end() >= end and (marker.group(1) in labels or marker.group(1) in OTHERS)
