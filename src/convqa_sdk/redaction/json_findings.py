"""What is found in the leaves of a JSON document, each read behind its key, and where that stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from convqa_sdk.redaction.explaining import explain_under
from convqa_sdk.redaction.json_leaves import Leaf, place, shown
from convqa_sdk.redaction.pieces import moved
from convqa_sdk.redaction.policy import Action, RedactionPolicy
from convqa_sdk.redaction.redactor import Redactor
from convqa_sdk.redaction.structures import HINTED_CHARS, hint

_SHORT_NUMBER: Final = 6
_FRACTION: Final = re.compile("[.eE]")


class Place(NamedTuple):
    """A finding in a text or document.

    Its offsets (of its first character, and behind its last), class, rule, JSON path, and what the policy does with it.
    """

    start: int
    end: int
    label: str
    rule: str
    path: str
    action: Action = "redact"


def in_leaf(document: str, leaf: Leaf, redactor: Redactor, field: str | None = None) -> Iterator[Place]:
    """Yield what is found in a leaf, with offsets into the document.

    Args:
        document: As it is written.
        leaf: One of its leaves.
        redactor: Knows the policy.
        field: Key of the attribute that holds the document, None: unknown.
    """
    if leaf.kind == "secret":
        yield Place(leaf.start, leaf.end, "SECRET", "sensitive_key", _safe_path(leaf), redactor.policy.action("SECRET"))
        return
    text, prefix = searched(leaf)
    found = explain_under(redactor, prefix + text, field) if text else []
    if not found:
        return
    token = document[leaf.start : leaf.end]
    for start, end, label, rule, action in moved(found, len(prefix)):
        begin, stop = (start, end) if leaf.kind == "number" else place(token, start, end)
        yield Place(leaf.start + begin, leaf.start + stop, label, rule, _safe_path(leaf), action)


def searched(leaf: Leaf) -> tuple[str, str]:
    """Return what is searched of a leaf, and the key before it that says what a short one is.

    Of a number these are the digits before the point; no class fits into six of them.
    """
    if leaf.kind != "number":
        return leaf.value, hint(leaf.key) if leaf.key and len(leaf.value) <= HINTED_CHARS else ""
    digits = _FRACTION.split(leaf.value, maxsplit=1)[0]
    return (digits if digits.lstrip("-").isdecimal() and len(digits) > _SHORT_NUMBER else "", hint(leaf.key))


def _safe_path(leaf: Leaf) -> str:
    """Return the path with its keys redacted: they are the document's own words."""
    return Redactor(RedactionPolicy()).text(shown(leaf.path)).text
