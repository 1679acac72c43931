"""The turn written with OpenTelemetry's SDK: one `set_attribute` for each value, or all values given at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import workload as w
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SpanExporter

from variants import Variant, ends, provider


def make(exporter: SpanExporter, mode: str, *, once: bool = False) -> Variant:
    """Set up; off: no provider, so the API's spans do nothing."""
    made = None if mode == "off" else provider(exporter, mode)
    tracer = trace.get_tracer("bench") if made is None else made.get_tracer("bench")
    next_turn = w.endless()
    record = _record_at_once(tracer) if once else _record(tracer)

    async def aturn() -> None:
        now = next_turn()
        with tracer.start_as_current_span("turn") as turn:
            _turn(turn, now)
            for name, write in _STAGES:
                with tracer.start_as_current_span(name) as span:
                    write(span, now)
                    await asyncio.sleep(0)

    return Variant(lambda: record(next_turn()), aturn, record=record, **(ends(made) if made else {}))


def _record(tracer: trace.Tracer) -> Callable[[w.Turn], None]:
    def record(now: w.Turn) -> None:
        with tracer.start_as_current_span("turn") as turn:
            _turn(turn, now)
            for name, write in _STAGES:
                with tracer.start_as_current_span(name) as span:
                    write(span, now)

    return record


def _turn(span: trace.Span, now: w.Turn) -> None:
    span.set_attribute("bot.conversation", now.conversation)
    span.set_attribute("bot.turn.index", 3)
    span.set_attribute("bot.channel", "web-chat")
    span.set_attribute("bot.customer.tier", "gold")
    span.set_attribute("bot.policy.version", w.POLICY_VERSION)
    span.set_attribute("bot.kb.snapshot", w.KB_SNAPSHOT)
    span.set_attribute("bot.question", now.question)


def _intent(span: trace.Span, now: w.Turn) -> None:
    span.set_attribute("bot.intent.name", "refund_status")
    span.set_attribute("bot.intent.confidence", 0.91)
    span.set_attribute("bot.intent.model", "intent-clf-12")


def _retrieval(span: trace.Span, now: w.Turn) -> None:
    span.set_attribute("bot.retrieval.query", now.question)
    span.set_attribute("bot.retrieval.k", 4)
    for passage in now.passages:
        for key in ("id", "rank", "score", "hash", "content"):
            span.set_attribute(f"bot.retrieval.documents.{passage.rank}.{key}", getattr(passage, key))


def _generation(span: trace.Span, now: w.Turn) -> None:
    span.set_attribute("gen_ai.provider.name", "acme")
    span.set_attribute("gen_ai.request.model", "support-llm-3")
    span.set_attribute("bot.prompt.version", w.PROMPT_VERSION)
    span.set_attribute("bot.prompt", now.prompt)
    span.set_attribute("bot.answer", now.answer)
    span.set_attribute("gen_ai.usage.input_tokens", 1210)
    span.set_attribute("gen_ai.usage.output_tokens", 148)


def _policy(span: trace.Span, now: w.Turn) -> None:
    span.set_attribute("bot.policy.verdict", "pass")
    span.set_attribute("bot.policy.rules_checked", 17)
    span.set_attribute("bot.policy.redacted", True)


def _escalation(span: trace.Span, now: w.Turn) -> None:
    span.set_attribute("bot.escalation.decision", False)
    span.set_attribute("bot.escalation.reason", "other")


_STAGES = (
    ("intent_detection", _intent),
    ("retrieval", _retrieval),
    ("generation", _generation),
    ("policy_check", _policy),
    ("escalation", _escalation),
)


class _Attributes(dict[str, Any]):
    """Stands for a span, and keeps what is set on it."""

    set_attribute = dict.__setitem__


def _attributes(write: Callable[[Any, w.Turn], None], now: w.Turn) -> Mapping[str, Any]:
    attributes = _Attributes()
    write(attributes, now)
    return attributes


def _record_at_once(tracer: trace.Tracer) -> Callable[[w.Turn], None]:
    def record(now: w.Turn) -> None:
        with tracer.start_as_current_span("turn", attributes=_attributes(_turn, now)):
            for name, write in _STAGES:
                with tracer.start_as_current_span(name, attributes=_attributes(write, now)):
                    pass

    return record
