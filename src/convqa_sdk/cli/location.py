"""Where the store is: `--store`, else `CONVQA_STORE`, else `./convqa-telemetry`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def add_store(command: argparse.ArgumentParser) -> None:
    """Give a command the option `--store`."""
    command.add_argument(
        "--store",
        type=Path,
        default=Path(os.environ.get("CONVQA_STORE") or "convqa-telemetry"),
        metavar="DIR",
        help="folder of the telemetry store (default: CONVQA_STORE or ./convqa-telemetry)",
    )
