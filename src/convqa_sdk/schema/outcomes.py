"""Outcomes: what became of a conversation, said later and elsewhere.

Each is a span of its own short trace. Its fields are `convqa.outcome.<kind>.<field>`; versions are append-only and the
newest by observation time is in force. Nothing here is imported by a bot until it records an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le
from pydantic import StringConstraints, model_validator
from typing_extensions import Self

from convqa_sdk.schema import vocabulary as v
from convqa_sdk.schema.attribute import Attribute
from convqa_sdk.schema.records import SpanRecord

KIND = Attribute("convqa.outcome.kind", "Kind of outcome.", examples=("csat",))
OutcomeId = Annotated[
    v.Identifier,
    Attribute("convqa.outcome.id", "Id of the outcome; the same id again is a revision.", sensitivity="reference"),
]
OutcomeAt = Annotated[v.Moment, Attribute("convqa.outcome.at", "When it happened.", encoding="time")]
OutcomeObservedAt = Annotated[
    v.Moment,
    Attribute(
        "convqa.outcome.observed_at",
        "When it became known; of several versions of an outcome the newest by this time is in force.",
        encoding="time",
    ),
]
OutcomeSource = Annotated[v.Label, Attribute("convqa.outcome.source", "System that says so.", sensitivity="label")]

ResolutionState = Literal["self_resolved", "ai_assisted", "human_only", "unresolved", "abandoned", "pending", "unknown"]
ResolutionEvidence = Literal[
    "customer_confirmed", "no_recontact", "closed_by_human", "model_judged", "vendor_claimed", "inactivity", "none"
]
CsatKind = Literal["resolution", "delayed", "handoff", "model"]
MatchLevel = Literal["issue", "archetype", "any"]
HandleTimeSource = Literal["timer", "estimated", "none"]
SuggestionKind = Literal["draft", "steps", "diagnostics", "summary", "routing"]
AuditCategory = Literal["factual", "procedural", "policy", "citation", "capability"]
UserImpact = Literal["none", "minor", "major", "critical"]
IncidentState = Literal["open", "confirmed", "dismissed", "closed"]
AgentFlagKind = Literal["incorrect_summary", "misrouted", "missing_category", "policy_concern"]
BusinessKind = Literal[
    "refund", "refund_avoided", "churn", "churn_avoided", "conversion", "review", "revenue_at_risk_preserved"
]

Grade = Annotated[int, Ge(0), Le(2)]
Seconds = Annotated[float, Ge(0.0)]


def _field(name: str, brief: str, **more: Any) -> Attribute:
    return Attribute(f"convqa.outcome.{name}", brief, **more)


CsatScale = Annotated[int, Ge(2), Le(1000), _field("csat.scale", "Highest score; the lowest is 1.")]


class OutcomeRecord(SpanRecord):
    """What all outcomes have in common."""

    kind_name: ClassVar[str]

    stage: Annotated[Literal["outcome"], v.STAGE] = "outcome"
    outcome_id: OutcomeId
    at: OutcomeAt
    observed_at: OutcomeObservedAt | None = None
    source: OutcomeSource | None = None

    @classmethod
    def span_name(cls, fields: Mapping[str, Any]) -> str:
        """Return `outcome {kind}`."""
        return f"outcome {cls.kind_name}"


class ResolutionOutcome(OutcomeRecord):
    """How the issue ended, and who says so."""

    kind_name: ClassVar[str] = "resolution"

    outcome_kind: Annotated[Literal["resolution"], KIND] = "resolution"
    state: Annotated[ResolutionState, _field("resolution.state", "How it ended.")]
    evidence: Annotated[ResolutionEvidence, _field("resolution.evidence", "What that rests on.")] = "none"
    closed_by: Annotated[v.Label, _field("resolution.closed_by", "Who closed it.", sensitivity="identifier")] | None = (
        None
    )


class FeedbackOutcome(OutcomeRecord):
    """Thumbs, and what the customer wrote with them."""

    kind_name: ClassVar[str] = "feedback"

    outcome_kind: Annotated[Literal["feedback"], KIND] = "feedback"
    thumbs: Annotated[Literal["up", "down"], _field("feedback.thumbs", "Thumb up or down.")] | None = None
    comment: Annotated[str, _field("feedback.comment", "What was written.", sensitivity="content")] | None = None


class CsatOutcome(OutcomeRecord):
    """A satisfaction survey; an ask without an answer is an outcome too."""

    kind_name: ClassVar[str] = "csat"

    outcome_kind: Annotated[Literal["csat"], KIND] = "csat"
    kind_of_ask: Annotated[CsatKind, _field("csat.kind", "When and by whom it was asked.")]
    score: Annotated[float, _field("csat.score", "Score; absent when not answered.")] | None = None
    scale: CsatScale = 5
    asked_at: Annotated[v.Moment, _field("csat.asked_at", "When it was asked.", encoding="time")] | None = None
    answered_at: Annotated[v.Moment, _field("csat.answered_at", "When it was answered.", encoding="time")] | None = None

    @model_validator(mode="after")
    def _score_on_scale(self) -> Self:
        lowest = 0.0 if self.kind_of_ask == "model" else 1.0
        if self.score is not None and not lowest <= self.score <= self.scale:
            msg = f"score must lie between {lowest:g} and the scale"
            raise ValueError(msg)
        return self


class RecontactOutcome(OutcomeRecord):
    """The same customer came back; the earlier conversation is the one that failed."""

    kind_name: ClassVar[str] = "recontact"

    outcome_kind: Annotated[Literal["recontact"], KIND] = "recontact"
    of: Annotated[v.Identifier, _field("recontact.of", "Earlier conversation.", sensitivity="reference")]
    same_issue: Annotated[bool, _field("recontact.same_issue", "Whether the issue is the same.")] | None = None
    match_level: Annotated[MatchLevel, _field("recontact.match_level", "How the match was made.")] | None = None
    after_s: Annotated[Seconds, _field("recontact.after_s", "Time since the earlier one ended.", unit="s")] | None = (
        None
    )


class ReopenOutcome(OutcomeRecord):
    """A closed ticket was opened again."""

    kind_name: ClassVar[str] = "reopen"

    outcome_kind: Annotated[Literal["reopen"], KIND] = "reopen"
    of: Annotated[v.Identifier, _field("reopen.of", "Ticket that was reopened.", sensitivity="reference")] | None = None
    match_level: Annotated[MatchLevel, _field("reopen.match_level", "How the match was made.")] | None = None
    after_s: Annotated[Seconds, _field("reopen.after_s", "Time since it was closed.", unit="s")] | None = None


class TicketOutcome(OutcomeRecord):
    """The life of the ticket behind a conversation."""

    kind_name: ClassVar[str] = "ticket"

    outcome_kind: Annotated[Literal["ticket"], KIND] = "ticket"
    ticket_id: (
        Annotated[v.Identifier, _field("ticket.ticket_id", "Id of the ticket.", sensitivity="reference")] | None
    ) = None
    opened_at: Annotated[v.Moment, _field("ticket.opened_at", "Opened.", encoding="time")] | None = None
    first_human_reply_at: (
        Annotated[v.Moment, _field("ticket.first_human_reply_at", "First human reply.", encoding="time")] | None
    ) = None
    solved_at: Annotated[v.Moment, _field("ticket.solved_at", "Solved.", encoding="time")] | None = None
    closed_at: Annotated[v.Moment, _field("ticket.closed_at", "Closed.", encoding="time")] | None = None
    reopened_at: Annotated[v.Moment, _field("ticket.reopened_at", "Reopened.", encoding="time")] | None = None
    handle_time_s: Annotated[Seconds, _field("ticket.handle_time_s", "Human handle time.", unit="s")] | None = None
    handle_time_source: (
        Annotated[HandleTimeSource, _field("ticket.handle_time_source", "Where that time comes from.")] | None
    ) = None
    replies: Annotated[v.Count, _field("ticket.replies", "Replies by humans.", unit="{message}")] | None = None
    asked_to_restate: (
        Annotated[bool, _field("ticket.asked_to_restate", "Whether the agent asked the customer to say it again.")]
        | None
    ) = None
    packet_acknowledged: (
        Annotated[bool, _field("ticket.packet_acknowledged", "Whether the agent used the handoff packet.")] | None
    ) = None


class AgentMessageOutcome(OutcomeRecord):
    """A message after the handoff; the first three tell whether the customer had to repeat himself."""

    kind_name: ClassVar[str] = "agent_message"

    outcome_kind: Annotated[Literal["agent_message"], KIND] = "agent_message"
    index: Annotated[v.Count, _field("agent_message.index", "Position since the handoff.")]
    text: Annotated[str, _field("agent_message.text", "What was written.", sensitivity="content")] | None = None


class SuggestionOutcome(OutcomeRecord):
    """What a human did with a suggestion of the bot's."""

    kind_name: ClassVar[str] = "suggestion"

    outcome_kind: Annotated[Literal["suggestion"], KIND] = "suggestion"
    suggestion_kind: Annotated[SuggestionKind, _field("suggestion.kind", "What was suggested.")]
    accepted: Annotated[bool, _field("suggestion.accepted", "Whether it was accepted.")]
    edited: Annotated[bool, _field("suggestion.edited", "Whether it was edited first.")] | None = None
    action_taken: Annotated[bool, _field("suggestion.action_taken", "Whether an action followed.")] | None = None
    review_s: Annotated[Seconds, _field("suggestion.review_s", "Time spent on review.", unit="s")] | None = None


class AuditOutcome(OutcomeRecord):
    """A reviewer's scorecard of one answer. Grades: 0 wrong, 1 partly, 2 right."""

    kind_name: ClassVar[str] = "audit"

    outcome_kind: Annotated[Literal["audit"], KIND] = "audit"
    claim_accuracy: Annotated[Grade, _field("audit.claim_accuracy", "Are the claims true?")] | None = None
    policy_alignment: Annotated[Grade, _field("audit.policy_alignment", "Does it follow policy?")] | None = None
    source_grounding: Annotated[Grade, _field("audit.source_grounding", "Do the sources support it?")] | None = None
    user_impact: Annotated[UserImpact, _field("audit.user_impact", "Harm to the customer.")] | None = None
    completeness: Annotated[Grade, _field("audit.completeness", "Is anything missing?")] | None = None
    actionability: Annotated[Grade, _field("audit.actionability", "Can the customer act on it?")] | None = None
    category: Annotated[AuditCategory, _field("audit.category", "Kind of fault.")] | None = None
    policy_class: Annotated[v.PolicyClassValue, _field("audit.policy_class", "Class of the policy.")] | None = None
    severity: Annotated[v.SeverityValue, _field("audit.severity", "Severity.")] | None = None
    true_intent: Annotated[v.Label, _field("audit.true_intent", "True intent.", sensitivity="label")] | None = None
    reviewer: Annotated[v.Identifier, _field("audit.reviewer", "Reviewer.", sensitivity="reference")] | None = None


class IncidentOutcome(OutcomeRecord):
    """A delivered, confirmed violation, or one that is being looked into."""

    kind_name: ClassVar[str] = "incident"

    outcome_kind: Annotated[Literal["incident"], KIND] = "incident"
    policy_class: Annotated[v.PolicyClassValue, _field("incident.policy_class", "Class of the policy.")]
    severity: Annotated[v.SeverityValue, _field("incident.severity", "Severity.")]
    owner: Annotated[v.Label, _field("incident.owner", "Owner.", sensitivity="label")] | None = None
    state: Annotated[IncidentState, _field("incident.state", "State.")] = "open"


class AgentFlagOutcome(OutcomeRecord):
    """A human agent says what was wrong with what the bot handed over."""

    kind_name: ClassVar[str] = "agent_flag"

    outcome_kind: Annotated[Literal["agent_flag"], KIND] = "agent_flag"
    flag: Annotated[AgentFlagKind, _field("agent_flag.flag", "What was wrong.")]


class BusinessOutcome(OutcomeRecord):
    """Money, as another system knows it."""

    kind_name: ClassVar[str] = "business"

    outcome_kind: Annotated[Literal["business"], KIND] = "business"
    business_kind: Annotated[BusinessKind, _field("business.kind", "What it is about.")]
    amount: Annotated[float, _field("business.amount", "Amount in `currency`.", unit="{currency}")]
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$"), _field("business.currency", "ISO 4217 code.")]


class SnapshotSpan(SpanRecord):
    """The end of a session: carries the last quality snapshot as an event, linked to the session's last turn."""

    stage: Annotated[Literal["snapshot"], v.STAGE] = "snapshot"


OUTCOMES: tuple[type[OutcomeRecord], ...] = (
    ResolutionOutcome,
    FeedbackOutcome,
    CsatOutcome,
    RecontactOutcome,
    ReopenOutcome,
    TicketOutcome,
    AgentMessageOutcome,
    SuggestionOutcome,
    AuditOutcome,
    IncidentOutcome,
    AgentFlagOutcome,
    BusinessOutcome,
)
