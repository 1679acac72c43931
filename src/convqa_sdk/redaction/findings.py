"""What a detector reports, and how findings that overlap become one clean list.

No character that any detector claimed may reappear because of a conflict: a loser is trimmed to what its winner does
not cover, or dropped when nothing is left. The work is O(n log n), so a text full of matches stays cheap.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import NamedTuple

SPECIFIC_FIRST = ("CVV", "SECRET", "CREDIT_CARD", "IBAN", "EMAIL", "IP_ADDRESS", "PHONE")
"""Order in which classes win a tie between findings of equal length."""

_RANK = {label: rank for rank, label in enumerate(SPECIFIC_FIRST)}
_LAST = len(_RANK)


class Finding(NamedTuple):
    """A piece of personal data or a secret inside a text.

    Attributes:
        start: Offset of the first character, in code points of the text that was given.
        end: Offset behind the last character.
        label: The class, such as `EMAIL`.
    """

    start: int
    end: int
    label: str


class InvalidFindingError(ValueError):
    """A detector returned something that is no usable finding; the message never holds the value."""


def resolve(candidates: Iterable[Finding]) -> list[Finding]:
    """Return the findings sorted by position, none overlapping another.

    Of two that overlap, the longer wins; of two equally long, the class that comes first in `SPECIFIC_FIRST`.

    Args:
        candidates: Findings of one text, in any order.

    Returns:
        A new list that covers exactly the characters the candidates cover.
    """
    queue = [(found.start, -found.end, _RANK.get(found.label, _LAST), found.label) for found in candidates]
    if len(queue) > 1:
        heapq.heapify(queue)
    settled: list[Finding] = []
    current: Finding | None = None
    while queue:
        start, negative_end, _, label = heapq.heappop(queue)
        candidate = Finding(start, -negative_end, label)
        if current is None:
            current = candidate
        elif candidate.start >= current.end:
            settled.append(current)
            current = candidate
        elif candidate.end > current.end:
            winner, rest = _split(current, candidate)
            if rest.start >= winner.end:
                heapq.heappush(queue, (rest.start, -rest.end, _RANK.get(rest.label, _LAST), rest.label))
            else:
                settled.append(rest)
            current = winner
    if current is not None:
        settled.append(current)
    return settled


def _split(first: Finding, second: Finding) -> tuple[Finding, Finding]:
    """Return the winner of two partial overlaps and what is left of the loser; `first` begins no later."""
    first_key = (first.start - first.end, _RANK.get(first.label, _LAST))
    second_key = (second.start - second.end, _RANK.get(second.label, _LAST))
    if first_key <= second_key or first.start == second.start:
        return first, Finding(first.end, second.end, second.label)
    return second, Finding(first.start, second.start, first.label)


def checked(found: Iterable[object], length: int, labels: frozenset[str]) -> list[Finding]:
    """Return what a detector reported, after making sure that it can be trusted.

    Args:
        found: What the detector returned: tuples of start, end and label.
        length: Length of the text it was given.
        labels: The classes that are known.

    Returns:
        Findings, sorted and without overlap.

    Raises:
        InvalidFindingError: An item is no such triple, lies outside the text, is empty, or has an unknown label.
    """
    return resolve([_checked_one(item, length, labels) for item in found])


def _checked_one(item: object, length: int, labels: frozenset[str]) -> Finding:
    match item:
        case (int(start), int(end), str(label)):
            if not 0 <= start < end <= length:
                raise InvalidFindingError("a detector returned offsets outside the text")
            if label not in labels:
                raise InvalidFindingError("a detector returned a label that the policy does not know")
            return Finding(start, end, label)
        case _:
            raise InvalidFindingError("a detector returned something that is no (start, end, label)")
