"""Logfire: its spans with keyword attributes; it scrubs in the thread that answers, unless told not to."""

from __future__ import annotations

import warnings
from dataclasses import asdict
from typing import Any

import logfire
import workload as w
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from variants import Variant


def make(exporter: SpanExporter, mode: str, *, scrubbing: bool = True) -> Variant:
    """Set up; off: not configured."""
    next_turn = w.endless()
    if mode == "off":
        warnings.simplefilter("ignore")
        record = _record()
        return Variant(lambda: record(next_turn()), record=record)
    logfire.configure(
        send_to_logfire=False,
        console=False,
        metrics=False,
        scrubbing=None if scrubbing else False,
        additional_span_processors=[BatchSpanProcessor(exporter)],
        sampling=logfire.SamplingOptions(head=0.0) if mode == "thinned" else None,
    )
    record = _record()
    return Variant(
        lambda: record(next_turn()),
        record=record,
        flush=lambda timeout_s: logfire.force_flush(int(timeout_s * 1000)),
        shutdown=lambda timeout_s: logfire.shutdown(int(timeout_s * 1000)),
    )


def _record() -> Any:
    values = {turn.question: w.values(turn) for turn in w.TURNS}
    passages = {turn.question: [asdict(passage) for passage in turn.passages] for turn in w.TURNS}

    def record(now: w.Turn) -> None:
        its = values[now.question]
        with logfire.span("turn", **its["turn"]):
            with logfire.span("intent_detection") as span:
                span.set_attributes(its["intent_detection"])
            with logfire.span("retrieval", query=now.question, k=4) as span:
                span.set_attribute("documents", passages[now.question])
            with logfire.span(
                "generation",
                provider="acme",
                model="support-llm-3",
                prompt_version=w.PROMPT_VERSION,
                prompt=now.prompt,
            ) as span:
                span.set_attribute("answer", now.answer)
                span.set_attribute("input_tokens", 1210)
                span.set_attribute("output_tokens", 148)
            with logfire.span("policy_check") as span:
                span.set_attributes(its["policy_check"])
            with logfire.span("escalation") as span:
                span.set_attributes(its["escalation"])

    return record
