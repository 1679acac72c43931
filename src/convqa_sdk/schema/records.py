"""What every record of the telemetry contract has in common.

A record is a frozen pydantic model whose fields carry an `Attribute` declaration. Required means: no default.
`defer_build` keeps the validators out of the bot's import; they are built when a record is first validated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from convqa_sdk.schema import vocabulary as v
from convqa_sdk.schema.attribute import SCHEMA_VERSION

SpanKindName = Literal["INTERNAL", "CLIENT"]


class Record(BaseModel):
    """A frozen record; unknown fields are refused by name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, protected_namespaces=(), allow_inf_nan=False
    )


class Resource(Record):
    """What the spans of one deployment share; OpenTelemetry's own attributes stand beside it."""

    service_name: v.ServiceName
    environment: v.EnvironmentName | None = None


class Governed(Record):
    """What redaction did, and what was wrong with the instrumentation."""

    redaction_status: v.RedactionStatus | None = None
    redaction_count: v.RedactionCount | None = None
    redaction_classes: v.RedactionClasses | None = None
    redaction_policy_version: v.RedactionPolicyVersion | None = None
    redaction_detector_version: v.RedactionDetectorVersion | None = None
    vault_ref: v.VaultRef | None = None
    instrumentation_violations: v.InstrumentationViolations | None = None
    custom: v.Custom = Field(default_factory=dict)


class SpanRecord(Governed):
    """A span about a conversation: whose it is, how it ended, and the segments of the turn.

    Each kind of span adds its constant `stage`.
    """

    kind: ClassVar[SpanKindName] = "INTERNAL"

    conversation_id: v.ConversationId
    session_id: v.SessionId
    status: v.Status
    schema_version: v.SchemaVersion = SCHEMA_VERSION
    error_type: v.ErrorType | None = None
    operation_name: v.OperationName | None = None
    time_zone_assumed: v.TimeZoneAssumed | None = None
    sampling_probability: v.SamplingProbability | None = None

    turn_index: v.TurnIndex | None = None
    turn_id: v.TurnId | None = None
    user_id: v.UserId | None = None
    account_id: v.AccountId | None = None
    segment: v.CustomerSegment | None = None
    customer_tier: v.CustomerTier | None = None
    region: v.Region | None = None
    language: v.Language | None = None
    channel: v.Channel | None = None
    is_group: v.IsGroup | None = None
    agent_id: v.AgentId | None = None
    product_area: v.ProductArea | None = None
    sector: v.Sector | None = None
    issue_key: v.IssueKey | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return the span's name for the given fields."""
        return str(fields["stage"])


SEGMENT_FIELDS = (
    "turn_index",
    "turn_id",
    "user_id",
    "account_id",
    "segment",
    "customer_tier",
    "region",
    "language",
    "channel",
    "is_group",
    "agent_id",
    "product_area",
    "sector",
    "issue_key",
)
"""Fields that a turn copies to each of its stages."""
