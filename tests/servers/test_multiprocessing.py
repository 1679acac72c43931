"""Processes that Python starts: forked, spawned or by a fork server, alone, in a pool, and in an executor."""

from __future__ import annotations

from pathlib import Path

import pytest
from export.receivers import http_receiver

from .running import program
from .told import assert_whole, processes, received, stored


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_deliver_when_they_end(tmp_path: Path, method: str) -> None:
    """Each turn leaves once, from the process that answered, without a flush: also from children without exit handlers."""
    with http_receiver() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "CONVQA_STORE": "s", "CONVQA_INTERVAL_S": "30"}
        with program("-m", "workers", method, folder=tmp_path, **settings) as parent:
            assert parent.wait() == 0, parent.output
        answered = {name: int(process) for name, process in map(str.split, parent.output.splitlines())}
        assert len(answered) == 18
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, answered)
            assert processes(told) == answered
