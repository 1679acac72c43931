"""What stages return and turns are configured with: plain frozen dataclasses that never validate in the bot.

The export thread checks them against the schema and counts what is wrong by field name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from typing_extensions import Unpack

if TYPE_CHECKING:
    from convqa_sdk.redaction import RedactionPolicy
    from convqa_sdk.tracing.turn import Turn

Risk = Literal["low", "medium", "high"]
Tier = Literal["1", "2", "3", "tail"]
Approval = Literal["approved", "draft", "expired"]
Severity = Literal["P0", "P1", "P2"]
PolicyClass = Literal["01", "02", "03", "04"]
ExperimentUnit = Literal["conversation", "customer", "account", "agent", "queue", "region", "time_window"]


@dataclass(frozen=True)
class Versions:
    """What the bot runs on. Every part is the team's own name; None: not versioned.

    Attributes:
        model: Release name of the model set-up.
        prompt: Version of the prompt.
        prompt_name: Name of the prompt.
        policy: Version of the support policy.
        kb_snapshot: Snapshot of the knowledge base.
        kb_built_at: When that snapshot was built (aware).
        index: Version of the retrieval index.
        taxonomy: Version of the intent taxonomy.
        feature_flags: Active flags, flag to variant.
        experiment: Id of the experiment.
        arm: Arm of the experiment.
        unit: What was randomised.
    """

    model: str | None = None
    prompt: str | None = None
    policy: str | None = None
    kb_snapshot: str | None = None
    kb_built_at: datetime | None = None
    index: str | None = None
    taxonomy: str | None = None
    prompt_name: str | None = None
    feature_flags: Mapping[str, str] | None = None
    experiment: str | None = None
    arm: str | None = None
    unit: ExperimentUnit | None = None


@dataclass(frozen=True)
class Intent:
    """What the customer wants.

    Attributes:
        name: Class in the team's taxonomy.
        confidence: 0 to 1, None when the classifier has none.
        risk: Risk of answering wrongly.
        archetype: Archetype of the issue.
        tier: Tier of that archetype.
        candidates: Other classes considered, best first.
    """

    name: str
    confidence: float | None = None
    risk: Risk | None = None
    archetype: str | None = None
    tier: Tier | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A retrieved passage.

    Attributes:
        id: Id in the source.
        text: The passage as retrieved.
        score: Score of the retriever, None when it gives none.
        version: Version of the document.
        updated_at: Its last change (aware).
        approval: Its state of approval.
        canonical: Whether it states policy.
    """

    id: str
    text: str | None = None
    score: float | None = None
    version: str | None = None
    updated_at: datetime | None = None
    approval: Approval | None = None
    canonical: bool = False


@dataclass(frozen=True)
class PolicyResult:
    """Verdict of a policy check; made by `passed`, `failed`, `blocked`, `rewritten` or `skipped`.

    Attributes:
        result: The verdict.
        violations: Codes of what was violated.
        severity: Severity of the gravest.
        policy_class: Class of the gravest.
        text: The rewritten answer, None unless rewritten.
        escalate: Why it should go to a human, as the reason of an escalation; None: it need not.
        refusal: What may be said instead of an answer that must not be sent; None: the check proposes nothing.
    """

    result: Literal["pass", "fail", "rewrite", "block", "skip"]
    violations: tuple[str, ...] = ()
    severity: Severity | None = None
    policy_class: PolicyClass | None = None
    text: str | None = None
    escalate: Literal["low_confidence", "policy"] | None = None
    refusal: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the answer may be sent as it was given: passed or skipped, not rewritten."""
        return self.result in ("pass", "skip")

    @staticmethod
    def passed() -> PolicyResult:
        """The answer may be sent."""
        return _PASSED

    @classmethod
    def failed(
        cls, *violations: str, severity: Severity | None = None, policy_class: PolicyClass | None = None
    ) -> PolicyResult:
        """The answer violates policy; what happens now is the bot's decision."""
        return cls("fail", violations, severity, policy_class)

    @classmethod
    def blocked(
        cls, *violations: str, severity: Severity | None = None, policy_class: PolicyClass | None = None
    ) -> PolicyResult:
        """The answer must not be sent."""
        return cls("block", violations, severity, policy_class)

    @classmethod
    def rewritten(
        cls, text: str, *violations: str, severity: Severity | None = None, policy_class: PolicyClass | None = None
    ) -> PolicyResult:
        """`text` is to be sent instead."""
        return cls("rewrite", violations, severity, policy_class, text)

    @staticmethod
    def skipped() -> PolicyResult:
        """The check did not apply."""
        return _SKIPPED


_PASSED, _SKIPPED = PolicyResult("pass"), PolicyResult("skip")
"""Made once: they say nothing of the answer, nobody can change them, and making a frozen one takes 0.5 µs."""


class HandoffFields(TypedDict, total=False):
    """Fields of a packet, as `Handoff` has them."""

    summary: str | None
    queue: str | None
    id: str | None
    intent: str | None
    account_state: Mapping[str, Any] | None
    history: str | None
    promises: tuple[str, ...] | None
    tried: tuple[str, ...] | None
    trace: str | None


@dataclass(frozen=True)
class Handoff:
    """The handoff packet: what the human agent gets, so that the customer need not say it again.

    None means that nothing is known; an empty `promises` says that the bot promised nothing, which is worth as much.

    Attributes:
        summary: What it is about, for people.
        queue: Queue it goes to.
        id: Id of the handoff or ticket.
        intent: Intent found.
        account_state: What the bot read of the account, by name; None as a value: read, and not repeated here.
        history: Reference of the conversation's history.
        promises: What the bot promised.
        tried: What was tried.
        trace: Reference of the trace.
    """

    summary: str | None = None
    queue: str | None = None
    id: str | None = None
    intent: str | None = None
    account_state: Mapping[str, Any] | None = None
    history: str | None = None
    promises: tuple[str, ...] | None = None
    tried: tuple[str, ...] | None = None
    trace: str | None = None

    @property
    def filled(self) -> tuple[str, ...]:
        """Names of the packet's fields that say something; queue and id are addresses, not context."""
        return tuple(name for name in self._context_fields() if _says_something(getattr(self, name)))

    @property
    def completeness(self) -> float:
        """Share of the packet's seven fields of context that say something, 0 to 1.

        Each counts the same: which of them spares a customer a repetition is what context fidelity is measured for,
        and until that is known, weights would only hide which field is missing.
        """
        return len(self.filled) / len(self._context_fields())

    @classmethod
    def from_turn(cls, turn: Turn | None = None, **given: Unpack[HandoffFields]) -> Handoff:
        """Return a packet that is filled with what a turn knows; what is given counts before that. Never raises.

        The turn knows its intent, the tools that it and the turns before it ran and the sources it searched (`tried`;
        earlier turns cost one look into the conversation state), the queue of the escalation that runs, the names of
        the account's fields that it showed to the model, its conversation and its own reference. A turn that is not
        recorded (no `configure()`, or left out by sampling) knows its conversation alone: give what a packet cannot do
        without. A field that packets do not have is left out; it is a violation of the turn, named `handoff`.

        Args:
            turn: The turn; None: the running one.
            **given: Fields of the packet; None: as the turn knows it.
        """
        from convqa_sdk.tracing.decorators import current_turn
        from convqa_sdk.tracing.handoff import fitting, known_to

        whose = current_turn() if turn is None else turn
        values = known_to(whose)
        values.update({name: value for name, value in fitting(whose, given).items() if value is not None})
        return cls(**values)

    def to_fields(self) -> dict[str, Any]:
        """Return the packet as flat JSON, for ticket systems with fields of their own.

        The keys are always all there: `summary`, `intent`, `account_state`, `promises`, `tried`, `history`, `trace`,
        `queue`, `id` and `completeness`. Lists are lists of texts (`account_state`: `name: value as JSON`); None where
        nothing is known.
        """
        from convqa_sdk.tracing.handoff import as_fields

        return as_fields(self)

    def to_text(self) -> str:
        """Return the packet as a section of plain text between markers, which `from_text` finds again."""
        from convqa_sdk.tracing.handoff_text import written

        return written(self)

    @staticmethod
    def from_text(text: str) -> Handoff | None:
        """Return the packet in the text of a ticket; None where there is none whole, or several that differ.

        What is not JSON in `account_state` comes back as text. A mail program's `> ` before each line, empty lines
        between, blanks at the end and wrapped lines do no harm; the log says once why a section could not be read.
        """
        from convqa_sdk.tracing.handoff_text import read

        return read(text)

    def redacted(self, policy: RedactionPolicy | None = None) -> Handoff:
        """Return the packet with personal data and secrets redacted, for a ticket system that may not hold them.

        The packet itself is the company's own and is not redacted: it holds what the customer said and what was read of
        the account. `queue` and `id` stay as they are, and so does the reference, unless the conversation's id is found
        to be personal.

        Args:
            policy: What happens to each class of finding; None: every class becomes its marker.
        """
        from convqa_sdk.redaction import RedactionPolicy
        from convqa_sdk.tracing.handoff import redacted

        return redacted(self, RedactionPolicy() if policy is None else policy)

    @classmethod
    def _context_fields(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls) if field.name not in ("queue", "id"))


def _says_something(value: Any) -> bool:
    """Tell whether a field is known: an empty text is not, an empty list says that there was nothing."""
    return value is not None and not (type(value) is str and not value)
