"""What only the bot knows of its answer: which claims it makes, which evidence it needed, and what it had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convqa_sdk.signals.claims import Claim
from convqa_sdk.tracing.snapshot import is_a, items_of, size_of

MAX_CLAIMS = 64
"""Claims, and names of evidence, that one turn takes."""
MAX_CLAIM = 2_000
"""Characters of a claim."""
MAX_NAME = 200

Needs = int | Sequence[str]


class Evidence:
    """Claims and evidence of one turn, as the bot said.

    Attributes:
        claims: Claims of the answer, None: not said.
        required: Evidence that was needed: how much, or its names; None: not said.
        grounded: The same of what was there.
        missing: The same of what was not.
        size: Bytes held.
    """

    __slots__ = ("claims", "grounded", "missing", "required", "size")

    def __init__(self) -> None:
        self.claims: tuple[Claim, ...] | None = None
        self.required: int | tuple[str, ...] | None = None
        self.grounded: int | tuple[str, ...] | None = None
        self.missing: int | tuple[str, ...] | None = None
        self.size = 0

    def claim(self, given: Any) -> bool:
        """Take claims; tell whether all of them are claims."""
        if not is_a(given, list, tuple):
            return False
        items = items_of(given, MAX_CLAIMS + 1)
        claims = [claim for item in items[:MAX_CLAIMS] if (claim := _claim(item)) is not None]
        room = MAX_CLAIMS - len(self.claims or ())
        self.claims = (*(self.claims or ()), *claims[:room])
        self.size += sum(size_of(claim.text) + 100 for claim in claims[:room])
        return len(claims) == len(items) <= room

    def need(self, required: Any, grounded: Any, missing: Any) -> bool:
        """Take evidence; tell whether all of it can be used. What contradicts what was said before is not taken."""
        taken = [_needs(given) for given in (required, grounded, missing)]
        known = (self.required, self.grounded, self.missing)
        need, have, lack = (new if new is not None else old for new, old in zip(taken, known, strict=True))
        if _contradict(need, have, lack):
            return False
        self.required, self.grounded, self.missing = need, have, lack
        self.size += sum(100 * len(names) for names in taken if isinstance(names, tuple))
        return all(
            given is None or new is not None for given, new in zip((required, grounded, missing), taken, strict=True)
        )

    def counts(self) -> tuple[int, int, int, tuple[str, ...]] | None:
        """Return how much evidence was required, grounded and missing, and the names of the last.

        What was not said follows from the others; None when nothing was said, or nothing follows.
        """
        required, grounded, missing = self.required, self.grounded, self.missing
        if isinstance(required, tuple) and isinstance(grounded, tuple) and missing is None:
            missing = tuple(name for name in required if name not in grounded)
        if isinstance(required, tuple) and isinstance(missing, tuple) and grounded is None:
            grounded = tuple(name for name in required if name not in missing)
        need, have, lack = _count(required), _count(grounded), _count(missing)
        if need is None:
            need = None if have is None and lack is None else (have or 0) + (lack or 0)
        if need is None:
            return None
        if have is None:
            have = max(0, need - lack) if lack is not None else None
        if lack is None:
            lack = max(0, need - have) if have is not None else None
        if have is None or lack is None:
            return None
        return need, have, lack, missing if isinstance(missing, tuple) else ()


def _claim(given: Any) -> Claim | None:
    text: Any = given.text if is_a(given, Claim) else given
    source: Any = given.source if is_a(given, Claim) else None
    if not is_a(text, str) or not 0 < str.__len__(text) <= MAX_CLAIM:
        return None
    return Claim(str.__str__(text), str.__str__(source)[:MAX_NAME] if is_a(source, str) else None)


def _needs(given: Any) -> int | tuple[str, ...] | None:
    """Return evidence as a count, or as names; None for what is neither."""
    if is_a(given, int) and not is_a(given, bool):
        return int(given) if 0 <= given <= 10_000 else None
    if not is_a(given, list, tuple, set, frozenset):
        return None
    items = items_of(given, MAX_CLAIMS + 1)
    if len(items) > MAX_CLAIMS or not all(is_a(item, str) and 0 < str.__len__(item) <= MAX_NAME for item in items):
        return None
    return tuple(dict.fromkeys(str.__str__(item) for item in items))


def _contradict(
    required: int | tuple[str, ...] | None,
    grounded: int | tuple[str, ...] | None,
    missing: int | tuple[str, ...] | None,
) -> bool:
    """Tell whether parts exclude each other: what was required is what was there and what was not, and nothing more."""
    need, have, lack = _count(required), _count(grounded), _count(missing)
    if need is not None:
        total = (have or 0) + (lack or 0)
        if total > need or (total < need and have is not None and lack is not None):
            return True
    there, absent = (set(names) if isinstance(names, tuple) else set[str]() for names in (grounded, missing))
    return bool(there & absent) or (isinstance(required, tuple) and not there | absent <= {*required})


def _count(needs: int | tuple[str, ...] | None) -> int | None:
    return len(needs) if isinstance(needs, tuple) else needs
