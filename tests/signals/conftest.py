"""Lets modules of `benchmarks/signals` be imported beside those of other benchmarks that have the same names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = [path.stem for path in (Path(__file__).parents[2] / "benchmarks" / "signals").glob("*.py")]


@pytest.fixture(autouse=True)
def _own_benchmark() -> Iterator[None]:
    """Put aside what was imported under the names of this benchmark's modules, and bring it back."""
    before = {name: sys.modules.pop(name) for name in NAMES if name in sys.modules and name != "__main__"}
    yield
    for name in NAMES:
        if name != "__main__":
            sys.modules.pop(name, None)
    sys.modules.update(before)
