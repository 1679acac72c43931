"""OpenInference: its decorators by kind of span, and its helpers for the attributes of a model and a retriever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import workload as w
from openinference.instrumentation import (
    OITracer,
    TraceConfig,
    TracerProvider,
    get_llm_attributes,
    get_retriever_attributes,
)
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SpanExporter

from variants import Variant, ends, provider
from variants.functions import decorated


def make(exporter: SpanExporter, mode: str) -> Variant:
    """Set up; off: a tracer that does nothing."""
    next_turn = w.endless()
    made = None if mode == "off" else provider(exporter, mode, TracerProvider)
    tracer = made.get_tracer("bench") if made else OITracer(trace.get_tracer("bench"), config=TraceConfig())
    kinds = {"retrieval": tracer.retriever, "generation": tracer.llm, "policy_check": tracer.guardrail}
    passages = {turn.question: [_document(asdict(passage)) for passage in turn.passages] for turn in w.TURNS}

    def annotate(name: str, values: Mapping[str, Any]) -> None:
        span = trace.get_current_span()
        if name == "retrieval":
            span.set_attributes(get_retriever_attributes(documents=passages[values["query"]]))
        elif name == "generation":
            span.set_attributes(_generation(values))
            span.set_attribute("bot.prompt.version", w.PROMPT_VERSION)
        else:
            span.set_attributes(values)

    record = decorated(lambda name: kinds.get(name, tracer.chain), annotate)
    return Variant(lambda: record(next_turn()), record=record, **(ends(made) if made else {}))


def _document(passage: dict[str, Any]) -> dict[str, Any]:
    named = {key: passage.pop(key) for key in ("id", "content", "score")}
    return {**named, "metadata": passage}


def _generation(values: Mapping[str, Any]) -> dict[str, Any]:
    return get_llm_attributes(
        provider=values["provider"],
        model_name=values["model"],
        input_messages=[{"role": "user", "content": values["prompt"]}],
        output_messages=[{"role": "assistant", "content": values["answer"]}],
        token_count={"prompt": 1210, "completion": 148, "total": 1358},
    )
