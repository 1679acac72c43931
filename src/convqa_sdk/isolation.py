"""Telemetry never breaks the bot: a fault of ours is counted, logged once per cause, and forgotten."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

LOGGER = "convqa_sdk"

_lock = threading.Lock()
_counts: Counter[str] = Counter()
_logged: set[str] = set()


def log(level: str, event: str, **facts: Any) -> None:
    """Write one line to the standard library's logger `convqa_sdk`, through structlog.

    Facts are names, counts and rules; never a value that came from the bot or a customer.
    """
    try:
        import structlog

        processors = [structlog.stdlib.add_log_level, structlog.processors.KeyValueRenderer(key_order=["event"])]
        logger = structlog.wrap_logger(
            _standard_logger(), processors=processors, wrapper_class=structlog.stdlib.BoundLogger, context_class=dict
        )
        getattr(logger, level)(event, **facts)
    except Exception:  # noqa: BLE001 - a broken log handler of the application's must not reach the bot
        _counts["log"] += 1


def _standard_logger() -> Any:
    import logging

    return logging.getLogger(LOGGER)


def fault(cause: str, error: BaseException | None = None) -> None:
    """Count a fault of ours and log its first occurrence, with the exception's type and never its message."""
    kind = type(error).__name__ if error is not None else ""
    with _lock:
        _counts[cause] += 1
        first = (cause + kind) not in _logged
        if first and len(_logged) < 1000:  # causes are few; a bound guards against class names made at run time
            _logged.add(cause + kind)
    if first:
        log("warning", "telemetry_fault", cause=cause, error_type=kind or None)


def faults() -> dict[str, int]:
    """Return the number of faults by cause since the process started or `reset` was called."""
    with _lock:
        return dict(_counts)


def reset() -> None:
    """Forget all counts and which causes were logged (tests, re-configuration, a forked child)."""
    with _lock:
        _counts.clear()
        _logged.clear()
