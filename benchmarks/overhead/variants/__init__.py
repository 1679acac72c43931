"""The ways to record the turn: by hand, with convqa-sdk, and with each peer, in the idiom that its documentation shows.

A module here has `make(exporter, mode)`; modes: `on`, `off` (its own switch), `thinned` (no turn is recorded).
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from environments import OWN

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter


def nothing(timeout_s: float = 0.0) -> None:
    """Do nothing: for a variant that has nothing to flush."""


async def unsupported() -> None:
    """Stand for a turn in asyncio that is not measured."""
    raise NotImplementedError


@dataclass(frozen=True)
class Variant:
    """One way to record the turn, ready to run.

    Attributes:
        turn: Records one turn.
        aturn: The same in asyncio; every stage gives way to other tasks once.
        flush: Sends what was recorded, within seconds.
        shutdown: Ends, within seconds.
        lost: Returns how many turns it says it lost.
        record: Records one turn with texts of the caller's.
    """

    turn: Callable[[], Any]
    aturn: Callable[[], Awaitable[Any]] = unsupported
    flush: Callable[[float], Any] = nothing
    shutdown: Callable[[float], Any] = nothing
    lost: Callable[[], int | None] = lambda: None
    record: Callable[[Any], Any] = nothing


@dataclass(frozen=True)
class Source:
    """Where a variant comes from.

    Attributes:
        label: Its name in tables.
        module: Its module here.
        environment: Where it runs, see `environments`.
        options: What its `make` gets besides exporter and mode.
        imports: What a user of it imports.
    """

    label: str
    module: str
    environment: str = OWN
    imports: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


SOURCES = {
    "by_hand": Source("OpenTelemetry by hand", "by_hand", imports="opentelemetry.sdk.trace.export"),
    "by_hand_once": Source("by hand, attributes set once", "by_hand", options={"once": True}),
    "convqa": Source("**convqa-sdk**", "ours", imports="convqa_sdk"),
    "convqa_re2": Source("**convqa-sdk**, google-re2", "ours", options={"engine": "re2"}),
    "convqa_metrics": Source("**convqa-sdk**, measured", "ours", options={"measured": True}),
    "openlit": Source("OpenLIT", "openlit", "openlit", "openlit"),
    "util_genai": Source("util-genai", "util_genai", "util_genai", "opentelemetry.util.genai.handler"),
    "traceloop": Source("Traceloop", "traceloop", "traceloop", "traceloop.sdk"),
    "logfire_unscrubbed": Source("Logfire, scrubbing off", "logfire", "logfire", options={"scrubbing": False}),
    "openinference": Source("OpenInference", "openinference", "openinference", "openinference.instrumentation"),
    "logfire": Source("Logfire", "logfire", "logfire", "logfire"),
    "langfuse": Source("Langfuse", "langfuse", "langfuse", "langfuse"),
    "mlflow": Source("MLflow Tracing", "mlflow", "mlflow", "mlflow"),
    "bare": Source("the bot's functions alone", "bare"),
}
PEERS = tuple(name for name, source in SOURCES.items() if source.environment != OWN)


def make(name: str, exporter: SpanExporter, mode: str = "on") -> Variant:
    """Set a variant up in this process."""
    source = SOURCES[name]
    variant: Variant = importlib.import_module(f"variants.{source.module}").make(exporter, mode, **source.options)
    return variant


def provider(exporter: SpanExporter, mode: str, kind: type[TracerProvider] | None = None) -> TracerProvider:
    """Return a provider with the standard batch processor, which samples nothing when thinned."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

    made = (kind or TracerProvider)(sampler=ALWAYS_OFF if mode == "thinned" else ALWAYS_ON)
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


def ends(made: TracerProvider) -> dict[str, Callable[[float], Any]]:
    """Return the provider's flush and shutdown; the latter takes no time limit."""
    return {
        "flush": lambda timeout_s: made.force_flush(int(timeout_s * 1000)),
        "shutdown": lambda timeout_s: made.shutdown(),
    }
