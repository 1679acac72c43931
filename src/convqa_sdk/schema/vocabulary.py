"""The vocabulary: every attribute that more than one record, or a user's dashboard, can meet, declared once.

Sections and names follow the telemetry contract. Ranges come from `annotated_types`, which pydantic and Hypothesis
both understand. Closed vocabularies are `Literal` types, so a new value is a visible change of this file. What is
declared with sensitivity `none` cannot hold free text: numbers, closed vocabularies, and strings of a fixed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AwareDatetime, StringConstraints

from convqa_sdk.schema.attribute import Attribute, RequiredUnless, RequiredWhenConfigured

# ---------------------------------------------------------------------------------------------- plain value types

Identifier = Annotated[str, MinLen(1), MaxLen(200)]
Label = Annotated[str, MinLen(1), MaxLen(1000)]
Count = Annotated[int, Ge(0), Le(2**63 - 1)]
"""OpenTelemetry carries integers of 64 bits."""
Moment = Annotated[
    AwareDatetime, Ge(datetime(1970, 1, 2, tzinfo=timezone.utc)), Le(datetime(9999, 12, 30, tzinfo=timezone.utc))
]
"""Within what RFC 3339 and Unix nanoseconds can write in every time zone."""
HexDigest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16,64}$")]
MomentText = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,16}Z)?$")]
Scalar = str | bool | Annotated[int, Ge(-(2**63)), Le(2**63 - 1)] | float
Share = Annotated[float, Ge(0.0), Le(1.0)]
Milliseconds = Annotated[float, Ge(0.0)]
Dollars = Annotated[float, Ge(0.0)]

StatusValue = Literal["ok", "error", "cancelled"]
RiskLevelValue = Literal["low", "medium", "high"]
TierValue = Literal["1", "2", "3", "tail"]
AnswerTypeValue = Literal["grounded", "generated", "template", "clarification", "fallback", "refusal", "handoff"]
EscalationReasonValue = Literal[
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
PolicyClassValue = Literal["01", "02", "03", "04"]
SeverityValue = Literal["P0", "P1", "P2"]
PolicyResultValue = Literal["pass", "fail", "rewrite", "block", "skip", "error"]
ToolResultValue = Literal["ok", "error", "unsupported"]
AccessDecisionValue = Literal["allow", "deny"]
ApprovalValue = Literal["approved", "draft", "expired", ""]
CostSourceValue = Literal["provider", "price_table", "caller", "unknown"]
RedactionStatusValue = Literal["clean", "redacted", "withheld", "failed_closed", "off"]
AutomationTierValue = Literal["recommend", "assist", "automate"]
GuardStateValue = Literal["normal", "fallback", "killed"]
OperationNameValue = Literal["invoke_agent", "chat", "retrieval", "execute_tool"]
ExperimentUnitValue = Literal["conversation", "customer", "account", "agent", "queue", "region", "time_window"]

# --------------------------------------------------------------------------------------------------- who and where

ConversationId = Annotated[
    Identifier,
    Attribute(
        "gen_ai.conversation.id",
        "The conversation this span belongs to; the join key of everything.",
        sensitivity="reference",
        examples=("c-10492",),
    ),
]
SessionId = Annotated[
    Identifier,
    Attribute(
        "session.id",
        "The session; the conversation id unless the caller gives one.",
        sensitivity="reference",
        examples=("c-10492",),
    ),
]
ServiceName = Annotated[
    Label,
    Attribute("service.name", "The bot's deployment (resource).", sensitivity="label", examples=("acme-support-bot",)),
]
EnvironmentName = Annotated[
    Label,
    Attribute(
        "deployment.environment.name", "Where it runs (resource).", sensitivity="label", examples=("production",)
    ),
]
TurnIndex = Annotated[
    Count, Attribute("convqa.turn.index", "Position of the turn, from 0; absent when not known.", examples=(3,))
]
TurnId = Annotated[
    Identifier,
    Attribute("convqa.turn.id", "The caller's own id of the turn.", sensitivity="reference", examples=("m-7781",)),
]
UserId = Annotated[
    Identifier,
    Attribute(
        "user.id", "The customer, as a keyed pseudonym.", sensitivity="identifier", examples=("[USER_ID:k1:qmzkxw]",)
    ),
]
AccountId = Annotated[
    Identifier,
    Attribute(
        "convqa.account.id",
        "The customer's account, as a keyed pseudonym.",
        sensitivity="identifier",
        examples=("[ACCOUNT_ID:k1:pfhtbn]",),
    ),
]
CustomerSegment = Annotated[
    Label, Attribute("convqa.customer.segment", "Customer segment.", sensitivity="label", examples=("smb",))
]
CustomerTier = Annotated[
    Label, Attribute("convqa.customer.tier", "Customer tier or plan.", sensitivity="label", examples=("gold",))
]
Region = Annotated[
    Label, Attribute("convqa.region", "Region of the customer.", sensitivity="label", examples=("emea",))
]
Language = Annotated[
    Label, Attribute("convqa.language", "Language of the conversation (BCP 47).", sensitivity="label", examples=("en",))
]
Channel = Annotated[
    Label, Attribute("convqa.channel", "Channel the customer writes on.", sensitivity="label", examples=("web",))
]
IsGroup = Annotated[bool, Attribute("convqa.is_group", "Whether several customers share the chat.", examples=(False,))]
AgentId = Annotated[
    Identifier, Attribute("gen_ai.agent.id", "The bot or persona.", sensitivity="reference", examples=("support-bot",))
]
ProductArea = Annotated[
    Label,
    Attribute(
        "convqa.product.area", "Product area the customer asks about.", sensitivity="label", examples=("billing",)
    ),
]
Sector = Annotated[
    Label,
    Attribute("convqa.sector", "Sector, where regulation depends on it.", sensitivity="label", examples=("banking",)),
]
IssueKey = Annotated[
    Identifier,
    Attribute(
        "convqa.issue.key",
        "Key of the issue, equal for the same issue.",
        sensitivity="reference",
        examples=("order-late",),
    ),
]

# ------------------------------------------------------------------------------------------------- which versions

RequestModel = Annotated[
    Label, Attribute("gen_ai.request.model", "Model asked for.", sensitivity="label", examples=("gpt-4.1",))
]
ResponseModel = Annotated[
    Label,
    Attribute("gen_ai.response.model", "Model that answered.", sensitivity="label", examples=("gpt-4.1-2025-04-14",)),
]
ProviderName = Annotated[
    Label, Attribute("gen_ai.provider.name", "Provider of the model.", sensitivity="label", examples=("openai",))
]
ModelVersion = Annotated[
    Label,
    Attribute(
        "convqa.model.version",
        "The team's own release name of the model.",
        sensitivity="label",
        examples=("support-v3",),
    ),
    RequiredWhenConfigured(),
]
PromptName = Annotated[
    Label,
    Attribute("gen_ai.prompt.name", "Name of the prompt.", sensitivity="label", examples=("refunds",)),
    RequiredWhenConfigured(),
]
PromptVersion = Annotated[
    Label,
    Attribute("gen_ai.prompt.version", "Version of the prompt.", sensitivity="label", examples=("refunds-12",)),
    RequiredWhenConfigured(),
]
PolicyVersion = Annotated[
    Label,
    Attribute("convqa.policy.version", "Version of the support policy.", sensitivity="label", examples=("2026-05",)),
    RequiredWhenConfigured(),
]
KbSnapshot = Annotated[
    Label,
    Attribute(
        "convqa.kb.snapshot", "Snapshot of the knowledge base.", sensitivity="label", examples=("kb-2026-05-01",)
    ),
    RequiredWhenConfigured(),
]
KbBuiltAt = Annotated[
    Moment,
    Attribute(
        "convqa.kb.built_at", "When the snapshot was built.", encoding="time", examples=("2026-05-01T00:00:00.000000Z",)
    ),
    RequiredWhenConfigured(),
]
IndexVersion = Annotated[
    Label,
    Attribute(
        "convqa.retrieval.index.version", "Version of the retrieval index.", sensitivity="label", examples=("ix-31",)
    ),
    RequiredWhenConfigured(),
]
TaxonomyVersion = Annotated[
    Label,
    Attribute("convqa.taxonomy.version", "Version of the intent taxonomy.", sensitivity="label", examples=("tax-8",)),
    RequiredWhenConfigured(),
]
FeatureFlags = Annotated[
    tuple[Label, ...],
    Attribute(
        "convqa.feature_flags",
        "Active flags, sorted, as flag=variant.",
        sensitivity="label",
        examples=(("rerank=on",),),
    ),
    RequiredWhenConfigured(),
]
ExperimentId = Annotated[
    Identifier,
    Attribute("convqa.experiment.id", "Experiment the turn is part of.", sensitivity="reference", examples=("exp-12",)),
    RequiredWhenConfigured(),
]
ExperimentArm = Annotated[
    Label,
    Attribute("convqa.experiment.arm", "Arm of the experiment.", sensitivity="label", examples=("treatment",)),
    RequiredWhenConfigured(),
]
ExperimentUnit = Annotated[
    ExperimentUnitValue,
    Attribute("convqa.experiment.unit", "What was randomised.", examples=("conversation",)),
    RequiredWhenConfigured(),
]
SamplingProbability = Annotated[
    Share,
    Attribute(
        "convqa.sampling.probability", "Probability with which this turn was recorded.", unit="1", examples=(1.0,)
    ),
]

# --------------------------------------------------------------------------------------------------------- intent

IntentClass = Annotated[
    Label,
    Attribute("convqa.intent.class", "Intent found in the message.", sensitivity="label", examples=("billing_refund",)),
]
IntentConfidence = Annotated[
    Share, Attribute("convqa.intent.confidence", "Confidence of the intent.", unit="1", examples=(0.93,))
]
IntentCandidates = Annotated[
    tuple[Label, ...],
    Attribute(
        "convqa.intent.candidates",
        "Other intents considered, best first.",
        sensitivity="label",
        examples=(("billing",),),
    ),
]
IntentArchetype = Annotated[
    Label,
    Attribute(
        "convqa.intent.archetype",
        "Archetype of the issue (ArchetypeMap).",
        sensitivity="label",
        examples=("refund_status",),
    ),
]
ArchetypeTier = Annotated[
    TierValue,
    Attribute(
        "convqa.archetype.tier", "1 repetitive, 2 FAQ-bounded, 3 account-specific, or the tail.", examples=("1",)
    ),
]
ArchetypeMapVersion = Annotated[
    Label,
    Attribute(
        "convqa.archetype.map_version",
        "Version of the ArchetypeMap that gave the archetype or its tier; absent where the bot stated them.",
        sensitivity="label",
        examples=("archetypes-3",),
    ),
]
RiskLevel = Annotated[RiskLevelValue, Attribute("convqa.risk.level", "Risk of answering wrongly.", examples=("high",))]

# ------------------------------------------------------------------------------------------------------ retrieval

DataSourceId = Annotated[
    Identifier,
    Attribute("gen_ai.data_source.id", "Source that was searched.", sensitivity="reference", examples=("help-center",)),
]
TopK = Annotated[Count, Attribute("gen_ai.retrieval.top_k", "Number of documents asked for.", examples=(5,))]
QueryText = Annotated[
    str,
    Attribute("gen_ai.retrieval.query.text", "The search query.", sensitivity="content", examples=("refund window",)),
]
RetrievalDocuments = Annotated[
    Any,
    Attribute(
        "gen_ai.retrieval.documents",
        "Documents as JSON: id and score.",
        sensitivity="label",
        encoding="json",
        examples=('[{"id": "kb-22", "score": 0.83}]',),
    ),
]
DocumentIds = Annotated[
    tuple[str, ...],
    Attribute(
        "convqa.retrieval.document.ids",
        "Ids of the documents, best first.",
        sensitivity="label",
        examples=(("kb-22", "kb-41"),),
    ),
]
DocumentRanks = Annotated[
    tuple[Count, ...],
    Attribute("convqa.retrieval.document.ranks", "Rank of each document, from 1.", examples=((1, 2),)),
]
DocumentScores = Annotated[
    tuple[float, ...],
    Attribute(
        "convqa.retrieval.document.scores",
        "Score of each document; absent unless all have one.",
        examples=((0.83, 0.7),),
    ),
]
DocumentVersions = Annotated[
    tuple[str, ...],
    Attribute(
        "convqa.retrieval.document.versions",
        "Version of each document; empty: unknown.",
        sensitivity="label",
        examples=(("3", "1"),),
    ),
]
DocumentUpdatedAt = Annotated[
    tuple[MomentText, ...],
    Attribute(
        "convqa.retrieval.document.updated_at",
        "Last change of each document (RFC 3339, UTC); empty: unknown.",
        examples=(("2026-04-02T00:00:00.000000Z", ""),),
    ),
]
DocumentApproval = Annotated[
    tuple[ApprovalValue, ...],
    Attribute(
        "convqa.retrieval.document.approval", "Approval of each document; empty: unknown.", examples=(("approved", ""),)
    ),
]
DocumentCanonical = Annotated[
    tuple[bool, ...],
    Attribute(
        "convqa.retrieval.document.canonical", "Whether each document is canonical policy.", examples=((True, False),)
    ),
]
DocumentPassageHashes = Annotated[
    tuple[HexDigest, ...],
    Attribute(
        "convqa.retrieval.document.passage_hashes",
        "Keyed hash of each passage as retrieved.",
        examples=(("9f86d081884c7d659a2feaa0c55ad015",),),
    ),
]
DocumentPassages = Annotated[
    tuple[str, ...],
    Attribute(
        "convqa.retrieval.document.passages",
        "Text of each passage.",
        sensitivity="content",
        examples=(("Refunds within 30 days …",),),
    ),
]
RetrievalHit = Annotated[
    bool, Attribute("convqa.retrieval.hit", "Whether anything usable was found.", examples=(True,))
]
RetrievalConfidence = Annotated[
    Share,
    Attribute("convqa.retrieval.confidence", "Confidence of the retrieval as a whole.", unit="1", examples=(0.8,)),
]

# ----------------------------------------------------------------------------------------------------- generation

InputTokens = Annotated[
    Count,
    Attribute("gen_ai.usage.input_tokens", "Input tokens, cached ones included.", unit="{token}", examples=(1210,)),
]
OutputTokens = Annotated[
    Count, Attribute("gen_ai.usage.output_tokens", "Output tokens.", unit="{token}", examples=(148,))
]
CacheReadTokens = Annotated[
    Count,
    Attribute(
        "gen_ai.usage.cache_read.input_tokens", "Input tokens read from cache.", unit="{token}", examples=(1024,)
    ),
]
CacheWriteTokens = Annotated[
    Count,
    Attribute("gen_ai.usage.cache_write.input_tokens", "Input tokens written to cache.", unit="{token}", examples=(0,)),
]
ReasoningTokens = Annotated[
    Count,
    Attribute(
        "gen_ai.usage.reasoning.output_tokens", "Output tokens spent on reasoning.", unit="{token}", examples=(64,)
    ),
]
ChildInputTokens = Annotated[
    Count,
    Attribute(
        "convqa.usage.input_tokens",
        "Input tokens where a child span reports usage itself.",
        unit="{token}",
        examples=(1210,),
    ),
]
ChildOutputTokens = Annotated[
    Count,
    Attribute(
        "convqa.usage.output_tokens",
        "Output tokens where a child span reports usage itself.",
        unit="{token}",
        examples=(148,),
    ),
]
ChildCacheReadTokens = Annotated[
    Count,
    Attribute(
        "convqa.usage.cache_read.input_tokens",
        "The same for input tokens read from cache.",
        unit="{token}",
        examples=(1024,),
    ),
]
ChildCacheWriteTokens = Annotated[
    Count,
    Attribute(
        "convqa.usage.cache_write.input_tokens",
        "The same for input tokens written to cache.",
        unit="{token}",
        examples=(0,),
    ),
]
ChildReasoningTokens = Annotated[
    Count,
    Attribute(
        "convqa.usage.reasoning.output_tokens",
        "The same for output tokens spent on reasoning.",
        unit="{token}",
        examples=(64,),
    ),
]
FinishReasons = Annotated[
    tuple[str, ...],
    Attribute(
        "gen_ai.response.finish_reasons",
        "Why the model stopped, per choice.",
        sensitivity="label",
        examples=(("stop",),),
    ),
]
ResponseId = Annotated[
    Identifier,
    Attribute(
        "gen_ai.response.id", "The provider's id of the response.", sensitivity="reference", examples=("chatcmpl-9",)
    ),
]
TimeToFirstChunk = Annotated[
    Annotated[float, Ge(0.0)],
    Attribute(
        "gen_ai.response.time_to_first_chunk", "Time until the first chunk of a stream.", unit="s", examples=(0.41,)
    ),
]
CostUsd = Annotated[
    Dollars,
    Attribute(
        "convqa.cost.usd", "Cost of the call; absent when unknown, never 0 for unknown.", unit="USD", examples=(0.0037,)
    ),
]
CostSource = Annotated[
    CostSourceValue, Attribute("convqa.cost.source", "Who says what it cost.", examples=("provider",))
]
SystemInstructions = Annotated[
    Any,
    Attribute(
        "gen_ai.system_instructions",
        "System instructions as JSON parts.",
        sensitivity="content",
        encoding="json",
        examples=('[{"type": "text", "content": "You are …"}]',),
    ),
]
InputMessages = Annotated[
    Any,
    Attribute(
        "gen_ai.input.messages",
        "Messages sent, as JSON with parts.",
        sensitivity="content",
        encoding="json",
        examples=('[{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]',),
    ),
]
OutputMessages = Annotated[
    Any,
    Attribute(
        "gen_ai.output.messages",
        "Messages received, as JSON with parts.",
        sensitivity="content",
        encoding="json",
        examples=('[{"role": "assistant", "parts": [{"type": "text", "content": "Hello"}]}]',),
    ),
]
ContextFirstTurn = Annotated[
    Count, Attribute("convqa.context.first_turn", "First turn inside the context window.", examples=(0,))
]
ContextLastTurn = Annotated[
    Count, Attribute("convqa.context.last_turn", "Last turn inside the context window.", examples=(3,))
]
ContextMessageCount = Annotated[
    Count,
    Attribute("convqa.context.message_count", "Messages inside the context window.", unit="{message}", examples=(8,)),
]
SafetyFilters = Annotated[
    tuple[Label, ...],
    Attribute("convqa.safety.filters", "Safety filters that were applied.", sensitivity="label", examples=(("pii",),)),
]

# ----------------------------------------------------------------------------------------------------------- tool

ToolName = Annotated[
    Label, Attribute("gen_ai.tool.name", "Tool that was called.", sensitivity="label", examples=("get_order",))
]
ToolCallId = Annotated[
    Identifier,
    Attribute("gen_ai.tool.call.id", "The model's id of the call.", sensitivity="reference", examples=("call_1",)),
]
ToolArguments = Annotated[
    Any,
    Attribute(
        "gen_ai.tool.call.arguments",
        "Arguments as JSON.",
        sensitivity="content",
        encoding="json",
        examples=('{"order": "o-1"}',),
    ),
]
ToolOutput = Annotated[
    Any,
    Attribute(
        "gen_ai.tool.call.result",
        "What the tool returned, as JSON.",
        sensitivity="content",
        encoding="json",
        examples=('"ok"',),
    ),
]
ToolResult = Annotated[ToolResultValue, Attribute("convqa.tool.result", "How the call ended.", examples=("ok",))]

# --------------------------------------------------------------------------------------------------------- answer

MessageText = Annotated[
    str,
    Attribute(
        "convqa.message.text", "What the customer wrote.", sensitivity="content", examples=("Where is my order?",)
    ),
]
AnswerText = Annotated[
    str,
    Attribute("convqa.answer.text", "What the bot answered.", sensitivity="content", examples=("It arrives today.",)),
]
AnswerType = Annotated[
    AnswerTypeValue,
    Attribute("convqa.answer.type", "Kind of answer.", examples=("grounded",)),
    RequiredUnless(("cancelled",)),
]
AnswerTemplateId = Annotated[
    Identifier,
    Attribute("convqa.answer.template_id", "Template of the answer.", sensitivity="reference", examples=("sorry-2",)),
]
AnswerCitations = Annotated[
    tuple[str, ...],
    Attribute("convqa.answer.citations", "Ids of the documents cited.", sensitivity="label", examples=(("kb-22",),)),
]
AnswerBubbleCount = Annotated[
    Count, Attribute("convqa.answer.bubble_count", "Messages the answer was sent as.", unit="{message}", examples=(1,))
]
AnswerStructuredOutput = Annotated[
    bool, Attribute("convqa.answer.structured_output", "Whether structured output was used.", examples=(False,))
]
AnswerDelivered = Annotated[
    bool, Attribute("convqa.answer.delivered", "False when a check stopped the answer.", examples=(True,))
]
AnswerSelfConfidence = Annotated[
    Share, Attribute("convqa.answer.self_confidence", "Confidence the model gives itself.", unit="1", examples=(0.7,))
]
AnswerSelfQuality = Annotated[
    Share, Attribute("convqa.answer.self_quality", "Quality the model gives itself.", unit="1", examples=(0.9,))
]
AutomationTier = Annotated[
    AutomationTierValue, Attribute("convqa.automation.tier", "How far the bot may act alone.", examples=("assist",))
]
GuardState = Annotated[
    GuardStateValue, Attribute("convqa.guard.state", "State of the guard at this turn.", examples=("normal",))
]
FailureType = Annotated[
    Label,
    Attribute(
        "convqa.failure.type",
        "What kind of failure shaped the answer.",
        sensitivity="label",
        examples=("tool_failure",),
    ),
]

# ---------------------------------------------------------------------------------------------- sums on the turn

RetrievalMs = Annotated[
    Milliseconds,
    Attribute("convqa.latency.retrieval_ms", "Time in retrieval, all stages.", unit="ms", examples=(41.0,)),
]
RerankMs = Annotated[
    Milliseconds, Attribute("convqa.latency.rerank_ms", "Time in rerank, all stages.", unit="ms", examples=(8.0,))
]
GenerationMs = Annotated[
    Milliseconds,
    Attribute("convqa.latency.generation_ms", "Time in generation, all stages.", unit="ms", examples=(910.0,)),
]
TotalMs = Annotated[
    Milliseconds, Attribute("convqa.latency.total_ms", "Time of the whole turn.", unit="ms", examples=(1020.0,))
]
TurnInputTokens = Annotated[
    Count, Attribute("convqa.turn.input_tokens", "Input tokens of all generations.", unit="{token}", examples=(1210,))
]
TurnOutputTokens = Annotated[
    Count, Attribute("convqa.turn.output_tokens", "Output tokens of all generations.", unit="{token}", examples=(148,))
]
TurnCostUsd = Annotated[
    Dollars,
    Attribute(
        "convqa.turn.cost_usd",
        "Cost of all generations; absent when any part is unknown.",
        unit="USD",
        examples=(0.0037,),
    ),
]
TurnToolCalls = Annotated[
    Count, Attribute("convqa.turn.tool_calls", "Tool calls of the turn.", unit="{call}", examples=(2,))
]

# ----------------------------------------------------------------------------------- policy, access, escalation

PolicyCheckName = Annotated[
    Label, Attribute("convqa.policy.check.name", "Name of the check.", sensitivity="label", examples=("refunds",))
]
PolicyCheckResult = Annotated[
    PolicyResultValue, Attribute("convqa.policy.check.result", "Verdict of the check.", examples=("pass",))
]
PolicyViolations = Annotated[
    tuple[Label, ...],
    Attribute(
        "convqa.policy.violations", "Codes of the violations.", sensitivity="label", examples=(("refund_window",),)
    ),
]
PolicyClass = Annotated[
    PolicyClassValue, Attribute("convqa.policy.class", "Class of the gravest violation.", examples=("01",))
]
PolicySeverity = Annotated[
    SeverityValue, Attribute("convqa.policy.severity", "Severity of the gravest violation.", examples=("P0",))
]
AccessResource = Annotated[
    Label, Attribute("convqa.access.resource", "What was to be accessed.", sensitivity="label", examples=("account",))
]
AccessAction = Annotated[
    Label, Attribute("convqa.access.action", "What was to be done.", sensitivity="label", examples=("read",))
]
AccessDecision = Annotated[AccessDecisionValue, Attribute("convqa.access.decision", "Decision.", examples=("allow",))]
AccessRule = Annotated[
    Label, Attribute("convqa.access.rule", "Rule that decided.", sensitivity="label", examples=("owner-only",))
]
AccessFieldsExposed = Annotated[
    tuple[Label, ...],
    Attribute(
        "convqa.access.fields_exposed",
        "Names of the data fields shown to the model.",
        sensitivity="label",
        examples=(("email",),),
    ),
]
EscalationFlag = Annotated[
    bool, Attribute("convqa.escalation.flag", "Whether the turn was handed over.", examples=(True,))
]
EscalationReason = Annotated[
    EscalationReasonValue, Attribute("convqa.escalation.reason", "Why it was handed over.", examples=("policy",))
]
EscalationQueue = Annotated[
    Label, Attribute("convqa.escalation.queue", "Queue it was handed to.", sensitivity="label", examples=("billing",))
]
HandoffId = Annotated[
    Identifier,
    Attribute("convqa.handoff.id", "Id of the handoff or ticket.", sensitivity="reference", examples=("t-981",)),
]
HandoffPacketFields = Annotated[
    tuple[Label, ...],
    Attribute(
        "convqa.handoff.packet_fields", "Fields the packet carried.", sensitivity="label", examples=(("summary",),)
    ),
]
HandoffCompleteness = Annotated[
    Share,
    Attribute(
        "convqa.handoff.completeness", "Share of the packet's fields that were filled.", unit="1", examples=(0.75,)
    ),
]
HandoffSummary = Annotated[
    str,
    Attribute(
        "convqa.handoff.summary",
        "Summary for the human agent.",
        sensitivity="content",
        examples=("Customer wants a refund.",),
    ),
]

# --------------------------------------------------------------------------------------- governance and lifecycle

RedactionStatus = Annotated[
    RedactionStatusValue,
    Attribute("convqa.redaction.status", "What redaction did to this span's texts.", examples=("redacted",)),
]
RedactionCount = Annotated[Count, Attribute("convqa.redaction.count", "Number of values redacted.", examples=(2,))]
RedactionClasses = Annotated[
    tuple[str, ...],
    Attribute(
        "convqa.redaction.classes", "Classes found, sorted.", sensitivity="label", examples=(("EMAIL", "PHONE"),)
    ),
]
RedactionPolicyVersion = Annotated[
    Label,
    Attribute(
        "convqa.redaction.policy_version",
        "Version and hash of the policy in force.",
        sensitivity="label",
        examples=("default-1:5f2c",),
    ),
]
RedactionDetectorVersion = Annotated[
    Label,
    Attribute("convqa.redaction.detector_version", "Version of the detector.", sensitivity="label", examples=("1",)),
]
VaultRef = Annotated[
    Identifier,
    Attribute("convqa.vault.ref", "Reference of a sealed audit record.", sensitivity="reference", examples=("v-77",)),
]
STAGE = Attribute("convqa.stage", "Stage this span records.", examples=("retrieval",))
SchemaVersion = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")],
    Attribute("convqa.schema.version", "Version of this schema.", examples=("1.0.0",)),
    RequiredUnless(()),
]
Status = Annotated[StatusValue, Attribute("convqa.status", "How the stage ended.", examples=("ok",))]
ErrorType = Annotated[
    Label,
    Attribute(
        "error.type", "Class of the exception that ended the stage.", sensitivity="label", examples=("TimeoutError",)
    ),
]
InstrumentationViolations = Annotated[
    tuple[str, ...],
    Attribute(
        "convqa.instrumentation.violations",
        "Names of fields that were missing or invalid; never their values.",
        sensitivity="label",
        examples=(("confidence",),),
    ),
]
TimeZoneAssumed = Annotated[
    Label,
    Attribute(
        "convqa.time.zone_assumed",
        "Zone that was assumed for times without one (replay).",
        sensitivity="label",
        examples=("UTC",),
    ),
]
OperationName = Annotated[
    OperationNameValue, Attribute("gen_ai.operation.name", "GenAI operation of the stage.", examples=("chat",))
]
Custom = Annotated[
    Mapping[str, Scalar],
    Attribute(
        "convqa.custom.",
        "Values of the bot's own, one attribute each.",
        sensitivity="content",
        encoding="prefix",
        examples=(),
    ),
]
