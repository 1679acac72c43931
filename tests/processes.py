"""Processes of a test's own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def child(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a command beside the block, and kill it at the block's end where it has not ended by then.

    A bare `with subprocess.Popen(…)` waits for the process without a limit, also when the test has failed.
    """
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()
