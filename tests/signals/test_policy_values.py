"""Values of a policy: how they are written, and when two say the same."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals.policy_parsing import parse_value
from convqa_sdk.signals.policy_values import NONE, UNLIMITED, Value, agree

UNITS = ("minute", "hour", "day", "week", "month", "year", "business day", "business hour")
AMOUNTS = st.decimals(0, 9999, places=2)
VALUES = st.one_of(
    st.just(NONE),
    st.just(UNLIMITED),
    st.builds(
        lambda low, more, unit: Value("duration", low, low + more, unit), AMOUNTS, AMOUNTS, st.sampled_from(UNITS)
    ),
    st.builds(lambda amount: Value("percent", amount, amount), AMOUNTS),
    st.builds(
        lambda amount, code: Value("money", amount, amount, code), AMOUNTS, st.sampled_from(["USD", "EUR", "GBP", "$"])
    ),
)


@given(VALUES)
def test_a_value_is_read_back_as_it_is_written(value: Value) -> None:
    """What `str` writes, a book may state, and it means the same."""
    assert agree(value, parse_value(str(value)))


@given(VALUES)
def test_every_value_agrees_with_itself(value: Value) -> None:
    """A value says what it says."""
    assert agree(value, value)


@given(VALUES, VALUES)
def test_agreement_has_no_direction(one: Value, two: Value) -> None:
    """Without a bound, it does not matter which value the book states, unless one is a range."""
    if (one.low == one.high) == (two.low == two.high):
        assert agree(one, two) == agree(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("two weeks", "14 days"),
        ("a fortnight", "14 days"),
        ("24 hours", "1 day"),
        ("90 minutes", "1.5 hours"),
        ("24 months", "2 years"),
        ("half a year", "6 months"),
        ("1 month", "30 days"),
        ("12 months", "365 days"),
        ("3 months", "90 days"),
        ("$4.99", "4.99 USD"),
        ("4.99 dollars", "4.99 AUD"),
        ("15 percent", "15%"),
        ("0 USD", "none"),
        ("free", "none"),
        ("5 to 7 business days", "5-7 working days"),
    ],
)
def test_units_are_converted(one: str, two: str) -> None:
    """The same value in other units agrees."""
    assert agree(parse_value(one), parse_value(two))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("30 days", "60 days"),
        ("5 business days", "5 days"),
        ("5 business days", "1 week"),
        ("1 month", "27 days"),
        ("1 month", "33 days"),
        ("1 year", "11 months"),
        ("2 months", "30 days"),
        ("4.99 USD", "4.99 EUR"),
        ("15%", "15 USD"),
        ("none", "unlimited"),
        ("5 to 7 business days", "5 to 8 business days"),
        ("5 to 7 business days", "5 business days"),
    ],
)
def test_other_values_disagree(one: str, two: str) -> None:
    """A value that is not the same, or of another family, disagrees."""
    assert not agree(parse_value(one), parse_value(two))


@pytest.mark.parametrize("months", range(1, 37))
@pytest.mark.parametrize("month", [1, 2, 3, 7, 12])
def test_months_agree_with_every_real_length(months: int, month: int) -> None:
    """By the calendar: n months from any month on are a number of days that agrees with n months."""
    start = date(2025, month, 1)
    ahead = month - 1 + months
    days = (date(2025 + ahead // 12, ahead % 12 + 1, 1) - start) / timedelta(days=1)
    assert agree(Value("duration", Decimal(months), Decimal(months), "month"), _days(int(days)))


def _days(amount: int) -> Value:
    return Value("duration", Decimal(amount), Decimal(amount), "day")


@pytest.mark.parametrize(
    ("bound", "found", "agrees"),
    [
        ("max", "30 days", True),
        ("max", "60 days", False),
        ("max", "14 days", False),
        ("min", "30 days", True),
        ("min", "14 days", True),
        ("min", "60 days", False),
        ("about", "30 days", True),
        ("about", "40 days", False),
    ],
)
def test_bounds(bound: str, found: str, agrees: bool) -> None:
    """`at least` less than the book is true; `up to` has to be exact in either direction, because it is a promise."""
    assert agree(parse_value("30 days"), parse_value(found), bound) is agrees


@pytest.mark.parametrize("text", ["", "30", "30 parsecs", "soon", "30 days or so", "3 to", "days", "1.2.3,4 days x"])
def test_what_is_no_value_is_refused(text: str) -> None:
    """A value without a known unit is refused with what is accepted."""
    with pytest.raises(ValueError, match="give a duration such as 30 days"):
        parse_value(text)


def test_a_range_is_written_with_both_ends() -> None:
    """`str` gives what a reader of a violation compares."""
    assert str(parse_value("5\u20137 working days")) == "5 to 7 business days"
    assert str(parse_value("four dollars and ninety-nine cents")) == "4.99 $"
    assert str(parse_value("1 day")) == "1 day"
