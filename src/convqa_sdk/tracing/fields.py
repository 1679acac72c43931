"""Which fields each stage takes, for type checkers and decorators; a test holds these names equal to the schema's.

While the bot runs nothing here is looked at: an unknown or invalid field is a counted violation, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from convqa_sdk.tracing.values import Document, PolicyClass, Risk, Severity, Tier

AnswerType = Literal["grounded", "generated", "template", "clarification", "fallback", "refusal", "handoff"]
EscalationReason = Literal[
    "low_confidence",
    "policy",
    "customer_request",
    "tool_failure",
    "out_of_scope",
    "sentiment",
    "repeated_failure",
    "guard",
    "other",
]
Parts = str | Sequence[Mapping[str, Any]]


class SegmentFields(TypedDict, total=False):
    """Who and where; given to a turn and copied to its stages."""

    account_id: str | None
    user_id: str | None
    turn_index: int | None
    turn_id: str | None
    segment: str | None
    customer_tier: str | None
    region: str | None
    language: str | None
    channel: str | None
    is_group: bool | None
    agent_id: str | None
    product_area: str | None
    sector: str | None
    issue_key: str | None


class MoreTurnFields(SegmentFields, total=False):
    """Fields of a turn besides the message, which `turn()` takes by position."""

    answer: str | None
    answer_type: AnswerType
    answer_template: str | None
    citations: Sequence[str]
    bubble_count: int
    structured_output: bool
    delivered: bool
    self_confidence: float
    self_quality: float
    automation_tier: Literal["recommend", "assist", "automate"]
    guard_state: Literal["normal", "fallback", "killed"]
    failure_type: str
    fields_exposed: Sequence[str]
    time_zone_assumed: str


class TurnFields(MoreTurnFields, total=False):
    """Fields of a turn."""

    message: str | None


class AnswerFields(TypedDict, total=False):
    """What may be said about an answer besides its text and type."""

    template: str | None
    citations: Sequence[str]
    bubble_count: int
    structured_output: bool
    delivered: bool


class IntentFields(TypedDict, total=False):
    """Fields of an intent detection."""

    message: str | None
    intent: str
    confidence: float | None
    candidates: Sequence[str]
    archetype: str | None
    archetype_tier: Tier | None
    risk: Risk | None
    model: str | None
    taxonomy_version: str | None


class DocumentsFields(TypedDict, total=False):
    """Fields of stages that return documents."""

    query: str | None
    documents: Sequence[Document]
    top_k: int
    confidence: float | None
    model: str | None


class RerankFields(DocumentsFields, total=False):
    """Fields of a rerank."""


class RetrievalFields(DocumentsFields, total=False):
    """Fields of a retrieval."""

    data_source: str
    hit: bool
    kb_snapshot: str | None
    kb_built_at: datetime | None
    index_version: str | None


class GenerationFields(TypedDict, total=False):
    """Fields of a call of a model; `response` is a provider's response, read by its shape."""

    model: str
    messages: Parts
    prompt: Parts
    system_instructions: Parts
    output_messages: Parts
    response: object
    response_model: str | None
    response_id: str | None
    provider: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    finish_reasons: Sequence[str]
    cost_usd: float | None
    cost_source: Literal["provider", "caller", "unknown"]
    usage: Literal["own", "child"]
    time_to_first_chunk: float
    first_turn: int
    last_turn: int
    message_count: int
    safety_filters: Sequence[str]
    model_version: str | None
    prompt_name: str | None
    prompt_version: str | None


class ToolFields(TypedDict, total=False):
    """Fields of a tool call."""

    name: str
    result: Literal["ok", "error", "unsupported"]
    call_id: str | None
    arguments: Any
    output: Any


class AccessCheckFields(TypedDict, total=False):
    """Fields of an access check."""

    resource: str
    action: str | None
    decision: Literal["allow", "deny"]
    rule: str | None
    fields_exposed: Sequence[str]


class PolicyCheckFields(TypedDict, total=False):
    """Fields of a policy check."""

    name: str
    answer: str | None
    result: Literal["pass", "fail", "rewrite", "block", "skip", "error"]
    violations: Sequence[str]
    policy_class: PolicyClass | None
    severity: Severity | None
    policy_version: str | None


class EscalationFields(TypedDict, total=False):
    """Fields of a handover."""

    reason: EscalationReason
    queue: str | None
    handoff_id: str | None
    packet_fields: Sequence[str]
    completeness: float | None
    summary: str | None


_FIELDS: dict[str, type] = {
    "turn": TurnFields,
    "intent_detection": IntentFields,
    "retrieval": RetrievalFields,
    "rerank": RerankFields,
    "generation": GenerationFields,
    "tool": ToolFields,
    "access_check": AccessCheckFields,
    "policy_check": PolicyCheckFields,
    "escalation": EscalationFields,
}


def unknown(kind: str, names: Iterable[str]) -> str:
    """Return what is wrong with the names of fields that a decorator was given; empty when a stage takes them all."""
    own = _FIELDS[kind].__annotations__
    wrong = [name for name in names if name not in own and name not in SegmentFields.__annotations__]
    if not wrong:
        return ""
    given = ", ".join(f"{name!r}" for name in wrong)
    return f"{kind} has no field {given}; it takes {', '.join(sorted(own))} (see the reference page of stages)"
