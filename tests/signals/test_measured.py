"""The shares that the package tells are those that the benchmark measured."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk import signals
from convqa_sdk.signals import MEASURED, user_signal

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks" / "signals"
PAGE = ROOT / "docs" / "explanation" / "signals.md"
DATA = ROOT.parent / "shared" / "data" / "correction_labels.jsonl.gz"
TOLD = re.compile(r"(\w+)\W+recall\s+(\d+)\s+of\s+(\d+),\s+precision\s+(\d+)\s+of\s+(\d+)")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that imports a module of the benchmark."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def kept() -> dict[str, Any]:
    """Return the figures of the benchmark."""
    figures: dict[str, Any] = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    return figures


def test_the_table_is_that_of_the_benchmark(module: Any) -> None:
    """Source, measure and counts, of every detector."""
    shares = module("literal").shares(kept())
    assert {name: [tuple(one) for one in rows] for name, rows in MEASURED.items()} == shares


@pytest.mark.parametrize("text", [user_signal.__doc__, PAGE.read_text("utf-8")], ids=["docstring", "page"])
def test_docstring_and_page_tell_the_measured_counts(text: str) -> None:
    """On the half that no phrase was written from, by source."""
    rows = {(one.source, one.measure): one[2:] for one in MEASURED["user_signal, any of the three"]}
    told = TOLD.findall(text)
    assert {name for name, *_ in told} == {"SelfFeeding", "WoW", "MWoZ"}
    for name, *counts in told:
        source = f"correction_labels, {name}, unseen half"
        assert [*rows[source, "recall"], *rows[source, "precision"]] == [int(count) for count in counts]


@pytest.mark.skipif(not DATA.exists(), reason="the labelled sets in shared/data are not here")
def test_the_kept_figures_are_those_of_today(module: Any) -> None:
    """What is measured now is what was kept: a changed phrase comes with `python benchmarks/signals --write`."""
    corrections = module("corrections")
    now = [*corrections._labelled(), *corrections._near_negatives(), *corrections._first_messages()]
    before = [one for one in kept()["corrections"]["rows"] if not one["source"].startswith("conv_")]
    assert [one[:5] for one in now] == [tuple(one.values())[:5] for one in before]


def test_importing_the_package_of_the_detectors_loads_none() -> None:
    """Names load when they are first used, and each is what its module says."""
    for name in signals.__all__:
        home = importlib.import_module(f"{signals.__name__}.{signals._HOME[name]}")
        assert getattr(signals, name) is getattr(home, name)
    with pytest.raises(AttributeError, match="nothing_such"):
        signals.nothing_such
