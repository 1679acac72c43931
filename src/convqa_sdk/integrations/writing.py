"""Write one transcript through the public instrumentation, so that the store holds what a live bot would have written.

What a transcript does not state is not made up: no prompt, no intent, no retrieval; a cost of 0 beside usage is
unknown. Times keep their originals; an assumed zone stands on every span.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from convqa_sdk.errors import RecordError
from convqa_sdk.integrations.exchanges import Exchange, Handover, ModelCall, ToolUse, exchanges
from convqa_sdk.integrations.report import ReplayReport
from convqa_sdk.integrations.timeline import Timeline
from convqa_sdk.integrations.transcripts import Transcript, TranscriptCall, TranscriptIntent
from convqa_sdk.schema.events import CustomerAction
from convqa_sdk.tracing.decorators import current_stage, escalation, generation, intent_detection, tool, turn
from convqa_sdk.tracing.fields import AnswerType, GenerationFields
from convqa_sdk.tracing.outcomes import record_resolution
from convqa_sdk.tracing.pieces import MAX_TEXT
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.snapshot import Snapshot
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.stages import Escalation
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Handoff, Versions

State = Literal["self_resolved", "unresolved", "unknown"]
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class Writer:
    """Writes one conversation into the SDK in force.

    Args:
        transcript: The conversation.
        times: Its times.
        zone: Name of the zone of times that state none.
        report: Counts what is written.
    """

    def __init__(self, transcript: Transcript, times: Timeline, zone: str, report: ReplayReport) -> None:
        self._transcript = transcript
        self._times = times
        self._zone = zone if times.zone_assumed else None
        self._report = report
        self._arm = transcript.arm
        self._model = self._arm.agent_model if self._arm is not None else None

    def write(self, stop: Callable[[], bool]) -> None:
        """Write turns with their stages, and the outcome; leave off after a turn when `stop` says so."""
        found, left_out = exchanges(self._transcript, self._times)
        self._report.left_out.update(left_out)
        self._report.warnings.update(self._times.notes)
        if not found:
            self._report.left_out["empty_conversation"] += 1
            return
        self._report.conversations += 1
        for index, exchange in enumerate(found):
            self._exchange(index, exchange)
            if stop():
                return
        self._resolution(escalated=any(exchange.handed_over for exchange in found))

    def _exchange(self, index: int, exchange: Exchange) -> None:
        transcript = self._transcript
        handle = turn(
            transcript.id,
            exchange.message,
            versions=self._versions(),
            start_time=exchange.start_ns,
            end_time=exchange.end_ns,
            turn_index=index,
            account_id=transcript.account_id,
            channel=transcript.channel,
            language=transcript.language,
            sector=transcript.domain,
            agent_id=self._arm.agent_impl if self._arm is not None else None,
        )
        with handle as running:
            if self._zone is not None:
                running.set(time_zone_assumed=self._zone)
            self._count(running)
            self._stages(exchange)
            for act in exchange.acts:
                running.event(CustomerAction.event_name, self._action(act.call), act.at_ns)
                self._report.customer_actions += 1
            self._answer(running, exchange)

    def _count(self, stage: Stage) -> None:
        if stage.recorder is None:  # a fault of ours, counted elsewhere: there will be no span
            return
        self._report.spans[stage.kind] += 1
        if self._times.made_up:
            stage.custom(times_made_up=True)  # durations of this conversation are not measurements

    def _stages(self, exchange: Exchange) -> None:
        if exchange.intent is not None:
            self._intent(exchange, exchange.intent)
        for step in exchange.steps:
            if isinstance(step, ModelCall):
                self._generation(step)
            elif isinstance(step, ToolUse):
                self._tool(step)
            else:
                self._escalation(step)

    def _intent(self, exchange: Exchange, found: TranscriptIntent) -> None:
        at = exchange.start_ns  # how long it took is not stated
        with intent_detection(
            message=exchange.message,
            intent=found.name,
            confidence=found.confidence,
            risk=found.risk,
            archetype=found.archetype,
            start_time=at,
            end_time=at,
        ) as stage:
            self._count(stage)

    def _generation(self, call: ModelCall) -> None:
        fields = self._usage(call)
        if self._model is None:
            self._report.warnings["model_not_stated"] += 1
        else:
            fields["model"] = self._model
        if call.turn.finish_reason is not None:
            fields["finish_reasons"] = (call.turn.finish_reason,)
        fields["output_messages"] = _output(call)
        with generation(start_time=call.start_ns, end_time=call.end_ns) as stage:
            self._count(stage)
            stage.set(**fields)

    def _usage(self, call: ModelCall) -> GenerationFields:
        fields: GenerationFields = {}
        usage, cost = call.turn.usage, call.turn.cost_usd
        if usage is not None:
            fields["input_tokens"] = usage.prompt_tokens
            fields["output_tokens"] = usage.completion_tokens
            self._report.input_tokens += usage.prompt_tokens or 0
            self._report.output_tokens += usage.completion_tokens or 0
        if cost is None:
            self._report.costs["unstated"] += 1
        elif cost > 0:
            fields["cost_usd"] = cost
            fields["cost_source"] = "provider"
            self._report.cost_usd += cost
            self._report.costs["known"] += 1
        else:
            fields["cost_source"] = "unknown"  # said, so that no price table is asked
            self._report.costs["unknown"] += 1
        return fields

    def _tool(self, use: ToolUse) -> None:
        call, answer = use.call, use.answer
        with tool(
            name=call.name, call_id=call.id, arguments=call.args, start_time=use.start_ns, end_time=use.end_ns
        ) as stage:
            self._count(stage)
            if answer is None:
                self._report.warnings["tool_call_without_result"] += 1
                stage.finish(status="cancelled", end=use.end_ns)
            else:
                stage.set(output=_returned(answer.text), result="error" if answer.error else "ok")

    def _escalation(self, step: Handover) -> None:
        def hand_over() -> Handoff:
            self._count(current_stage(Escalation))
            return Handoff(summary=step.summary)

        escalation(reason=step.reason, start_time=step.start_ns, end_time=step.end_ns)(hand_over)()

    def _action(self, call: TranscriptCall) -> CustomerAction:
        return CustomerAction.model_construct(  # the export thread validates, when what must not leave is gone
            chat_guid=self._transcript.id,
            persona_id=self._arm.agent_impl if self._arm is not None else None,
            name=call.name,
            call_id=call.id,
            arguments=None if call.args is None else _spelled(call.args),
        )

    def _answer(self, running: Turn, exchange: Exchange) -> None:
        texts = exchange.texts
        if not texts and not exchange.handed_over:
            self._report.cancelled += 1
            running.finish(status="cancelled", end=exchange.end_ns)
            return
        kind: AnswerType = "generated"
        if exchange.handed_over:
            kind = "handoff"
        elif exchange.message is None and not exchange.generated:
            kind = "template"  # opening words that no model wrote
        if texts:
            running.answer("\n\n".join(texts), kind, bubble_count=len(texts))
        else:
            running.set(answer_type=kind, bubble_count=0)

    def _versions(self) -> Versions:
        arm = self._arm
        if arm is None:
            return Versions()
        return Versions(
            model=arm.name or arm.agent_model,
            policy=arm.policy_id,
            experiment=arm.experiment or (self._transcript.domain if arm.name else None),
            arm=arm.name,
            unit="conversation" if arm.name else None,
        )

    def _resolution(self, *, escalated: bool) -> None:
        transcript = self._transcript
        outcome = transcript.outcome
        if outcome is None or outcome.resolved is None:
            return
        state = _state(resolved=outcome.resolved, escalated=escalated or bool(outcome.escalated))
        try:
            record_resolution(
                TurnRef(transcript.id),
                state,
                evidence="model_judged",
                id=outcome_id(transcript.id),
                at=self._times.end_ns,
                source=(transcript.source or "transcript")[:200],
                time_zone_assumed=self._zone,
            )
        except RecordError:
            self._report.lost["outcome_refused"] = self._report.lost.get("outcome_refused", 0) + 1
            return
        self._report.spans["outcome"] += 1
        self._report.resolutions[state] += 1


def outcome_id(conversation_id: str) -> str:
    """Return the id of a conversation's resolution: the same on every replay, so that a repeat is a revision.

    Letters only: digits could read as a card number and would then be replaced.
    """
    digest = hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"replay-resolution-{digest.translate(_LETTERS)}"


def _state(*, resolved: bool, escalated: bool) -> State:
    """Handed over and judged right means that handing over was right; how the human fared, nobody has recorded."""
    if not resolved:
        return "unresolved"
    return "unknown" if escalated else "self_resolved"


def _output(call: ModelCall) -> tuple[Mapping[str, Any], ...]:
    said = [{"type": "text", "content": call.turn.text}] if call.turn.text else []
    asked = [
        {"type": "tool_call", "id": one.id, "name": one.name, "arguments": one.args}
        for one in call.turn.tool_calls or ()
    ]
    return ({"role": "assistant", "parts": (*said, *asked)},)


def _returned(text: str | None) -> Any:
    """Return what a tool returned: transcripts hold its JSON text, a live bot's tool hands over the object."""
    if text is None or text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _spelled(value: Any) -> str:
    return json.dumps(Snapshot(MAX_TEXT).take(value), ensure_ascii=False)
