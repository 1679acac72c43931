"""A fire drill: how long it takes until a bot in another process obeys a rollback, or the kill switch.

Run as a module it is that process: a guard that decides all the time, and says when its decision has changed.
"""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Final

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard.edits import Edit, edited
from convqa_sdk.guard.guard import POLL_S, Guard
from convqa_sdk.guard.plan import GuardPlan
from convqa_sdk.guard.plan_file import PlanFile, written
from convqa_sdk.isolation import LOGGER

PATIENCE_S: Final = 10.0
_LOOK_S: Final = 0.001


@dataclass(frozen=True)
class Drilled:
    """What was measured, in seconds, round by round.

    Attributes:
        rollback: From the begin of a rollback to the first decision that obeys it.
        lift: From lifting it to the first decision that is normal again.
        switch: From writing the kill switch's file to the first decision that obeys it.
    """

    rollback: tuple[float, ...]
    lift: tuple[float, ...]
    switch: tuple[float, ...]

    def medians(self) -> dict[str, float]:
        """Return the median of each."""
        return {name: median(getattr(self, name)) for name in ("rollback", "lift", "switch")}


def drill(plan: GuardPlan, rounds: int, on_progress: Callable[[int], None] = lambda done: None) -> Drilled:
    """Stop and release a bot in another process, on a copy of its plan.

    Args:
        plan: The plan; stops in force are lifted on the copy.
        rounds: How often.
        on_progress: Takes the number of rounds that are done.

    Raises:
        ConfigurationError: The process could not be started, or did not obey within ten seconds.
    """
    with tempfile.TemporaryDirectory(prefix="convqa-drill-") as folder:
        file, switch = PlanFile(Path(folder, "plan.json")), Path(folder, "switch")
        released = plan.changed(state="normal", default=plan.default.model_copy(update={"state": "normal"}))
        file.path.write_text(written(released, is_json=True), encoding="utf-8")
        rollbacks: list[float] = []
        lifts: list[float] = []
        switches: list[float] = []
        with _bot(file.path, switch) as bot:
            bot.waited(time.time_ns(), "normal")
            for done in range(1, rounds + 1):
                apart_s = POLL_S * done / rounds  # or each flip would come just after the bot has looked
                time.sleep(apart_s)
                rollbacks.append(bot.waited(_change(file, plan.owner, stop=True), "killed"))
                time.sleep(apart_s)
                lifts.append(bot.waited(_change(file, plan.owner, stop=False), "normal"))
                time.sleep(apart_s)
                begun = time.time_ns()
                switch.write_text("killed", encoding="utf-8")
                switches.append(bot.waited(begun, "killed"))
                switch.unlink()
                bot.waited(time.time_ns(), "normal")
                on_progress(done)
    return Drilled(tuple(rollbacks), tuple(lifts), tuple(switches))


def _change(file: PlanFile, owner: str, *, stop: bool) -> int:
    begun = time.time_ns()
    now = datetime.now(timezone.utc)
    edit = Edit(owner, "drill", now, state="killed") if stop else Edit(owner, "drill", now, lift=True)
    file.change(lambda plan: edited(plan, edit))
    return begun


class _Bot:
    """The process that decides, as the drill sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: queue.Queue[tuple[int, str]] = queue.Queue()
        threading.Thread(target=self._listen, name="convqa-drill", daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            at, _, state = line.strip().partition(" ")
            self._said.put((int(at), state))

    def waited(self, begun_ns: int, state: str) -> float:
        """Return after how many seconds the process was in a state."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                at_ns, said = self._said.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise ConfigurationError(f"the drill's bot was not {state} within {PATIENCE_S:g} s") from None
            if said == state:
                return max(0.0, (at_ns - begun_ns) / 1e9)


@contextmanager
def _bot(plan: Path, switch: Path) -> Generator[_Bot]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "convqa_sdk.guard.drill", str(plan), str(switch)]
    with subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield _Bot(process)
        finally:
            process.kill()


def _decide_for_ever(plan: str, switch: str) -> None:
    last = ""
    logging.getLogger(LOGGER).setLevel(logging.ERROR)  # the flips that it logs are the drill's own
    threading.Thread(target=_end_with_parent, name="convqa-drill", daemon=True).start()
    with Guard(plan, flags=switch) as guard:
        while True:
            state = guard.decide().state
            if state != last:
                last = state
                sys.stdout.write(f"{time.time_ns()} {state}\n")
                sys.stdout.flush()
            time.sleep(_LOOK_S)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _decide_for_ever(*sys.argv[1:])
