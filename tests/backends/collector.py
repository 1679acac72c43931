"""The OpenTelemetry Collector: it takes OTLP or a store's files, and writes files or ships on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .servers import address, listens, running
from .sightings import Sightings, of_json


class Collector(NamedTuple):
    """A running Collector: where it takes OTLP, and the files it writes."""

    http: str
    grpc: str
    file: Path
    metrics: Path

    def log_records(self) -> list[dict[str, Any]]:
        """Return all log records that it has written, as JSON has them."""
        file = self.file.with_name("logs.json")  # no segment, so that its folder is a store of spans all the same
        lines = file.read_text().split("\n")[:-1] if file.exists() else []
        return [
            record
            for request in map(json.loads, lines)
            for resource in request["resourceLogs"]
            for scope in resource["scopeLogs"]
            for record in scope["logRecords"]
        ]

    def written(self) -> Sightings:
        """Return all spans of its file; a line that is being written does not count yet."""
        lines = self.file.read_text().split("\n")[:-1] if self.file.exists() else []
        return of_json(map(json.loads, lines))

    def points(self, service: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, Any]]:
        """Return the last point of each series of a service in its file of metrics, by name and attributes."""
        lines = self.metrics.read_text().split("\n")[:-1] if self.metrics.exists() else []
        return {
            (metric["name"], _labels(point)): point
            for line in lines
            for resource in json.loads(line)["resourceMetrics"]
            if {"key": "service.name", "value": {"stringValue": service}} in resource["resource"]["attributes"]
            for scope in resource["scopeMetrics"]
            for metric in scope["metrics"]
            for kind in ("sum", "gauge", "histogram")
            for point in metric.get(kind, {}).get("dataPoints", ())
        }


def _labels(point: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((each["key"], each["value"]["stringValue"]) for each in point.get("attributes", ())))


def _config(receivers: dict[str, Any], exporters: dict[str, Any], **others: str) -> str:
    """Return a configuration; `others` names the exporter of a signal besides traces, which all the others get."""
    traces = [name for name in exporters if name not in others.values()]
    pipelines = {"traces": {"receivers": list(receivers), "exporters": traces}}
    for signal, name in others.items():
        pipelines[signal] = {"receivers": list(receivers), "exporters": [name]}
    telemetry = {"metrics": {"level": "none"}}
    service = {"pipelines": pipelines, "telemetry": telemetry}
    return json.dumps({"receivers": receivers, "exporters": exporters, "service": service})  # JSON is YAML


@contextmanager
def writing(program: str, folder: Path) -> Iterator[Collector]:
    """Run a Collector that takes OTLP and writes it to a file in `folder`."""
    config, file = folder / "collector.yaml", folder / "spans.jsonl"
    metrics = folder / "metrics" / "metrics.jsonl"
    metrics.parent.mkdir()  # beside the spans it would be taken for a part of their store

    def command(ports: Sequence[int]) -> list[str]:
        http, grpc = map(address, ports)
        protocols = {"http": {"endpoint": http}, "grpc": {"endpoint": grpc}}
        paths = {"file": file, "file/metrics": metrics, "file/logs": folder / "logs.json"}
        exporters = {name: {"path": str(path), "flush_interval": "50ms"} for name, path in paths.items()}
        receivers = {"otlp": {"protocols": protocols}}
        config.write_text(_config(receivers, exporters, metrics="file/metrics", logs="file/logs"))
        return [program, "--config", str(config)]

    with running(command, 2, lambda ports: all(map(listens, ports)), folder / "collector.log") as ports:
        yield Collector(*(f"http://{address(port)}" for port in ports), file, metrics)


@contextmanager
def replaying(program: str, folder: Path, store: Path, otlp: str) -> Iterator[None]:
    """Run a Collector that reads a store's files and ships them to `otlp`, an address that takes OTLP over HTTP."""
    config = folder / "replay.yaml"
    files = {"include": [f"{store}/*.jsonl"], "start_at": "beginning", "include_file_name": False}
    receivers = {"otlp_json_file": {**files, "poll_interval": "50ms"}}
    exporters = {"otlp_http": {"endpoint": otlp}}
    config.write_text(_config(receivers, exporters))
    with running(lambda _: [program, "--config", str(config)], 0, lambda _: True, folder / "replay.log"):
        yield
