"""Values that a policy states: durations, money, shares, and their absence; when two of them say the same.

- A week is 7 days, a day 24 hours, a year 12 months. Months and days are compared with a tolerance, because both are
  used for one another: n months are any number of days from 30n - 2 (28 for one, 358 for twelve) to 30.5n + 1.5 (32
  for one, 367 for twelve), which covers every n months of the calendar.
- Business days are no days: 5 business days are not 5 days, nor one week.
- `$` alone agrees with any dollar; no other currencies are converted.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Kind = Literal["duration", "money", "percent", "none", "unlimited"]

_MINUTES: Final = {"minute": Decimal(1), "hour": Decimal(60), "day": Decimal(1440), "week": Decimal(10080)}
_MONTHS: Final = {"month": Decimal(1), "year": Decimal(12)}
_BUSINESS: Final = {"business hour": Decimal(1), "business day": Decimal(24)}
DURATIONS: Final = frozenset({*_MINUTES, *_MONTHS, *_BUSINESS})
DOLLARS: Final = frozenset({"$", "USD", "CAD", "AUD", "NZD", "SGD", "HKD"})


@dataclass(frozen=True)
class Value:
    """One value, or a range of them.

    Attributes:
        kind: What it measures; `none` and `unlimited` have no amount.
        low: The amount, or the least of a range.
        high: The greatest of a range, else the same.
        unit: Singular name of a duration's unit, or the code of a currency; empty for shares.
    """

    kind: Kind
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    unit: str = ""

    def __str__(self) -> str:
        """Return it as a book would state it."""
        if self.kind in ("none", "unlimited"):
            return self.kind
        amount = _plain(self.low) if self.low == self.high else f"{_plain(self.low)} to {_plain(self.high)}"
        if self.kind == "percent":
            return f"{amount}%"
        if self.kind == "money":
            return f"{amount} {self.unit}"
        return f"{amount} {self.unit}" + ("" if amount == "1" else "s")


NONE: Final = Value("none")
UNLIMITED: Final = Value("unlimited")


def agree(expected: Value, found: Value, bound: str = "") -> bool:
    """Tell whether a quoted value says what the book says.

    Args:
        expected: The book's.
        found: The answer's.
        bound: `max` (up to, within), `min` (at least, from), `about`, or empty.
    """
    if expected.kind != found.kind:
        return _is_zero(expected) and _is_zero(found)
    if expected.kind in ("none", "unlimited"):
        return True
    if found.low != found.high:
        return _equal(expected, found, "low", "low") and _equal(expected, found, "high", "high")
    if bound == "min":
        return _equal(expected, found, "low", "low") or _less(found, expected)
    if bound == "about" and _less(found, expected, strictly=False) and _less(expected, found, strictly=False):
        return True
    return _equal(expected, found, "high", "high")


def _is_zero(value: Value) -> bool:
    """Tell whether a value is none at all; a fee of 0 is no fee."""
    return value.kind == "none" or (value.kind in ("money", "percent") and not value.high)


def _equal(expected: Value, found: Value, end: str, other: str) -> bool:
    one, two = getattr(expected, end), getattr(found, other)
    if expected.kind == "duration":
        return _same_duration(one, expected.unit, two, found.unit)
    return bool(one == two) and (expected.unit == found.unit or {expected.unit, found.unit} in _DOLLAR_PAIRS)


_DOLLAR_PAIRS: Final = tuple({"$", code} for code in DOLLARS)


def _same_duration(one: Decimal, unit: str, two: Decimal, other: str) -> bool:
    if unit in _BUSINESS or other in _BUSINESS:
        same = unit in _BUSINESS and other in _BUSINESS
        return same and (unit == other) and one == two
    if unit in _MONTHS and other in _MONTHS:
        return one * _MONTHS[unit] == two * _MONTHS[other]
    if unit in _MINUTES and other in _MINUTES:
        return one * _MINUTES[unit] == two * _MINUTES[other]
    low, high = _days(one, unit)
    other_low, other_high = _days(two, other)
    return low <= other_high and other_low <= high


def _days(amount: Decimal, unit: str) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest number of days that a duration may mean."""
    if unit in _MONTHS:
        months = amount * _MONTHS[unit]
        return 30 * months - 2, Decimal("30.5") * months + Decimal("1.5")
    exact = amount * _MINUTES[unit] / _MINUTES["day"]
    return exact, exact


def _less(one: Value, two: Value, *, strictly: bool = True) -> bool:
    """Tell whether the least of one value is below the greatest of another of the same family."""
    if one.kind == "duration":
        if (one.unit in _BUSINESS) != (two.unit in _BUSINESS):
            return False
        if one.unit in _BUSINESS:
            first, second = one.low * _BUSINESS[one.unit], two.high * _BUSINESS[two.unit]
        else:
            first, second = _days(one.low, one.unit)[0], _days(two.high, two.unit)[1]
    else:
        first, second = one.low, two.high
    return first < second if strictly else first <= second


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
