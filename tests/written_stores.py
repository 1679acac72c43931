"""Stores written by hand: OTLP-JSON lines as the specification shows them, without the SDK."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SECOND = 1_000_000_000
START = 1_767_225_600 * SECOND
BASE = {"convqa.schema.version": "1.0.0", "convqa.status": "ok"}


def value(given: Any) -> dict[str, Any]:
    """An OTLP value."""
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    if isinstance(given, float):
        return {"doubleValue": given}
    if isinstance(given, list):
        return {"arrayValue": {"values": [value(item) for item in given]}}
    return {"stringValue": given}


def span(
    name: str,
    number: int,
    attributes: dict[str, Any] | None = None,
    *,
    parent: int = 0,
    at: float = 0.0,
    lasts: float = 1.0,
    trace: int = 1,
    **more: Any,
) -> dict[str, Any]:
    """A span with a small number as its id, `at` seconds after the start."""
    start = START + round(at * SECOND)
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        **({"parentSpanId": f"{parent:016x}"} if parent else {}),
        "name": name,
        "kind": 1,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + round(lasts * SECOND)),
        "attributes": [{"key": key, "value": value(item)} for key, item in (attributes or {}).items()],
        **more,
    }


def stage(
    kind: str, number: int, given: dict[str, Any] | None = None, *, conversation: str = "c-1", **more: Any
) -> dict[str, Any]:
    """A span of ours, with what every one carries; a given None takes a key away."""
    about = {"gen_ai.conversation.id": conversation, "session.id": conversation}
    attributes = {"convqa.stage": kind, **BASE, **about, **(given or {})}
    kept = {key: item for key, item in attributes.items() if item is not None}
    return span(kind, number, kept, **more)


def turn(number: int, given: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A complete turn."""
    fields = {"convqa.redaction.status": "clean", "convqa.answer.type": "grounded", **(given or {})}
    return stage("turn", number, fields, **more)


def outcome(number: int, kind: str, given: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An outcome in a trace of its own."""
    fields = {
        "convqa.outcome.kind": kind,
        "convqa.outcome.id": f"o-{number}",
        "convqa.outcome.at": "2026-01-01T00:00:00.000000Z",
        **(given or {}),
    }
    return stage("outcome", number, fields, **{"trace": 1000 + number, "lasts": 0.0, **more})


def request(*spans: dict[str, Any], scope: str = "convqa_sdk") -> dict[str, Any]:
    """One ExportTraceServiceRequest."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "bot"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}


def write(folder: Path, *spans: dict[str, Any], name: str = "a.jsonl") -> Path:
    """Append spans to a segment, one request for all; return the store."""
    folder.mkdir(exist_ok=True)
    with (folder / name).open("a", encoding="utf-8") as segment:
        segment.write(json.dumps(request(*spans)) + "\n")
    return folder
