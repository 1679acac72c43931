"""Hypothesis strategies for the records of the telemetry contract, made from their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import AwareDatetime, StringConstraints

from convqa_sdk.schema.events import EVENTS
from convqa_sdk.schema.outcomes import CsatOutcome
from convqa_sdk.schema.records import Record, Resource
from convqa_sdk.schema.registry import SPANS, fields_of

RECORDS: tuple[type[Record], ...] = (*SPANS, *EVENTS, Resource)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
moments = st.datetimes(
    datetime(1970, 1, 3),
    datetime(9999, 12, 28),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


def values_of(annotation: Any, constraints: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Values that a type with its constraints allows."""
    origin = get_origin(annotation)
    if origin is Annotated:
        bare, *metadata = get_args(annotation)
        return values_of(bare, (*metadata, *constraints))
    if origin in (Union, UnionType):
        return st.one_of(*(values_of(option) for option in get_args(annotation) if option is not type(None)))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        return st.lists(values_of(get_args(annotation)[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(st.text(min_size=1, max_size=8), values_of(get_args(annotation)[1]), max_size=3)
    return _scalars(annotation, constraints)


def _scalars(kind: Any, constraints: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    low = max((c.ge for c in constraints if isinstance(c, Ge)), default=None)
    high = min((c.le for c in constraints if isinstance(c, Le)), default=None)
    pattern = next((c.pattern for c in constraints if isinstance(c, StringConstraints)), None)
    if pattern is not None:
        return st.from_regex(pattern.replace("$", r"\Z"))
    if kind is str:
        shortest = max((c.min_length for c in constraints if isinstance(c, MinLen)), default=0)
        longest = min((c.max_length for c in constraints if isinstance(c, MaxLen)), default=40)
        return st.text(min_size=shortest, max_size=min(40, longest))
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(-(2**63) if low is None else low, 2**63 - 1 if high is None else high)
    if kind is float:
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    if kind in (datetime, AwareDatetime):
        return moments
    assert kind is Any, kind
    return json_values.filter(lambda value: value is not None)


def field_values(record: type[Record], *, complete: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Valid fields of a record by name: all required ones, and some or all of the others."""
    every: dict[str, st.SearchStrategy[Any]] = {}
    for name, info in record.model_fields.items():
        every[name] = values_of(Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation)
    if record is CsatOutcome:
        every["scale"] = st.integers(2, 10)
        every["score"] = st.floats(1.0, 2.0)
    required = {name: every[name] for name, info in record.model_fields.items() if info.is_required()}
    optional = {name: strategy for name, strategy in every.items() if name not in required}
    if complete:
        return st.fixed_dictionaries(every)
    return st.fixed_dictionaries(required, optional=optional)


def instances(record: type[Record]) -> st.SearchStrategy[Record]:
    """Records of one type."""
    return field_values(record).map(record.model_validate)


def any_record() -> st.SearchStrategy[Record]:
    """Records of any type."""
    return st.sampled_from(RECORDS).flatmap(instances)


def text_fields(record: type[Record]) -> list[str]:
    """Names of the fields that hold plain text."""
    return [
        name for name, field in fields_of(record).items() if field.type is str and field.attribute.encoding == "value"
    ]
