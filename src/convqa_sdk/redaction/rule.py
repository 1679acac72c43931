"""The shape of a rule: where to look, what to match there, and how to judge it.

A rule is anchored: the detector finds the anchor (a literal, or the start of a group of digits) cheaply, and only
there matches the pattern, forward. That is why clean text costs almost nothing, and why no input makes a pattern slow:
a match starts at few places and reads at most `reach` characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from convqa_sdk.redaction.context import Surroundings

Span = tuple[int, int]
Check = Callable[[str, int, int], Span | None]
Engine = Literal["re", "re2"]
"""Python's expressions, or Google's."""

Place = Literal["literal", "number", "iban", "colon"]
Judge = Callable[[str, int, int, Surroundings], Span | None]

LONG_RUN = 13
"""Length of a run of token characters that every match of a long rule holds."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one kind of value is found.

    Attributes:
        name: Names the rule in explanations and tests.
        label: The class it reports.
        expression: Matched at the anchor; its group `group` is the candidate. Compiled when first needed, because
            dozens of compilations would make the import slow.
        check: Gets the text and the candidate's span; returns the value's span, or None. None takes the candidate.
        judge: As `check`, for numbers: also gets the words around values of the text.
        alone: Whether no letter or digit may stand right before the anchor.
        literals: Anchors, when `anchor` is `literal`.
        folded: Whether the literals, in lower case, are searched in the lower-cased text, so that `password` finds
            `Password`.
        long: Whether a match holds a run of at least `LONG_RUN` letters, digits and signs of tokens, with the literal.
        anchor: `number` is the start of a group of digits in a run of at least seven characters, `iban` a country code
            before two digits, `colon` two colons with at most four hexadecimal digits between.
        begin: Gets the text and the anchor; returns where the match has to start. None starts at the anchor.
        reach: How many characters a match may read.
        tail: What may continue a value that is longer than `reach`, read piecewise.
        digits: For `number`: with which digits the value may begin.
        embedded: For `number`: whether a letter may stand right before it.
        shortest: For `number`: the least length from the anchor to the end of its run of digits and separators.
    """

    name: str
    label: str
    expression: str
    check: Check | None = None
    judge: Judge | None = None
    alone: bool = False
    literals: tuple[str, ...] = ()
    folded: bool = False
    long: bool = False
    anchor: Place = "literal"
    begin: Callable[[str, int], int] | None = None
    group: int = 0
    reach: int = 1024
    tail: re.Pattern[str] | None = None
    digits: str = "0123456789"
    embedded: bool = False
    shortest: int = 7

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.expression)
