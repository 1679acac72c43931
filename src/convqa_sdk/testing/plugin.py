"""The pytest plugin: the fixture `convqa_spans`. Registered by entry point; loads the SDK when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from convqa_sdk.testing.recording import Recording


@pytest.fixture
def convqa_spans() -> Iterator[Recording]:
    """Record what the bot does in memory, with a fixed clock and fixed ids."""
    from convqa_sdk.testing.recording import recording

    with recording() as recorded:
        yield recorded
