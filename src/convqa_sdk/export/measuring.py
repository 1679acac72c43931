"""From the finished spans of a unit to the instruments: on the export thread, after redaction and validation.

Spans are what is measured, because all has been done to them that may be done to a value: they are flattened, screened
and valid, and no label can say what a span may not. Of a turn that is thinned out, the same is made of the few fields
that are measured, and nothing of it leaves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan

from convqa_sdk.export.instruments import Instruments
from convqa_sdk.export.meters import Meters
from convqa_sdk.isolation import fault
from convqa_sdk.schema.events import RefusalOrUncertaintyStyle, UserCorrectionSignal
from convqa_sdk.schema.metrics import METRICS

Attributes = Mapping[str, Any]
Case = tuple[str | None, str | None]
"""Intent class and risk."""
FAILED = ("fail", "rewrite", "block")
"""Results of a policy check that an answer did not pass."""
REMEMBERED = 10_000
"""Ids of surveys that are known again: a repeat of one is no second answer."""

_USAGE = {
    "input": ("gen_ai.usage.input_tokens", "convqa.usage.input_tokens"),
    "output": ("gen_ai.usage.output_tokens", "convqa.usage.output_tokens"),
}
_CHILD = frozenset(child for _, child in _USAGE.values())
MEASURED: frozenset[str] = frozenset(
    {
        *(key for metric in METRICS for key in metric.attributes),
        *(key for keys in _USAGE.values() for key in keys),
        "convqa.turn.cost_usd",
        "convqa.escalation.flag",
        "convqa.intent.archetype",
    }
)
"""Keys of what is read from a span; of a turn that is thinned out, nothing else is written."""
EVENTS: frozenset[str] = frozenset({UserCorrectionSignal.event_name, RefusalOrUncertaintyStyle.event_name})
"""Names of the events that are read."""


class Measuring:
    """Measures units.

    Args:
        meters: Know where to.
        pause: Called between small pieces of work, so that the export thread yields the interpreter.
    """

    def __init__(self, meters: Meters, pause: Callable[[], None]) -> None:
        self._meters = meters
        self._pause = pause
        self._surveys: OrderedDict[str, None] = OrderedDict()

    @property
    def wanted(self) -> bool:
        """Whether there is anywhere to measure to."""
        return self._meters.instruments() is not None

    def measure(self, spans: Sequence[ReadableSpan]) -> None:
        """Measure the finished spans of one unit. Never raises."""
        instruments = self._meters.instruments()
        if instruments is None:
            return
        try:
            case: Case = (None, None)
            for span in reversed(spans):  # the turn is the last, and says what all are about
                given: Attributes = span.attributes or {}
                stage = given.get("convqa.stage")
                if stage == "turn":
                    case = given.get("convqa.intent.class"), given.get("convqa.risk.level")
                self._span(instruments, span, given, stage, case)
            if instruments.has_many:
                self.settle()
        except Exception as error:  # noqa: BLE001 - decision 8: a measurement is worth no span
            fault("measure", error)

    def settle(self) -> None:
        """Hand over what was measured; called whenever there is nothing else to do. Never raises."""
        instruments = self._meters.made
        if instruments is not None:
            try:
                instruments.settle(self._pause)
            except Exception as error:  # noqa: BLE001 - as above
                fault("measure", error)

    def _span(self, into: Instruments, span: ReadableSpan, given: Attributes, stage: Any, case: Case) -> None:
        channel, status = given.get("convqa.channel"), given.get("convqa.status")
        count = given.get("convqa.redaction.count")
        if count:
            into.add("convqa.redactions", (stage, channel, given.get("convqa.redaction.status")), count)
        if stage == "turn":
            into.record("convqa.turn.duration", (*case, status), _seconds(span))
            _turn(into, given, case)
            for event in span.events:
                _event(into, event)
        elif stage == "outcome":
            self._outcome(into, given)
        elif status is not None and stage not in ("change", "loss", "snapshot"):
            into.record("convqa.stage.duration", (stage, channel, status), _seconds(span))
            if stage == "generation":
                _generation(into, given, _seconds(span))
            elif given.get("convqa.policy.check.result") in FAILED:
                into.add("convqa.policy.failures", (*case, given["convqa.policy.check.result"]))

    def _outcome(self, into: Instruments, given: Attributes) -> None:
        score = given.get("convqa.outcome.csat.score")
        identifier = given.get("convqa.outcome.id")
        if score is None or not isinstance(identifier, str) or identifier in self._surveys:
            return
        self._surveys[identifier] = None
        if len(self._surveys) > REMEMBERED:
            self._surveys.popitem(last=False)
        into.record("convqa.csat", (given.get("convqa.outcome.csat.kind"),), score / given["convqa.outcome.csat.scale"])


def _turn(into: Instruments, given: Attributes, case: Case) -> None:
    tier = given.get("convqa.archetype.tier")
    cost = given.get("convqa.turn.cost_usd")
    if cost is not None:
        into.record("convqa.turn.cost", (tier, given.get("convqa.channel"), given.get("gen_ai.request.model")), cost)
    if given.get("convqa.escalation.flag"):
        into.add("convqa.escalations", (*case, given.get("convqa.escalation.reason")))
    state = given.get("convqa.guard.state")
    if state is not None:
        into.put_state(str(given.get("convqa.intent.archetype", "")), (tier, state))


def _generation(into: Instruments, given: Attributes, seconds: float) -> None:
    model = given.get("gen_ai.request.model")
    for direction, keys in _USAGE.items():
        count = next((given[key] for key in keys if key in given), None)
        if count is not None:
            into.add("convqa.tokens", (model, direction), count)
    if _CHILD.isdisjoint(given):  # else the child span's own instrumentation reports the call
        name = given.get("gen_ai.operation.name")
        into.record("gen_ai.client.operation.duration", (name, given.get("gen_ai.provider.name"), model), seconds)


def _event(into: Instruments, event: Event) -> None:
    given = event.attributes or {}
    if event.name == UserCorrectionSignal.event_name:
        labels = (given.get("prior_intent"), given.get("prior_risk_level"), given.get("signal_kind"))
        into.add("convqa.corrections", labels)  # type: ignore[arg-type] # reason: validated, they are texts
    elif event.name == RefusalOrUncertaintyStyle.event_name:
        kind = "uncertainty" if given.get("is_uncertainty_fallback") else "other"
        kind = "hard" if given.get("is_hard_refusal") else kind
        into.add("convqa.refusals", (given.get("intent"), given.get("risk_level"), kind))  # type: ignore[arg-type] # reason: as above


def _seconds(span: ReadableSpan) -> float:
    return ((span.end_time or 0) - (span.start_time or 0)) / 1e9
