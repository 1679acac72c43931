"""An exception that a signal handler raises is meant for the bot, also while code of ours runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SWEEP = Path(__file__).with_name("signals.py")


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
@pytest.mark.parametrize("kind", ["exception", "interrupt"])
def test_a_signal_at_every_place_in_a_turn(kind: str) -> None:
    """It reaches the bot, no span leaves twice, and the turn is over, so that the next one does not become its child.

    Two things are Python's own: it swallows what is raised in `__del__`, and it leaves a block open whose `__exit__`
    was interrupted before its first instruction.
    """
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("CONVQA_", "OTEL_"))}
    done = subprocess.run(
        [sys.executable, str(SWEEP), kind], capture_output=True, text=True, env=clean, check=True, timeout=100
    )
    found = json.loads(done.stdout)
    assert found["places"] > 100
    assert set(found["swallowed"]) <= {"__del__"}
    assert set(found["left current"]) <= {"__exit__"}
    assert found["twice"] == 0
