"""A guest in the application's telemetry: what is taken from its provider, when it is looked up, what is never done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator

import convqa_sdk as convqa

from .conftest import Record, Run


class Dated(IdGenerator):
    """Ids as AWS X-Ray wants them: a trace id begins with a time; here all of them count."""

    def __init__(self) -> None:
        self.spans = 0xA0
        self.traces = 0x65000000 << 96

    def generate_span_id(self) -> int:
        self.spans += 1
        return self.spans

    def generate_trace_id(self) -> int:
        self.traces += 1
        return self.traces


class Broken(IdGenerator):
    """Makes no usable id."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def generate_span_id(self) -> int:
        if isinstance(self.made, Exception):
            raise self.made
        return self.made

    generate_trace_id = generate_span_id


class Untouchable(RandomIdGenerator):
    """OpenTelemetry's default, which draws from the shared generator."""

    def generate_span_id(self) -> int:
        raise AssertionError("drawn from the generator that the bot may seed")

    generate_trace_id = generate_span_id


def test_ids_come_from_the_applications_generator(record: Record) -> None:
    """Span ids, and trace ids of traces of their own, are made by the generator of the application's provider."""
    spans = record(provider=TracerProvider(id_generator=Dated()), trace_scope="turn")
    with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        pass
    convqa.record_feedback(convqa.TurnRef("c-1", 1, 2), thumbs="up")
    assert sorted(span.context.span_id for span in spans.all) == [0xA1, 0xA2, 0xA3]
    assert {span.context.trace_id >> 96 for span in spans.all} == {0x65000000}
    assert spans.one("turn").context.trace_id != spans.one("outcome").context.trace_id


def test_a_conversations_trace_id_is_computed_all_the_same(record: Record) -> None:
    """Turns of one conversation meet in any process, which no generator could do."""
    spans = record(provider=TracerProvider(id_generator=Dated()))
    for _ in range(2):
        with convqa.turn("c-1", "hi"):
            pass
    assert len({span.context.trace_id for span in spans.all}) == 1
    assert spans.all[0].context.trace_id >> 96 != 0x65000000


@pytest.mark.parametrize("made", [0, 1 << 64 << 64, -1, "id", None, ValueError("secret")], ids=repr)
def test_a_broken_generator_costs_nothing(record: Record, made: Any) -> None:
    """Where it raises, or makes what is no id, a random one stands in, and that is counted."""
    spans = record(provider=TracerProvider(id_generator=Broken(made)), trace_scope="turn")
    with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        pass
    turn, tool = spans.one("turn").context, spans.one("tool").context
    assert len({turn.span_id, tool.span_id}) == 2
    assert turn.is_valid
    assert tool.is_valid
    assert turn.trace_id == tool.trace_id
    assert spans.sdk.stats().faults["id_generator"] == 3


def test_the_default_generator_is_not_asked(record: Record) -> None:
    """OpenTelemetry's random ids come from Python's shared generator, whose state is the bot's."""
    spans = record(provider=TracerProvider(id_generator=Untouchable()), trace_scope="turn")
    with convqa.turn("c-1", "hi"):
        pass
    assert spans.one("turn").context.is_valid
    assert spans.sdk.stats().faults == {}


def test_looking_the_provider_up_waits_for_the_first_stage(run: Run) -> None:
    """Looking it up can install one, by OTEL_PYTHON_TRACER_PROVIDER: neither import nor `configure()` does."""
    done = run(
        """
        import json
        import convqa_sdk as convqa
        from opentelemetry import trace
        def installed():
            return trace._TRACER_PROVIDER is not None
        found = [installed()]
        sdk = convqa.configure(store="s")
        found.append(installed())
        with convqa.turn("c-1", "hi") as turn:
            found.append(installed())
            found.append(trace.get_current_span() is turn)
        print(json.dumps([*found, type(trace.get_tracer_provider()).__module__]))
        """,
        OTEL_PYTHON_TRACER_PROVIDER="sdk_tracer_provider",
    )
    assert json.loads(done.stdout) == [False, False, True, False, "opentelemetry.sdk.trace"]


def test_no_provider_is_ever_set(run: Run) -> None:
    """A whole life of the SDK, up to its replacement and its end, leaves the global providers of all signals unset."""
    done = run(
        """
        import json
        import convqa_sdk as convqa
        from opentelemetry import _logs, metrics, trace
        from opentelemetry._logs import _internal as logs
        from opentelemetry.metrics import _internal as meters
        for store in "ab":
            sdk = convqa.configure(store=store)
            with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t"):
                pass
            convqa.record_feedback(turn.ref, thumbs="up")
            sdk.flush()
        sdk.shutdown()
        print(json.dumps([trace._TRACER_PROVIDER, meters._METER_PROVIDER, logs._LOGGER_PROVIDER]))
        """
    )
    assert json.loads(done.stdout) == [None, None, None]


def test_the_applications_providers_keep_what_they_have(run: Run) -> None:
    """Ours adds no processor, no reader and no exporter to any; the meter provider gets instruments of our scope."""
    done = run(
        """
        import json
        import convqa_sdk as convqa
        from opentelemetry import _logs, metrics, trace
        from opentelemetry.sdk._logs import LoggerProvider
        from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        spans, logs, reader = InMemorySpanExporter(), InMemoryLogRecordExporter(), InMemoryMetricReader()
        tracing, logging_, metering = TracerProvider(), LoggerProvider(), MeterProvider(metric_readers=[reader])
        tracing.add_span_processor(SimpleSpanProcessor(spans))
        logging_.add_log_record_processor(SimpleLogRecordProcessor(logs))
        trace.set_tracer_provider(tracing)
        _logs.set_logger_provider(logging_)
        metrics.set_meter_provider(metering)
        added = []
        tracing.add_span_processor = logging_.add_log_record_processor = added.append
        for join in (True, False):
            sdk = convqa.configure(store="s", join=join)
            with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t"):
                pass
            sdk.flush()
        sdk.shutdown()
        (measured,) = reader.get_metrics_data().resource_metrics
        scopes = [scope.scope.name for scope in measured.scope_metrics]
        print(json.dumps([added, spans.get_finished_spans(), logs.get_finished_logs(), scopes]))
        """
    )
    assert json.loads(done.stdout) == [[], [], [], ["convqa_sdk"]]
