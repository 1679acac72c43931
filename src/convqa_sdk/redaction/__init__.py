"""Redaction: find personal data and secrets, and write texts that may leave.

    >>> redact("Reach me at joe@example.com")
    Redacted(text='Reach me at [EMAIL]', status='redacted', count=1, classes=('EMAIL',))

Patterns do not find names or postal addresses: known values, word lists and recognizers do.
"""

from __future__ import annotations

from convqa_sdk.redaction.allow import Allow
from convqa_sdk.redaction.detection import Recognizer
from convqa_sdk.redaction.detector import detect
from convqa_sdk.redaction.findings import Finding
from convqa_sdk.redaction.policy import RedactionPolicy
from convqa_sdk.redaction.pseudonyms import Pseudonyms
from convqa_sdk.redaction.redactor import Redacted, Redactor
from convqa_sdk.redaction.references import conversation_reference
from convqa_sdk.redaction.words import WordList

__all__ = [
    "Allow",
    "Finding",
    "Pseudonyms",
    "Recognizer",
    "Redacted",
    "RedactionPolicy",
    "Redactor",
    "WordList",
    "conversation_reference",
    "detect",
    "redact",
]

_DEFAULT = Redactor(RedactionPolicy())


def redact(text: str) -> Redacted:
    """Redact a text under the default policy: every class becomes its marker.

    Args:
        text: An uncut text.

    Returns:
        The text that may leave, with its summary.

    Raises:
        TypeError: `text` is no `str`.
    """
    return _DEFAULT.text(text)
