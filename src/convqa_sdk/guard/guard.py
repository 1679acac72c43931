"""The guard: what the bot may do now, by plan, kill switch and rolling windows. The bot never waits for it."""

from __future__ import annotations

import math
import os
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, cast

from convqa_sdk.errors import ConfigurationError, RecordError
from convqa_sdk.guard import reporting
from convqa_sdk.guard.decision import Decision, Table, table_of
from convqa_sdk.guard.feeding import Feeding
from convqa_sdk.guard.flags import Source, Switch, flag_file, understood
from convqa_sdk.guard.issues import Issues
from convqa_sdk.guard.ladder import AsyncRung, Rung, climb, climb_async
from convqa_sdk.guard.metrics import METRICS, MetricName
from convqa_sdk.guard.plan import STATES, GuardPlan, State
from convqa_sdk.guard.plan_file import PlanFile
from convqa_sdk.guard.polling import Polled
from convqa_sdk.guard.status import GuardStatus, archetypes_in, rules_in
from convqa_sdk.guard.succession import owned, successor
from convqa_sdk.guard.trips import Trips, observations
from convqa_sdk.isolation import fault, log
from convqa_sdk.schema.archetypes import ArchetypeMap, Assigned
from convqa_sdk.tracing.decorators import current_turn
from convqa_sdk.tracing.outcomes import FUTURE_NS, When
from convqa_sdk.tracing.stage import unix_ns
from convqa_sdk.tracing.turn_facts import TurnFacts
from convqa_sdk.tracing.values import Intent

POLL_S: Final = 0.2
"""Seconds between two questions, and between two judgements of the rules."""
DEADLINE_S: Final = 0.5
FIRST_ANSWER_S: Final = 1.0
"""How long the constructor waits for the switch's first answer: at the bot's start, not in a turn."""


class Clock(Protocol):
    """The clocks of the windows."""

    def time_ns(self) -> int:
        """Return Unix nanoseconds."""
        ...

    def perf_ns(self) -> int:
        """Return monotonic nanoseconds."""
        ...


class _SystemClock:
    time_ns = staticmethod(time.time_ns)
    perf_ns = staticmethod(time.monotonic_ns)


class Guard:
    """Says what the bot may do with each question; its rules see the turns of `configure(guard=...)`.

    Args:
        plan: A `GuardPlan`, or the path of one in YAML or JSON, which is then watched: a rollback takes effect within
            a second. Of a plan older than the one in force only stops are taken, of another owner's nothing.
        flags: The kill switch: a callable, or the path of a file; see `flag_file`, `flag_variable`, `flag_provider`.
            None: there is none.
        archetypes: Gives an archetype to intents that state none: the map, or the path of its file, that `configure()`
            has; None: nobody does.
        owner: Who must own the plan; None: whoever it names at the start.
        default_state: What holds until the switch has answered for the first time.
        clock: The clocks of the windows; None: the system's.
        threads: Whether to poll; without, `tick()` has to be called (tests).

    Raises:
        ConfigurationError: The plan cannot be read, is none, or has another owner; or another argument cannot be.
        ImportError: A file is YAML, and PyYAML is not installed.
    """

    def __init__(
        self,
        plan: GuardPlan | str | os.PathLike[str],
        *,
        flags: Source | str | os.PathLike[str] | None = None,
        archetypes: ArchetypeMap | str | os.PathLike[str] | None = None,
        owner: str | None = None,
        default_state: State = "normal",
        clock: Clock | None = None,
        threads: bool = True,
    ) -> None:
        if default_state not in STATES:
            raise ConfigurationError(f"default_state is {default_state!r}; give one of {', '.join(STATES)}")
        self._clock: Clock = clock if clock is not None else _SystemClock()
        self._issues = Issues(archetypes)
        self._feeding = Feeding()
        self._file: PlanFile | None = None
        if not isinstance(plan, GuardPlan):
            self._file = PlanFile(_path("plan", plan, "a GuardPlan, or the path of one in YAML or JSON"))
            plan = self._file.read()
        self._plan = owned(plan, owner if owner is not None else plan.owner)
        self._switch = Switch(default_state if flags is not None else "normal", rule="default_state")
        self._trips = Trips(self._plan)
        self._lock = threading.RLock()
        self._rows: Table = {}
        self._rebuild()
        self._polled = self._sources(flags)
        self._closed = threading.Event()
        self._threads = threads
        if threads:
            self._start()
        _guards.add(self)

    def _sources(self, flags: Source | str | os.PathLike[str] | None) -> tuple[Polled[Any], ...]:
        sources: list[Polled[Any]] = []
        if flags is not None:
            source = flags if callable(flags) else flag_file(_path("flags", flags, "a callable, or the path of a file"))
            ask: Callable[[], Switch] = lambda: understood(source())  # noqa: E731 - reads as what it is
            sources.append(Polled("flags", ask, self._switched, interval_s=POLL_S, deadline_s=DEADLINE_S))
        file = self._file
        if file is not None:
            read: Callable[[], GuardPlan] = lambda: successor(file.read(), self._plan)  # noqa: E731 - as above
            sources.append(Polled("plan", read, self._planned, interval_s=POLL_S, deadline_s=DEADLINE_S))
        return tuple(sources)

    def _start(self) -> None:
        for source in self._polled:
            source.start(FIRST_ANSWER_S)
        self._keep()

    def _keep(self) -> None:
        try:
            threading.Thread(target=self._run, name="convqa-guard", daemon=True).start()
        except RuntimeError as error:  # no more threads on this machine, or an interpreter that is ending
            fault("guard_thread", error)

    def _run(self) -> None:
        closed = self._closed
        while not closed.wait(POLL_S):
            self.tick()

    # ------------------------------------------------------------------------------------------ in the bot's turn

    def decide(
        self, issue: Intent | Assigned | str | None = None, *, confidence: float | None = None
    ) -> Decision:
        """Say what the bot may do, and write it on the current turn; never raises, never waits.

        Args:
            issue: What the question is about: an `Intent`, whose archetype is the one that it states, else the map's;
                an archetype, by its name or as the map gives it. None or not in the plan: the plan's default holds.
            confidence: Of the intent or of the answer, 0 to 1; None: the intent's own, else unknown, which is not
                enough to deflect.
        """
        rows = self._rows
        row = rows[None]
        self._feeding.asked = True
        try:
            archetype, confidence = self._issues.of(issue, confidence)
            row = rows.get(archetype, row)
            decision = row.decide(confidence)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what the bot gives may be anything, and do anything
            fault("guard_input", error)
            decision = row.invalid
        reporting.tell_turn(current_turn(), decision)
        return decision

    def answer(
        self,
        decision: Decision,
        draft: Rung = None,
        *,
        rules: Rung = None,
        last_known_good: Rung = None,
        human: Rung = None,
    ) -> str:
        """Return the first answer that the decision allows: the draft, a rule's, the last known good one, a human's.

        Each is a text, or a callable that returns one (None or empty: it has none); what one raises leads to the next.
        Which one it was stands on the turn. When all fail, the customer reads the plan's `human_text`.

        Args:
            decision: What `decide` has said.
            draft: The bot's own answer; asked only in state `normal`.
            rules: An answer by rules, without a model; not asked in state `killed`.
            last_known_good: An answer that was good before; not asked in state `killed`.
            human: The handover; what it returns, when it is a text, is what the customer reads.
        """
        return climb(decision, (draft, rules, last_known_good, human), self._plan.human_text)

    def answer_async(
        self,
        decision: Decision,
        draft: AsyncRung = None,
        *,
        rules: AsyncRung = None,
        last_known_good: AsyncRung = None,
        human: AsyncRung = None,
    ) -> Awaitable[str]:
        """Do what `answer` does; the callables may be asynchronous."""
        return climb_async(decision, (draft, rules, last_known_good, human), self._plan.human_text)

    # ---------------------------------------------------------------------------------------------- what it learns

    def observe(
        self, metric: MetricName, value: float, *, archetype: str | None = None, at: When | None = None
    ) -> None:
        """Tell what somebody has seen, such as an accepted suggestion.

        Args:
            metric: What was seen; see `METRICS`.
            value: 0 or 1 (or a bool) where the metric is a share, else in the metric's unit.
            archetype: Of which archetype; None: unknown.
            at: When, aware datetime or Unix nanoseconds; None: now.

        Raises:
            RecordError: There is no such metric, or value or time cannot be.
        """
        if not isinstance(metric, str) or metric not in METRICS:  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise RecordError(f"guard.observe: no such metric; there are {', '.join(METRICS)}")
        number = _number(metric, value)
        if archetype is not None and not isinstance(archetype, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise RecordError(f"guard.observe: archetype is {type(archetype).__name__}; give its name")
        self._trips.observe(metric, number, archetype, self._moment(at))
        self._feeding.fed = True

    def watch(self, facts: TurnFacts) -> None:
        """Take what is known of a turn that has ended; never raises, and is not for the bot's own thread."""
        self._feeding.fed = True
        try:
            age_ns = self._clock.time_ns() - facts.at_ns
            if age_ns < -FUTURE_NS:
                fault("guard_future_turn")
                return
            at_ns = self._clock.perf_ns() - max(0, age_ns)
            for metric, value in observations(facts).items():
                if 0.0 <= value < math.inf:
                    self._trips.observe(metric, value, facts.archetype, at_ns)
            if facts.signal_kind == "correction":
                self._trips.observe("corrections", 1.0, facts.signal_archetype, at_ns, counts=False)
        except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
            fault("guard_watch", error)

    def suggested(self, accepted: bool, at_ns: int) -> None:
        """Take what a human did with a suggestion (`record_suggestion`); never raises."""
        try:
            self.observe("suggestion_acceptance", accepted, at=at_ns)
        except Exception as error:  # noqa: BLE001 - decision 8: a time that cannot be, and no error of the bot's
            fault("guard_watch", error)

    def tick(self) -> None:
        """Judge the rules by what their windows show now, and look after the sources; never raises."""
        try:
            for source in self._polled:
                source.check()
            if self._plan.trips:
                self._feeding.check(self._clock.perf_ns())
            with self._lock:
                before = self._rows
                turns = self._trips.judge(self._clock.perf_ns())
                if not turns:
                    return
                self._rebuild()
                plan = self._plan
            for turn in turns:
                reporting.tell_trip(turn, plan, before, self._rows)
        except Exception as error:  # noqa: BLE001 - the thread goes on
            fault("guard_tick", error)

    def status(self) -> GuardStatus:
        """Return what holds now, and how the guard knows."""
        return GuardStatus(
            self._plan.version,
            self._plan.owner,
            self._switch.state,
            archetypes_in(self._rows),
            rules_in(self._trips, self._clock.perf_ns()),
            tuple(source.status() for source in self._polled),
        )

    def close(self) -> None:
        """Stop polling; what holds now goes on to hold."""
        self._closed.set()
        for source in self._polled:
            source.close()

    def __enter__(self) -> Guard:
        """Return itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Close it."""
        self.close()

    # ------------------------------------------------------------------------------------------------------ inside

    def _switched(self, switch: Switch) -> None:
        """Take what the switch says."""
        with self._lock:
            before, known = self._switch, self._rows
            if switch == before:
                return
            self._switch = switch
            self._rebuild()
        reporting.tell_switch(before, switch, self._plan, known, self._rows)

    def _planned(self, plan: GuardPlan) -> None:
        """Take a plan that was read again; what it lifts, or what has no rule any more, resets."""
        if plan is self._plan:
            return
        with self._lock:
            known, trips = self._rows, Trips(plan, self._trips)
            turns = trips.gone(self._trips)
            for archetype, moment in _lifted(self._plan, plan):
                age_ns = max(0, self._clock.time_ns() - unix_ns(moment))
                turns += trips.lift(archetype, self._clock.perf_ns() - age_ns)
            self._plan, self._trips = plan, trips
            self._rebuild()
        log("info", "guard_plan", version=plan.version)
        for turn in turns:
            reporting.tell_trip(turn, plan, known, self._rows, owner=plan.owner)

    def _rebuild(self) -> None:
        """Put a new table in the old one's place, in one step: nobody who decides meanwhile sees half of it."""
        self._rows = table_of(self._plan, self._switch, self._trips.state)

    def _moment(self, at: When | None) -> int:
        """Return a wall-clock time on the monotonic clock, which no adjustment moves."""
        if at is None:
            return self._clock.perf_ns()
        if isinstance(at, datetime) and at.utcoffset() is None:
            raise RecordError("guard.observe: at is a naive datetime; give one with a time zone")
        if type(at) is not int and not isinstance(at, datetime):
            raise RecordError(f"guard.observe: at is {type(at).__name__}; give an aware datetime or Unix nanoseconds")
        age_ns = self._clock.time_ns() - (unix_ns(at) if isinstance(at, datetime) else at)
        if age_ns < -FUTURE_NS:
            raise RecordError("guard.observe: at lies in the future of this machine's clock; check time zone and unit")
        return self._clock.perf_ns() - max(0, age_ns)

    def after_fork(self) -> None:
        """Begin anew in a forked child: its own threads and windows; what is known and tripped holds on."""
        self._lock = threading.RLock()
        self._trips.after_fork()
        for source in self._polled:
            source.after_fork()
        if self._threads and not self._closed.is_set():
            self._closed = threading.Event()
            self._keep()


def _path(name: str, given: object, accepted: str) -> Path:
    """Return a path that is given, refusing what is none."""
    if not isinstance(given, (str, os.PathLike)):
        raise ConfigurationError(f"Guard: {name} is {type(given).__name__}; give {accepted}")
    return Path(cast("str | os.PathLike[str]", given))


def _lifted(before: GuardPlan, plan: GuardPlan) -> list[tuple[str | None, datetime]]:
    """Return where the owner has lifted stops between two plans, and when; None stands for everywhere."""
    found: list[tuple[str | None, datetime]] = []
    if plan.lifted_at is not None and plan.lifted_at != before.lifted_at:
        found.append((None, plan.lifted_at))
    for name, entry in plan.archetypes.items():
        if entry.lifted_at is not None and entry.lifted_at != before.entry(name).lifted_at:
            found.append((name, entry.lifted_at))
    return found


def _number(metric: MetricName, value: object) -> float:
    """Return an observed value as a number that the metric can take."""
    if isinstance(value, bool):
        value = int(value)
    if not isinstance(value, (int, float)) or not 0.0 <= value < 1e15:
        raise RecordError(f"guard.observe: value of {metric} is no finite number of 0 or more")
    if METRICS[metric].share and value not in (0, 1):
        raise RecordError(f"guard.observe: {metric} is a share; say 1 or 0 for each that did or did not")
    if METRICS[metric].statistic == "sum" and value != int(value):
        raise RecordError(f"guard.observe: {metric} is counted; give a whole number")
    return float(value)


_guards: weakref.WeakSet[Guard] = weakref.WeakSet()


def _after_fork() -> None:
    for guard in list(_guards):
        guard.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
