"""A bot that uses another tracing SDK and ours: a script for the environment that has them all.

`python bot.py PEER STEP…` takes the steps in the order given:
    peer       sets the other SDK up, as its documentation says
    apart      configures ours, with a backend of its own
    joined     configures ours, with the other SDK's backend beside its own, and `join=True`
    forwarded  configures ours, with the other SDK's span processor beside its own backend
    serve      answers one customer, in a span of the other SDK's
Addresses come from `PEER_URL`, `OWN_URL` and `MODEL_URL`.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from typing import Any, Protocol

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import convqa_sdk as convqa

PEER_URL, OWN_URL, MODEL_URL = (os.environ[name] for name in ("PEER_URL", "OWN_URL", "MODEL_URL"))


class Peer(Protocol):
    """Another SDK, set up.

    Attributes:
        traces: Where its backend takes OTLP.
        client: An OpenAI client that it traces.
    """

    traces: str
    client: Any

    def span(self, name: str) -> AbstractContextManager[Any]:
        """Start a span and make it current."""
        ...

    def processor(self) -> SpanProcessor:
        """Return a processor of its own that ships to its backend."""
        ...

    def flush(self) -> None:
        """Ship everything."""
        ...


class Langfuse:
    """Langfuse with its client for OpenAI."""

    traces = f"{PEER_URL}/api/public/otel/v1/traces"

    def __init__(self) -> None:
        from langfuse import Langfuse as Client

        self._client = Client(public_key="pk-lf-1", secret_key="sk-lf-1", base_url=PEER_URL, release="r-1")
        from langfuse.openai import OpenAI

        self.client = OpenAI(base_url=MODEL_URL, api_key="none")

    def span(self, name: str) -> AbstractContextManager[Any]:
        return self._client.start_as_current_observation(as_type="span", name=name)

    def processor(self) -> SpanProcessor:
        from langfuse._client.span_processor import LangfuseSpanProcessor

        return LangfuseSpanProcessor(public_key="pk-lf-1", secret_key="sk-lf-1", base_url=PEER_URL)

    def flush(self) -> None:
        self._client.flush()


class Logfire:
    """Logfire with its instrumentation of OpenAI's client."""

    traces = f"{PEER_URL}/v1/traces"

    def __init__(self) -> None:
        import logfire
        from openai import OpenAI

        there = logfire.AdvancedOptions(base_url=PEER_URL)
        logfire.configure(
            token="local", send_to_logfire=True, service_version="r-1", console=False, metrics=False, advanced=there
        )
        logfire.instrument_openai()
        self._logfire = logfire
        self.client = OpenAI(base_url=MODEL_URL, api_key="none")

    def span(self, name: str) -> AbstractContextManager[Any]:
        return self._logfire.span(name)

    def processor(self) -> SpanProcessor:
        provider: Any = trace.get_tracer_provider()
        return provider.provider._active_span_processor

    def flush(self) -> None:
        self._logfire.force_flush()


class OpenInference:
    """OpenInference's instrumentation of OpenAI's client, with a provider of the application's."""

    traces = f"{PEER_URL}/v1/traces"

    def __init__(self) -> None:
        from openai import OpenAI
        from openinference.instrumentation.openai import OpenAIInstrumentor

        self._provider = TracerProvider(resource=Resource.create({"service.version": "r-1"}))
        self._processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=self.traces))
        self._provider.add_span_processor(self._processor)
        trace.set_tracer_provider(self._provider)
        OpenAIInstrumentor().instrument(tracer_provider=self._provider)
        self.client = OpenAI(base_url=MODEL_URL, api_key="none")

    def span(self, name: str) -> AbstractContextManager[Any]:
        return self._provider.get_tracer("app").start_as_current_span(name)

    def processor(self) -> SpanProcessor:
        return self._processor

    def flush(self) -> None:
        self._provider.force_flush()


@convqa.generation(model="gpt-4.1")
def stream(peer: Peer, messages: Any) -> Any:
    """Return the provider's own stream."""
    return peer.client.chat.completions.create(
        model="gpt-4.1", messages=messages, stream=True, stream_options={"include_usage": True}
    )


def serve(peer: Peer) -> None:
    """Answer one customer; their spans and ours are nested as a bot nests them."""
    messages: Any = [{"role": "system", "content": "facts\nA session lasts an hour."}]
    with peer.span("request"), convqa.turn("c-1", "I am jane@example.com. How long is a session?") as turn:
        with convqa.retrieval(data_source="kb", query="session") as retrieval:
            with peer.span("index"):
                trace.get_current_span().set_attribute("index.shard", 7)
            retrieval.set(documents=[convqa.Document("kb-1", "A session lasts an hour.", 0.5)])
        with convqa.generation(model="gpt-4.1", messages=messages) as generation:
            generation.set(response=peer.client.chat.completions.create(model="gpt-4.1", messages=messages))
        for _ in stream(peer, messages):
            pass
        turn.answer("An hour.", type="grounded", citations=["kb-1"])
    convqa.record_feedback(turn.ref, thumbs="up")
    convqa.record_change("prompt", version="p-2")


def configure(kind: type[Peer], step: str, peer: Peer | None) -> convqa.Sdk:
    """Configure ours; the provider stays whatever it was."""
    before = trace.get_tracer_provider()
    given: dict[str, Any] = {"exporters": [OTLPSpanExporter(endpoint=f"{OWN_URL}/v1/traces")]}
    if step == "joined":
        given["exporters"].append(OTLPSpanExporter(endpoint=kind.traces))
        given["join"] = True
    elif step == "forwarded":
        assert peer is not None
        given["forward_to"] = peer.processor()
    sdk = convqa.configure(key=b"k" * 32, **given)
    assert trace.get_tracer_provider() is before
    return sdk


def main(name: str, *steps: str) -> None:
    """Take the steps."""
    kinds: dict[str, type[Any]] = {"langfuse": Langfuse, "logfire": Logfire, "openinference": OpenInference}
    kind = kinds[name]
    peer: Any = None
    sdk: convqa.Sdk | None = None
    for step in steps:
        if step == "peer":
            peer = kind()
        elif step == "serve":
            before = trace.get_tracer_provider()
            serve(peer)
            assert trace.get_tracer_provider() is before
            peer.flush()
            assert sdk is None or sdk.flush(20)
        else:
            sdk = configure(kind, step, peer)


if __name__ == "__main__":
    main(*sys.argv[1:])
