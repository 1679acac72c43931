"""Literals searched all at once by google-re2 (extra `fast`). It declares no types; what we use of it is typed here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

Occurring = Callable[[str | bytes], Sequence[int] | None]
"""Gets a text, or its bytes in UTF-8; returns the numbers of the literals in it, in no order, or None."""


def occurring(literals: Iterable[tuple[str, bool]]) -> Occurring:
    """Return what finds out which literals occur in a text.

    Args:
        literals: Each with whether its letters match in either case; they are numbered from 0.
    """
    re2: Any = import_module("re2")
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    literal_set = re2.Set.SearchSet(options)
    for literal, folded in literals:
        literal_set.Add(f"(?{'i' if folded else ''}:{re2.escape(literal)})")
    literal_set.Compile()
    match: Occurring = literal_set.Match
    return match
