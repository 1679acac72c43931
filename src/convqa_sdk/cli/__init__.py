"""The command `convqa`: tables for people, `--json` for machines, exit codes for cron and CI.

Exit codes: 0 fine; 1 the answer is bad news (a threshold was missed, something was skipped); 2 the command could not
do its work.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from convqa_sdk.cli.text import clean, plain_where_needed
from convqa_sdk.errors import ConvqaError
from convqa_sdk.version import __version__

COMMANDS = ("demo", "replay", "show", "doctor", "signals", "redact", "store", "vault", "guard", "rollback", "schema")


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    root = argparse.ArgumentParser(prog="convqa", description="Telemetry of customer-support bots.")
    root.add_argument("--version", action="version", version=f"convqa-sdk {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"convqa_sdk.cli.{name}").add(commands)
    return root


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        plain_where_needed(stream)
    args = parser().parse_args(argv)
    try:
        code = int(args.run(args))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; so do we, quietly
        return 0
    except (ConvqaError, OSError) as error:
        _complain(args.command, str(error))
        return 2
    except KeyboardInterrupt:
        _complain(args.command, "interrupted")
        return 130
    return code


def _complain(command: str, problem: str) -> None:
    """Say what went wrong, line by line, without anything that a terminal would obey."""
    lines = "\n".join(clean(line, 2000) for line in problem.splitlines())
    sys.stderr.write(f"convqa {command}: {lines}\n")
