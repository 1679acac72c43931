"""OpenTelemetry's own util-genai: a workflow, tools, a retrieval and an inference, with content on spans."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"
os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"

import workload as w
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import NoOpTracerProvider
from opentelemetry.util.genai.handler import TelemetryHandler
from opentelemetry.util.genai.types import InputMessage, OutputMessage, Text

from variants import Variant, ends, provider


def make(exporter: SpanExporter, mode: str) -> Variant:
    """Set up; off: a provider that does nothing."""
    next_turn = w.endless()
    made = None if mode == "off" else provider(exporter, mode)
    handler = TelemetryHandler(tracer_provider=made or NoOpTracerProvider())
    values = {turn.question: w.values(turn) for turn in w.TURNS}
    passages = {turn.question: [asdict(passage) for passage in turn.passages] for turn in w.TURNS}

    def generate(now: w.Turn) -> None:
        with handler.inference("acme", request_model="support-llm-3") as call:
            if handler.should_capture_content():
                call.input_messages = [InputMessage(role="user", parts=[Text(content=now.prompt)])]
                call.output_messages = [
                    OutputMessage(role="assistant", parts=[Text(content=now.answer)], finish_reason="stop")
                ]
            call.input_tokens, call.output_tokens = 1210, 148
            call.attributes["bot.prompt.version"] = w.PROMPT_VERSION

    def record(now: w.Turn) -> None:
        its = values[now.question]
        with handler.workflow("turn") as turn:
            turn.attributes.update(its["turn"])
            _tool(handler, "intent_detection", its)
            with handler.retrieval(data_source_id="help-center") as search:
                search.query_text, search.top_k = now.question, 4
                if handler.should_capture_content():
                    search.documents = passages[now.question]
            generate(now)
            _tool(handler, "policy_check", its)
            _tool(handler, "escalation", its)

    return Variant(lambda: record(next_turn()), record=record, **(ends(made) if made else {}))


def _tool(handler: Any, name: str, values: Any) -> None:
    with handler.tool(name) as tool:
        tool.attributes.update(values[name])
