"""The OpenTelemetry Collector between us and a backend: it takes what we ship, and replays what we stored."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from convqa_sdk.store.segments import read_spans

from .collector import Collector, replaying
from .conftest import Program
from .jaeger import Jaeger, as_kept, started, without_warnings
from .servers import wait_for
from .shipping import PROTOCOLS, ROUTES, by_environment, by_exporter, ship
from .sightings import Sightings, differences

pytestmark = pytest.mark.backend

PAGE = Path(__file__).parents[2] / "docs" / "backends" / "collector.md"


def of_conversation(spans: Sightings, kept: Sightings) -> Sightings:
    """Those of the spans that are in one of the traces that left."""
    traces = {span.trace_id for span in kept.values()}
    return {span_id: span for span_id, span in spans.items() if span.trace_id in traces}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("route", ROUTES)
def test_it_writes_what_left(collector: Collector, tmp_path: Path, protocol: str, route: str) -> None:
    """Each attribute with its type, each event, link, status, time, parent and resource is in its file as it left."""
    conversation = f"c-{protocol}-{route}"
    kept = ship(route, protocol, collector.http, collector.grpc, conversation, tmp_path / "s")
    written = wait_for(lambda: of_conversation(collector.written(), kept), lambda spans: len(spans) >= len(kept))
    assert differences(written, kept) == []


def test_a_replayed_store_is_in_jaeger_what_shipping_would_have_brought(
    program: Program, jaeger: Jaeger, tmp_path: Path
) -> None:
    """One Jaeger gets a conversation directly, another from the store beside it by the Collector: they answer alike."""
    collector = program("collector")
    kept = by_environment("http", jaeger.http, jaeger.grpc, "c-direct", tmp_path / "direct")
    direct = jaeger.traces_of(kept)
    (tmp_path / "second").mkdir()
    with (
        started(program("jaeger"), tmp_path / "second") as second,
        replaying(collector, tmp_path, tmp_path / "direct", second.http),
    ):
        replayed = wait_for(lambda: second.traces_of(kept), lambda spans: len(spans) >= len(kept))
    assert differences(without_warnings(direct), as_kept(kept)) == []
    assert differences(replayed, direct) == []


def test_the_configurations_of_the_page_are_valid(program: Program, tmp_path: Path) -> None:
    """The Collector itself accepts each whole configuration that the page shows, ClickHouse's among them."""
    shown = blocks(PAGE.read_text())
    assert any("clickhouse" in block for block in shown)
    for number, block in enumerate(shown):
        (tmp_path / f"{number}.yaml").write_text(block)
        done = validated(program("collector"), tmp_path / f"{number}.yaml")
        assert done.returncode == 0, f"block {number}: {done.stderr}"


def test_the_parts_older_names_are_taken(program: Program, tmp_path: Path) -> None:
    """A configuration that says `otlpjsonfile` and `otlphttp` is accepted as well, and a mistaken one is not."""
    shown = PAGE.read_text().replace("otlp_json_file", "otlpjsonfile").replace("otlp_http", "otlphttp")
    (block,) = [block for block in blocks(shown) if "otlpjsonfile" in block]
    for text, code in ((block, 0), (block.replace("start_at", "begin_at"), 1)):
        (tmp_path / "config.yaml").write_text(text)
        assert validated(program("collector"), tmp_path / "config.yaml").returncode == code


def test_the_file_that_it_writes_is_a_store(collector: Collector) -> None:
    """Our own reader, behind `convqa show`, takes the Collector's file for a store."""
    kept = by_exporter("http", collector.http, collector.grpc, "c-file")
    wait_for(lambda: of_conversation(collector.written(), kept), lambda spans: len(spans) >= len(kept))
    read = {span.span_id: span for span in read_spans(collector.file.parent)}
    assert {span_id: read[span_id].name for span_id in kept} == {span_id: span.name for span_id, span in kept.items()}


def blocks(page: str) -> list[str]:
    """The configurations that a page shows."""
    return re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def validated(program: str, config: Path) -> subprocess.CompletedProcess[str]:
    """Have the Collector check a configuration."""
    return subprocess.run(
        [program, "validate", "--config", config], capture_output=True, text=True, check=False, timeout=60
    )
