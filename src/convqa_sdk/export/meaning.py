"""What a turn means: its events, worked out on the export thread from the whole turn and what is known of those before.

The request pays nothing of it. A detector of the application's that fails is replaced by ours; a state that is lost
costs what it would have told, and the turn's span says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from convqa_sdk.export.budgeted import Budgeted
from convqa_sdk.export.evidence import Rested, rested
from convqa_sdk.export.flatten import Fields
from convqa_sdk.export.flattening import Flat
from convqa_sdk.export.tool_use import tool_use
from convqa_sdk.isolation import fault
from convqa_sdk.schema.events import (
    ConversationQualitySnapshot,
    EventRecord,
    GroundingOutcome,
    RefusalOrUncertaintyStyle,
    UserCorrectionSignal,
)
from convqa_sdk.schema.outcomes import SnapshotSpan
from convqa_sdk.signals.detectors import Detectors
from convqa_sdk.signals.groundedness import held
from convqa_sdk.signals.phrases import KINDS
from convqa_sdk.signals.policy_confirmed import lacking
from convqa_sdk.signals.refusals import Refusal, may_decline, refusal
from convqa_sdk.signals.requests import SIMILAR, similarity
from convqa_sdk.signals.users import FEWEST_TOKENS, REPEATED, user_signal
from convqa_sdk.tracing.conversation import ConversationState, Facts, unpacked
from convqa_sdk.tracing.conversations import Conversations, language_of
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.snapshot import type_of
from convqa_sdk.tracing.turn import Turn

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""What the name of a pattern looks like."""
UNKNOWN = "unknown"
"""Intent of a turn that detects none."""
SNAPSHOT_TURNS = 10
"""Turns from one snapshot of a conversation to the next."""
WITHIN = 2
"""Messages of the customer after an answer in which he may still speak of it (R-9b)."""


_DECLINING = ("fallback", "refusal")


def load() -> None:
    """Prepare the detectors, where a pause does no harm."""
    user_signal("hello", previous_answer="hello")
    refusal("hello", language="en")
    held("It is open.", ["It is open."])
    lacking(["I have sent it."], ["send"], tuple, "en")


class Meaning:
    """Works out what turns mean.

    Args:
        conversations: What is known of conversations.
        detectors: The application's in place of ours.
        persona: Names the bot where a turn does not: the service.
        label: Makes of a name that the bot gave one that may outlast the turn; None: it may not.
        pause: Called between pieces of work, so that the export thread yields the interpreter.
    """

    def __init__(
        self,
        conversations: Conversations,
        detectors: Detectors,
        *,
        persona: Callable[[], str],
        label: Callable[[str], str | None],
        pause: Callable[[], None],
    ) -> None:
        self._conversations = conversations
        self._user_signal = _own(detectors.user_signal, "user_signal") or partial(user_signal, pause=pause)
        self._refusal_style = _own(detectors.refusal, "refusal") or partial(refusal, pause=pause)
        self._may_decline = may_decline if detectors.refusal is None else _anything
        self._similarity = _own(detectors.similarity, "similarity") or similarity
        self._judge = _own(detectors.judge, "judge")
        self._grounds = detectors.grounds_answers
        self._persona = persona
        self._label = label
        self._pause = pause

    def told(self, flat: Flat) -> Flat:
        """Add to a unit what it means: events to a turn, the snapshot to the end of a session. Never raises."""
        try:
            if flat.unit.late is not None and flat.unit.late.record is SnapshotSpan:
                return flat._replace(unit=flat.unit._replace(late=self._ended(flat.unit.late)))
            if flat.unit.whole and flat.unit.turn is not None:
                return flat._replace(before=self._tell(flat, flat.unit.turn))
        except BaseException as error:  # noqa: BLE001 - values of the bot's may raise anything; the turn goes on without
            if flat.unit.turn is not None:
                self.missed(flat.unit.turn)
            fault("meaning", error)
        return flat

    def missed(self, turn: Turn) -> None:
        """Note that a turn will not be told of: what is known of its conversation is no longer whole."""
        if turn.before is None:
            self._conversations.miss(turn.conversation_id)

    def _tell(self, flat: Flat, turn: Turn) -> ConversationState | None:
        """Add its events to a turn; return the conversation before it."""
        facts = self._conversations.facts(turn, flat.unit.stages, self._label)
        before = turn.before if turn.before is not None else self._conversations.advance(turn, facts)
        self._pause()
        events: list[EventRecord | None] = []
        who: Fields = {"chat_guid": turn.conversation_id, "persona_id": turn.values.get("agent_id") or self._persona()}
        about = {**who, "intent": flat.fields.get("intent") or UNKNOWN, "risk_level": flat.fields.get("risk")}
        if before is not None:
            events.append(self._signal(turn, before, facts, who))
            if not before.partial and "turn_index" not in turn.values:
                turn.values["turn_index"] = flat.fields["turn_index"] = before.turns
        if _has_answer(turn):
            self._pause()
            events.append(self._refusal(turn, about))
            self._pause()
            events.append(self._grounding(flat, turn, facts, about))
        after = before.after(facts) if before is not None else None
        if after is not None and not after.partial and after.turns % SNAPSHOT_TURNS == 0:
            events.append(_snapshot(after, who, facts.end_ns))
        said = _said(turn)
        worked_out = [event for event in events if event is not None and type(event) not in said]
        turn.meant = tuple((event.event_name, turn.end_ns, event) for event in worked_out)
        return before

    # ------------------------------------------------------------------------------------- what the customer says

    def _signal(
        self, turn: Turn, before: ConversationState, facts: Facts, who: Fields
    ) -> UserCorrectionSignal | None:
        """Return what the message says of the answer before, which was at most two messages ago."""
        since = before.since_answer + 1
        if not (facts.message and before.answers and since <= WITHIN):
            return None
        found = self._found(turn, before, facts)
        if found is None:
            return None
        kind, pattern = found
        facts_of_it: Fields = {
            **who,
            "prior_intent": before.intent or UNKNOWN,
            "prior_risk_level": before.risk,
            "prior_missing_evidence_count": before.missing_evidence,
            "prior_claim_rewrites": before.claim_rewrites,
            "turns_since_assistant_reply": since,
            "matched_pattern": pattern,
            "signal_kind": kind,
        }
        return UserCorrectionSignal.model_construct(**facts_of_it)

    def _found(self, turn: Turn, before: ConversationState, facts: Facts) -> tuple[str, str] | None:
        message, language = turn.values["message"], language_of(turn)
        try:
            found = self._user_signal(message, previous_answer=before.traits, language=language)
            told = None if found is None else _named(found.kind, found.pattern)
        except BaseException as error:  # noqa: BLE001 - a detector of the application's may raise anything
            fault("detector", error)
            ours = user_signal(message, previous_answer=before.traits, language=language)
            told = None if ours is None else (ours.kind, ours.pattern)
        if told is not None or len(facts.request) < FEWEST_TOKENS:
            return told
        earlier = (unpacked(before.request), *(request for request, _ in before.loop.recent))
        return ("repeat", REPEATED) if any(self._alike(facts.request, each) for each in earlier) else None

    def _alike(self, request: frozenset[int], earlier: Any) -> bool:
        try:
            return bool(self._similarity(request, earlier) >= SIMILAR)
        except BaseException as error:  # noqa: BLE001 - as above
            fault("detector", error)
            return similarity(request, earlier) >= SIMILAR

    # -------------------------------------------------------------------------------------------- what the bot says

    def _refusal(self, turn: Turn, about: Fields) -> RefusalOrUncertaintyStyle | None:
        """Return how the answer refuses or falls back: what the bot says that it does counts as well as its words."""
        declared, language = turn.values.get("answer_type"), language_of(turn)
        answer = turn.values.get("answer")
        text = answer if isinstance(answer, str) else ""
        try:
            if declared not in _DECLINING and not self._may_decline(text, language=language):
                return None
            style = self._style(text, language)
            refuses, hard, unsure = style.is_refusal, style.is_hard_refusal, style.is_uncertainty_fallback
            partial = refuses and not hard
            if not (refuses or unsure or declared in _DECLINING):
                return None
            return RefusalOrUncertaintyStyle.model_construct(
                **about,
                is_hard_refusal=hard or (declared == "refusal" and not partial and not unsure),
                is_uncertainty_fallback=unsure or declared == "fallback",
                has_next_step=style.has_next_step,
                has_followup_question=style.has_followup_question,
            )
        except BaseException as error:  # noqa: BLE001 - as above
            fault("detector", error)
            return None

    def _style(self, text: str, language: str) -> Refusal:
        """Return the style of an answer; where the application's detector fails, by ours."""
        try:
            return self._refusal_style(text, language=language)
        except BaseException as error:  # noqa: BLE001 - as above
            fault("detector", error)
            return refusal(text, language=language)

    def _grounding(self, flat: Flat, turn: Turn, facts: Facts, about: Fields) -> GroundingOutcome:
        """Return the one event that each turn of the assistant has."""
        try:
            said = turn.evidence_given
            held = rested(flat, said, self._judge, language_of(turn), self._pause, derive=self._grounds)
        except BaseException as error:  # noqa: BLE001 - as above
            fault("detector", error)
            held = Rested()
        fields = flat.fields
        facts_of_it: Fields = {
            **about,
            **tool_use(flat),
            "required_evidence_count": held.required,
            "grounded_evidence_count": held.grounded,
            "missing_evidence_count": held.missing,
            "missing_evidence": held.names,
            "claim_rewrites": facts.claim_rewrites,
            "response_bubble_count": facts.bubbles,
            "structured_output_used": fields.get("structured_output") is True,
            "latency_ms_total": round(fields.get("total_ms", 0.0)),
            "llm_cost_usd": fields.get("cost_usd"),
        }
        return GroundingOutcome.model_construct(**facts_of_it)

    # ------------------------------------------------------------------------------------------- how it went so far

    def _ended(self, late: Late) -> Late:
        """Return the end of a session with its last snapshot, and a link to its last turn."""
        known = self._conversations.known(late.conversation_id) if late.conversation_id is not None else None
        if known is None or not known.turns or late.conversation_id is None:
            return late
        last = (known.trace_id, known.span_id) if known.span_id else None  # 0: it was thinned out, and has no span
        link = late.link if late.link is not None else last
        if known.partial:
            return late._replace(link=link)
        who: Fields = {"chat_guid": late.conversation_id, "persona_id": known.persona or self._persona()}
        event = _snapshot(known, who, known.ended_ns)
        return late._replace(link=link, events=((event.event_name, late.at_ns, event),))


def _own(detector: Callable[..., Any] | None, name: str) -> Any:
    return None if detector is None else Budgeted(detector, name)


def _has_answer(turn: Turn) -> bool:
    return bool(turn.values.get("answer")) or turn.values.get("answer_type") is not None


def _named(kind: object, pattern: object) -> tuple[str, str]:
    """Return what a detector found, if it is one of the kinds and a name; a text of the customer's is no name."""
    if kind in KINDS and isinstance(pattern, str) and _NAME.fullmatch(pattern):
        return str(kind), pattern
    raise TypeError("a detector of user signals gave another kind, or a pattern that is no name")


_OURS = frozenset(
    kind.event_name
    for kind in (GroundingOutcome, UserCorrectionSignal, RefusalOrUncertaintyStyle, ConversationQualitySnapshot)
)
"""Names under which only records of ours leave: anybody's attributes would lack what is required."""


def _said(turn: Turn) -> set[type[Any]]:
    """Return which of the events the bot has added itself, which then count; of several groundings, the first."""
    said: set[type[Any]] = set()
    kept: list[tuple[str, int, Any]] = []
    for event in turn.events or ():
        kind: type[Any] = type_of(event[2])
        if (kind is GroundingOutcome and kind in said) or (event[0] in _OURS and not issubclass(kind, EventRecord)):
            turn.mark("events")
            continue
        said.add(kind)
        kept.append(event)
    if turn.events is not None:
        turn.events = kept
    return said


def _snapshot(state: ConversationState, who: Fields, at_ns: int) -> ConversationQualitySnapshot:
    return ConversationQualitySnapshot.model_construct(
        **who,
        turn_depth=state.messages + state.answers,
        avg_bubbles_per_reply=state.bubbles / state.answers if state.answers else None,
        rephrase_loop_count=state.loop.loops,
        session_duration_seconds=max(0, at_ns - state.started_ns) / 1e9,
    )


def _anything(answer: str, *, language: str) -> bool:
    """Tell that nothing is known of what a detector of the application's may find."""
    return True
