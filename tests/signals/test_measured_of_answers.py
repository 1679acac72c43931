"""What is told of refusals and grounding is what the benchmark measured."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.signals import MEASURED, grounding, refusal
from convqa_sdk.stats.intervals import wilson

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks" / "signals"
PAGE = (ROOT / "docs" / "explanation" / "grounding.md").read_text(encoding="utf-8")
DATA = ROOT.parent / "shared" / "data" / "refusal_xstest.jsonl.gz"
SHARE = r"(\d+) of (\d+) \((0\.\d+) to (0\.\d+)\) \| (0\.\d+) "
ROW = re.compile(rf"^\| (\w+)[^|]*\| {SHARE}\| {SHARE}\|$", re.MULTILINE)
TOLD = re.compile(r"(\w+)\W+precision\s+(\d+) of (\d+),\s+recall\s+(\d+) of (\d+)")


def measured(detector: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the counts of a detector by the last word of the source, and measure."""
    return {
        (one.source.rsplit(maxsplit=1)[-1], one.measure): (one.successes, one.trials) for one in MEASURED[detector]
    }


@pytest.mark.parametrize(
    ("detector", "begins", "ends", "rows"),
    [
        ("refusal", "Any refusal", "Hard refusals", 3),
        ("refusal, hard", "Hard refusals", "The recall of", 3),
        ("grounding", "| BEGIN dev", "Of the pairs", 2),
    ],
)
def test_the_page_tells_counts_intervals_and_baselines(detector: str, begins: str, ends: str, rows: int) -> None:
    """Each row of a table is that of the benchmark, with its Wilson interval."""
    kept = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    before = {
        (one["source"].rsplit(maxsplit=1)[-1], one["measure"]): one["baseline"]
        for part in ("refusals", "grounding")
        for one in kept[part]["rows"]
        if one["detector"] == detector
    }
    table = ROW.findall(PAGE[PAGE.index(begins) : PAGE.index(ends)])
    assert len(table) == rows
    for source, *cells in table:
        for measure, told in (("precision", cells[:5]), ("recall", cells[5:])):
            counts = measured(detector)[source, measure]
            share = wilson(*counts)
            assert counts == (int(told[0]), int(told[1]))
            assert (f"{share.low:.3f}", f"{share.high:.3f}") == (told[2], told[3])
            assert f"{before[source, measure]:.3f}" == told[4]


@pytest.mark.parametrize(("function", "count"), [(refusal, 3), (grounding, 2)])
def test_docstrings_tell_the_measured_counts(function: Any, count: int) -> None:
    """By model, or by domain."""
    told = TOLD.findall(function.__doc__)
    assert len(told) == count
    for source, *numbers in told:
        counts = measured(function.__name__)
        assert [*counts[source, "precision"], *counts[source, "recall"]] == list(map(int, numbers))


@pytest.mark.skipif(not DATA.exists(), reason="the labelled sets in shared/data are not here")
@pytest.mark.parametrize("part", ["refusals", "grounding"])
def test_the_kept_figures_are_those_of_today(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured now is what was kept: a changed cue comes with `python benchmarks/signals --write`."""
    monkeypatch.syspath_prepend(str(FOLDER))
    kept = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))[part]["rows"]
    now = importlib.import_module(part)._labelled()
    assert [one[:5] for one in now] == [tuple(one.values())[:5] for one in kept[: len(now)]]
