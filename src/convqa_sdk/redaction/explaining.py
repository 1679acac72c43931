"""Say which rule found what, for people who ask why a text was redacted; the value itself is never part of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from convqa_sdk.redaction import detector
from convqa_sdk.redaction.findings import Finding, resolve
from convqa_sdk.redaction.policy import Action
from convqa_sdk.redaction.redactor import Redactor

WORD_LIST: Final = "word_list"
"""The rule behind what a policy lists."""


class Explained(NamedTuple):
    """A finding with the rule behind it.

    Attributes:
        start: Offset of the first character, in code points of the text that was given.
        end: Offset behind the last character.
        label: The class, such as `EMAIL`.
        rule: Name of the rule that found it.
        action: What the policy does with it; `keep` also for what its allow-list lets pass.
    """

    start: int
    end: int
    label: str
    rule: str
    action: Action = "redact"


def explain(text: str) -> list[Explained]:
    """Find personal data and secrets, and say by which rule.

    Args:
        text: An uncut text.

    Returns:
        What `detect` finds in the text, in the same order.
    """
    return [Explained(*hit) for hit in detector.explain(text)]


def explain_under(redactor: Redactor, text: str, field: str | None = None) -> list[Explained]:
    """Find what a redactor finds, say by which rule, and what its policy does with it.

    Args:
        redactor: Knows the policy, with its word lists and its allow-list.
        text: An uncut text.
        field: Key of the attribute that holds it, None: unknown.
    """
    found = explain(text)
    listed = redactor.listed(text)
    if listed:
        rules = {(each.start, each.label): each.rule for each in found}
        every = resolve([*(Finding(each.start, each.end, each.label) for each in found), *listed])
        found = [Explained(*each, _rule(each, rules)) for each in every]
    return [each._replace(action=redactor.action(text, Finding(*each[:3]), field)) for each in found]


def _rule(found: Finding, rules: dict[tuple[int, str], str]) -> str:
    near = (rule for (start, label), rule in rules.items() if label == found.label and start <= found.start)
    return rules.get((found.start, found.label)) or next(near, WORD_LIST)
