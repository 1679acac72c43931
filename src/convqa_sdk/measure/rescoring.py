"""Signals worked out again from what a store holds: by today's detectors, over whole conversations.

What left the bot's process was judged with what that process knew. Here all turns of a conversation are at hand, from
whichever worker, so signals that were lost there are found, and a newer detector can be laid over old telemetry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from convqa_sdk.schema.events import RefusalOrUncertaintyStyle, UserCorrectionSignal
from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.capability import HANDED_OVER, overreach
from convqa_sdk.signals.claims import Passage
from convqa_sdk.signals.groundedness import grounding
from convqa_sdk.signals.loops import LoopState
from convqa_sdk.signals.policy_confirmed import lacking
from convqa_sdk.signals.refusals import refusal
from convqa_sdk.signals.requests import request_tokens
from convqa_sdk.signals.structured import readable
from convqa_sdk.signals.users import user_signal
from convqa_sdk.store.conversations import Conversation
from convqa_sdk.store.segments import StoredSpan

SAID = frozenset({"correction", "complaint", "clarification_request", "repeat"})
"""Signals that a customer's message gives, about an answer before it."""
WITHIN = 2
"""Messages of the customer after an answer in which he may still speak of it (R-9b)."""
_TOOL_TEXTS = ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result")
_STATES_NOTHING = frozenset({"template", "clarification", "fallback", "refusal", "handoff"})


class Finding(NamedTuple):
    """Something that a detector found in a turn; it never quotes it.

    Attributes:
        conversation_id: As stored.
        turn: Place of the turn in its conversation, from 0.
        span_id: Of the turn.
        signal: `correction`, `complaint`, `clarification_request`, `repeat`, `hard_refusal`, `partial_refusal`,
            `uncertainty`, `ungrounded` or `overreach`.
        detail: Name of the pattern, of the tool that is missing, or how many claims are not supported.
        on_wire: Whether the event on the wire said the same; None: there is no event for this signal.
        about: Place of the turn whose answer it is about: for what a customer says, the last one answered before.
    """

    conversation_id: str
    turn: int
    span_id: str
    signal: str
    detail: str
    on_wire: bool | None
    about: int


class Rescored(NamedTuple):
    """What was found in some conversations.

    Attributes:
        conversations: Conversations with at least one turn.
        turns: Their turns.
        answers: Turns with an answer.
        messages: Messages of customers that came within two of an answer.
        searched: Answers whose claims could be looked for in passages.
        grounded: Of these, those whose claims were all supported.
        loops: Rephrase loops.
        looping: Conversations with at least one.
        events: Events on the wire, by name.
        findings: What was found, in order.
    """

    conversations: int
    turns: int
    answers: int
    messages: int
    searched: int
    grounded: int
    loops: int
    looping: int
    events: Counter[str]
    findings: tuple[Finding, ...]

    def count(self, signal: str) -> int:
        """Return how often a signal was found."""
        return sum(finding.signal == signal for finding in self.findings)

    def lost(self) -> int:
        """Return how many signals were found here that the bot's process did not tell of."""
        return sum(finding.on_wire is False for finding in self.findings)


def rescore(conversations: Iterable[Conversation]) -> Rescored:
    """Return what today's detectors find in conversations."""
    findings: list[Finding] = []
    events: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for conversation in conversations:
        if not conversation.turns:
            continue
        totals["conversations"] += 1
        events.update(event.name for span in conversation.spans for event in span.events)
        walk = _Walk(conversation)
        findings += walk.findings()
        totals.update(walk.totals)
        totals["loops"] += walk.loop.loops
        totals["looping"] += bool(walk.loop.loops)
    return Rescored(
        conversations=totals["conversations"],
        turns=totals["turns"],
        answers=totals["answers"],
        messages=totals["messages"],
        searched=totals["searched"],
        grounded=totals["grounded"],
        loops=totals["loops"],
        looping=totals["looping"],
        events=events,
        findings=tuple(findings),
    )


class _Walk:
    """One conversation, turn by turn."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._previous: AnswerTraits | None = None
        self._since = 0
        self._answered = 0
        self._requests: list[frozenset[str]] = []
        self._tools: dict[str, None] = {}
        self.loop = LoopState()
        self.totals: Counter[str] = Counter()

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, turn by turn."""
        for place, turn in enumerate(self._conversation.turns):
            self.totals["turns"] += 1
            stages = list(_below(self._conversation, turn))
            before = self._answered
            for signal, detail, on_wire in self._turn(turn, stages):
                about = before if signal in SAID else place
                yield Finding(self._conversation.id, place, turn.span_id, signal, detail, on_wire, about)
            if not self._since:
                self._answered = place

    def _turn(self, turn: StoredSpan, stages: list[StoredSpan]) -> Iterator[tuple[str, str, bool | None]]:
        language = str(turn.attributes.get("convqa.language") or "en")
        message, answer = _text(turn, "convqa.message.text"), _text(turn, "convqa.answer.text")
        if message:
            yield from self._said(turn, message, language)
        self._tools.update(dict.fromkeys(_succeeded(stages)))
        declared = turn.attributes.get("convqa.answer.type")
        failed = declared in ("fallback", "refusal")
        if turn.attributes.get("convqa.answer.delivered") is False:
            failed = True  # a check stopped it: the customer has no answer that he could contradict
        elif answer:
            self.totals["answers"] += 1
            told = RefusalOrUncertaintyStyle.event_name in {event.name for event in turn.events}
            style = refusal(answer, language=language)
            failed = failed or style.is_hard_refusal or style.is_uncertainty_fallback
            for signal, shown in (
                ("hard_refusal", style.is_hard_refusal),
                ("partial_refusal", style.is_partial_refusal),
                ("uncertainty", style.is_uncertainty_fallback),
            ):
                if shown:
                    yield signal, "", told
            yield from self._rested(answer, declared, stages, language)
            for claimed in overreach(answer, tuple(self._tools)):
                yield "overreach", claimed.action, None
            self._previous, self._since = AnswerTraits.of(answer), 0
        elif declared is not None:
            self._previous, self._since = AnswerTraits(), 0
        if message:
            self.loop = self.loop.step(request_tokens(message, language), failed)

    def _said(self, turn: StoredSpan, message: str, language: str) -> Iterator[tuple[str, str, bool | None]]:
        self._since += 1
        if self._previous is not None and self._since <= WITHIN:
            self.totals["messages"] += 1
            earlier = self._requests[-1:] + [tokens for tokens, _ in self.loop.recent]
            found = user_signal(
                message, previous_answer=self._previous, previous_messages=earlier, language=language
            )
            if found is not None:
                events = [event for event in turn.events if event.name == UserCorrectionSignal.event_name]
                told = any(event.attributes.get("signal_kind") == found.kind for event in events)
                yield found.kind, found.pattern, told
        self._requests = [request_tokens(message, language)]

    def _rested(
        self, answer: str, declared: object, stages: list[StoredSpan], language: str
    ) -> Iterator[tuple[str, str, bool | None]]:
        """Look for an answer's claims in the passages and tools of its turn, where it had any passages to look in."""
        asked = [stage for stage in stages if stage.stage in ("retrieval", "rerank")]
        known = [stage for stage in asked if _list(stage, "convqa.retrieval.document.passages")]
        none = asked and all(stage.attributes.get("convqa.retrieval.document.ids") == [] for stage in asked)
        if declared in _STATES_NOTHING or not (known or none):
            return
        passages = [
            Passage(str(name), str(text))
            for stage in known
            for name, text in zip(
                _list(stage, "convqa.retrieval.document.ids"),
                _list(stage, "convqa.retrieval.document.passages"),
                strict=False,
            )
        ]
        given = [stage.attributes.get("gen_ai.tool.call.result") for stage in stages if _is_success(stage)]
        passages += [Passage(f"tool:{place}", readable(result)) for place, result in enumerate(given) if result]
        found = grounding(answer, passages, language=language)
        if found.claims:
            self.totals["searched"] += 1
            missing = lacking(found.unsupported, tuple(_succeeded(stages)), lambda: _given(stages), language)
            self.totals["grounded"] += not missing
            if missing:
                yield "ungrounded", f"{len(missing)} of {len(found.claims)} claims", None


def _below(conversation: Conversation, span: StoredSpan) -> Iterator[StoredSpan]:
    for child in conversation.children(span):
        yield child
        yield from _below(conversation, child)


def _succeeded(stages: Iterable[StoredSpan]) -> Iterator[str]:
    for stage in stages:
        if stage.stage == "escalation" and stage.attributes.get("convqa.status") == "ok":
            yield HANDED_OVER
        elif _is_success(stage) and isinstance(name := stage.attributes.get("gen_ai.tool.name"), str):
            yield name


def _given(stages: Iterable[StoredSpan]) -> list[str]:
    """Return what tools that succeeded took and gave."""
    held = (stage.attributes.get(name) for stage in stages if _is_success(stage) for name in _TOOL_TEXTS)
    return [readable(each) for each in held if each]


def _is_success(stage: StoredSpan) -> bool:
    return stage.stage == "tool" and stage.attributes.get("convqa.tool.result") == "ok"


def _text(span: StoredSpan, key: str) -> str:
    value: Any = span.attributes.get(key)
    if isinstance(value, list):  # the dialect `tempo` writes long texts as chunks
        return "".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType] # reason: as below
    return value if isinstance(value, str) else ""


def _list(span: StoredSpan, key: str) -> list[Any]:
    value: Any = span.attributes.get(key)
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] # reason: whatever a store holds


