"""Records become attributes and come back; what the schema promises holds for every record."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from convqa_sdk.schema.documents import json_schema
from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import fields_of
from convqa_sdk.schema.wire import decode, encode, from_attributes, missing, to_attributes, validate
from strategies_schema import RECORDS, any_record, field_values, instances, text_fields

SECRET = "qzx-secret-4711"
every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)


@cache
def validator(name: str) -> Draft202012Validator:
    """Return a validator for one record of the published JSON Schema."""
    whole = json_schema()
    return Draft202012Validator({"$schema": whole["$schema"], "$ref": f"#/$defs/{name}", "$defs": whole["$defs"]})


@every_record
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_round_trip(record: type[Record], data: st.DataObject) -> None:
    """A record made of its own attributes is equal to it, also when they have been through JSON."""
    given = data.draw(instances(record))
    attributes = to_attributes(given)
    assert from_attributes(record, attributes) == given
    assert from_attributes(record, json.loads(json.dumps(attributes))) == given


@settings(max_examples=150, deadline=None)
@given(any_record())
def test_attributes_are_what_opentelemetry_carries(record: Record) -> None:
    """Every value is a scalar or an array of one type; integers fit 64 bits and floats are finite."""
    for key, value in to_attributes(record).items():
        items = value if isinstance(value, list) else [value]
        assert len({type(item) for item in items}) <= 1, key
        for item in items:
            assert type(item) in (str, bool, int, float), key
            assert type(item) is not int or -(2**63) <= item < 2**63
            assert type(item) is not float or math.isfinite(item)


@settings(max_examples=150, deadline=None)
@given(any_record())
def test_json_schema_accepts_every_record(record: Record) -> None:
    """The published JSON Schema validates the JSON dump of every valid record."""
    problems = list(validator(type(record).__name__).iter_errors(json.loads(record.model_dump_json())))
    assert problems == []


@every_record
def test_json_schema_is_as_strict_as_the_record(record: type[Record]) -> None:
    """The published JSON Schema refuses unknown fields and asks for the required ones."""
    definition = json_schema()["$defs"][record.__name__]
    assert definition["additionalProperties"] is False
    wanted = [name for name, info in record.model_fields.items() if info.is_required()]
    assert definition.get("required", []) == wanted
    assert set(definition["properties"]) == set(record.model_fields)


@every_record
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_validate_keeps_what_is_valid(record: type[Record], data: st.DataObject) -> None:
    """A valid value passes the one-by-one validation unchanged."""
    fields = data.draw(field_values(record))
    valid, wrong = validate(record, fields)
    assert wrong == []
    assert valid == fields


@every_record
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_validate_drops_exactly_what_is_invalid(record: type[Record], data: st.DataObject) -> None:
    """Bad and unknown fields are named and left out; no other field suffers."""
    fields = data.draw(field_values(record))
    names = [name for name in fields if fields_of(record)[name].attribute.encoding not in ("json",)]
    bad = data.draw(st.sets(st.sampled_from(names), max_size=3)) if names else set()
    broken = {name: object() if name in bad else value for name, value in fields.items()} | {"no_such_field": 1}
    valid, wrong = validate(record, broken)
    assert set(wrong) == bad | {"no_such_field"}
    assert valid == {name: value for name, value in fields.items() if name not in bad}


@every_record
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_missing_names_the_required_fields_that_are_absent(record: type[Record], data: st.DataObject) -> None:
    """Taking a required field away is noticed by its name; a complete record misses nothing."""
    fields = data.draw(field_values(record, complete=True))
    assert missing(record, fields) == []
    required = [name for name, field in fields_of(record).items() if field.required_for(fields.get("status", "ok"))]
    gone = data.draw(st.sampled_from(required)) if required else None
    left = {name: value for name, value in fields.items() if name != gone}
    if gone != "status":
        assert missing(record, left) == ([gone] if gone else [])


@every_record
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_records_are_frozen(record: type[Record], data: st.DataObject) -> None:
    """A field of a record cannot be assigned."""
    made = data.draw(instances(record))
    name = next(iter(record.model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(made, name, getattr(made, name))


@every_record
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_unknown_fields_are_refused(record: type[Record], data: st.DataObject) -> None:
    """A record does not take a field that it does not declare."""
    fields = data.draw(field_values(record))
    with pytest.raises(ValidationError, match="Extra inputs"):
        record.model_validate({**fields, "no_such_field": 1})


def wrong_value(kind: Any) -> object:
    """Return a value that a closed or numeric field refuses, with a text that must not be quoted."""
    return {SECRET: SECRET} if kind is str else SECRET


@every_record
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_error_messages_never_quote_values(record: type[Record], data: st.DataObject) -> None:
    """The messages that leave the SDK name field and rule, whatever was given."""
    fields = data.draw(field_values(record))
    for name, field in fields_of(record).items():
        if field.attribute.encoding == "json":
            continue
        try:
            record.model_validate({**fields, name: wrong_value(field.type)})
        except ValidationError as error:
            told = error.errors(include_url=False, include_input=False, include_context=False)
            assert SECRET not in str([problem["msg"] for problem in told]), name
        else:
            assert field.attribute.sensitivity != "none", f"{name} takes free text"


@every_record
def test_what_is_declared_without_privacy_holds_no_free_text(record: type[Record]) -> None:
    """A field with sensitivity `none` leaves unscanned, so it refuses any sentence."""
    for name, field in fields_of(record).items():
        if field.attribute.sensitivity == "none":
            for given in (SECRET, (SECRET,), {SECRET: SECRET}):
                assert name in validate(record, {name: given})[1], name


@every_record
def test_examples_are_valid(record: type[Record]) -> None:
    """Every example of the reference page is a value that the record takes."""
    for name, field in fields_of(record).items():
        for example in field.attribute.examples:
            value = decode(field.attribute, example)
            if get_origin(field.type) is Literal and len(get_args(field.type)) == 1:
                continue
            valid, wrong = validate(record, {name: value})
            assert wrong == [], name
            wanted = list(example) if isinstance(example, tuple) else example
            if field.attribute.encoding == "json":  # with spaces on the page, without on the wire
                wanted = json.dumps(json.loads(example), separators=(",", ":"), ensure_ascii=False)
            assert encode(field.attribute, valid[name]) == wanted


def test_values_that_opentelemetry_cannot_carry_are_invalid() -> None:
    """An integer beyond 64 bits, NaN, infinity and a naive time are dropped by name, not left to the exporter."""
    from convqa_sdk.schema.spans import GenerationSpan, TurnSpan

    given: Mapping[str, Any] = {"input_tokens": 2**63, "cost_usd": math.nan, "time_to_first_chunk": math.inf}
    assert validate(GenerationSpan, given) == ({}, ["input_tokens", "cost_usd", "time_to_first_chunk"])
    assert validate(TurnSpan, {"kb_built_at": datetime(2026, 1, 1)}) == ({}, ["kb_built_at"])
    assert validate(TurnSpan, {"custom": {"a": {"b": 1}}}) == ({}, ["custom"])


def test_not_a_number_inside_json_becomes_null() -> None:
    """JSON knows no NaN; what is written stays JSON that every reader takes."""
    from convqa_sdk.schema.spans import ToolSpan

    attribute = fields_of(ToolSpan)["output"].attribute
    assert encode(attribute, {"a": [math.nan, 1.5, math.inf]}) == '{"a":[null,1.5,null]}'


def test_every_text_field_is_known() -> None:
    """The strategies find the text fields that the reading side depends on."""
    from convqa_sdk.schema.spans import TurnSpan

    assert {"message", "answer"} <= set(text_fields(TurnSpan))
