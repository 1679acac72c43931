"""The drill times a real process, on a copy."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard import GuardPlan, drill


def test_every_round_is_timed() -> None:
    """Stopped by rollback, released, stopped by the switch; also where the plan has stopped everything already."""
    done: list[int] = []
    plan = GuardPlan.model_validate({"owner": "ops", "state": "killed", "default": {"state": "killed"}})
    measured = drill.drill(plan, 2, done.append)
    assert done == [1, 2]
    for times in (measured.rollback, measured.lift, measured.switch):
        assert len(times) == 2
        assert all(0 < seconds < drill.PATIENCE_S for seconds in times)
    assert measured.medians()["lift"] == sum(measured.lift) / 2


def test_a_bot_that_does_not_obey(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The drill ends, and says what did not come."""
    monkeypatch.setattr(drill, "PATIENCE_S", 0.2)
    silent = tmp_path / "python"
    silent.write_text("#!/bin/sh\nexec sleep 5\n")
    silent.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(silent))
    with pytest.raises(ConfigurationError, match=r"was not normal within 0\.2 s"):
        drill.drill(GuardPlan(owner="ops"), 1)
