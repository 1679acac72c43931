"""The spans of a turn: the turn itself and its eight kinds of stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from convqa_sdk.schema import vocabulary as v
from convqa_sdk.schema.records import SpanKindName, SpanRecord


def _named(prefix: str, value: object) -> str:
    return f"{prefix} {value}" if value else prefix


class TurnSpan(SpanRecord):
    """One exchange: the customer's message, the bot's answer, the versions behind it and the sums over its stages."""

    stage: Annotated[Literal["turn"], v.STAGE] = "turn"
    operation_name: v.OperationName | None = "invoke_agent"
    redaction_status: Annotated[v.RedactionStatus | None, v.RequiredUnless(())] = None

    message: v.MessageText | None = None
    answer: v.AnswerText | None = None
    answer_type: v.AnswerType | None = None
    answer_template: v.AnswerTemplateId | None = None
    citations: v.AnswerCitations | None = None
    bubble_count: v.AnswerBubbleCount | None = None
    structured_output: v.AnswerStructuredOutput | None = None
    delivered: v.AnswerDelivered | None = None
    self_confidence: v.AnswerSelfConfidence | None = None
    self_quality: v.AnswerSelfQuality | None = None
    automation_tier: v.AutomationTier | None = None
    guard_state: v.GuardState | None = None
    failure_type: v.FailureType | None = None
    fields_exposed: v.AccessFieldsExposed | None = None

    model: v.RequestModel | None = None
    response_model: v.ResponseModel | None = None
    provider: v.ProviderName | None = None
    model_version: v.ModelVersion | None = None
    prompt_name: v.PromptName | None = None
    prompt_version: v.PromptVersion | None = None
    policy_version: v.PolicyVersion | None = None
    kb_snapshot: v.KbSnapshot | None = None
    kb_built_at: v.KbBuiltAt | None = None
    index_version: v.IndexVersion | None = None
    taxonomy_version: v.TaxonomyVersion | None = None
    feature_flags: v.FeatureFlags | None = None
    experiment_id: v.ExperimentId | None = None
    experiment_arm: v.ExperimentArm | None = None
    experiment_unit: v.ExperimentUnit | None = None

    intent: v.IntentClass | None = None
    archetype: v.IntentArchetype | None = None
    archetype_tier: v.ArchetypeTier | None = None
    archetype_map: v.ArchetypeMapVersion | None = None
    risk: v.RiskLevel | None = None
    escalated: v.EscalationFlag | None = None
    escalation_reason: v.EscalationReason | None = None

    retrieval_ms: v.RetrievalMs | None = None
    rerank_ms: v.RerankMs | None = None
    generation_ms: v.GenerationMs | None = None
    total_ms: v.TotalMs | None = None
    input_tokens: v.TurnInputTokens | None = None
    output_tokens: v.TurnOutputTokens | None = None
    cost_usd: v.TurnCostUsd | None = None
    tool_calls: v.TurnToolCalls | None = None


class IntentDetectionSpan(SpanRecord):
    """What the customer wants, how sure the bot is, and how risky a wrong answer would be."""

    stage: Annotated[Literal["intent_detection"], v.STAGE] = "intent_detection"

    intent: v.IntentClass
    confidence: v.IntentConfidence
    message: v.MessageText | None = None
    candidates: v.IntentCandidates | None = None
    archetype: v.IntentArchetype | None = None
    archetype_tier: v.ArchetypeTier | None = None
    archetype_map: v.ArchetypeMapVersion | None = None
    risk: v.RiskLevel | None = None
    model: v.RequestModel | None = None
    taxonomy_version: v.TaxonomyVersion | None = None


class _DocumentsSpan(SpanRecord):
    documents: v.RetrievalDocuments | None = None
    document_ranks: v.DocumentRanks | None = None
    document_scores: v.DocumentScores | None = None
    document_versions: v.DocumentVersions | None = None
    document_updated_at: v.DocumentUpdatedAt | None = None
    document_approval: v.DocumentApproval | None = None
    document_canonical: v.DocumentCanonical | None = None
    document_passage_hashes: v.DocumentPassageHashes | None = None
    document_passages: v.DocumentPassages | None = None
    query: v.QueryText | None = None
    top_k: v.TopK | None = None
    confidence: v.RetrievalConfidence | None = None
    model: v.RequestModel | None = None


class RetrievalSpan(_DocumentsSpan):
    """A search: what was asked of which source, and what came back."""

    kind: ClassVar[SpanKindName] = "CLIENT"

    stage: Annotated[Literal["retrieval"], v.STAGE] = "retrieval"
    operation_name: v.OperationName | None = "retrieval"

    data_source: v.DataSourceId
    document_ids: v.DocumentIds
    hit: v.RetrievalHit
    kb_snapshot: v.KbSnapshot | None = None
    kb_built_at: v.KbBuiltAt | None = None
    index_version: v.IndexVersion | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `retrieval {data_source}`."""
        return _named("retrieval", fields.get("data_source"))


class RerankSpan(_DocumentsSpan):
    """A new order of documents that were already found."""

    stage: Annotated[Literal["rerank"], v.STAGE] = "rerank"

    document_ids: v.DocumentIds | None = None


class GenerationSpan(SpanRecord):
    """One call of a model: what was sent, what came back, and what it cost."""

    kind: ClassVar[SpanKindName] = "CLIENT"

    stage: Annotated[Literal["generation"], v.STAGE] = "generation"
    operation_name: v.OperationName | None = "chat"

    model: v.RequestModel
    cost_source: v.CostSource
    cost_usd: v.CostUsd | None = None
    response_model: v.ResponseModel | None = None
    response_id: v.ResponseId | None = None
    provider: v.ProviderName | None = None
    input_tokens: v.InputTokens | None = None
    output_tokens: v.OutputTokens | None = None
    cache_read_tokens: v.CacheReadTokens | None = None
    cache_write_tokens: v.CacheWriteTokens | None = None
    reasoning_tokens: v.ReasoningTokens | None = None
    child_input_tokens: v.ChildInputTokens | None = None
    child_output_tokens: v.ChildOutputTokens | None = None
    child_cache_read_tokens: v.ChildCacheReadTokens | None = None
    child_cache_write_tokens: v.ChildCacheWriteTokens | None = None
    child_reasoning_tokens: v.ChildReasoningTokens | None = None
    finish_reasons: v.FinishReasons | None = None
    time_to_first_chunk: v.TimeToFirstChunk | None = None
    system_instructions: v.SystemInstructions | None = None
    messages: v.InputMessages | None = None
    output_messages: v.OutputMessages | None = None
    first_turn: v.ContextFirstTurn | None = None
    last_turn: v.ContextLastTurn | None = None
    message_count: v.ContextMessageCount | None = None
    safety_filters: v.SafetyFilters | None = None
    model_version: v.ModelVersion | None = None
    prompt_name: v.PromptName | None = None
    prompt_version: v.PromptVersion | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `chat {model}`."""
        return _named("chat", fields.get("model"))


class ToolSpan(SpanRecord):
    """One call of a tool."""

    stage: Annotated[Literal["tool"], v.STAGE] = "tool"
    operation_name: v.OperationName | None = "execute_tool"

    name: v.ToolName
    result: v.ToolResult
    call_id: v.ToolCallId | None = None
    arguments: v.ToolArguments | None = None
    output: v.ToolOutput | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `execute_tool {tool}`."""
        return _named("execute_tool", fields.get("name"))


class AccessCheckSpan(SpanRecord):
    """Whether the bot may read or change something of the customer's, and what the model then saw of it."""

    stage: Annotated[Literal["access_check"], v.STAGE] = "access_check"

    resource: v.AccessResource
    decision: v.AccessDecision
    action: v.AccessAction | None = None
    rule: v.AccessRule | None = None
    fields_exposed: v.AccessFieldsExposed | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `access_check {resource}`."""
        return _named("access_check", fields.get("resource"))


class PolicyCheckSpan(SpanRecord):
    """A check of an answer before it is sent."""

    stage: Annotated[Literal["policy_check"], v.STAGE] = "policy_check"

    name: v.PolicyCheckName
    result: v.PolicyCheckResult
    answer: v.AnswerText | None = None
    violations: v.PolicyViolations | None = None
    policy_class: v.PolicyClass | None = None
    severity: v.PolicySeverity | None = None
    policy_version: v.PolicyVersion | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `policy_check {check}`."""
        return _named("policy_check", fields.get("name"))


class EscalationSpan(SpanRecord):
    """The handover to a human, with the packet that went along."""

    stage: Annotated[Literal["escalation"], v.STAGE] = "escalation"

    reason: v.EscalationReason
    escalated: v.EscalationFlag | None = True
    queue: v.EscalationQueue | None = None
    handoff_id: v.HandoffId | None = None
    packet_fields: v.HandoffPacketFields | None = None
    completeness: v.HandoffCompleteness | None = None
    summary: v.HandoffSummary | None = None


STAGES: tuple[type[SpanRecord], ...] = (
    IntentDetectionSpan,
    RetrievalSpan,
    RerankSpan,
    GenerationSpan,
    ToolSpan,
    AccessCheckSpan,
    PolicyCheckSpan,
    EscalationSpan,
)
