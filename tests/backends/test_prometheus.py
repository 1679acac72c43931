"""Metrics for real: a Prometheus server scrapes them, and the Collector gets the same values by OTLP.

Expected numbers are counted by hand from the turns below.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource

import convqa_sdk as convqa
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.schema.events import RefusalOrUncertaintyStyle, UserCorrectionSignal
from convqa_sdk.schema.metrics import METRICS
from convqa_sdk.schema.registry import all_attributes

from .collector import Collector
from .prometheus import Prometheus, scraping
from .servers import address, wait_for

pytestmark = pytest.mark.backend

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "metrics.md"
SECOND = 1_000_000_000
BEGAN = 1_767_225_600 * SECOND


class Endpoint(NamedTuple):
    """Where the bot's metrics can be scraped, and its configuration."""

    target: str
    sdk: convqa.Sdk


def work() -> None:
    """Four turns: three of 3 s that are handed over, one of 0.4 s without a call; two surveys."""
    signal = UserCorrectionSignal(
        chat_guid="c-1", prior_intent="refund", prior_risk_level="high", turns_since_assistant_reply=1,
        matched_pattern="p", signal_kind="correction",
    )  # fmt: skip
    refusal = RefusalOrUncertaintyStyle(
        chat_guid="c-1", intent="refund", risk_level="high", is_hard_refusal=True, is_uncertainty_fallback=False,
        has_next_step=True, has_followup_question=False,
    )  # fmt: skip
    for _ in range(3):
        with convqa.turn(
            "c-1", "I am jane@example.com", channel="web", start_time=BEGAN, end_time=BEGAN + 3 * SECOND
        ) as turn:
            with convqa.intent_detection() as stage:
                stage.set(intent="refund", confidence=0.9, risk="high", archetype="a", archetype_tier="1")
            with convqa.generation(
                model="m-1", provider="acme", start_time=BEGAN, end_time=BEGAN + SECOND * 3 // 2, cost_usd=0.02,
                input_tokens=1_000, output_tokens=100,
            ):  # fmt: skip
                pass
            with convqa.policy_check(name="refunds", result="rewrite"):
                pass
            with convqa.escalation(reason="policy"):
                pass
            turn.event(signal.event_name, signal)
            turn.event(refusal.event_name, refusal)
            turn.set(guard_state="normal")
            turn.answer("x", type="refusal")
    with convqa.turn("c-2", channel="phone", start_time=BEGAN, end_time=BEGAN + SECOND * 2 // 5) as turn:
        turn.answer("y")
    convqa.record_csat("c-1", 4)
    convqa.record_csat("c-2", 10, scale=10)


def labels(**given: str) -> tuple[tuple[str, str], ...]:
    """Labels as Prometheus writes them."""
    return tuple(sorted(given.items()))


CASE = {"convqa_intent_class": "refund", "convqa_risk_level": "high"}
VALUES = {
    "convqa_turn_duration_seconds_count": {
        labels(**CASE, convqa_status="ok"): 3, labels(convqa_status="ok"): 1
    },
    "convqa_turn_duration_seconds_sum": {
        labels(**CASE, convqa_status="ok"): 9, labels(convqa_status="ok"): 0.4
    },
    'convqa_turn_duration_seconds_bucket{le="0.5"}': {
        labels(**CASE, convqa_status="ok", le="0.5"): 0, labels(convqa_status="ok", le="0.5"): 1
    },
    'convqa_stage_duration_seconds_sum{convqa_stage="generation"}': {
        labels(convqa_stage="generation", convqa_channel="web", convqa_status="ok"): 4.5
    },
    "gen_ai_client_operation_duration_seconds_count": {
        labels(gen_ai_operation_name="chat", gen_ai_provider_name="acme", gen_ai_request_model="m-1"): 3
    },
    "convqa_tokens_total": {
        labels(gen_ai_request_model="m-1", gen_ai_token_type="input"): 3_000,
        labels(gen_ai_request_model="m-1", gen_ai_token_type="output"): 300,
    },
    "convqa_turn_cost_USD_sum": {
        labels(convqa_archetype_tier="1", convqa_channel="web", gen_ai_request_model="m-1"): 0.06
    },
    "convqa_escalations_total": {labels(**CASE, convqa_escalation_reason="policy"): 3},
    "convqa_policy_failures_total": {labels(**CASE, convqa_policy_check_result="rewrite"): 3},
    "convqa_corrections_total": {labels(**CASE, convqa_signal_kind="correction"): 3},
    "convqa_refusals_total": {labels(**CASE, convqa_refusal_kind="hard"): 3},
    "convqa_redactions_total": {
        labels(convqa_stage="turn", convqa_channel="web", convqa_redaction_status="redacted"): 3
    },
    "convqa_csat_sum": {labels(convqa_outcome_csat_kind="resolution"): 1.8},
    'convqa_csat_bucket{le="0.8"}': {labels(convqa_outcome_csat_kind="resolution", le="0.8"): 1},
    "convqa_guard_state": {labels(convqa_archetype_tier="1", convqa_guard_state="normal"): 1},
    "convqa_sdk_queue_bytes": {labels(): 0},
}  # fmt: skip
"""What Prometheus must answer, by expression and labels."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """The bot, measured in a provider of its own application, whose metrics stand on a page."""
    client = pytest.importorskip("prometheus_client", reason="prometheus_client is not installed")
    exporter = pytest.importorskip("opentelemetry.exporter.prometheus", reason="the exporter is not installed")
    registry = client.CollectorRegistry()
    provider = MeterProvider(
        [exporter.PrometheusMetricReader(registry=registry)], Resource({"service.name": "bot"}), shutdown_on_exit=False
    )
    server, thread = client.start_http_server(0, "127.0.0.1", registry)
    sdk = convqa.configure("bot", exporters=[MemoryExporter()], key=b"k" * 32, meter_provider=provider)
    work()
    assert sdk.flush(30)
    yield Endpoint(address(server.server_port), sdk)
    sdk.shutdown(5)
    server.shutdown()
    server.server_close()
    thread.join()
    provider.shutdown()


@pytest.fixture
def prometheus(endpoint: Endpoint, tmp_path: Path) -> Iterator[Prometheus]:
    """A server that scrapes the bot."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not installed; Debian's package is `prometheus`")
    with scraping(endpoint.target, tmp_path) as running:
        yield running


def test_prometheus_scrapes_what_the_turns_did(prometheus: Prometheus) -> None:
    """Each series has the documented name, the labels of the table, and the value of four turns and two surveys."""
    wait_for(prometheus.names, lambda names: "convqa_turn_duration_seconds_count" in names)
    for expression, expected in VALUES.items():
        answer = {key: round(value, 9) for key, value in prometheus.query(expression).items()}
        assert answer == expected, expression


def test_the_page_names_every_series(prometheus: Prometheus) -> None:
    """The page's table of Prometheus names is what the server has, but for self-metrics that count no trouble yet."""
    wait_for(prometheus.names, lambda names: "convqa_turn_duration_seconds_count" in names)
    found = {re.sub("_(bucket|sum|count|created)$", "", name) for name in prometheus.names()}
    rows = re.findall(r"^\| `([a-z_.]+)` \| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == [metric.name for metric in METRICS]
    quiet = {"convqa_sdk_errors_total", "convqa_sdk_lost_turns_total"}
    assert found | quiet == {series for _, series in rows}


def test_the_queries_of_the_page_are_answered(prometheus: Prometheus) -> None:
    """The server takes each PromQL example."""
    wait_for(prometheus.names, lambda names: "convqa_turn_duration_seconds_count" in names)
    blocks = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    queries = [query for block in blocks for query in block.split("\n\n") if query.strip()]
    assert len(queries) >= 8
    for query in queries:
        lines = [line for line in query.splitlines() if not line.startswith("#")]
        prometheus.query("\n".join(lines))


def test_a_counter_that_has_not_counted_reads_as_zero(prometheus: Prometheus) -> None:
    """As the page says: it has no series, and `or` puts a zero in its place, one or one per label."""
    wait_for(prometheus.names, lambda names: "convqa_turn_duration_seconds_count" in names)
    absent, turns = "sum(increase(convqa_sdk_errors_total[1h]))", "convqa_turn_duration_seconds_count"
    assert f"{absent} or vector(0)" in PAGE.read_text()
    assert prometheus.query(absent) == {}
    assert prometheus.query(f"{absent} or vector(0)") == {labels(): 0}
    shares = f"(sum by (convqa_intent_class) (absent_total) or sum by (convqa_intent_class) ({turns}) * 0)"
    assert set(prometheus.query(shares)) == {labels(convqa_intent_class="refund"), labels()}


def test_promtool_finds_nothing_wrong_with_the_names(endpoint: Endpoint) -> None:
    """The exposition is valid; what the linter says is about names that are the contract's, and nothing else."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed; Debian's package is `prometheus`")
    with urllib.request.urlopen(f"http://{endpoint.target}/metrics", timeout=10) as answer:
        page = answer.read()
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False, timeout=60)
    said = (done.stdout + done.stderr).decode()
    assert "error while linting" not in said
    assert said.splitlines() == [], said
    assert b"jane@example.com" not in page


def test_labels_hold_no_id(endpoint: Endpoint) -> None:
    """Conversations, customers and traces are in no label: each would make a series of its own."""
    with urllib.request.urlopen(f"http://{endpoint.target}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    ids = [re.sub(r"\W", "_", key) for key in all_attributes() if key.endswith((".id", ".ids"))]
    assert "convqa_turn_duration_seconds_count" in page
    assert [key for key in ids if f"{key}=" in page] == []
    assert "c-1" not in page


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_collector_gets_the_same_by_otlp(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    """By the environment alone, with a provider of our own: the values that Prometheus scrapes from another's."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.http if protocol == "http" else collector.grpc)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf" if protocol == "http" else "grpc")
    service = f"bot-{protocol}"
    sdk = convqa.configure(service, key=b"k" * 32)
    work()
    assert sdk.flush(30)
    found = wait_for(lambda: collector.points(service), bool)
    points = {(_series(name), _labels(given)): point for (name, given), point in found.items()}
    for expression, expected in VALUES.items():
        if "{" in expression or not expression.endswith(("_total", "_sum", "_count")):
            continue
        series, _, kind = expression.rpartition("_")
        for given, value in expected.items():
            point = points[series.removesuffix("_seconds").removesuffix("_USD"), given]
            told = point["asInt"] if "asInt" in point else point["asDouble"] if kind == "total" else point[kind]
            assert round(float(told), 9) == value, expression


def _series(name: str) -> str:
    return name.replace(".", "_")


def _labels(given: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_series(key), value) for key, value in given))
