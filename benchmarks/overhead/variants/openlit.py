"""OpenLIT: its decorator, and attributes of the current span."""

from __future__ import annotations

import tempfile
from pathlib import Path

import openlit
import workload
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SpanExporter

from variants import Variant, ends, provider
from variants.functions import decorated, set_on_current_span


def make(exporter: SpanExporter, mode: str) -> Variant:
    """Set up; off: without `init()`."""
    next_turn = workload.endless()
    made = None
    if mode != "off":
        made = provider(exporter, mode)
        trace.set_tracer_provider(made)
        prices = Path(tempfile.mkdtemp()) / "prices.json"  # it downloads a list otherwise
        prices.write_text("{}", encoding="utf-8")
        openlit.init(
            application_name="bench",
            disable_metrics=True,
            disable_events=True,
            pricing_json=str(prices),
            disabled_instrumentors=list(openlit.MODULE_NAME_MAP),
        )
    record = decorated(lambda name: openlit.trace, set_on_current_span)
    return Variant(lambda: record(next_turn()), record=record, **(ends(made) if made else {}))
