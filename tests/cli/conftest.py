"""Where the commands print, and what they read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from written_stores import turn, write


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print for a terminal without colours."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a plain and a compressed segment, where nothing reads the second."""
    store = write(tmp_path / "s", turn(1))
    (store / "b.jsonl.zst").write_bytes(b"whatever")
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    return store
