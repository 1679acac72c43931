"""Context fidelity: did the human agent get what the bot knew, or did the customer have to say it again?

Three sources answer, each in its own way, and an answer that nobody gave is unknown, not no (metrics.md, KPI 7 and 9):
the agent's flag, the agent's acknowledgement of the packet, and the customer's own words to the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from convqa_sdk import signals
from convqa_sdk.store.conversations import Conversation
from convqa_sdk.store.segments import StoredSpan

Verdict = Literal["lost", "kept", "unknown"]
RepeatState = Callable[[Sequence[str]], object]
"""Tells whether one of some messages says what the bot was told already; None: it cannot tell."""
FIRST_MESSAGES = 3
"""Messages after the handoff in which a repetition counts (KPI 9)."""
CONSISTENT_POINTS = 2.0
"""How far the two rates usually lie apart at most, in percentage points (KPI 9)."""


@dataclass(frozen=True)
class ContextFidelity:
    """What is known of one conversation that was handed over.

    Attributes:
        replied: Whether a human has answered; None: unknown.
        flagged: Whether the agent had to ask again, or called the summary incorrect.
        acknowledged: Whether the agent used the packet.
        repeated: Whether the customer said in the first three messages that the bot was told already.
        completeness: Share of the packet's fields that said something, 0 to 1, of the last handover.
    """

    replied: bool | None
    flagged: bool | None
    acknowledged: bool | None
    repeated: bool | None
    completeness: float | None

    @property
    def verdict(self) -> Verdict:
        """The three answers together.

        `lost` when the agent flagged it or the customer repeated himself: either is enough, because each source sees
        what the other misses. `kept` when the agent says so, did not have to ask or used the packet, and none says
        otherwise. `unknown` in all other cases: a packet that was not acknowledged is no evidence of a loss, and a
        repetition that was not detected none of the contrary, because the detector does not find all.
        """
        if self.flagged or self.repeated:
            return "lost"
        if self.flagged is False or self.acknowledged:
            return "kept"
        return "unknown"

    @property
    def is_known(self) -> bool:
        """Whether any of the three sources has answered."""
        return not (self.flagged is None and self.acknowledged is None and self.repeated is None)

    @property
    def agree(self) -> bool | None:
        """Whether the agent's flag and the customer's words say the same; None where one of them is unknown."""
        return None if self.flagged is None or self.repeated is None else self.flagged == self.repeated


def context_fidelity(conversation: Conversation, repeat_state: RepeatState | None = None) -> ContextFidelity | None:
    """Return what is known of a handover, None for a conversation that was not handed over.

    Args:
        conversation: As read from a store.
        repeat_state: Detects a repetition in texts; None: that of `signals`.
    """
    escalations = [span for span in conversation.spans if span.stage == "escalation"]
    if not escalations and not any(turn.attributes.get("convqa.escalation.flag") for turn in conversation.turns):
        return None
    tickets, messages, flags = (_of(conversation, kind) for kind in ("ticket", "agent_message", "agent_flag"))
    asked = _any(ticket.get("convqa.outcome.ticket.asked_to_restate") for ticket in tickets)
    incorrect = any(flag.get("convqa.outcome.agent_flag.flag") == "incorrect_summary" for flag in flags)
    return ContextFidelity(
        replied=_replied(tickets, messages),
        flagged=True if incorrect else asked,
        acknowledged=_any(ticket.get("convqa.outcome.ticket.packet_acknowledged") for ticket in tickets),
        repeated=_repeated(messages, repeat_state or signals.repeat_state),
        completeness=_completeness(escalations),
    )


class Rate(NamedTuple):
    """A rate as counts, divided last.

    Attributes:
        num: Those with the sign.
        den: All.
        unknown: Those of `den` of whom nobody says whether they have it; they may all have it, or none.
    """

    num: int
    den: int
    unknown: int

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Least and greatest share that the counts allow; None of none."""
        return (self.num / self.den, (self.num + self.unknown) / self.den) if self.den else None


def context_loss(handovers: Iterable[ContextFidelity]) -> Rate:
    """Return KPI 7: flagged handovers of those with an answer by a human."""
    return _rate(each.flagged for each in handovers if each.replied)


def repeat_rate(handovers: Iterable[ContextFidelity]) -> Rate:
    """Return KPI 9: handovers in which the customer repeats himself, of all handovers."""
    return _rate(each.repeated for each in handovers)


def are_consistent(loss: Rate, repeats: Rate) -> bool | None:
    """Tell whether KPI 7 and 9 can lie as close together as they usually do; None where there is no rate.

    Rates with unknown parts are intervals: they are inconsistent only when all of one lies too far from all of other.
    """
    one, other = loss.bounds, repeats.bounds
    if one is None or other is None:
        return None
    apart = max(one[0] - other[1], other[0] - one[1])
    return 100 * apart <= CONSISTENT_POINTS + 1e-9


# -------------------------------------------------------------------------------------------------------- inside


def _of(conversation: Conversation, kind: str) -> list[dict[str, Any]]:
    return [each.attributes for each in conversation.outcomes if each.attributes.get("convqa.outcome.kind") == kind]


def _any(given: Iterable[object]) -> bool | None:
    """Return whether anybody says yes, None where nobody says anything."""
    said = [each for each in given if isinstance(each, bool)]
    return any(said) if said else None


def _replied(tickets: Sequence[dict[str, Any]], messages: Sequence[dict[str, Any]]) -> bool | None:
    if messages or any("convqa.outcome.ticket.first_human_reply_at" in ticket for ticket in tickets):
        return True
    counts = [ticket.get("convqa.outcome.ticket.replies") for ticket in tickets]
    known = [count for count in counts if isinstance(count, int)]
    return any(known) if known else None


def _repeated(messages: Sequence[dict[str, Any]], repeat_state: RepeatState) -> bool | None:
    """Ask the detector about the first messages; None where there is none of them, or no text, or no detector."""
    texts = {message.get("convqa.outcome.agent_message.index"): message.get(_TEXT) for message in messages}
    first = [text for index in range(FIRST_MESSAGES) if isinstance(text := texts.get(index), str) and text]
    if not first:
        return None
    found = repeat_state(first)
    return None if found is None else bool(found)


_TEXT = "convqa.outcome.agent_message.text"


def _completeness(escalations: Sequence[StoredSpan]) -> float | None:
    given = [span.attributes.get("convqa.handoff.completeness") for span in escalations]
    return next((float(share) for share in reversed(given) if isinstance(share, (int, float))), None)


def _rate(signs: Iterable[bool | None]) -> Rate:
    told = list(signs)
    return Rate(sum(sign is True for sign in told), len(told), sum(sign is None for sign in told))
