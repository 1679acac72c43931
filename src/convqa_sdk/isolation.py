"""Telemetry never breaks the bot: a fault of ours is counted, logged once per cause, and forgotten."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections import Counter
from importlib import import_module
from typing import Any

LOGGER = "convqa_sdk"
MAX_LOGGED = 1_000
"""Causes that are logged; they are few, and the bound guards against class names made at run time."""

_SIGNALS = tuple(signal.valid_signals())
_lock = threading.RLock()  # reentrant: the collector may end a stage, and so come back here, at any allocation
_counts: Counter[str] = Counter()
_logged: set[str] = set()


def log(level: str, event: str, **facts: Any) -> None:
    """Write one line to the standard library's logger `convqa_sdk`, through structlog.

    Facts are names, counts and rules; never a value that came from the bot or a customer.
    """
    try:
        import structlog

        processors: list[Any] = [structlog.processors.KeyValueRenderer(key_order=["event"])]
        logger = structlog.wrap_logger(
            _standard_logger(), processors=processors, wrapper_class=structlog.stdlib.BoundLogger, context_class=dict
        )
        getattr(logger, level)(event, **facts)
    except Exception:  # noqa: BLE001 - a broken log handler of the application's must not reach the bot
        _counts["log"] += 1


def load() -> None:
    """Import what `log` needs, where a pause does no harm: the first fault may be met in the middle of a turn."""
    import_module("structlog.stdlib")


def _standard_logger() -> Any:
    import logging

    return logging.getLogger(LOGGER)


def fault(cause: str, error: BaseException | None = None, **facts: str) -> None:
    """Count a fault of ours and log its first occurrence, with the exception's type and never its message.

    Args:
        cause: What failed, in a word.
        error: The exception behind it.
        **facts: Names of ours that help, such as a folder or a setting.

    Raises:
        Exception: `error` itself, when a signal handler of the bot's raised it while code of ours ran.
    """
    if error is not None and _comes_from_a_signal(error):
        raise error
    kind = type(error).__name__ if error is not None else ""
    with _lock:
        _counts[cause] += 1
        first = (cause + kind) not in _logged and len(_logged) < MAX_LOGGED
        if first:
            _logged.add(cause + kind)
    if first:
        named = {"error_type": kind} if kind.isidentifier() else {}
        log("warning", "telemetry_fault", cause=cause, **named, **facts)


def _comes_from_a_signal(error: BaseException) -> bool:
    """Tell whether a signal handler raised `error`, as Celery's soft time limit does: it is meant for the bot."""
    if threading.current_thread() is not threading.main_thread():
        return False  # handlers run nowhere else
    handlers = map(signal.getsignal, _SIGNALS)
    codes = {code for handler in handlers if (code := getattr(handler, "__code__", None)) is not None}
    return any(frame.f_code in codes for frame, _ in traceback.walk_tb(error.__traceback__))


def once(event: str, **facts: Any) -> None:
    """Log something that is no fault but that somebody has to know, the first time it is met."""
    with _lock:
        first = event not in _logged
        _logged.add(event)
    if first:
        log("warning", event, **facts)


def faults() -> dict[str, int]:
    """Return the number of faults by cause since the process started or `reset` was called."""
    with _lock:
        return dict(_counts)


def reset() -> None:
    """Forget all counts and which causes were logged (tests, a forked child)."""
    with _lock:
        _counts.clear()
        _logged.clear()


def _after_fork() -> None:
    """Start afresh in a forked child, where nobody will ever release a lock that another thread held."""
    global _lock  # noqa: PLW0603 - the one lock of this module
    _lock = threading.RLock()
    reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
