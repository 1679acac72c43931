"""Say which rule found what, for people who ask why a text was redacted; the value itself is never part of it."""

from __future__ import annotations

from typing import NamedTuple

from convqa_sdk.redaction import detector


class Explained(NamedTuple):
    """A finding with the rule behind it.

    Attributes:
        start: Offset of the first character, in code points of the text that was given.
        end: Offset behind the last character.
        label: The class, such as `EMAIL`.
        rule: Name of the rule that found it.
    """

    start: int
    end: int
    label: str
    rule: str


def explain(text: str) -> list[Explained]:
    """Find personal data and secrets, and say by which rule.

    Args:
        text: An uncut text.

    Returns:
        What `detect` finds in the text, in the same order.
    """
    return [Explained(*hit) for hit in detector.explain(text)]
