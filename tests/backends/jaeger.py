"""Jaeger, keeping its traces in memory: how it is started and asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode

from .servers import address, answers, get, listens, running
from .sightings import Sighting, Sightings, of_json


class Jaeger(NamedTuple):
    """A running Jaeger: where it takes OTLP, and where it answers."""

    http: str
    grpc: str
    api: str

    def traces_of(self, kept: Sightings) -> Sightings:
        """Return all spans of the traces that left."""
        found: Sightings = {}
        for trace_id in {span.trace_id for span in kept.values()}:
            found |= self.trace(trace_id)
        return found

    def trace(self, trace_id: str) -> Sightings:
        """Return a trace by its id, empty while there is none."""
        try:
            return _spans(get(f"{self.api}/api/v3/traces/{trace_id}"))
        except HTTPError as error:
            if error.code == 404:
                return {}
            raise

    def find(self, service: str, start: datetime, end: datetime, **query: str) -> Sightings:
        """Return all spans of the traces of a service that began between two times."""
        asked = {
            "query.service_name": service,
            "query.start_time_min": _rfc3339(start),
            "query.start_time_max": _rfc3339(end),
            "query.num_traces": "1000",
            **{f"query.{name}": text for name, text in query.items()},
        }
        try:
            return _spans(get(f"{self.api}/api/v3/traces?{urlencode(asked)}"))
        except HTTPError as error:
            if error.code == 404:
                return {}
            raise

    def tagged(self, service: str, **tags: str) -> set[str]:
        """Return the ids of a service's traces in which a span has the given attributes, as Jaeger's own page asks."""
        hour = timedelta(hours=1)
        now = datetime.now(timezone.utc)
        asked = {
            "service": service,
            "tags": json.dumps(tags),
            "start": str(int((now - hour).timestamp() * 1e6)),
            "end": str(int((now + hour).timestamp() * 1e6)),
            "limit": "1000",
        }
        return {trace["traceID"] for trace in get(f"{self.api}/api/traces?{urlencode(asked)}")["data"]}


def as_kept(spans: Sightings) -> Sightings:
    """Return what Jaeger keeps: everything, but a span of no duration gets a nanosecond of it and a warning."""
    return {span_id: _lengthened(span) if span.start_ns == span.end_ns else span for span_id, span in spans.items()}


def _lengthened(span: Sighting) -> Sighting:
    return replace(span, end_ns=span.end_ns + 1)


def without_warnings(spans: Sightings) -> Sightings:
    """Return spans without the warnings that Jaeger put on them, as an attribute of its own."""
    return {
        span_id: replace(span, attributes={key: span.attributes[key] for key in span.attributes if key != WARNINGS})
        for span_id, span in spans.items()
    }


WARNINGS = "@jaeger@warnings"


def _rfc3339(when: datetime) -> str:
    return when.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _spans(answer: Any) -> Sightings:
    return of_json([answer["result"]])


@contextmanager
def started(program: str, folder: Path) -> Iterator[Jaeger]:
    """Run Jaeger; its files are in `folder`."""
    config = folder / "jaeger.yaml"

    def command(ports: Sequence[int]) -> list[str]:
        http, grpc, api, api_grpc = map(address, ports)
        config.write_text(json.dumps(_config(http, grpc, api, api_grpc)))  # JSON is YAML
        return [program, "--config", str(config)]

    def ready(ports: Sequence[int]) -> bool:
        return all(map(listens, ports)) and answers(f"http://{address(ports[2])}/api/v3/services")

    with running(command, 4, ready, folder / "jaeger.log") as ports:
        yield Jaeger(*(f"http://{address(port)}" for port in ports[:3]))


def _config(http: str, grpc: str, api: str, api_grpc: str) -> dict[str, Any]:
    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query"],
            "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["jaeger_storage_exporter"]}},
            "telemetry": {"metrics": {"level": "none"}},
        },
        "extensions": {
            "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": 10_000}}}},
            "jaeger_query": {
                "storage": {"traces": "memory"},
                "http": {"endpoint": api},
                "grpc": {"endpoint": api_grpc},
            },
        },
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": http}, "grpc": {"endpoint": grpc}}}},
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "memory"}},
    }
