"""What the tests of metrics share: a turn with given times, and a provider of the application's that collects."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import convqa_sdk as convqa
from convqa_sdk.assign import is_drawn
from convqa_sdk.schema.metrics import BY_NAME

SECOND = 1_000_000_000
BEGAN = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z."""
CUSTOMERS = [f"a-{number}" for number in range(50)]
OUT = next(customer for customer in CUSTOMERS if not is_drawn(customer, 0.3))
IN = next(customer for customer in CUSTOMERS if is_drawn(customer, 0.3))

Points = dict[tuple[str, ...], Any]


class Meter:
    """A provider of the application's, and what it collects."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider(metric_readers=[self.reader])

    def names(self) -> dict[str, Any]:
        data = self.reader.get_metrics_data()
        scopes = [scope for resource in (data.resource_metrics if data else ()) for scope in resource.scope_metrics]
        assert all(scope.scope.name == "convqa_sdk" for scope in scopes)
        return {metric.name: metric for scope in scopes for metric in scope.metrics}

    def points(self, name: str) -> Points:
        """Points of an instrument, by their labels in the order of the table, without those that are absent."""
        metric = self.names().get(name)
        order = BY_NAME[name].attributes
        return {
            tuple(point.attributes[key] for key in order if key in point.attributes): point
            for point in (metric.data.data_points if metric is not None else ())
        }

    def values(self, name: str) -> dict[tuple[str, ...], float]:
        return {labels: point.value for labels, point in self.points(name).items()}

    def sums(self, name: str) -> dict[tuple[str, ...], tuple[int, float]]:
        """Count and sum of a histogram."""
        return {labels: (point.count, round(point.sum, 6)) for labels, point in self.points(name).items()}


def one_turn(conversation: str = "c-1", **fields: Any) -> None:
    """A turn of 3 s: 0.2 s of intent detection, 1.5 s of generation, 0.1 s of a failed check, an escalation."""

    def at(seconds: float) -> int:
        return BEGAN + int(seconds * SECOND)

    given = {"channel": "web", "account_id": IN, **fields}
    with convqa.turn(conversation, "hi", start_time=at(0), end_time=at(3), **given) as turn:
        with convqa.intent_detection(start_time=at(0.1), end_time=at(0.3)) as stage:
            stage.set(intent="refund", confidence=0.9, risk="high", archetype="refund_status", archetype_tier="1")
        with convqa.generation(
            model="m-1", provider="acme", start_time=at(0.5), end_time=at(2), cost_usd=0.002,
            input_tokens=1_000, output_tokens=100,
        ):  # fmt: skip
            pass
        with convqa.policy_check(name="refunds", result="block", start_time=at(2), end_time=at(2.1)):
            pass
        with convqa.escalation(reason="policy", start_time=at(2.2), end_time=at(2.3)):
            pass
        turn.set(guard_state="normal")
        turn.answer("x", type="generated")
