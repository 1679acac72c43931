"""The events of a turn: facts with exact names and bare property names, each also a row of the `events` table.

Properties follow the event contract to the letter, so that they can be joined with other systems' events.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from convqa_sdk.schema import vocabulary as v
from convqa_sdk.schema.attribute import Attribute
from convqa_sdk.schema.records import Record

_Names = tuple[v.Label, ...]
ChatGuid = Annotated[v.Identifier, Attribute("chat_guid", "The conversation id.", sensitivity="reference")]
PersonaId = Annotated[v.Identifier, Attribute("persona_id", "The bot or persona.", sensitivity="reference")]
EventIntent = Annotated[v.Label, Attribute("intent", "Intent of the turn.", sensitivity="label")]
EventRisk = Annotated[v.RiskLevelValue, Attribute("risk_level", "Risk of the turn.")]


class EventRecord(Record):
    """An event of a turn."""

    event_name: ClassVar[str]

    chat_guid: ChatGuid
    persona_id: PersonaId | None = None


class GroundingOutcome(EventRecord):
    """Once per assistant turn, after the final message: was the evidence there, were the tools?"""

    event_name: ClassVar[str] = "convqa.grounding_outcome"

    intent: EventIntent | None = None
    risk_level: EventRisk | None = None
    required_evidence_count: Annotated[v.Count, Attribute("required_evidence_count", "Evidence the answer needed.")]
    grounded_evidence_count: Annotated[v.Count, Attribute("grounded_evidence_count", "Evidence that was found.")]
    missing_evidence_count: Annotated[v.Count, Attribute("missing_evidence_count", "Evidence that was not found.")]
    missing_evidence: Annotated[_Names, Attribute("missing_evidence", "Names of it.", sensitivity="label")] = ()
    requested_tools: Annotated[_Names, Attribute("requested_tools", "Tools asked for.", sensitivity="label")] = ()
    executed_tools: Annotated[_Names, Attribute("executed_tools", "Tools that ran.", sensitivity="label")] = ()
    unsupported_tools: Annotated[
        _Names, Attribute("unsupported_tools", "Tools that do not exist.", sensitivity="label")
    ] = ()
    failed_tools: Annotated[_Names, Attribute("failed_tools", "Tools that failed.", sensitivity="label")] = ()
    claim_rewrites: Annotated[v.Count, Attribute("claim_rewrites", "Claims that were rewritten.")] = 0
    response_bubble_count: Annotated[
        v.Count, Attribute("response_bubble_count", "Messages the answer was sent as.")
    ] = 1
    structured_output_used: Annotated[bool, Attribute("structured_output_used", "Whether it was used.")] = False
    latency_ms_total: Annotated[v.Count, Attribute("latency_ms_total", "Time of the whole turn.", unit="ms")]
    llm_cost_usd: (
        Annotated[v.Dollars, Attribute("llm_cost_usd", "Best effort; absent when unknown.", unit="USD")] | None
    ) = None


class UserCorrectionSignal(EventRecord):
    """The customer contradicts, complains, asks what was meant or repeats, within two turns of an answer."""

    event_name: ClassVar[str] = "convqa.user_correction_signal"

    prior_intent: (
        Annotated[v.Label, Attribute("prior_intent", "Intent of that answer.", sensitivity="label")] | None
    ) = None
    prior_risk_level: Annotated[v.RiskLevelValue, Attribute("prior_risk_level", "Risk of that answer.")] | None = None
    prior_missing_evidence_count: (
        Annotated[v.Count, Attribute("prior_missing_evidence_count", "Evidence that answer lacked.")] | None
    ) = None
    prior_claim_rewrites: Annotated[v.Count, Attribute("prior_claim_rewrites", "Rewrites in that answer.")] | None = (
        None
    )
    turns_since_assistant_reply: Annotated[
        v.Count, Ge(1), Attribute("turns_since_assistant_reply", "User messages since that answer.")
    ]
    matched_pattern: Annotated[
        v.Identifier, Attribute("matched_pattern", "Name of the pattern, never the text.", sensitivity="label")
    ]
    signal_kind: Annotated[
        Literal["correction", "complaint", "clarification_request", "repeat"],
        Attribute("signal_kind", "Kind; only `correction` counts as a sign of hallucination."),
    ]


class RefusalOrUncertaintyStyle(EventRecord):
    """The assistant refuses or falls back: how, and does it help the customer on?"""

    event_name: ClassVar[str] = "convqa.refusal_or_uncertainty_style"

    intent: EventIntent | None = None
    risk_level: EventRisk | None = None
    is_hard_refusal: Annotated[bool, Attribute("is_hard_refusal", "A plain no.")]
    is_uncertainty_fallback: Annotated[bool, Attribute("is_uncertainty_fallback", "An admission of not knowing.")]
    has_next_step: Annotated[bool, Attribute("has_next_step", "Names a next step.")]
    has_followup_question: Annotated[bool, Attribute("has_followup_question", "Asks something back.")]


class ConversationQualitySnapshot(EventRecord):
    """Every ten turns and at the session's end; the last one of a session wins."""

    event_name: ClassVar[str] = "convqa.conversation_quality_snapshot"

    turn_depth: Annotated[v.Count, Attribute("turn_depth", "User and assistant turns so far.")]
    avg_bubbles_per_reply: (
        Annotated[float, Ge(0.0), Attribute("avg_bubbles_per_reply", "Messages per answer.")] | None
    ) = None
    rephrase_loop_count: Annotated[v.Count, Attribute("rephrase_loop_count", "Rephrase loops so far.")] | None = None
    session_duration_seconds: Annotated[
        float, Ge(0.0), Attribute("session_duration_seconds", "Since the first turn.", unit="s")
    ]
    returned_within_7d: (
        Annotated[bool, Attribute("returned_within_7d", "Absent on the wire; the store fills it in when it is known.")]
        | None
    ) = None


class CustomerAction(EventRecord):
    """Something the customer did outside the chat and the bot can see, such as operating a device (replay)."""

    event_name: ClassVar[str] = "convqa.customer_action"

    name: Annotated[v.Label, Attribute("name", "What was done.", sensitivity="label")]
    call_id: Annotated[v.Identifier, Attribute("call_id", "Id of the call.", sensitivity="reference")] | None = None
    arguments: Annotated[str, Attribute("arguments", "Arguments as JSON.", sensitivity="content")] | None = None
    result: Annotated[str, Attribute("result", "What the customer saw.", sensitivity="content")] | None = None
    is_error: Annotated[bool, Attribute("is_error", "Whether it failed.")] | None = None


class AccessExposed(EventRecord):
    """Account data were put into a prompt: which fields, never their values."""

    event_name: ClassVar[str] = "convqa.access_exposed"

    resource: Annotated[v.Label, Attribute("resource", "Where the data come from.", sensitivity="label")] | None = None
    fields_exposed: Annotated[
        _Names, Attribute("fields_exposed", "Names of the fields shown to the model.", sensitivity="label")
    ]


EVENTS: tuple[type[EventRecord], ...] = (
    GroundingOutcome,
    UserCorrectionSignal,
    RefusalOrUncertaintyStyle,
    ConversationQualitySnapshot,
    CustomerAction,
    AccessExposed,
)
