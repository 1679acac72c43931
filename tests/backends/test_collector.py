"""The OpenTelemetry Collector between us and a backend: it takes what we ship, and replays what we stored."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .collector import Collector, replaying
from .conftest import Program
from .jaeger import Jaeger, as_kept, without_warnings
from .servers import wait_for
from .shipping import PROTOCOLS, ROUTES, by_environment, by_store, ship
from .sightings import Sightings

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
    assert written == kept


def test_a_replayed_store_is_in_jaeger_what_shipping_would_have_brought(
    program: Program, jaeger: Jaeger, tmp_path: Path
) -> None:
    """The Collector reads a store's files and ships them: Jaeger then answers with exactly the spans of the store.

    That is what it answers with when they are shipped directly, as the tests of Jaeger show.
    """
    replay = program("collector")
    kept = by_environment("http", jaeger.http, jaeger.grpc, "c-direct", tmp_path / "direct")
    direct = jaeger.traces_of(kept)
    stored = by_store("c-replayed", tmp_path / "store")
    with replaying(replay, tmp_path, tmp_path / "store", jaeger.http):
        replayed = wait_for(lambda: jaeger.traces_of(stored), lambda spans: len(spans) >= len(stored))
    assert without_warnings(direct) == as_kept(kept)
    assert without_warnings(replayed) == as_kept(stored)


def test_the_configurations_of_the_page_are_valid(program: Program, tmp_path: Path) -> None:
    """The Collector itself accepts each whole configuration that the page shows, ClickHouse's among them."""
    shown = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert any("clickhouse" in block for block in shown)
    for number, block in enumerate(shown):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block)
        done = subprocess.run([program("collector"), "validate", "--config", file], capture_output=True, text=True)
        assert done.returncode == 0, f"block {number}: {done.stderr}"
