"""The pytest plugin of `convqa_sdk`: the fixture `convqa_spans`.

Outside the package, so that a test run that never asks for the fixture does not import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from convqa_sdk.testing import Recording


@pytest.fixture
def convqa_spans() -> Iterator[Recording]:
    """Record what the bot does in memory, with a fixed clock and fixed ids."""
    from convqa_sdk.testing import recording

    with recording() as recorded:
        yield recorded
