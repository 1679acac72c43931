"""Storage columns of each record, derived from its declarations.

Money becomes integer millionths (micro-USD), times become UTC timestamps, arrays stay arrays, JSON and mappings
become text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args, get_origin

from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import Field, fields_of

_SQL = {str: "VARCHAR", bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}


@dataclass(frozen=True)
class Column:
    """A column: its name, its portable SQL type, and the attribute it is read from."""

    name: str
    sql_type: str
    key: str


def _scalar(kind: Any) -> str:
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if get_origin(kind) is not None:  # a Literal: the closed vocabularies are all of strings
        return "VARCHAR"
    return _SQL.get(kind, "VARCHAR")


def _column(field: Field) -> Column:
    attribute = field.attribute
    if attribute.unit == "USD":
        return Column(field.name.removesuffix("_usd") + "_micro_usd", "BIGINT", attribute.key)
    if attribute.unit == "{currency}":
        return Column(field.name + "_micros", "BIGINT", attribute.key)
    if attribute.encoding == "time":
        return Column(field.name, "TIMESTAMP", attribute.key)
    if attribute.encoding in ("json", "prefix"):
        return Column(field.name, "VARCHAR", attribute.key)
    if get_origin(field.type) is tuple:
        return Column(field.name, f"{_scalar(get_args(field.type)[0])}[]", attribute.key)
    return Column(field.name, _scalar(field.type), attribute.key)


def columns(record: type[Record]) -> tuple[Column, ...]:
    """Return the storage columns of a record type, in the order of its fields."""
    return tuple(_column(field) for field in fields_of(record).values())
