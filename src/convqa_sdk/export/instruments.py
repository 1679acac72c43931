"""Our instruments in one meter provider, and the numbers behind them.

A call of an instrument costs 5 µs, and three times that between other work, so only histograms are called, and many
times in a row; counters and gauges are kept here as plain numbers, which a reader fetches when it collects. Instruments
belong to their provider, not to one `configure()`: a second one goes on counting where the first has stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation

from convqa_sdk.isolation import faults
from convqa_sdk.schema import SCHEMA_URL, SCOPE_NAME
from convqa_sdk.schema.metrics import BY_NAME, MAX_LENGTH, MAX_VALUES, METRICS, OTHER, Metric

Labels = tuple[str | None, ...]
"""Values of a metric's attributes in their order; None: absent."""
MANY = 256
"""Values that wait for the histograms at most."""
_NOWHERE = Context()
"""No span is current on the export thread, and looking for one costs."""


class Watched(NamedTuple):
    """What the self-metrics read of one configuration.

    Attributes:
        lost_turns: Turns lost so far, by cause.
        queue_bytes: Bytes that wait now.
    """

    lost_turns: Callable[[], Mapping[str, int]]
    queue_bytes: Callable[[], int]


class Instruments:
    """The instruments of the table, in one provider."""

    def __init__(self, provider: MeterProvider, version: str) -> None:
        meter = provider.get_meter(SCOPE_NAME, version, SCHEMA_URL)
        self._watched: list[Watched] = []
        self._seen: dict[str, set[str]] = {}
        self._attributes: dict[tuple[str, Labels], dict[str, str]] = {}
        self._numbers: dict[str, dict[Labels, float]] = {}
        self._states: dict[str, Labels] = {}
        self._histograms: dict[str, Any] = {}
        self._waiting: list[tuple[str, Labels, float]] = []
        read: dict[str, Callable[[CallbackOptions], Iterable[Observation]]] = {
            "convqa.guard.state": self._read_states,
            "convqa.sdk.errors": self._read_errors,
            "convqa.sdk.lost_turns": self._read_losses,
            "convqa.sdk.queue_bytes": self._read_queues,
        }
        for metric in METRICS:
            if metric.kind == "histogram":
                self._histograms[metric.name] = _histogram(meter, metric)
                continue
            self._numbers[metric.name] = {}
            make = meter.create_observable_counter if metric.kind == "counter" else meter.create_observable_gauge
            callback = read.get(metric.name) or partial(self._read, metric.name)
            make(metric.name, [callback], metric.unit, metric.brief)

    def watch(self, watched: Watched) -> None:
        """Let the self-metrics tell of a configuration."""
        self._watched.append(watched)

    def unwatch(self, watched: Watched) -> None:
        """Keep the losses of a configuration that ends, and forget the rest of it."""
        if watched in self._watched:
            self._watched.remove(watched)
            for cause, count in watched.lost_turns().items():
                self.add("convqa.sdk.lost_turns", (cause,), count)

    def forget(self) -> None:
        """Start from nothing, in a forked child: what the parent counted is the parent's."""
        for numbers in self._numbers.values():
            numbers.clear()
        self._states.clear()
        self._waiting = []

    # ------------------------------------------------------------------------------------------ the export thread

    def record(self, name: str, labels: Labels, value: float) -> None:
        """Keep a value of a histogram until `settle`."""
        self._waiting.append((name, labels, value))

    @property
    def has_many(self) -> bool:
        """Whether so many values wait that they have to be settled."""
        return len(self._waiting) >= MANY

    def settle(self, pause: Callable[[], None]) -> None:
        """Hand the values that wait to their histograms.

        Args:
            pause: Called between two of them, so that nobody waits long for the interpreter.
        """
        waiting, self._waiting = self._waiting, []
        for name, labels, value in waiting:
            pause()
            self._histograms[name].record(value, self._attributes_of(name, labels), _NOWHERE)

    def add(self, name: str, labels: Labels, amount: float = 1) -> None:
        """Add to a counter."""
        numbers = self._numbers[name]
        labels = self._bounded(name, labels)
        numbers[labels] = numbers.get(labels, 0) + amount

    def put_state(self, archetype: str, labels: Labels) -> None:
        """Note in which state an archetype is now; those beyond the bound share a place."""
        self._states[self._known("archetype", archetype)] = labels

    def _attributes_of(self, name: str, labels: Labels) -> dict[str, str]:
        """Return the attributes of a metric's values; the bounded ones are few, and kept."""
        known = self._attributes.get((name, labels))
        if known is None:
            bounded = self._bounded(name, labels)
            known = _named(name, bounded)
            if bounded == labels:  # what was too much is looked at again, so that this stays small
                self._attributes[name, labels] = known
        return known

    def _bounded(self, name: str, labels: Labels) -> Labels:
        keys = BY_NAME[name].attributes
        return tuple(
            None if value is None else self._known(key, value) for key, value in zip(keys, labels, strict=True)
        )

    def _known(self, key: str, value: str) -> str:
        """Return a value, or `other` when it is too long or its attribute has as many as it may have."""
        seen = self._seen.setdefault(key, set())
        if value not in seen:
            if len(seen) >= MAX_VALUES or len(value) > MAX_LENGTH:
                return OTHER
            seen.add(value)
        return value

    # ----------------------------------------------------------------------------------------------- the readers

    def _read(self, name: str, _: CallbackOptions) -> list[Observation]:
        return [Observation(value, _named(name, labels)) for labels, value in tuple(self._numbers[name].items())]

    def _read_states(self, _: CallbackOptions) -> list[Observation]:
        counts: dict[Labels, int] = {}
        for labels in tuple(self._states.values()):
            counts[labels] = counts.get(labels, 0) + 1
        numbers = self._numbers["convqa.guard.state"]
        numbers.update(dict.fromkeys(numbers, 0))  # a state that is over says so
        numbers.update(counts)
        return self._read("convqa.guard.state", _)

    def _read_errors(self, _: CallbackOptions) -> list[Observation]:
        counts: dict[str, int] = {}
        for cause, count in faults().items():
            known = self._known("error.type", cause)
            counts[known] = counts.get(known, 0) + count
        return [Observation(count, {"error.type": cause}) for cause, count in counts.items()]

    def _read_losses(self, _: CallbackOptions) -> list[Observation]:
        counts = dict(self._numbers["convqa.sdk.lost_turns"])
        for watched in tuple(self._watched):
            for cause, count in watched.lost_turns().items():
                labels = self._bounded("convqa.sdk.lost_turns", (cause,))
                counts[labels] = counts.get(labels, 0) + count
        return [Observation(count, _named("convqa.sdk.lost_turns", labels)) for labels, count in counts.items()]

    def _read_queues(self, _: CallbackOptions) -> list[Observation]:
        return [Observation(sum(watched.queue_bytes() for watched in tuple(self._watched)))]


def _histogram(meter: Meter, metric: Metric) -> Any:
    return meter.create_histogram(
        metric.name, metric.unit, metric.brief, explicit_bucket_boundaries_advisory=metric.buckets
    )


def _named(name: str, labels: Labels) -> dict[str, str]:
    pairs = zip(BY_NAME[name].attributes, labels, strict=True)
    return {key: value for key, value in pairs if value is not None}


_by_provider: WeakKeyDictionary[MeterProvider, Instruments] = WeakKeyDictionary()


def instruments_of(provider: MeterProvider, version: str) -> Instruments:
    """Return our instruments in a provider, made at the first call."""
    made = _by_provider.get(provider)
    if made is None:
        made = _by_provider[provider] = Instruments(provider, version)
    return made
