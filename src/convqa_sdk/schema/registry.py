"""Finds what the records declare: by stage, by event name, by key.

Everything derived (wire, documents, columns, doctor) reads these tables instead of the models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from convqa_sdk.schema.attribute import Attribute, RequiredUnless, RequiredWhenConfigured
from convqa_sdk.schema.changes import ChangeSpan, LossSpan
from convqa_sdk.schema.evaluation import LOG_EVENTS
from convqa_sdk.schema.events import EVENTS, EventRecord
from convqa_sdk.schema.outcomes import OUTCOMES, OutcomeRecord, SnapshotSpan
from convqa_sdk.schema.records import Record, Resource
from convqa_sdk.schema.spans import STAGES, TurnSpan

Level = Literal["required", "conditional", "recommended", "opt_out"]


@dataclass(frozen=True)
class Field:
    """One field of a record.

    Attributes:
        name: Name in Python.
        attribute: The declaration.
        level: `required`; `conditional`: required except under `unless`, or once configured; `opt_out`: content,
            exported unless it is switched off; else `recommended`.
        unless: Statuses under which a required field may be absent.
        when_configured: Required on every span once the bot configures a value.
        type: The Python type without `None` and without metadata, such as `str` or `tuple[str, ...]`.
    """

    name: str
    attribute: Attribute
    level: Level
    unless: tuple[str, ...]
    when_configured: bool
    type: Any

    def required_for(self, status: str) -> bool:
        """Tell whether a span that ended with `status` must carry the field."""
        return self.level == "required" or (
            self.level == "conditional" and not self.when_configured and status not in self.unless
        )


def _declared(info: FieldInfo) -> tuple[list[Any], Any]:
    """Collect the metadata of a field, also from inside `Annotated[...] | None`, and the bare type."""
    metadata = list(info.metadata)
    bare: Any = info.annotation
    if get_origin(bare) is Union or type(bare).__name__ == "UnionType":
        options = [arg for arg in get_args(bare) if arg is not type(None)]
        if len(options) == 1:
            bare = options[0]
    while hasattr(bare, "__metadata__"):
        metadata.extend(bare.__metadata__)
        bare = bare.__origin__
    return metadata, bare


def _field(name: str, info: FieldInfo, *, versioned: bool) -> Field:
    metadata, bare = _declared(info)
    attribute = next(m for m in metadata if isinstance(m, Attribute))
    exempt = next((m for m in metadata if isinstance(m, RequiredUnless)), None)
    configured = versioned and any(isinstance(m, RequiredWhenConfigured) for m in metadata)
    constant = get_origin(bare) is Literal and info.default == get_args(bare)[0] and len(get_args(bare)) == 1
    if info.is_required() or constant or (exempt and not exempt.statuses):
        level: Level = "required"
    elif exempt or configured:
        level = "conditional"
    else:
        level = "opt_out" if attribute.sensitivity == "content" else "recommended"
    return Field(name, attribute, level, exempt.statuses if exempt else (), configured, bare)


@cache
def fields_of(record: type[Record]) -> dict[str, Field]:
    """Return the declared fields of a record type, by Python name."""
    versioned = record is TurnSpan
    return {name: _field(name, info, versioned=versioned) for name, info in record.model_fields.items()}


SPANS: tuple[type[Record], ...] = (TurnSpan, *STAGES, *OUTCOMES, SnapshotSpan, ChangeSpan, LossSpan)
STAGE_RECORDS: dict[str, type[Record]] = {
    cls.model_fields["stage"].default: cls for cls in SPANS if cls not in OUTCOMES
}
OUTCOME_RECORDS: dict[str, type[OutcomeRecord]] = {cls.kind_name: cls for cls in OUTCOMES}
EVENT_RECORDS: dict[str, type[EventRecord]] = {cls.event_name: cls for cls in EVENTS}
LOG_RECORDS: dict[str, type[Record]] = {cls.event_name: cls for cls in LOG_EVENTS}


def record_for(stage: str, outcome_kind: str | None = None) -> type[Record] | None:
    """Return the record type of a span, None when the stage or kind is not ours."""
    if stage == "outcome":
        return OUTCOME_RECORDS.get(outcome_kind or "")
    return STAGE_RECORDS.get(stage)


def all_attributes() -> dict[str, Attribute]:
    """Return every attribute that a span or its resource may carry, by key, in order of first use."""
    found: dict[str, Attribute] = {}
    for record in (*SPANS, Resource):
        for field in fields_of(record).values():
            found.setdefault(field.attribute.key, field.attribute)
    return found
