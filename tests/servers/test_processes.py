"""Processes that a bot starts: forked, spawned or by a fork server, in a pool, in an executor, or a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.receivers import http_receiver

from .running import program
from .told import assert_whole, processes, received, stored


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_deliver_when_they_end(tmp_path: Path, method: str) -> None:
    """Each turn leaves once, from the process that answered, without a flush, also where no exit handlers run."""
    with http_receiver() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "CONVQA_STORE": "s", "CONVQA_INTERVAL_S": "30"}
        with program("-m", "workers", method, folder=tmp_path, **settings) as parent:
            assert parent.wait() == 0, parent.output
        answered = {name: int(process) for name, process in map(str.split, parent.output.splitlines())}
        assert len(answered) == 18
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, answered)
            assert processes(told) == answered


def test_a_command_that_a_turn_runs(tmp_path: Path) -> None:
    """A command that records turns of its own delivers them, and the turn that ran it is whole."""
    script = """
import subprocess, sys
import convqa_sdk as convqa
from support import classify, draft, reply, search
convqa.configure()
if sys.argv[1:]:
    reply("command")
    sys.exit()
with convqa.turn("outer", "hi") as turn:
    classify("hi")
    search("hi")
    subprocess.run([sys.executable, __file__, "as command"], check=True)
    subprocess.run([sys.executable, "-m", "convqa_sdk.cli", "show", "command", "--store", "s"], check=True)
    turn.answer(draft("hi", 0.0))
"""
    (tmp_path / "outer.py").write_text(script, encoding="utf-8")
    with program("outer.py", folder=tmp_path, CONVQA_STORE="s", CONVQA_INTERVAL_S="30") as outer:
        assert outer.wait() == 0, outer.output
    assert "kb-22" in outer.output
    assert_whole(stored(tmp_path / "s"), ["outer", "command"])
