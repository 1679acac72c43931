"""The variants: the turn written by hand with OpenTelemetry's SDK, and with convqa-sdk on and off.

Each gives a function that records one turn, and one that sends what has been recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import workload as w
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult


class Variant(NamedTuple):
    """One way to record the turn."""

    turn: Callable[[], None]
    flush: Callable[[], Any]


class Nowhere(SpanExporter):
    """Takes spans and does nothing with them."""

    def export(self, spans: Any) -> SpanExportResult:
        """Take spans."""
        return SpanExportResult.SUCCESS


class Encoded(SpanExporter):
    """Encodes spans as the official OTLP exporter does, and does not send them."""

    def export(self, spans: Any) -> SpanExportResult:
        """Encode spans."""
        from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


def by_hand(exporter: SpanExporter) -> Variant:
    """Write the spans with the SDK, one `set_attribute` for each value."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("bench")
    groups: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("intent_detection", w.INTENT),
        ("retrieval", w.RETRIEVAL),
        ("generation", w.GENERATION),
        ("policy_check", w.POLICY),
        ("escalation", w.ESCALATION),
    )

    def turn() -> None:
        with tracer.start_as_current_span("turn") as span:
            for key, value in w.TURN.items():
                span.set_attribute(f"bot.{key}", value)
            for name, values in groups:
                with tracer.start_as_current_span(name) as stage:
                    for key, value in values.items():
                        stage.set_attribute(f"bot.{name}.{key}", value)
                    if name == "retrieval":
                        _set_passages(stage)

    return Variant(turn, provider.force_flush)


def _set_passages(span: Any) -> None:
    for index, passage in enumerate(w.PASSAGES):
        span.set_attribute(f"bot.documents.{index}.id", passage.id)
        span.set_attribute(f"bot.documents.{index}.rank", passage.rank)
        span.set_attribute(f"bot.documents.{index}.score", passage.score)
        span.set_attribute(f"bot.documents.{index}.hash", passage.hash)
        span.set_attribute(f"bot.documents.{index}.content", passage.content)


def _convqa_turn() -> Callable[[], None]:
    """Write the turn with the decorators, every default on; values without a field of ours are custom ones."""
    import convqa_sdk as convqa

    documents = [convqa.Document(passage.id, passage.content, passage.score) for passage in w.PASSAGES]

    @convqa.intent_detection(model=w.INTENT["model"])
    def classify(message: str) -> convqa.Intent:
        return convqa.Intent("refund_status", 0.91)

    @convqa.retrieval(data_source="help-center", top_k=4)
    def search(query: str) -> list[convqa.Document]:
        return documents

    @convqa.generation(model="support-llm-3", provider="acme", input_tokens=1210, output_tokens=148)
    def draft(prompt: str) -> str:
        return w.ANSWER

    @convqa.policy_check(name="refunds")
    def check(answer: str) -> convqa.PolicyResult:
        convqa.current_stage().custom(rules_checked=17, redacted=True)
        return convqa.PolicyResult.passed()

    @convqa.escalation
    def hand_over(reason: str) -> None:
        convqa.current_stage().custom(decision=False)

    def turn() -> None:
        with convqa.turn("conv-seven", w.QUESTION, turn_index=3, channel="web-chat", customer_tier="gold") as running:
            classify(w.QUESTION)
            search(w.QUESTION)
            answer = draft(w.PROMPT)
            check(answer)
            hand_over("other")
            running.answer(answer, type="grounded")

    return turn


def convqa_on(exporter: SpanExporter) -> Variant:
    """Record with every default on: redaction, pseudonyms, validation."""
    import convqa_sdk as convqa

    versions = convqa.Versions(prompt="prompt-v42", policy="policy-2026-05", kb_snapshot="kb-2026-05-01")
    sdk = convqa.configure(service_name="bench", exporters=[exporter], key=b"k" * 32, versions=versions)
    return Variant(_convqa_turn(), lambda: sdk.flush(30.0))


def convqa_off(exporter: SpanExporter) -> Variant:
    """Run the decorated bot without `configure()`."""
    return Variant(_convqa_turn(), lambda: None)


VARIANTS: dict[str, Callable[[SpanExporter], Variant]] = {
    "by hand": by_hand,
    "convqa": convqa_on,
    "convqa off": convqa_off,
}
EXPORTERS: dict[str, Callable[[], SpanExporter]] = {"nowhere": Nowhere, "encoded": Encoded}

__all__ = ["EXPORTERS", "VARIANTS", "Variant"]
