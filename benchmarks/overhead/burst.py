"""What `instructions` counts under callgrind: two bursts of turns in one process, after start-up and warming.

`python burst.py VARIANT LIBRARY` (`callgrind.c`, compiled). The burst `request` ends when its turns are recorded, before
any is exported; the burst `both` ends when they are encoded as well.

Made repeatable: no collector, seeded ids, and a switch interval that leaves the interpreter to one thread until it
blocks, so that exporting begins when recording is done. Nothing here waits by looking again and again.
"""

from __future__ import annotations

import ctypes
import gc
import os
import random
import sys

import variants
from exporters import Encoded
from workload import SPANS

TURNS = 40
"""Turns of a burst; few enough that no text comes twice in it."""


def main(name: str, library: str) -> None:
    """Warm up, then count."""
    os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "500"  # milliseconds: the standard processor otherwise waits five seconds
    random.seed(1)
    callgrind = ctypes.PyDLL(library)  # which keeps the interpreter: exporting must not begin inside `stop`
    exporter = Encoded()
    turn = variants.make(name, exporter).turn

    def record() -> None:
        exporter.expect(SPANS * TURNS)
        for _ in range(TURNS):
            turn()

    record()
    exporter.reached.wait()
    gc.collect()
    gc.disable()
    sys.setswitchinterval(1_000.0)
    callgrind.start()
    record()
    callgrind.stop(b"request")
    exporter.reached.wait()
    callgrind.start()
    record()
    exporter.reached.wait()
    callgrind.stop(b"both")
    os._exit(0)  # without the interpreter's end, which nobody counts


if __name__ == "__main__":
    main(*sys.argv[1:])
