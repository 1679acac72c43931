"""Spans that belong to no conversation: changes of what the bot runs on, and losses of telemetry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge

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

    archetype: (
        Annotated[
            v.Label,
            Attribute(
                "convqa.change.archetype",
                "Archetype it is about; absent: all.",
                sensitivity="label",
                examples=("refund_status",),
            ),
        ]
        | None
    ) = None
    state: (
        Annotated[v.GuardStateValue, Attribute("convqa.change.state", "State of the guard from now on.")] | None
    ) = None
    previous_state: (
        Annotated[v.GuardStateValue, Attribute("convqa.change.previous_state", "State of the guard before.")] | None
    ) = None
    tier: (
        Annotated[v.AutomationTierValue, Attribute("convqa.change.tier", "Automation tier from now on.")] | None
    ) = None
    previous_tier: (
        Annotated[v.AutomationTierValue, Attribute("convqa.change.previous_tier", "Automation tier before.")] | None
    ) = None
    rule: (
        Annotated[
            v.Label,
            Attribute(
                "convqa.change.rule", "Rule that decided it.", sensitivity="label", examples=("A13-corrections",)
            ),
        ]
        | None
    ) = None
    metric: (
        Annotated[
            v.Label,
            Attribute("convqa.change.metric", "Metric of the rule.", sensitivity="label", examples=("corrections",)),
        ]
        | None
    ) = None
    value: Annotated[float, Attribute("convqa.change.value", "Value of the metric, in its own unit.")] | None = None
    threshold: (
        Annotated[float, Attribute("convqa.change.threshold", "Bound that the value has crossed, in its unit.")] | None
    ) = None
    window_s: (
        Annotated[float, Ge(0.0), Attribute("convqa.change.window_s", "Window of the value.", unit="s")] | None
    ) = None
    samples: (
        Annotated[v.Count, Attribute("convqa.change.samples", "Observations behind the value.", unit="{observation}")]
        | None
    ) = None
    model_version: v.ModelVersion | None = None
    prompt_name: v.PromptName | None = None
    prompt_version: v.PromptVersion | None = None
    policy_version: v.PolicyVersion | None = None
    kb_snapshot: v.KbSnapshot | None = None
    kb_built_at: v.KbBuiltAt | None = None
    index_version: v.IndexVersion | None = None
    taxonomy_version: v.TaxonomyVersion | None = None

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
