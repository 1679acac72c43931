"""From a span's raw fields to the attributes that leave: screened, validated, encoded; one fault costs one field.

A bot says most things again with every turn (models, versions, channels, verdicts). What passed unchanged once passes
again by one look into a memory; that holds no content and no pseudonymised value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from convqa_sdk.export.flatten import Fields
from convqa_sdk.export.screened import Screened
from convqa_sdk.export.screening import Screen
from convqa_sdk.isolation import fault
from convqa_sdk.redaction.patterns import DETECTOR_VERSION
from convqa_sdk.schema.records import Record, SpanRecord
from convqa_sdk.schema.registry import STAGE_RECORDS, fields_of
from convqa_sdk.schema.wire import AttributeValue, attributes_of, missing, validate

MAX_VIOLATIONS = 64
_CONSTANTS = ("stage", "outcome_kind", "schema_version", "operation_name", "escalated")
_SHORT: Final = 64
_MEMORY: Final = 4_096


class Written(NamedTuple):
    """Fields that may leave.

    Attributes:
        valid: Values by the fields' names, validated.
        attributes: The same as they leave.
        size: Bytes of their texts, where somebody has asked for them, else 0.
        into: What screening found in them.
    """

    valid: Fields
    attributes: dict[str, AttributeValue]
    size: int
    into: Screened


NOTHING: Final = Written({}, {}, 0, Screened())


class _Known(NamedTuple):
    """How a value leaves that passed screening and validation unchanged."""

    key: str
    size: int
    screened: bool


class Writer:
    """Writes fields of records as attributes."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._memory: dict[type[Record], dict[tuple[str, str], _Known]] = {}

    def write(
        self, record: type[Record], fields: Mapping[str, Any], into: Screened, room: int, shared: Written = NOTHING
    ) -> Written:
        """Screen, validate and encode fields; what is unknown or invalid is named in `into`.

        Args:
            record: Declares the fields.
            fields: Raw values; None: absent.
            into: Takes what is found.
            room: Most bytes of all texts.
            shared: Fields that were written already and are left out.
        """
        memory = self._memory.setdefault(record, {}) if not self._screen.particular else {}
        common = shared.valid
        valid: Fields = {}
        attributes: dict[str, AttributeValue] = {}
        rest: Fields = {}
        known_bytes = 0
        for name, value in fields.items():
            if value is None or name in common:
                continue
            known = memory.get((name, value)) if type(value) is str else None
            if known is None:
                rest[name] = value
            else:
                key, length, screened = known
                valid[name] = attributes[key] = value
                known_bytes += length
                into.seen |= screened
        safe = self._screen.fields(record, rest, into, room - known_bytes)
        checked, invalid = validate(record, safe)
        written, unwritable = _encoded(record, checked)
        into.wrong += invalid
        into.wrong += unwritable
        self._remember(record, memory, rest, checked)
        valid.update(checked)
        attributes.update(written)
        return Written(valid, attributes, 0, into)

    def _remember(
        self, record: type[Record], memory: dict[tuple[str, str], _Known], raw: Fields, checked: Fields
    ) -> None:
        memorable = _memorable(record)
        for name, value in raw.items():
            if type(value) is str and len(value) <= _SHORT and name in memorable and checked.get(name) == value:
                if len(memory) >= _MEMORY:
                    memory.clear()
                key, screened = memorable[name]
                memory[name, value] = _Known(key, len(value.encode()), screened)

    def finish(
        self, record: type[Record], own: Written, shared: Written, wrong: Sequence[str], configured: frozenset[str]
    ) -> tuple[str, dict[str, AttributeValue], tuple[str, ...]]:
        """Add what a span says of itself: its constants, what redaction did, what was wrong.

        Args:
            record: The span's record.
            own: Its fields.
            shared: Those that it shares with others.
            wrong: Names of fields that were not captured.
            configured: Names of fields that the bot configured, and that must be there.

        Returns:
            The span's name, all its attributes, and the names of fields that are missing or invalid.
        """
        into, keys = own.into, _keys()
        constants, fixed = _constants(record)
        valid = {**shared.valid, **constants, **own.valid}
        attributes = {**shared.attributes, **fixed, **own.attributes}
        if record is STAGE_RECORDS["intent_detection"] and "model" in own.valid:
            attributes[keys["operation_name"]] = "chat"
        if into.seen or _always_governed(record):
            valid["redaction_status"] = attributes[keys["redaction_status"]] = into.status
            attributes[keys["redaction_policy_version"]] = self._screen.policy_version
            attributes[keys["redaction_detector_version"]] = DETECTOR_VERSION
            if into.count:
                attributes[keys["redaction_count"]] = into.count
                attributes[keys["redaction_classes"]] = sorted(into.classes)
        names = (*wrong, *into.wrong, *missing(record, valid, configured))
        if names:
            names = tuple(dict.fromkeys(names))[:MAX_VIOLATIONS]
            attributes[keys["instrumentation_violations"]] = list(names)
        attributes.update(into.companions)
        return record.span_name(valid)[:200], attributes, names  # type: ignore[attr-defined] # reason: every span's record has it


@cache
def _keys() -> dict[str, str]:
    """Return the keys of what every span says of itself."""
    return {name: field.attribute.key for name, field in fields_of(SpanRecord).items()}


@cache
def _memorable(record: type[Record]) -> dict[str, tuple[str, bool]]:
    """Return the key of each field whose values may be remembered, and whether they are screened."""
    return {
        name: (field.attribute.key, field.attribute.sensitivity == "label")
        for name, field in fields_of(record).items()
        if field.attribute.sensitivity != "content" and field.attribute.encoding == "value"
    }


@cache
def _constants(record: type[Record]) -> tuple[Fields, dict[str, AttributeValue]]:
    """Return what every span of a record carries: by name, and as attributes."""
    defaults = {name: info.default for name, info in record.model_fields.items() if name in _CONSTANTS}
    constants = {name: value for name, value in defaults.items() if value is not None}
    return constants, attributes_of(record, constants)


@cache
def _always_governed(record: type[Record]) -> bool:
    return fields_of(record)["redaction_status"].level == "required"


def _encoded(record: type[Record], valid: Fields) -> tuple[dict[str, AttributeValue], list[str]]:
    """Return attributes, and the names of valid fields that cannot be written all the same, which leave `valid`."""
    try:
        return attributes_of(record, valid), []
    except BaseException:  # noqa: BLE001 - find out which field it is
        attributes: dict[str, AttributeValue] = {}
        wrong: list[str] = []
        for name, value in valid.items():
            try:
                attributes.update(attributes_of(record, {name: value}))
            except BaseException as error:  # noqa: BLE001, PERF203 - one field's fault costs one field
                fault("encode", error)
                wrong.append(name)
        for name in wrong:
            del valid[name]
        return attributes, wrong
