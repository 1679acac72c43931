"""`convqa rollback`: the owner's lever, what it asks, what it prints, and what it records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.cli import main
from convqa_sdk.export import sdk
from convqa_sdk.guard.plan_file import PlanFile
from convqa_sdk.store.segments import read_spans

PLAN = """owner: ops-lead
archetypes:
  order_status: {tier: assist}
  refund_status: {tier: automate, deflect: true}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan."""
    path = tmp_path / "guard.yaml"
    path.write_text(PLAN)
    return path


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave none behind, and let the environment name no destination."""
    for name in ("CONVQA_STORE", "CONVQA_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"):
        monkeypatch.delenv(name, raising=False)
    before = sdk._current
    yield
    sdk._current = before


def rollback(plan: Path, *words: str, owner: str = "ops-lead") -> int:
    """Run the command, recording beside the plan."""
    store = str(plan.parent / "store")
    return main(["rollback", "--plan", str(plan), "--owner", owner, "--reason", "spike", "--store", store, *words])


def changes(plan: Path) -> list[dict[str, Any]]:
    """What was recorded."""
    lead = "convqa.change."
    spans = [span for span in read_spans(plan.parent / "store") if span.stage == "change"]
    return [{key.removeprefix(lead): value for key, value in span.attributes.items()} for span in spans]


def test_a_rollback_is_written_printed_and_recorded(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before and after; the change span has owner, versions, tiers and states, and why."""
    words = ("--archetype", "refund_status", "--tier", "assist", "--to", "support-v2", "--to", "prompt=refunds-11")
    assert rollback(plan, *words) == 0
    out = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert out[0][:5] == ["plan", "1", "is", "now", "2:"]
    row = ["refund_status", "normal", "automate", "from", "0.8", "->", "normal", "assist", "from", "0.8"]
    assert out[-1] == row
    entry = PlanFile(plan).read().archetypes["refund_status"]
    assert (entry.tier, entry.versions.model, entry.versions.prompt) == ("assist", "support-v2", "refunds-11")
    (change,) = changes(plan)
    expected = {"kind": "guard", "version": "2", "previous_version": "1", "owner": "ops-lead", "rule": "rollback"}
    expected |= {"archetype": "refund_status", "tier": "assist", "previous_tier": "automate", "state": "normal"}
    expected |= {"convqa.model.version": "support-v2", "gen_ai.prompt.version": "refunds-11"}
    assert change.items() >= expected.items()
    assert change["note"].endswith("; spike")


def test_a_kill_and_its_end(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of everything; as JSON with the plan before and after."""
    assert rollback(plan, "--kill", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["after"]["state"], told["recorded"], told["dry_run"]) == ("killed", True, False)
    assert told["decision"]["what"] == ["state of all normal -> killed"]
    assert rollback(plan, "--lift") == 0
    assert [(each["previous_state"], each["state"]) for each in changes(plan)] == [
        ("normal", "killed"),
        ("killed", "normal"),
    ]


@pytest.mark.parametrize(
    ("words", "owner", "told"),
    [
        (("--kill",), "mallory", "another owner"),
        (("--archetype", "order_status", "--tier", "automate"), "ops-lead", "an experiment's verdict"),
        (("--archetype", "order_status", "--on-deflection-list"), "ops-lead", "an audit whose upper bound"),
    ],
)
def test_a_refusal(
    plan: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], owner: str, told: str
) -> None:
    """Exit 1, the plan is what it was, and nothing is on record."""
    assert rollback(plan, *words, owner=owner) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.endswith("; nothing was changed\n")
    assert plan.read_text() == PLAN
    assert not (plan.parent / "store").exists()


def test_a_promotion(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the verdict's file and the audit's bound."""
    verdict = plan.parent / "verdict.json"
    verdict.write_text('{"experiment": "e-12", "decision": "ship", "archetype": "order_status"}')
    words = ("--archetype", "order_status", "--tier", "automate", "--verdict", str(verdict), "--audit-bound", "0.015")
    assert rollback(plan, *words, "--json") == 0
    decision = json.loads(capsys.readouterr().out)["decision"]
    assert (decision["verdict"], decision["audit_bound"]) == ("e-12", 0.015)


def test_a_dry_run(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what it would be, changes nothing, records nothing."""
    assert rollback(plan, "--tier", "recommend", "--dry-run") == 0
    assert "would become 2: tier -> recommend in 2 entries" in capsys.readouterr().out
    assert plan.read_text() == PLAN
    assert not (plan.parent / "store").exists()


def test_a_plan_is_changed_although_nothing_can_be_recorded(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bot is stopped first; exit 1 says that the record is missing."""
    (plan.parent / "store").write_text("no folder")
    assert rollback(plan, "--kill") == 1
    assert "could not be recorded" in capsys.readouterr().err
    assert PlanFile(plan).read().state == "killed"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "give one or more of --kill, --fallback, --lift, --tier, --threshold, --to, --unpin"),
        (("--archetype", "order_status"), "give one or more of --kill"),
        (("--tier", "automate"), "this changes nothing: the plan says so already"),
        (("--archetype", "ordr", "--kill"), "there are order_status, refund_status"),
        (("--to", "speed=3"), "NAME of model, prompt"),
        (("--to", "model="), "NAME of model, prompt"),
        (("--archetype", "order_status", "--tier", "automate", "--verdict", "none.json"), "cannot read the verdict"),
    ],
)
def test_what_cannot_work(plan: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    """Exit 2, with what is accepted."""
    assert rollback(plan, *words) == 2
    assert told in capsys.readouterr().err
    assert plan.read_text() == PLAN


@pytest.mark.parametrize("words", [("--kill", "--lift"), ("--off-deflection-list", "--on-deflection-list")])
def test_what_contradicts_itself(plan: Path, words: tuple[str, ...]) -> None:
    """Argparse says so."""
    with pytest.raises(SystemExit, match="2"):
        rollback(plan, *words)
