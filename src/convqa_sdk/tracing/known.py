"""What the bot knows of its customer, so that it is found in the texts of a turn: kept in memory, never exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypedDict

from convqa_sdk.tracing.snapshot import is_a, items_of

MAX_VALUES: Final = 64
MAX_CHARS: Final = 500
KINDS: Final = ("name", "address", "other")

_ITEMS: Callable[[dict[Any, Any]], Iterable[tuple[Any, Any]]] = dict[Any, Any].items

OneOrMore = str | Sequence[str] | None


class KnownFields(TypedDict, total=False):
    """What may be known of a customer; each a text or several."""

    name: OneOrMore
    address: OneOrMore
    other: OneOrMore


class KnownValues:
    """Values by kind, bounded in number and size.

    Attributes:
        values: (kind, value) pairs.
        complete: Whether nothing was refused; else no text of the turn can be trusted.
        refused: The first kind that was refused, whatever it is; None: nothing was, or what was given is no mapping.
    """

    __slots__ = ("complete", "refused", "values")

    def __init__(self) -> None:
        self.values: list[tuple[str, str]] = []
        self.complete = True
        self.refused: object = None

    def add(self, given: Any) -> None:
        """Take a mapping of kinds to values; None stands for nothing known. Never raises."""
        if given is None:
            return
        if not is_a(given, dict):
            self.complete = False
            return
        pairs: Iterable[tuple[Any, Any]] = _ITEMS(given)
        for kind, values in pairs:
            several: Iterable[Any] = (values,)
            if is_a(values, list, tuple, set, frozenset):
                several = items_of(values, MAX_VALUES + 1)
            for value in several:
                self._take(kind, value)

    def _take(self, kind: object, value: Any) -> None:
        if value is None or value == "":
            return
        usable = type(kind) is str and kind in KINDS and is_a(value, str) and len(self.values) < MAX_VALUES
        text = str.__str__(value) if usable else ""
        if not text or len(text) > MAX_CHARS:
            self.refused = kind if self.complete else self.refused
            self.complete = False
            return
        self.values.append((str(kind), text))
