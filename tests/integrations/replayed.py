"""What the tests of replay share: transcripts by hand, replays into memory, and the real files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from convqa_sdk.integrations.replay import ReplayReport, replay
from convqa_sdk.integrations.transcripts import Transcript

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def real(name: str) -> Path:
    """Return a real file, or skip the test where this machine has none."""
    path = DATA / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"third-party data {path.name} is not on this machine (../shared/data)")
    return path


def rows(name: str) -> list[dict[str, Any]]:
    """Return the objects of a real file, read without any code of ours."""
    with gzip.open(real(name), "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def transcript(*turns: dict[str, Any], **more: Any) -> Transcript:
    """Return a transcript; each turn gets `text: null` unless it says more."""
    return Transcript.model_validate({"id": "c-1", "turns": [{"text": None, **turn} for turn in turns], **more})


def in_memory(*transcripts: Transcript, **settings: Any) -> tuple[ReplayReport, list[ReadableSpan]]:
    """Replay into memory."""
    exporter = InMemorySpanExporter()
    given = {"key": b"0123456789abcdef0123456789abcdef", "service_name": "test", **settings}
    report = replay(transcripts, exporters=[exporter], **given)
    return report, list(exporter.get_finished_spans())


def of_stage(spans: list[ReadableSpan], stage: str) -> list[ReadableSpan]:
    """Return the spans of one stage by start time."""
    found = [span for span in spans if (span.attributes or {}).get("convqa.stage") == stage]
    return sorted(found, key=lambda span: span.start_time or 0)


def value(span: ReadableSpan, key: str) -> Any:
    """Return an attribute, None when it is absent."""
    return (span.attributes or {}).get(key)
