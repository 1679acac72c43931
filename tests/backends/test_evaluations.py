"""Evaluations and late outcomes through a real Collector: logs by the application's pipeline, spans by ours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

import convqa_sdk as convqa

from .collector import Collector
from .servers import wait_for

pytestmark = pytest.mark.backend

CLOSED = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)


def attributes(holder: dict[str, Any]) -> dict[str, Any]:
    """Attributes of a log record in JSON, without their types."""
    return {pair["key"]: next(iter(pair["value"].values())) for pair in holder["attributes"]}


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_a_delayed_survey_is_a_log_event_and_a_trace_of_its_own(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    """The event is on the turn's span; the outcome is another trace, days later, linked to the turn, with its id."""
    conversation = f"c-evaluated-{protocol}"
    endpoint = collector.http if protocol == "http" else collector.grpc
    exporter: Any = (
        HttpExporter(endpoint=f"{endpoint}/v1/logs")
        if protocol == "http"
        else GrpcExporter(endpoint=endpoint, insecure=True)
    )
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc" if protocol == "grpc" else "http/protobuf")
    with convqa.configure(service_name="bot", key="k" * 32, logger_provider=provider) as sdk:
        with convqa.turn(conversation, "hello", start_time=CLOSED - timedelta(minutes=5), end_time=CLOSED) as turn:
            turn.answer("hi")
        convqa.record_resolution(turn.ref, "self_resolved", at=CLOSED)
        convqa.record_csat(turn.ref, 2, kind="delayed", asked_at=CLOSED + timedelta(hours=50), id="s-1")
        convqa.record_feedback(turn.ref, comment="mail jane@example.com", thumbs="down")
        assert sdk.flush(10)
    provider.shutdown()

    def arrived() -> list[dict[str, Any]]:
        return [r for r in collector.log_records() if attributes(r)["gen_ai.conversation.id"] == conversation]

    csat, feedback = wait_for(arrived, lambda records: len(records) == 2)
    for record in (csat, feedback):
        assert record["eventName"] == "gen_ai.evaluation.result"
        assert (record["traceId"], record["spanId"]) == (f"{turn.ref.trace_id:032x}", f"{turn.ref.span_id:016x}")
    assert attributes(csat)["gen_ai.evaluation.name"] == "csat.delayed"
    assert attributes(csat)["gen_ai.evaluation.score.value"] == 2
    assert int(csat["timeUnixNano"]) == 1_767_535_200 * 10**9  # 2026-01-04T14:00:00Z
    assert attributes(feedback)["gen_ai.evaluation.explanation"] == "mail [EMAIL]"

    spans = wait_for(
        lambda: [
            span
            for span in collector.written().values()
            if span.attributes.get("gen_ai.conversation.id") == ("string", conversation)
        ],
        lambda found: len(found) == 4,
    )
    (survey,) = [span for span in spans if span.name == "outcome csat"]
    (original,) = [span for span in spans if span.name == "turn"]
    assert survey.links == [(original.trace_id, original.span_id, {})]
    assert survey.trace_id != original.trace_id
    assert survey.start_ns - original.end_ns == 50 * 3600 * 10**9
    assert [span.name for span in spans if span.trace_id == original.trace_id] == ["turn"]
