"""Spans that belong to no conversation: changes of what the bot runs on, and losses of telemetry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from convqa_sdk.schema import vocabulary as v
from convqa_sdk.schema.attribute import SCHEMA_VERSION, Attribute
from convqa_sdk.schema.records import Governed, SpanKindName

ChangeKindValue = Literal[
    "deployment", "model", "prompt", "knowledge_base", "policy", "taxonomy", "feature_flag", "product_release", "guard"
]


class ServiceRecord(Governed):
    """A span about the service as a whole."""

    kind: ClassVar[SpanKindName] = "INTERNAL"

    status: Annotated[v.Status, v.RequiredUnless(())] = "ok"
    schema_version: v.SchemaVersion = SCHEMA_VERSION

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return the span's name for the given fields."""
        return str(fields["stage"])


class ChangeSpan(ServiceRecord):
    """Something changed: the annotation on every chart, and the start of every before and after."""

    stage: Annotated[Literal["change"], v.STAGE] = "change"
    change_kind: Annotated[ChangeKindValue, Attribute("convqa.change.kind", "What changed.")]
    version: Annotated[v.Label, Attribute("convqa.change.version", "Version from now on.", sensitivity="label")]
    previous_version: (
        Annotated[v.Label, Attribute("convqa.change.previous_version", "Version before.", sensitivity="label")] | None
    ) = None
    change_id: (
        Annotated[
            v.Identifier,
            Attribute("convqa.change.id", "Id of the change; the same id again is a repeat.", sensitivity="reference"),
        ]
        | None
    ) = None
    note: Annotated[str, Attribute("convqa.change.note", "A sentence for people.", sensitivity="content")] | None = None
    owner: Annotated[v.Label, Attribute("convqa.change.owner", "Who did it.", sensitivity="label")] | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `change {kind}`."""
        return f"change {fields['change_kind']}"


class LossSpan(ServiceRecord):
    """What was recorded and never arrived: written where it is missing, so that readers know."""

    stage: Annotated[Literal["loss"], v.STAGE] = "loss"
    lost_turns: Annotated[v.Count, Attribute("convqa.loss.turns", "Turns lost since the last report.", unit="{turn}")]
    lost_records: (
        Annotated[
            v.Count,
            Attribute("convqa.loss.records", "Outcomes, changes and single stages lost since then.", unit="{record}"),
        ]
        | None
    ) = None
    cause: Annotated[v.Label, Attribute("convqa.loss.cause", "Why.", sensitivity="label", examples=("queue_full",))]
    destinations: (
        Annotated[
            tuple[v.Label, ...],
            Attribute(
                "convqa.loss.destinations",
                "Names of the destinations that did not get them.",
                sensitivity="label",
                examples=(("otlp", "store"),),
            ),
        ]
        | None
    ) = None
