"""Records to attributes and back, and validation that keeps what is right of a span that is partly wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, TypeGuard, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from convqa_sdk.schema.attribute import Attribute
from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import fields_of

AttributeValue = str | bool | int | float | Sequence[str] | Sequence[bool] | Sequence[int] | Sequence[float]


class JsonText(str):
    """JSON that has been written already: on the way to the wire a structure is written once."""

    __slots__ = ()


def is_array(value: Any) -> TypeGuard[Sequence[Any]]:
    """Tell whether a value is an array, as records (tuple) or as JSON (list) hold one."""
    return isinstance(value, (list, tuple))


def rfc3339(when: datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC with microseconds."""
    return when.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def encode(attribute: Attribute, value: Any) -> AttributeValue:
    """Return a field's value as OpenTelemetry carries it."""
    if attribute.encoding == "time":
        return rfc3339(value)
    if attribute.encoding == "json":
        return str(value) if isinstance(value, JsonText) else _json(value)
    return list(value) if is_array(value) else value


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=list, allow_nan=False)
    except ValueError:  # JSON has no infinities: they become null
        plain = json.loads(json.dumps(value, default=list), parse_constant=lambda _: None)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def decode(attribute: Attribute, value: Any) -> Any:
    """Return the inverse of `encode`, as pydantic wants it.

    Raises:
        ValueError: The attribute holds JSON, and this is none.
    """
    if attribute.encoding == "json" and isinstance(value, str):
        return json.loads(value)
    return tuple(value) if is_array(value) else value


def to_attributes(record: Record) -> dict[str, AttributeValue]:
    """Return the attributes of a record; fields that are None are absent."""
    return attributes_of(type(record), {name: getattr(record, name) for name in type(record).model_fields})


def attributes_of(record: type[Record], values: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """Return attributes for already validated field values, without building the record."""
    ways = _ways(record)
    attributes: dict[str, AttributeValue] = {}
    for name, value in values.items():
        if value is None:
            continue
        key, way = ways[name]
        if way is None:
            attributes[key] = value
        elif way.encoding == "prefix":
            attributes.update((key + str(own), item) for own, item in value.items())
        else:
            attributes[key] = encode(way, value)
    return attributes


@cache
def _ways(record: type[Record]) -> dict[str, tuple[str, Attribute | None]]:
    """Return the key of each field, and how it is encoded, None: as it is."""
    plain = (str, int, float, bool)
    ways: dict[str, tuple[str, Attribute | None]] = {}
    for name, field in fields_of(record).items():
        attribute = field.attribute
        as_it_is = attribute.encoding == "value" and (field.type in plain or get_origin(field.type) is Literal)
        ways[name] = (attribute.key, None if as_it_is else attribute)
    return ways


def from_attributes(record: type[Record], attributes: Mapping[str, Any]) -> Record:
    """Build a record from attributes; keys that the record does not declare are left out.

    Raises:
        ValueError: A declared attribute is missing or invalid (usually a `pydantic.ValidationError`).
    """
    values: dict[str, Any] = {}
    for name, field in fields_of(record).items():
        key = field.attribute.key
        if field.attribute.encoding == "prefix":
            own = {k[len(key) :]: decode(field.attribute, v) for k, v in attributes.items() if k.startswith(key)}
            values[name] = own
        elif key in attributes:
            values[name] = decode(field.attribute, attributes[key])
    return record.model_validate(values)


@cache
def _validators(record: type[Record]) -> dict[str, Callable[[Any], Any]]:
    config = ConfigDict(allow_inf_nan=False)
    validators: dict[str, Callable[[Any], Any]] = {}
    for name, info in record.model_fields.items():
        annotation: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=config)
        validators[name] = adapter.validator.validate_python
    return validators


def validate(record: type[Record], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Validate field values one by one, so that one bad value does not cost a span.

    Returns:
        The valid values, coerced, and the names of fields that are unknown or invalid. Values are never quoted.
    """
    validators = _validators(record)
    valid: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in values.items():
        if value is None:
            continue
        validator = validators.get(name)
        try:
            if validator is None:
                wrong.append(name)
            else:
                valid[name] = validator(value)
        except ValidationError:
            wrong.append(name)
    return valid, wrong


def missing(record: type[Record], values: Mapping[str, Any], configured: frozenset[str] = frozenset()) -> list[str]:
    """Return the names of required fields that have no value, given the span's own status."""
    names = _required(record, values.get("status", "ok"), configured)
    return [name for name in names if values.get(name) is None]


@lru_cache(maxsize=1_024)
def _required(record: type[Record], status: str, configured: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        name
        for name, field in fields_of(record).items()
        if field.required_for(status) or (field.when_configured and name in configured)
    )
