"""What `instructions` counts under callgrind: a burst of turns, after start-up and warming.

`python burst.py VARIANT LIBRARY` (`callgrind.c`, compiled). The thread that records is dumped when the turns are
recorded and none is exported yet, the other threads when all have been written as OTLP.

Made repeatable: no collector, seeded ids, and a switch interval that leaves the interpreter to one thread until it
blocks, so that exporting begins when recording is done.
"""

from __future__ import annotations

import ctypes
import gc
import os
import random
import sys
from queue import SimpleQueue

import sink
import variants
from exporters import into
from workload import SPANS

TURNS = 40
"""Turns of the burst."""


def main(name: str, library: str) -> None:
    """Warm up, then count."""
    random.seed(1)
    callgrind = ctypes.PyDLL(library)  # which keeps the interpreter: exporting must not begin inside `dump`
    bodies: SimpleQueue[bytes] = SimpleQueue()
    turn = variants.make(name, into(bodies)).turn
    for _ in range(TURNS):
        turn()
    wait(bodies)
    gc.collect()
    gc.disable()
    sys.setswitchinterval(1_000.0)
    callgrind.start()
    for _ in range(TURNS):
        turn()
    callgrind.dump()
    wait(bodies)
    os._exit(0)  # callgrind dumps again; nobody counts the interpreter's end


def wait(bodies: SimpleQueue[bytes]) -> None:
    """Wait until a burst has left; what this costs is the main thread's, which is not counted then."""
    missing = SPANS * TURNS
    while missing > 0:
        missing -= sum(sink.spans_by_turn([bodies.get()]).values())


if __name__ == "__main__":
    main(*sys.argv[1:])
