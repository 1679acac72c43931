"""Locks on files, so that nobody rewrites a segment that somebody writes or compresses.

Advisory, of the operating system, and gone with the process that held one. Where there are none (Windows, some network
file systems) nobody is told so, and readers go by the age of a file instead.
"""

from __future__ import annotations

from importlib import import_module
from typing import Literal

Lock = Literal["held", "taken", "unknown"]


def lock(descriptor: int) -> Lock:
    """Try to lock an open file for this descriptor alone; closing it unlocks.

    Returns:
        `held` by us now, `taken` by somebody else, or `unknown`: there are no locks here.
    """
    try:
        fcntl = import_module("fcntl")
    except ImportError:
        return "unknown"
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return "taken"
    except OSError:
        return "unknown"
    return "held"
