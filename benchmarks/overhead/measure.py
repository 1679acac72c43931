"""Measure one variant in this process and print one JSON line: processor time per turn, in microseconds."""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time

from variants import EXPORTERS, VARIANTS

CHUNK = 50
"""Turns between two flushes: few enough that no queue ever overflows."""


def main() -> None:
    """Run the measurement that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("exporter", choices=EXPORTERS)
    parser.add_argument("--chunks", type=int, default=60)
    args = parser.parse_args()
    variant = VARIANTS[args.variant](EXPORTERS[args.exporter]())
    for _ in range(4 * CHUNK):
        variant.turn()
    variant.flush()
    gc.collect()
    requests: list[float] = []
    began = time.process_time_ns()
    for _ in range(args.chunks):
        start = time.thread_time_ns()
        for _ in range(CHUNK):
            variant.turn()
        requests.append((time.thread_time_ns() - start) / CHUNK / 1000)
        variant.flush()
    process = (time.process_time_ns() - began) / args.chunks / CHUNK / 1000
    print(json.dumps({"request": statistics.median(requests), "process": process}))


if __name__ == "__main__":
    main()
