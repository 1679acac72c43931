"""The instruments: every metric with its kind, unit, attributes and buckets, declared once.

Like the keys of spans, names are added and never renamed: alert rules live on them. Units are plain, because a unit in
braces renames a Prometheus series differently by the path it takes; a count of things has none. An attribute takes the
values of a closed vocabulary, or at most `MAX_VALUES` different ones in a process, and `other` for what comes after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convqa_sdk.schema.attribute import Attribute

MAX_VALUES = 50
"""Different values that an open attribute takes; a metrics backend keeps a series for each combination."""
MAX_LENGTH = 100
"""Characters of a value; a longer one is no name but a text, and counts as `OTHER`."""
OTHER = "other"

Kind = Literal["histogram", "counter", "gauge"]


@dataclass(frozen=True)
class Metric:
    """The declaration of one instrument.

    Attributes:
        name: Name on the wire.
        kind: `histogram`: each value is recorded; `counter` only grows; `gauge`: what holds now.
        unit: UCUM unit, empty for a count of things.
        brief: One sentence for people.
        attributes: Keys of its attributes, in order.
        buckets: Upper bounds of a histogram's buckets, in its unit.
    """

    name: str
    kind: Kind
    unit: str
    brief: str
    attributes: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


OWN_ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("gen_ai.token.type", "Direction of the tokens: `input` or `output`.", examples=("input",)),
    Attribute(
        "convqa.signal.kind",
        "`correction`, `complaint`, `clarification_request` or `repeat`.",
        examples=("correction",),
    ),
    Attribute("convqa.refusal.kind", "`hard`, `uncertainty` or `other`.", examples=("uncertainty",)),
)
"""Attributes of metrics that no span has; all others are declared with the spans."""

_CASE = ("convqa.intent.class", "convqa.risk.level")
_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0, 120.0)
_STAGE_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_CALL_SECONDS = tuple(0.01 * 2**doubled for doubled in range(14))
"""As the semantic conventions advise for `gen_ai.client.operation.duration`: 0.01 to 81.92."""
_DOLLARS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

METRICS: tuple[Metric, ...] = (
    Metric(
        "convqa.turn.duration",
        "histogram",
        "s",
        "Time of a turn, from the message to the answer; its count is the number of turns.",
        (*_CASE, "convqa.status"),
        _SECONDS,
    ),
    Metric(
        "convqa.stage.duration",
        "histogram",
        "s",
        "Time of a stage.",
        ("convqa.stage", "convqa.channel", "convqa.status"),
        _STAGE_SECONDS,
    ),
    Metric(
        "gen_ai.client.operation.duration",
        "histogram",
        "s",
        "Time of a model call; left out where an auto-instrumented client reports its calls itself.",
        ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"),
        _CALL_SECONDS,
    ),
    Metric(
        "convqa.tokens",
        "counter",
        "",
        "Tokens of model calls that say how many they took.",
        ("gen_ai.request.model", "gen_ai.token.type"),
    ),
    Metric(
        "convqa.turn.cost",
        "histogram",
        "USD",
        "Cost of the turns whose cost is known; its count says how many those are.",
        ("convqa.archetype.tier", "convqa.channel", "gen_ai.request.model"),
        _DOLLARS,
    ),
    Metric(
        "convqa.escalations",
        "counter",
        "",
        "Turns that were handed over to a human.",
        (*_CASE, "convqa.escalation.reason"),
    ),
    Metric(
        "convqa.policy.failures",
        "counter",
        "",
        "Policy checks that an answer did not pass: `fail`, `rewrite`, `block`.",
        (*_CASE, "convqa.policy.check.result"),
    ),
    Metric(
        "convqa.corrections",
        "counter",
        "",
        "Answers that a customer contradicts, complains of, asks about or repeats; by the answer's intent and risk.",
        (*_CASE, "convqa.signal.kind"),
    ),
    Metric(
        "convqa.refusals",
        "counter",
        "",
        "Answers that refuse or fall back.",
        (*_CASE, "convqa.refusal.kind"),
    ),
    Metric(
        "convqa.redactions",
        "counter",
        "",
        "Values redacted, as the spans count them.",
        ("convqa.stage", "convqa.channel", "convqa.redaction.status"),
    ),
    Metric(
        "convqa.csat",
        "histogram",
        "",
        "Answered surveys: the score as a share of its scale, so that 4 of 5 is 0.8.",
        ("convqa.outcome.csat.kind",),
        _SHARES,
    ),
    Metric(
        "convqa.guard.state",
        "gauge",
        "",
        "Archetypes by the state of the guard at their last turn in this process.",
        ("convqa.archetype.tier", "convqa.guard.state"),
    ),
    Metric("convqa.sdk.errors", "counter", "", "Faults of the SDK that were isolated, by cause.", ("error.type",)),
    Metric("convqa.sdk.lost_turns", "counter", "", "Turns that did not arrive, by cause.", ("convqa.loss.cause",)),
    Metric("convqa.sdk.queue_bytes", "gauge", "By", "Bytes of turns that wait for the export thread."),
)
BY_NAME = {metric.name: metric for metric in METRICS}
