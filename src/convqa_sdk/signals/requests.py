"""How alike two requests are: the share of words they have in common."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Protocol

from convqa_sdk.signals.folding import LONGEST, folded, words
from convqa_sdk.signals.phrases import DEFAULT_LANGUAGE, compiled

SIMILAR = 0.6
"""Similarity from which two requests count as the same (R-11 of the metric specification)."""


_PASTED = re.compile(r"[ \t]*(?:[-*\u2022][ \t]+\S|[\w ()/]{1,40}:[ \t]+\S)")
"""A line as a device or a form has them: a bullet, or a name and its value."""
_FEWEST_PASTED = 3


class Similarity(Protocol):
    """What stands in for `similarity`."""

    def __call__(self, a: frozenset[Hashable], b: frozenset[Hashable], /) -> float:
        """Return how alike two requests are, 0 to 1."""
        ...


def request_tokens(text: str, language: str = DEFAULT_LANGUAGE) -> frozenset[str]:
    """Return the words of a request that tell what it is about: folded, without those that any request holds.

    Of `yes` or `can you help me` nothing is left. In a language without a list of such words, all words count. Three
    lines or more of the form `- signal: good` are something that was pasted, and no part of a request: what a device
    shows twice is not the customer's asking twice.
    """
    table = compiled(language)
    found = words(folded(_without_pasted(text)))
    return found if table is None else found - table.fillers


def _without_pasted(text: str) -> str:
    lines = text[: 4 * LONGEST].split("\n")
    said = [line for line in lines if _PASTED.match(line) is None]
    return "\n".join(said) if len(lines) - len(said) >= _FEWEST_PASTED else text


def similarity(a: frozenset[Hashable], b: frozenset[Hashable]) -> float:
    """Return the Jaccard index of two sets of tokens, 0 to 1 (Jaccard, New Phytologist 11:37-50, 1912).

    Tokens may be keyed hashes of words as well, of the same key. Nothing is like nothing: of two empty sets it is 0.
    """
    common = len(a & b)
    return common / (len(a) + len(b) - common) if common else 0.0
