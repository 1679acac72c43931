"""The contract as semantic-convention YAML: in the definition language of OpenTelemetry's `weaver`, and complete."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
import yaml

from convqa_sdk.schema.records import Resource
from convqa_sdk.schema.registry import EVENT_RECORDS, LOG_RECORDS, SPANS, all_attributes, fields_of
from convqa_sdk.schema.semconv import semconv

SIMPLE = ["string", "int", "double", "boolean"]
TYPES = [*SIMPLE, *(f"{kind}[]" for kind in SIMPLE)]
PYTHON = {"string": str, "int": int, "double": float, "boolean": bool}
STABILITY = {"enum": ["stable", "development", "alpha", "beta", "release_candidate"]}
TEXT = {"type": "string", "minLength": 1}


def one_of_levels() -> dict[str, Any]:
    """A requirement level: a word, or a word with its condition."""
    conditions = [
        {"type": "object", "properties": {word: TEXT}, "required": [word], "additionalProperties": False}
        for word in ("conditionally_required", "recommended", "opt_in")
    ]
    return {"oneOf": [{"enum": ["required", "recommended", "opt_in"]}, *conditions]}


MEMBER = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "value": {"type": ["string", "integer"]},
        "stability": STABILITY,
    },
    "required": ["id", "value", "stability"],
    "additionalProperties": False,
}
ENUM = {
    "type": "object",
    "properties": {"members": {"type": "array", "items": MEMBER, "minItems": 1}},
    "required": ["members"],
    "additionalProperties": False,
}
DEFINITION = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$"},
        "type": {"oneOf": [{"enum": [*TYPES, *(f"template[{kind}]" for kind in TYPES)]}, ENUM]},
        "stability": STABILITY,
        "brief": TEXT,
        "examples": {"type": "array", "minItems": 1},
    },
    "required": ["id", "type", "stability", "brief", "examples"],
    "additionalProperties": False,
}
REFERENCE = {
    "type": "object",
    "properties": {"ref": TEXT, "requirement_level": one_of_levels()},
    "required": ["ref", "requirement_level"],
    "additionalProperties": False,
}


def group(kind: str, attributes: Any, **more: Any) -> dict[str, Any]:
    """A group of a type; every one but an attribute group states its stability."""
    own = {} if kind == "attribute_group" else {"stability": STABILITY}
    properties = {
        "id": TEXT,
        "type": {"const": kind},
        "brief": TEXT,
        "attributes": {"type": "array", "items": attributes, "minItems": 1},
        **own,
        **more,
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


LANGUAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "groups": {
            "type": "array",
            "items": {
                "oneOf": [
                    group("attribute_group", {"oneOf": [DEFINITION, REFERENCE]}),
                    group("span", REFERENCE, span_kind={"enum": ["client", "server", "internal"]}),
                    group("event", REFERENCE, name=TEXT),
                ]
            },
        }
    },
    "required": ["groups"],
    "additionalProperties": False,
}
"""What the definition language allows of what we use, written from its documentation."""


@pytest.fixture(scope="module")
def document() -> Any:
    """The YAML as an independent parser reads it."""
    return yaml.safe_load(semconv())


@pytest.fixture(scope="module")
def definitions(document: Any) -> dict[str, Any]:
    """All definitions by id."""
    return {one["id"]: one for group in document["groups"] for one in group["attributes"] if "id" in one}


def test_it_is_in_the_definition_language(document: Any) -> None:
    """The document is valid, group ids are unique, and every reference has exactly one definition."""
    jsonschema.validate(document, LANGUAGE)
    ids = [group["id"] for group in document["groups"]]
    assert len(set(ids)) == len(ids)
    defined = [one["id"] for group in document["groups"] for one in group["attributes"] if "id" in one]
    assert len(set(defined)) == len(defined)
    assert {one["ref"] for group in document["groups"] for one in group["attributes"] if "ref" in one} == set(defined)


def test_every_attribute_is_there_as_declared(definitions: dict[str, Any]) -> None:
    """Type, sentence, stability and examples of every attribute of the registry come back from the YAML."""
    for key, attribute in all_attributes().items():
        found = definitions[key.removesuffix(".")]
        assert (found["brief"], found["stability"]) == (attribute.brief, attribute.stability)
        if attribute.examples and isinstance(found["type"], str):
            flat = found["examples"][0] if found["type"].endswith("[]") else found["examples"]
            assert flat == _flat(attribute.examples)
    for record in EVENT_RECORDS.values():
        for field in fields_of(record).values():
            assert definitions[field.attribute.key]["brief"] == field.attribute.brief


def _flat(examples: tuple[Any, ...]) -> list[Any]:
    return [item for one in examples for item in (one if isinstance(one, (list, tuple)) else (one,))]


def test_examples_have_their_attributes_type(definitions: dict[str, Any]) -> None:
    """An example of an int is an int, of an array an array, of a closed vocabulary one of its values."""
    for one in definitions.values():
        kind = one["type"]
        if isinstance(kind, dict):
            assert set(one["examples"]) <= {member["value"] for member in kind["members"]}
            assert len({member["id"] for member in kind["members"]}) == len(kind["members"])
            continue
        python = PYTHON[re.sub(r"^template\[|\W", "", kind)]
        for example in one["examples"]:
            items = example if kind.endswith("[]") else [example]
            assert isinstance(items, list), one["id"]
            assert all(type(item) is python or (python is float and type(item) is int) for item in items), one["id"]


def test_every_span_and_event_has_its_attributes_with_their_levels(document: Any) -> None:
    """Each kind of span, each event and the resource is a group which names what it carries, and how surely."""
    groups = {group["id"]: group for group in document["groups"]}
    assert len([group for group in groups.values() if group["type"] == "span"]) == len(SPANS)
    assert {group["name"] for group in groups.values() if group["type"] == "event"} == {*EVENT_RECORDS, *LOG_RECORDS}
    turn = {one["ref"]: one["requirement_level"] for one in groups["span.convqa.turn"]["attributes"]}
    assert len(turn) == len(fields_of(SPANS[0]))
    assert turn["gen_ai.conversation.id"] == turn["convqa.stage"] == turn["convqa.redaction.status"] == "required"
    assert turn["convqa.answer.type"] == {"conditionally_required": "Unless the status is cancelled."}
    assert turn["convqa.policy.version"] == {"conditionally_required": "Once the bot configures a value."}
    assert "recommended" in turn["convqa.message.text"]
    assert turn["convqa.channel"] == "recommended"
    assert groups["span.convqa.retrieval"]["span_kind"] == "client"
    assert groups["span.convqa.outcome.csat"]["span_kind"] == "internal"
    assert {one["ref"] for one in groups["convqa.resource"]["attributes"]} == {
        field.attribute.key for field in fields_of(Resource).values()
    }


def test_types_by_example(definitions: dict[str, Any]) -> None:
    """Times and JSON are strings, arrays stay arrays, the bot's own values a template, closed vocabularies enums."""
    expected = {
        "convqa.kb.built_at": "string",
        "gen_ai.input.messages": "string",
        "convqa.retrieval.document.ids": "string[]",
        "convqa.retrieval.document.scores": "double[]",
        "convqa.retrieval.document.canonical": "boolean[]",
        "gen_ai.usage.input_tokens": "int",
        "convqa.retrieval.hit": "boolean",
        "convqa.custom": "template[string]",
    }
    assert {key: definitions[key]["type"] for key in expected} == expected
    stages = {member["value"] for member in definitions["convqa.stage"]["type"]["members"]}
    assert stages == {str(span.model_fields["stage"].default) for span in SPANS}
    tiers = [member["id"] for member in definitions["convqa.archetype.tier"]["type"]["members"]]
    assert tiers == ["value_1", "value_2", "value_3", "tail"]
