"""Conversation ids and other ids that records are joined on: one function for the bot, imports and readers."""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.detector import detect
from convqa_sdk.redaction.pseudonyms import Pseudonyms

_LONGEST: Final = 200
_PHONE_ID: Final = re.compile("[1-9][0-9]{9,12}")


def conversation_reference(value: str, pseudonyms: Pseudonyms, *, chat: bool = True) -> str:
    """Return a conversation id as it leaves: itself, or its pseudonym when it holds personal data or cannot travel.

    It depends on the id and the key alone, on no policy, so that what the bot exports, what is imported later and
    what a reader looks for are the same.

    Args:
        value: The id; one that is longer than 200 characters, or no printable ASCII, cannot travel.
        pseudonyms: Hold the key.
        chat: Whether it names a conversation, or a session: chat services take the customer's number for that.
    """
    if not value:
        return value
    findings = None
    if value.isascii() and value.isprintable() and len(value) <= _LONGEST:
        findings = detect(value, message=False)
        if chat and not findings and _PHONE_ID.fullmatch(value):
            findings = detect(f"+{value}")
    return pseudonyms.reference(value, findings)
