"""The benchmark's own arithmetic: what its tables and its gate make of figures."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "overhead"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that imports a module of the benchmark."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.mark.parametrize(("part", "factor", "code"), [("request", 1.02, 0), ("request", 1.04, 1), ("export", 1.04, 1)])
def test_the_gate_closes_when_a_ratio_grows_by_more_than_three_percent(
    module: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str, factor: float, code: int
) -> None:
    """Two percent more pass; four percent more, in either part, do not."""
    instructions = module("instructions")
    accepted = {"request": 0.2, "export": 1.5}
    baseline = tmp_path / "instructions.json"
    baseline.write_text(json.dumps(instructions.here() | accepted))
    monkeypatch.setattr(instructions, "BASELINE", baseline)
    assert instructions.gate(accepted | {part: accepted[part] * factor}) == code


def test_ratios_are_taken_within_a_repetition(module: Any) -> None:
    """A repetition in which everything took three times as long does not change the ratio."""
    hand = [{"request": 100.0}, {"request": 300.0}]
    ours = [{"request": 20.0}, {"request": 60.0}]
    assert module("pages").ratios("request", ours, hand) == [0.2, 0.2]


def test_a_row_without_figures_says_why(module: Any) -> None:
    """What could not be measured stands in the table with its reason."""
    column = module("measure").Column("request", "request µs", ratio=True)
    rows = {"by hand": [{"request": 100.0}, {"request": 110.0}], "peer": "not installed: make bench"}
    assert module("pages").table((column,), rows).splitlines() == [
        "| | request µs | first = 1 |",
        "|---|---|---|",
        "| by hand | 105.0 (100.0 to 110.0) | 1.00 |",
        "| peer | not installed: make bench |  |",
    ]


def test_a_torn_turn_is_told_from_a_whole_one(module: Any) -> None:
    """The sink counts a turn's spans by its root: six are whole, fewer are torn."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

    spans = [Span(span_id=b"whole---")] + [Span(span_id=bytes(8), parent_span_id=b"whole---") for _ in range(5)]
    spans += [Span(span_id=bytes(8), parent_span_id=b"torn----")]
    body = ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[ScopeSpans(spans=spans)])])
    counts = module("sink").spans_by_turn([body.SerializeToString()])
    assert counts == {b"whole---": 6, b"torn----": 1}


def test_every_target_names_a_row_and_a_column_of_its_measure(module: Any) -> None:
    """No target is lost because a row was renamed."""
    for measure in module("measures").MEASURES.values():
        labels = {case.label for case in measure.cases}
        columns = {column.key for column in measure.columns}
        assert {target.label for target in measure.targets} <= labels
        assert {target.column for target in measure.targets} <= columns


def test_the_turn_is_as_described(module: Any) -> None:
    """Six spans carry 44 values; texts have the lengths that the pages name, and no conversation's come twice."""
    workload = module("workload")
    turns = workload.TURNS
    values = workload.values(turns[0])
    assert len(values) == workload.SPANS == 6
    assert sum(map(len, values.values())) == 44
    assert {len(turn.prompt) for turn in turns} == {1_500}
    assert {len(passage.content) for turn in turns for passage in turn.passages} == {600}
    assert len({turn.prompt for turn in turns} | {turn.question for turn in turns}) == 2 * len(turns)
