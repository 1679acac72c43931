"""Ships what the tests compare: a rich turn and a late outcome, to a backend and to a second source beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import convqa_sdk as convqa

from .sightings import Sightings, of_json, of_spans
from .turns import late_outcome, rich_turn

KEY = b"k" * 32
PROTOCOLS = {"http": "http/protobuf", "grpc": "grpc"}
ROUTES = ("exporter", "environment")


def ship(route: str, protocol: str, http: str, grpc: str, conversation: str, store: Path) -> Sightings:
    """Ship by one of the routes: an exporter given in code, or the standard variables."""
    if route == "exporter":
        return by_exporter(protocol, http, grpc, conversation)
    return by_environment(protocol, http, grpc, conversation, store)


def by_exporter(protocol: str, http: str, grpc: str, conversation: str) -> Sightings:
    """Ship through an exporter given in code; return what an in-memory exporter got beside it."""
    exporter: SpanExporter = (
        HttpExporter(f"{http}/v1/traces") if protocol == "http" else GrpcExporter(grpc, insecure=True)
    )
    memory = InMemorySpanExporter()
    _ship(convqa.configure("bot", exporters=(exporter, memory), key=KEY), conversation)
    return of_spans(memory.get_finished_spans())


def by_environment(protocol: str, http: str, grpc: str, conversation: str, store: Path) -> Sightings:
    """Ship to the backend that the standard variables name; return what the store beside it holds."""
    with pytest.MonkeyPatch.context() as env:
        env.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", http if protocol == "http" else grpc)
        env.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOLS[protocol])
        env.setenv("CONVQA_STORE", str(store))
        _ship(convqa.configure("bot", key=KEY), conversation)
    return in_store(store)


def in_store(store: Path) -> Sightings:
    """Read a store's files as the OTLP-JSON that they are."""
    return of_json(json.loads(line) for file in store.glob("*.jsonl") for line in file.read_text().splitlines())


def _ship(sdk: convqa.Sdk, conversation: str) -> None:
    late_outcome(rich_turn(conversation))
    assert sdk.flush(30)
    stats = sdk.stats()
    assert (stats.lost, stats.lost_records, stats.violations) == ({}, {}, {})
    sdk.shutdown(5)
