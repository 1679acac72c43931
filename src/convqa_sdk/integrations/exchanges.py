"""A transcript as the exchanges that a live bot would have recorded as turns.

An exchange runs from one text of the customer to the next; what comes before the first is an exchange without message.
Tool answers are paired by call id. What the customer does himself belongs to the exchange it happens in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from convqa_sdk.integrations.timeline import Timeline
from convqa_sdk.integrations.transcripts import Transcript, TranscriptCall, TranscriptIntent, TranscriptTurn
from convqa_sdk.tracing.fields import EscalationReason

HANDOVER = "transfer_to_human_agents"
"""The tool by which the bots of both benchmarks hand over; other bots say so in `outcome.escalation`."""
_REASONS: dict[str, EscalationReason] = {reason: reason for reason in get_args(EscalationReason)}
Requestor = Literal["assistant", "user"]


@dataclass(frozen=True)
class ModelCall:
    """One call of the bot's model."""

    turn: TranscriptTurn
    start_ns: int
    end_ns: int


@dataclass
class ToolUse:
    """One call of a tool by the bot; `answer` is None when the transcript ends before it."""

    call: TranscriptCall
    start_ns: int
    end_ns: int
    answer: TranscriptTurn | None = None


@dataclass(frozen=True)
class CustomerAct:
    """Something that the customer did himself."""

    call: TranscriptCall
    at_ns: int


@dataclass
class Handover:
    """A handover to a human; `use` is the tool call behind it, None when the outcome states it."""

    reason: EscalationReason
    summary: str | None
    at_ns: int
    use: ToolUse | None = None

    @property
    def start_ns(self) -> int:
        """When it began."""
        return self.use.start_ns if self.use is not None else self.at_ns

    @property
    def end_ns(self) -> int:
        """When it was done."""
        return self.use.end_ns if self.use is not None else self.at_ns


Step = ModelCall | ToolUse | Handover


@dataclass
class Exchange:
    """A customer's message and all that the bot did before the next one."""

    start_ns: int
    end_ns: int
    message: str | None = None
    intent: TranscriptIntent | None = None
    texts: list[str] = field(default_factory=list[str])
    steps: list[Step] = field(default_factory=list[Step])
    acts: list[CustomerAct] = field(default_factory=list[CustomerAct])

    @property
    def handed_over(self) -> bool:
        """Whether the bot handed over to a human."""
        return any(isinstance(step, Handover) for step in self.steps)

    @property
    def generated(self) -> bool:
        """Whether a model was called."""
        return any(isinstance(step, ModelCall) for step in self.steps)


def exchanges(transcript: Transcript, times: Timeline) -> tuple[list[Exchange], Counter[str]]:
    """Group a transcript.

    Returns:
        Exchanges in their order, and how many entries were left out: `unknown_role`, `tool_result_without_call`.
    """
    grouping = _Grouping(transcript, times)
    for index, turn in enumerate(transcript.turns):
        grouping.take(index, turn)
    grouping.add_stated_handover()
    return grouping.found, grouping.left_out


class _Grouping:
    def __init__(self, transcript: Transcript, times: Timeline) -> None:
        self._transcript = transcript
        self._times = times
        self._model = transcript.arm.agent_model if transcript.arm is not None else None
        self._open: list[tuple[int, Requestor, str | None, ToolUse | None, Exchange]] = []
        self._owner: dict[int, Exchange] = {}
        self.found: list[Exchange] = []
        self.left_out: Counter[str] = Counter()

    def take(self, index: int, turn: TranscriptTurn) -> None:
        end = self._times.ends_ns[index]
        if turn.role == "user":
            self._customer(index, turn, end)
        elif turn.role == "assistant":
            self._bot(index, turn, end)
        elif turn.role == "tool":
            self._tool(index, turn, end)
        else:
            self.left_out["unknown_role"] += 1
            return
        if self.found:
            self._owner[index if turn.i is None else turn.i] = self.found[-1]

    def _customer(self, index: int, turn: TranscriptTurn, end: int) -> None:
        if _said(turn):
            self.found.append(Exchange(end, end, turn.text, turn.intent))
        self._calls(index, turn, end, "user")

    def _bot(self, index: int, turn: TranscriptTurn, end: int) -> None:
        exchange = self._current(index)
        exchange.end_ns = max(exchange.end_ns, end)
        if _said(turn):
            exchange.texts.append(turn.text or "")
        if self._is_model_call(turn):
            exchange.steps.append(ModelCall(turn, self._times.began_ns(index), end))
        self._calls(index, turn, end, "assistant")

    def _is_model_call(self, turn: TranscriptTurn) -> bool:
        """Usage, cost or a finish reason prove a call; a known model makes all but the opening words one.

        A bot without any recorded usage (gpt-oss) still called its model; what it cost is unknown, not nothing.
        """
        usage = turn.usage
        counted = usage is not None and (usage.prompt_tokens is not None or usage.completion_tokens is not None)
        if counted or turn.cost_usd or turn.finish_reason:
            return True
        opening = all(exchange.message is None for exchange in self.found)
        return self._model is not None and (bool(turn.tool_calls) or not opening)

    def _calls(self, index: int, turn: TranscriptTurn, end: int, role: Requestor) -> None:
        for call in turn.tool_calls or ():
            exchange = self._current(index)
            requestor = call.requestor or role
            use: ToolUse | None = None
            if requestor == "user":
                exchange.acts.append(CustomerAct(call, end))
            else:
                use = ToolUse(call, end, end)
                exchange.steps.append(use)
                exchange.end_ns = max(exchange.end_ns, end)
                if call.name == HANDOVER:
                    exchange.steps.append(Handover(_reason(call.args), _summary(call.args), end, use))
            self._open.append((index, requestor, call.id, use, exchange))

    def _tool(self, index: int, turn: TranscriptTurn, end: int) -> None:
        fitting = [
            entry
            for entry in self._open
            if entry[2] == turn.tool_call_id and (turn.requestor is None or entry[1] == turn.requestor)
        ]
        if not fitting:
            self.left_out["tool_result_without_call"] += 1
            return
        newest = fitting[-1][0]  # models use an id again: the call that was made last is the one that is answered
        answered = next(entry for entry in fitting if entry[0] == newest)
        self._open.remove(answered)
        use, exchange = answered[3], answered[4]
        if use is not None:
            use.start_ns, use.end_ns, use.answer = self._times.began_ns(index), end, turn
            exchange.end_ns = max(exchange.end_ns, end)

    def _current(self, index: int) -> Exchange:
        if not self.found:
            began = self._times.began_ns(index)
            self.found.append(Exchange(began, began))
        return self.found[-1]

    def add_stated_handover(self) -> None:
        """Add the handover that the outcome states, when no call of the tool shows it."""
        outcome = self._transcript.outcome
        seen = any(exchange.handed_over for exchange in self.found)
        if outcome is None or not outcome.escalated or seen or not self.found:
            return
        stated = outcome.escalation
        turn = stated.turn if stated is not None else None
        exchange = self._owner.get(turn, self.found[-1]) if turn is not None else self.found[-1]
        exchange.steps.append(Handover("other", stated.summary if stated is not None else None, exchange.end_ns))


def _said(turn: TranscriptTurn) -> bool:
    return turn.text is not None and bool(turn.text.strip())


def _summary(args: Any) -> str | None:
    summary = _argument(args, "summary")
    return summary if isinstance(summary, str) and summary.strip() else None


def _reason(args: Any) -> EscalationReason:
    """Return the reason the bot gave, when it is one of ours; the benchmarks' tool has none, and none is guessed."""
    return _REASONS.get(str(_argument(args, "reason")), "other")


def _argument(args: Any, name: str) -> Any:
    return cast("dict[str, Any]", args).get(name) if isinstance(args, dict) else None
