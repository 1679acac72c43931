"""`convqa guard`: what is shown of a plan and of what the guard did, and the drill's verdict."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.cli import main
from convqa_sdk.guard import drill
from written_stores import span, write

PLAN = """owner: ops-lead
version: 3
archetypes:
  order_status: {tier: automate, deflect: true, threshold: 0.75}
  refund_status: {tier: assist}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan in which everything is normal."""
    path = tmp_path / "guard.yaml"
    path.write_text(PLAN)
    return path


def change(number: int, state: str, **more: Any) -> Any:
    """A change of the guard's, as a store has it."""
    given = {"kind": "guard", "version": "3", "state": state, **more}
    attributes = {"convqa.stage": "change", **{f"convqa.change.{key}": value for key, value in given.items()}}
    return span("change guard", number, attributes, at=number)


TRIP = {"rule": "A13", "metric": "corrections", "value": 0.25, "threshold": 0.1, "samples": 40}


class TestStatus:
    def test_a_plan_alone(self, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Per archetype: state, tier, and from which confidence the bot deflects; there need be no store."""
        assert main(["guard", "status", "--plan", str(plan), "--store", str(tmp_path / "none")]) == 0
        lines = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert lines[0] == ["plan", "3", "of", "ops-lead"]
        assert lines[4:] == [
            ["order_status", "normal", "automate", "from", "0.75"],
            ["refund_status", "normal", "assist", "no:", "tier"],
            ["(any", "other)", "normal", "recommend", "no:", "tier"],
        ]

    def test_what_is_stopped_is_bad_news(self, plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit 1, by the plan."""
        plan.write_text(PLAN + "state: killed\n")
        assert main(["guard", "status", "--plan", str(plan), "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert (told["normal"], {each["state"] for each in told["archetypes"]}) == (False, {"killed"})

    @pytest.mark.parametrize(("later", "code"), [([], 1), ([change(2, "normal", **TRIP, archetype="a")], 0)])
    def test_what_has_tripped_is_bad_news_until_it_resets(
        self, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], later: list[Any], code: int
    ) -> None:
        """Exit 1, by the newest change of each rule at each archetype."""
        store = write(tmp_path / "s", change(1, "fallback", **TRIP, archetype="a"), *later)
        assert main(["guard", "status", "--plan", str(plan), "--store", str(store), "--json"]) == code
        told = json.loads(capsys.readouterr().out)
        assert told["changes"][0].items() >= {**TRIP, "archetype": "a", "state": "fallback"}.items()
        assert main(["guard", "status", "--plan", str(plan), "--store", str(store)]) == code
        assert "A13" in capsys.readouterr().out

    def test_a_plan_that_is_none(
        self, plan: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Exit 2, with the place; a missing extra too."""
        plan.write_text("owner: [")
        assert main(["guard", "status", "--plan", str(plan)]) == 2
        assert "this is no YAML" in capsys.readouterr().err
        monkeypatch.setitem(sys.modules, "yaml", None)
        assert main(["guard", "status", "--plan", str(plan)]) == 2
        assert "convqa-sdk[yaml]" in capsys.readouterr().err


class TestDrill:
    def test_a_real_drill(self, plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The plan is left alone; the medians and all rounds are told."""
        assert main(["guard", "drill", "--plan", str(plan), "-n", "1", "--limit", "9", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["within_limit"], set(told["medians_s"])) == (True, {"rollback", "lift", "switch"})
        assert plan.read_text() == PLAN

    @pytest.mark.parametrize(("seconds", "code", "verdict"), [(1.0, 0, "within"), (1.01, 1, "OVER")])
    def test_the_limit(
        self,
        plan: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        seconds: float,
        code: int,
        verdict: str,
    ) -> None:
        """A median over it is bad news; a single slow round is not."""
        measured = drill.Drilled((0.1, 0.1, 5.0), (0.2, 0.2, 0.2), (seconds, seconds, seconds))
        monkeypatch.setattr("convqa_sdk.cli.guard.drill", lambda *_: measured)
        assert main(["guard", "drill", "--plan", str(plan)]) == code
        out = capsys.readouterr().out
        assert f"\n{verdict} the limit of 1 s" in out
        assert "0.10 s  0.10 to 5.00 s" in out

    @pytest.mark.parametrize("words", [["-n", "0"], ["-n", "101"], ["--limit", "0"], ["--limit", "nan"]])
    def test_what_cannot_be_drilled(self, plan: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
        """Exit 2, with what is accepted."""
        assert main(["guard", "drill", "--plan", str(plan), *words]) == 2
        assert "--rounds takes 1 to 100" in capsys.readouterr().err
