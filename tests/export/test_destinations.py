"""Where spans go, and under which name: arguments first, then the environment, then the embedded store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

import convqa_sdk as convqa
from convqa_sdk.assign import conversation_trace_id
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.destinations import named_destinations
from convqa_sdk.export.environment import Environment
from convqa_sdk.export.exporters import ConsoleExporter, Forwarder, MemoryExporter
from convqa_sdk.export.settings import read_settings

from .conftest import KEY, Start, stored
from .doubles import Keeping

OTLP = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}
MEMORY = MemoryExporter()
PROCESSOR = SimpleSpanProcessor(MEMORY)


def named(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], **given: Any) -> tuple[list[str], Path | None]:
    """Names of the destinations, and the store's folder."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    destinations, store, _ = named_destinations(read_settings(given))
    return [destination.name for destination in destinations], store


@pytest.mark.parametrize(
    ("given", "environ", "expected"),
    [
        ({}, {}, ["store"]),
        ({"console": True}, {}, ["console", "store"]),
        ({}, OTLP, ["otlp"]),
        ({}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x/y"}, ["otlp"]),
        ({}, {"CONVQA_STORE": "a"}, ["store"]),
        ({}, {**OTLP, "CONVQA_STORE": "a"}, ["otlp", "store"]),
        ({}, {**OTLP, "OTEL_TRACES_EXPORTER": "none"}, ["store"]),
        ({}, {**OTLP, "OTEL_TRACES_EXPORTER": "none", "CONVQA_STORE": "a"}, ["store"]),
        ({}, {**OTLP, "OTEL_TRACES_EXPORTER": "console,otlp"}, ["otlp"]),
        ({}, {**OTLP, "OTEL_TRACES_EXPORTER": ""}, ["otlp"]),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "  "}, ["store"]),
        ({"exporters": [MEMORY]}, {**OTLP, "CONVQA_STORE": "a"}, ["MemoryExporter"]),
        ({"exporters": []}, {**OTLP, "CONVQA_STORE": "a"}, []),
        ({"forward_to": PROCESSOR}, {**OTLP, "CONVQA_STORE": "a"}, ["forward:SimpleSpanProcessor"]),
        ({"store": "b"}, {**OTLP, "CONVQA_STORE": "a"}, ["store"]),
        (
            {"exporters": [MEMORY, Keeping()], "forward_to": [PROCESSOR], "store": "b", "console": True},
            OTLP,
            ["MemoryExporter", "Keeping", "forward:SimpleSpanProcessor", "console", "store"],
        ),
        ({"disabled": True, "exporters": [MEMORY]}, OTLP, []),
    ],
)
def test_which_destinations(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], environ: dict[str, str], expected: list[str]
) -> None:
    """Explicit ones add up and replace the environment; the environment's add up; with nothing named, the store."""
    assert named(monkeypatch, environ, **given)[0] == expected


@pytest.mark.parametrize(
    ("given", "environ", "folder"),
    [({}, {}, "convqa-telemetry"), ({}, {"CONVQA_STORE": "a"}, "a"), ({"store": "b"}, {"CONVQA_STORE": "a"}, "b")],
)
def test_which_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, Any], environ: dict[str, str], folder: str
) -> None:
    """The folder is fixed at `configure()`: a bot that changes its directory later writes where it began."""
    assert named(monkeypatch, environ, **given)[1] == tmp_path / folder


def test_nothing_named_writes_the_default_store(start: Start, tmp_path: Path) -> None:
    """Without any setting a turn is found in ./convqa-telemetry."""
    sdk = start()
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
    assert sdk.flush(5)
    assert [span.name for span in stored(tmp_path / "convqa-telemetry")] == ["turn"]


# --------------------------------------------------------------------------------------------------- the resource


def resource_of(given: dict[str, Any]) -> dict[str, Any]:
    """Attributes of the resource that spans would have."""
    return dict(Environment(read_settings(given), ships_to_environment=False).resource().attributes)


@pytest.mark.parametrize("depth", range(5))
def test_who_names_the_service(monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    """`service_name=` beats OTEL_SERVICE_NAME beats OTEL_RESOURCE_ATTRIBUTES beats the provider's resource."""
    given: dict[str, Any] = {}
    if depth <= 3:
        given["provider"] = TracerProvider(resource=Resource({"service.name": "of the provider", "host.name": "h"}))
    if depth <= 2:
        monkeypatch.setenv(
            "OTEL_RESOURCE_ATTRIBUTES", "service.name=of the attributes,deployment.environment.name=test"
        )
    if depth <= 1:
        monkeypatch.setenv("OTEL_SERVICE_NAME", "of the variable")
    if depth == 0:
        given["service_name"] = "of the argument"
    names = ["of the argument", "of the variable", "of the attributes", "of the provider", "unknown_service"]
    attributes = resource_of(given)
    assert attributes["service.name"].removesuffix(":python3").removesuffix(":python") == names[depth]
    if depth <= 2:
        assert attributes["deployment.environment.name"] == "test"
    if depth <= 3:
        assert attributes["host.name"] == "h"


@pytest.mark.parametrize("provider", [True, False])
def test_resource_attributes_are_honoured(monkeypatch: pytest.MonkeyPatch, provider: bool) -> None:
    """`OTEL_RESOURCE_ATTRIBUTES` stand on our spans, also beside a provider that was made without them."""
    given = {"provider": TracerProvider(resource=Resource({"a": "theirs", "service.name": "p"}))} if provider else {}
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "b=1%202,my.service.name=not this")
    attributes = resource_of(given)
    assert attributes["b"] == "1 2"
    assert attributes["service.name"].startswith("p" if provider else "unknown_service")


def test_a_provider_that_is_set_later_gives_its_resource(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application may set its provider after `configure()`; it is looked up at the first turn, not before."""
    exporter = Keeping()
    sdk = start(exporter, service_name=None)
    provider = TracerProvider(resource=Resource({"service.name": "later"}))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)  # what `set_tracer_provider` sets, once per process
    with convqa.turn("c-1", "hi") as turn:
        assert turn.trace_id == conversation_trace_id(KEY, "later", "c-1")
    assert sdk.flush(5)
    assert exporter.spans[0].resource.attributes["service.name"] == "later"


@pytest.mark.parametrize(
    ("given", "environ", "application", "joins"),
    [
        ({}, {}, False, True),
        ({}, {}, True, False),
        ({}, OTLP, True, True),
        ({"forward_to": PROCESSOR}, {}, True, True),
        ({"exporters": [MEMORY]}, OTLP, True, False),
        ({"join": True}, {}, True, True),
        ({"join": False}, OTLP, False, False),
    ],
)
def test_when_stages_join(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], environ: dict[str, str], application: bool, joins: bool
) -> None:
    """Stages become current spans only where ours reach the application's backend, or there is none (decision 1)."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings = read_settings({**given, **({"provider": TracerProvider()} if application else {})})
    _, _, from_environment = named_destinations(settings)
    assert Environment(settings, ships_to_environment=from_environment).joins() is joins


# ------------------------------------------------------------------------------------------------- small exporters


def test_memory_keeps_the_newest(start: Start) -> None:
    """A bounded number of spans, newest last."""
    exporter = MemoryExporter(limit=2)
    sdk = start(exporter)
    for number in range(3):
        with convqa.turn(f"c-{number}"):
            pass
    sdk.flush(5)
    assert [s.attributes["gen_ai.conversation.id"] for s in exporter.spans if s.attributes] == ["c-1", "c-2"]
    exporter.clear()
    assert exporter.spans == ()


def test_the_console_writes_to_standard_error_without_content(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    """One line per span, with what identifies it, and never on standard output."""
    sdk = start(MemoryExporter(), console=True)
    with convqa.turn("c-1", "a secret message") as turn:
        turn.custom(own="a secret of mine")
        turn.answer("a secret answer", type="grounded")
    sdk.flush(5)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("convqa c-1 turn ok ")
    assert "'convqa.answer.type': 'grounded'" in err
    assert "secret" not in err


def test_a_forwarder_leaves_its_processor_open() -> None:
    """Shutting a processor down is its owner's business."""

    class Processor(SimpleSpanProcessor):
        def shutdown(self) -> None:
            raise AssertionError("not ours")

    forwarder = Forwarder(Processor(ConsoleExporter()))
    forwarder.shutdown()
    assert forwarder.force_flush()


def test_processors_get_what_the_application_does_not_sample(start: Start) -> None:
    """All turns are recorded; a processor that skips unsampled spans would lose them uncounted."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(sampler=ALWAYS_OFF)
    sdk = start(forward_to=[SimpleSpanProcessor(kept)], provider=provider)
    with provider.get_tracer("app").start_as_current_span("request"), convqa.turn("c-1", "hi"):
        assert not trace.get_current_span().get_span_context().trace_flags.sampled
    assert sdk.flush(5)
    assert [span.name for span in kept.get_finished_spans()] == ["turn"]


def test_processors_that_heed_suppressed_instrumentation_get_everything(start: Start) -> None:
    """Our exporters send with instrumentation suppressed; a processor is handed spans as a provider hands them."""

    class Heeding(SpanProcessor):
        def __init__(self) -> None:
            self.names: list[str] = []

        def on_end(self, span: ReadableSpan) -> None:
            if is_instrumentation_enabled():
                self.names.append(span.name)

    processor = Heeding()
    sdk = start(forward_to=processor)
    with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        pass
    assert sdk.flush(5)
    assert processor.names == ["execute_tool t", "turn"]


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_an_endpoint_without_a_scheme_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The HTTP exporter would stumble over it when the first turn has ended; gRPC takes it."""
    monkeypatch.setenv(variable, "localhost:4318")
    with pytest.raises(ConfigurationError, match=f"^{variable}: give a URL"):
        convqa.configure()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    convqa.configure()


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"])
@pytest.mark.parametrize("given", ["grcp", "http", "http/json"])
def test_a_protocol_that_nobody_speaks_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, given: str) -> None:
    """A slip of the pen is no HTTP: the error says what was given, what is accepted, and that JSON is not."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
    monkeypatch.setenv(variable, given)
    with pytest.raises(ConfigurationError) as caught:
        convqa.configure()
    assert str(caught.value) == f"{variable}: give grpc or http/protobuf, not {given!r}; http/json is not supported"


def test_the_protocol_of_traces_wins_and_the_other_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics may use a protocol that we do not speak; what is empty names none."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", " HTTP/protobuf ")
    convqa.configure()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", " ")
    convqa.configure()


def test_an_endpoint_that_is_not_used_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics may go to another place by another protocol."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4318/v1/traces")
    convqa.configure()


def test_a_provider_that_cannot_be_loaded_is_tried_once(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    """Turns leave all the same."""
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "nonsense")
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    exporter = Keeping()
    sdk = start(exporter)
    for _ in range(3):
        with convqa.turn("c-1", "hi"):
            pass
    assert sdk.flush(5)
    assert len(exporter.spans) == 3
    assert sdk.stats().faults == {"provider": 1}
