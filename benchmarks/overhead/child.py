"""Measure one case in this process and print its figures as one JSON line.

`python child.py MEASURE LABEL EFFORT`, with the interpreter of the case's environment.
"""

from __future__ import annotations

import json
import logging
import signal
import sys

from measures import MEASURES


def main(name: str, label: str, effort: str) -> None:
    """Run, and end at once: what hangs on purpose must not delay it, and one peer even takes `os._exit` over."""
    logging.disable(logging.CRITICAL)
    measure = MEASURES[name]
    case = next(case for case in measure.cases if case.label == label)
    sys.stdout.write(json.dumps(measure.run(case, float(effort))) + "\n")
    sys.stdout.flush()
    signal.raise_signal(signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
