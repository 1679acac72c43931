"""Install the backends that the tests marked `backend` talk to, once, into a cache outside the repository.

`python tools/backends` installs what is missing; names install only these, and --status prints as JSON where each
program is (null: not installed). The cache is `$CONVQA_BACKENDS`, else `convqa-sdk/backends` below the user's cache.
One that cannot be installed leaves the others usable; the exit code then is 1.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from recipes import RECIPES, Recipe, cache

SHOWN_LINES = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, or say what is installed; return the exit code."""
    parser = argparse.ArgumentParser(prog="tools/backends", description=__doc__)
    names = [recipe.name for recipe in RECIPES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(names)}")
    parser.add_argument("--status", action="store_true", help="print where each program is, as JSON")
    parser.add_argument("--within", type=float, default=60.0, metavar="MINUTES", help="give up after (default: 60)")
    args = parser.parse_args(arguments)
    unknown = sorted(set(args.names) - set(names))
    if unknown:
        parser.error(f"no backend is called {', '.join(unknown)}; there are {', '.join(names)}")
    if args.status:
        print(json.dumps({recipe.name: _text(recipe.installed) for recipe in RECIPES}))
        return 0
    wanted = [recipe for recipe in RECIPES if recipe.name in (args.names or names)]
    return install(wanted, time.monotonic() + 60 * args.within)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def install(recipes: Sequence[Recipe], deadline: float) -> int:
    """Install one after the other; return 1 when one is missing in the end."""
    failed = 0
    for recipe in recipes:
        if recipe.installed is None:
            with _alone(deadline):
                failed += not (recipe.installed or _installed(recipe, deadline))
        if recipe.installed is not None:
            say(f"{recipe.name} {recipe.version}: installed in {recipe.folder}")
    return min(failed, 1)


def _installed(recipe: Recipe, deadline: float) -> bool:
    """Install one backend; say why when that fails."""
    began = time.monotonic()
    shutil.rmtree(recipe.folder, ignore_errors=True)
    recipe.folder.mkdir(parents=True)
    log = cache() / f"{recipe.name}.log"
    try:
        with log.open("w+") as output:
            recipe.build(recipe.folder, Runner(recipe.name, output, deadline))
            recipe.mark.touch()
    except subprocess.TimeoutExpired:
        say(f"{recipe.name}: NOT installed: the time given by --within is over; see {log}")
    except subprocess.CalledProcessError as error:
        say(f"{recipe.name}: NOT installed: `{error.cmd}` exited with {error.returncode}; the end of {log}:")
        for line in log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]:
            say(f"    {line}")
    except OSError as error:
        say(f"{recipe.name}: NOT installed: {error}")
    else:
        say(f"{recipe.name}: took {time.monotonic() - began:.0f} s")
        return True
    return False


class Runner:
    """Runs commands into a log, each with what is left of the time.

    Args:
        name: Of the backend, for the lines of progress.
        log: Gets what the commands print.
        deadline: When all of them must be done, in monotonic seconds.
    """

    def __init__(self, name: str, log: TextIO, deadline: float) -> None:
        self._name = name
        self._log = log
        self._deadline = deadline

    def __call__(self, *command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        """Run one command, and end all that it started when the time is over or this program is stopped."""
        shown = " ".join(Path(word).name if os.sep in word and Path(word).exists() else word for word in command)
        say(f"{self._name}: {shown}")
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(env or {})}, stdout=self._log, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(max(0.0, self._deadline - time.monotonic()))
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if code:
            raise subprocess.CalledProcessError(code, shown)


@contextmanager
def _alone(deadline: float) -> Iterator[None]:
    """Wait while another process installs: builds need the machine for themselves."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        if not _locked(lock):
            say("another process is installing backends; waiting for it")
            while not _locked(lock):
                if time.monotonic() > deadline:
                    sys.exit("the other process has not finished within the time given by --within")
                time.sleep(0.5)
        yield


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def say(line: str) -> None:
    """Print a line of progress at once."""
    print(line, flush=True)


if __name__ == "__main__":
    os.nice(10)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    sys.exit(main())
