"""Late feedback, CSAT and audits as log events of the application's own pipeline."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from opentelemetry._logs import LoggerProvider as ApiProvider
from opentelemetry._logs import NoOpLoggerProvider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider

import convqa_sdk as convqa
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.schema import SCHEMA_URL, SCOPE_NAME
from convqa_sdk.testing import Recording, recording

from .receivers import attributes, http_receiver

EARLIER = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)
EARLIER_NS = 1_767_323_045_678_901_000


class Logs:
    """A logger provider of the application's, and what it was given."""

    def __init__(self) -> None:
        self.exporter = InMemoryLogRecordExporter()
        self.provider = LoggerProvider(shutdown_on_exit=False)
        self.provider.add_log_record_processor(SimpleLogRecordProcessor(self.exporter))

    @property
    def records(self) -> list[Any]:
        """Log records in the order of their emission."""
        return [each.log_record for each in self.exporter.get_finished_logs()]

    @property
    def results(self) -> list[dict[str, Any]]:
        """What each says of the evaluation."""
        return [
            {
                key.removeprefix("gen_ai.evaluation."): value
                for key, value in record.attributes.items()
                if key.startswith("gen_ai.evaluation.")
            }
            for record in self.records
        ]


@pytest.fixture
def logs() -> Logs:
    """The application's logs."""
    return Logs()


@pytest.fixture
def spans(logs: Logs) -> Iterator[Recording]:
    """Record in memory, with the application's logs given."""
    with recording(logger_provider=logs.provider) as recorded:
        yield recorded


def a_turn() -> convqa.TurnRef:
    """Record a turn and return its reference."""
    with convqa.turn("c-1", "hello") as turn:
        turn.answer("hi")
    return turn.ref


class TestWhatIsEmitted:
    """Names and values by the GenAI conventions."""

    def test_feedback(self, logs: Logs, spans: Recording) -> None:
        """Thumbs are score and label, the comment is the explanation, on the turn's trace and span id."""
        ref = a_turn()
        convqa.record_feedback(ref, thumbs="down", comment="that is not our plan", at=EARLIER, id="f-1", source="web")
        (record,) = logs.records
        assert record.event_name == "gen_ai.evaluation.result"
        assert (record.trace_id, record.span_id, int(record.trace_flags)) == (ref.trace_id, ref.span_id, 1)
        assert record.timestamp == EARLIER_NS
        assert dict(record.attributes) == {
            "gen_ai.evaluation.name": "feedback",
            "gen_ai.evaluation.score.value": 0.0,
            "gen_ai.evaluation.score.label": "thumbs_down",
            "gen_ai.evaluation.explanation": "that is not our plan",
            "gen_ai.conversation.id": "c-1",
            "convqa.outcome.id": "f-1",
            "convqa.outcome.source": "web",
            "convqa.redaction.status": "clean",
        }

    @pytest.mark.parametrize("kind", ["resolution", "delayed", "handoff", "model"])
    def test_csat_of_each_kind(self, logs: Logs, spans: Recording, kind: Any) -> None:
        """The score stays on its own scale, which stands beside it."""
        convqa.record_csat("c-1", score=4, scale=7, kind=kind)
        assert logs.results == [{"name": f"csat.{kind}", "score.value": 4.0}]
        assert logs.records[0].attributes["convqa.outcome.csat.scale"] == 7

    def test_an_audit_is_a_result_for_each_grade(self, logs: Logs, spans: Recording) -> None:
        """Grades are scores from 0 to 2 with a word, impact and category are labels."""
        convqa.record_audit(
            a_turn(), claim_accuracy=2, policy_alignment=0, source_grounding=1, user_impact="major", category="policy"
        )
        assert logs.results == [
            {"name": "audit.claim_accuracy", "score.value": 2.0, "score.label": "right"},
            {"name": "audit.policy_alignment", "score.value": 0.0, "score.label": "wrong"},
            {"name": "audit.source_grounding", "score.value": 1.0, "score.label": "partly"},
            {"name": "audit.user_impact", "score.label": "major"},
            {"name": "audit.category", "score.label": "policy"},
        ]

    def test_a_conversation_without_its_turn_has_no_span(self, logs: Logs, spans: Recording) -> None:
        """The conversation id is all that is known; the span that happens to be current is not the one judged."""
        with TracerProvider().get_tracer("app").start_as_current_span("job"):
            convqa.record_csat("c-1", score=4)
        (record,) = logs.records
        assert (record.trace_id, record.span_id) == (0, 0)
        assert record.attributes["gen_ai.conversation.id"] == "c-1"

    def test_nothing_else_is_an_evaluation(self, logs: Logs, spans: Recording) -> None:
        """Turns, an unanswered survey, other outcomes, changes and ends of sessions."""
        a_turn()
        convqa.record_csat("c-1", asked_at=EARLIER)
        convqa.record_resolution("c-1", "pending")
        convqa.record_agent_message("c-1", index=0, text="hello")
        convqa.record_change("model", version="v2")
        convqa.end_session("c-1")
        assert logs.records == []
        assert len(spans.spans) == 6

    def test_the_outcome_is_a_span_all_the_same(self, logs: Logs, spans: Recording) -> None:
        """The log event is besides, never instead."""
        convqa.record_csat("c-1", score=4)
        assert len(spans.outcomes("csat")) == len(logs.records) == 1

    def test_the_scope_is_ours(self, logs: Logs, spans: Recording) -> None:
        """As on spans: name, version and schema."""
        convqa.record_csat("c-1", score=4)
        (emitted,) = logs.exporter.get_finished_logs()
        scope = emitted.instrumentation_scope
        assert (scope.name, scope.version, scope.schema_url) == (SCOPE_NAME, convqa.__version__, SCHEMA_URL)


class TestPrivacy:
    """A comment is as private in a log as in a span."""

    def test_comments_are_redacted(self, logs: Logs, spans: Recording) -> None:
        """The text that leaves is the redacted one, and the event says so; an id that is a number is a pseudonym."""
        convqa.record_feedback("+49 170 5551234", comment="mail jane@example.com", thumbs="up")
        (record,) = logs.records
        assert record.attributes["gen_ai.evaluation.explanation"] == "mail [EMAIL]"
        assert record.attributes["convqa.redaction.status"] == "redacted"
        assert record.attributes["gen_ai.conversation.id"] == spans.outcomes()[0]["gen_ai.conversation.id"]
        assert "5551234" not in repr(record.attributes)

    def test_content_can_be_switched_off(self, logs: Logs) -> None:
        """A comment stays away; one without thumbs is then no result."""
        with recording(logger_provider=logs.provider, content=False):
            convqa.record_feedback("c", thumbs="down", comment="private words")
            convqa.record_feedback("c", comment="private words")
        assert logs.results == [{"name": "feedback", "score.value": 0.0, "score.label": "thumbs_down"}]

    def test_logs_may_have_a_policy_of_their_own(self, logs: Logs) -> None:
        """`logs` is a destination of a policy, whatever the spans' are."""
        policy = RedactionPolicy(destinations={"logs": {"content": False}})
        with recording(logger_provider=logs.provider, redaction=policy) as spans:
            convqa.record_feedback("c", thumbs="down", comment="our words")
            assert spans.outcomes()[0]["convqa.outcome.feedback.comment"] == "our words"
        assert "explanation" not in logs.results[0]


class TestGuest:
    """The application's logs are its own."""

    def test_the_providers_that_is_set_is_found_and_none_is_installed(self) -> None:
        """Before one is set nothing is emitted nor made by the look; one that is set later is used from then on."""
        script = """
import os
os.environ["OTEL_PYTHON_LOGGER_PROVIDER"] = "no_such_provider"   # looking it up would fail to load it
import opentelemetry._logs._internal as api
import convqa_sdk as convqa
from convqa_sdk.testing import recording
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
exporter = InMemoryLogRecordExporter()
with recording() as spans:
    convqa.record_csat("c-1", score=3)
    assert api._LOGGER_PROVIDER is None
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    api.set_logger_provider(provider)
    convqa.record_csat("c-1", score=4)
    print([log.log_record.attributes["gen_ai.evaluation.score.value"] for log in exporter.get_finished_logs()])
    print(spans.stats().faults, api._LOGGER_PROVIDER is provider, len(spans.outcomes()))
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert done.stdout.splitlines() == ["[4.0]", "{} True 2"], done.stderr

    def test_a_provider_that_raises_costs_the_event_alone(self) -> None:
        """The outcome leaves, the caller notices nothing, and the fault is counted."""

        class Broken(NoOpLoggerProvider):
            def get_logger(self, *args: Any, **more: Any) -> Any:
                raise SystemExit("broken")

        with recording(logger_provider=Broken()) as spans:
            assert convqa.record_csat("c-1", score=4, id="s-1") == "s-1"
            assert len(spans.outcomes("csat")) == 1
            assert spans.stats().faults == {"evaluation_event": 1}

    def test_a_provider_that_does_nothing_is_fine(self) -> None:
        """OpenTelemetry's own no-op takes the event and forgets it."""
        provider: ApiProvider = NoOpLoggerProvider()
        with recording(logger_provider=provider) as spans:
            convqa.record_csat("c-1", score=4)
            assert spans.stats().faults == {}


def test_it_reaches_a_receiver_by_otlp(tmp_path: Any) -> None:
    """By the application's own exporter: trace and span id in bytes, event name, time, values with their types."""
    with http_receiver(request=ExportLogsServiceRequest) as receiver:
        provider = LoggerProvider(shutdown_on_exit=False)
        exporter = OTLPLogExporter(endpoint=f"{receiver.url}/v1/logs")
        provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
        with convqa.configure(service_name="bot", store=tmp_path, logger_provider=provider) as sdk:
            ref = a_turn()
            convqa.record_feedback(ref, thumbs="up", comment="thanks, jane@example.com")
            convqa.record_csat(ref, score=4.5, answered_at=EARLIER + timedelta(hours=1))
            assert sdk.flush(5)
        provider.shutdown()
        requests: list[Any] = [request.message for request in receiver.requests]
    logs = [record for r in requests for rl in r.resource_logs for sl in rl.scope_logs for record in sl.log_records]
    assert [log.event_name for log in logs] == ["gen_ai.evaluation.result"] * 2
    assert {(log.trace_id.hex(), log.span_id.hex()) for log in logs} == {
        (f"{ref.trace_id:032x}", f"{ref.span_id:016x}")
    }
    feedback, csat = (attributes(log) for log in logs)
    assert feedback["gen_ai.evaluation.explanation"] == "thanks, [EMAIL]"
    assert (csat["gen_ai.evaluation.name"], csat["gen_ai.evaluation.score.value"]) == ("csat.resolution", 4.5)
