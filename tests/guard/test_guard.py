"""The guard: it decides at once, whatever its sources do; it trips, resets and says so; and it never breaks the bot."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.errors import ConfigurationError, RecordError
from convqa_sdk.guard import Decision, Entry, Guard, GuardPlan, Rule, TurnFacts, flag_provider, polling
from convqa_sdk.guard.flags import understood
from convqa_sdk.guard.plan_file import PlanFile
from convqa_sdk.testing import Recording, recording
from strategies_guard import anything

S = 1_000_000_000
START_S = 1_767_225_600
WAIT_S = 10.0


class HandClock:
    """Stands still until it is told to go on; the wall clock can be set wrong by itself."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.wrong_s = 0.0

    def time_ns(self) -> int:
        return int((START_S + self.now_s + self.wrong_s) * S)

    def perf_ns(self) -> int:
        return int((5_000 + self.now_s) * S)


RULE = Rule(
    name="A13", metric="corrections", threshold=0.5, reset_at=0.2, window_s=60, hold_s=30, min_count=4, then="fallback"
)
ORDER = {"tier": "automate", "deflect": True, "threshold": 0.8}

MAP = convqa.ArchetypeMap.model_validate(
    {"version": "archetypes-1", "archetypes": {"order": {"tier": 1, "intents": ["order_*"]}}}
)


def plan(**settings: Any) -> GuardPlan:
    """A plan in which `order` may be answered alone."""
    return GuardPlan.model_validate({"owner": "ops", "archetypes": {"order": ORDER}, "trips": (RULE,), **settings})


@pytest.fixture
def clock() -> HandClock:
    """A clock that the test moves."""
    return HandClock()


@pytest.fixture
def guard(clock: HandClock) -> Guard:
    """A guard without threads of its own."""
    return Guard(plan(), clock=clock, threads=False)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Begin and end without faults and providers."""
    isolation.reset()
    yield
    isolation.reset()
    api.shutdown()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; it is a failure when it never is."""
    deadline = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.002)


def facts(clock: HandClock, **given: Any) -> TurnFacts:
    """A turn on an order that has just ended well."""
    well: dict[str, Any] = {"conversation_id": "c", "archetype": "order", "status": "ok", "latency_ms": 900.0}
    more: dict[str, Any] = {"policy_violations": (), "signal_kind": None, "kb_built_at": None}
    more["signal_archetype"] = "order"
    return TurnFacts(**{**well, **more, "at_ns": clock.time_ns(), **given})


def changes(spans: Recording) -> list[dict[str, Any]]:
    """What the change spans of kind `guard` say."""
    found = [span for span in spans.spans if span.stage == "change"]
    assert all(span["convqa.change.kind"] == "guard" for span in found)
    return [{key.removeprefix("convqa.change."): value for key, value in span.attributes.items()} for span in found]


class TestDecide:
    def test_it_stands_on_the_turn(self, guard: Guard) -> None:
        """Tier and state, without the bot's doing anything more; the pinned versions become the turn's."""
        pinned = plan(archetypes={"order": {**ORDER, "versions": {"model": "v2"}}})
        with recording(versions=convqa.Versions(model="v3", prompt="p7")) as spans:
            with convqa.turn("c-1", "Where is it?") as turn:
                decision = guard.decide("order", confidence=0.9)
                turn.answer("There.")
            with convqa.turn("c-2", "Where is it?") as turn:
                Guard(pinned, threads=False).decide("order")
                turn.answer("There.")
        assert decision == Decision("normal", "automate", True, "confident", "order")
        first, second = spans.turn("c-1"), spans.turn("c-2")
        assert (first["convqa.automation.tier"], first["convqa.guard.state"]) == ("automate", "normal")
        versions = [(each["convqa.model.version"], each["gen_ai.prompt.version"]) for each in (first, second)]
        assert versions == [("v3", "p7"), ("v2", "p7")]
        spans.assert_complete()

    def test_an_intent_is_decided_by_the_map(self, clock: HandClock) -> None:
        """Its class has the archetype; what it states itself counts before; its confidence is the default."""
        guard = Guard(plan(), archetypes=MAP, clock=clock, threads=False)
        late = convqa.Intent("order_late", 0.9)
        assert guard.decide(late) == Decision("normal", "automate", True, "confident", "order")
        assert guard.decide(late, confidence=0.1).reason == "low_confidence"
        assert guard.decide(convqa.Intent("order_late")).reason == "confidence_unknown"
        assert guard.decide(convqa.Intent("x", 0.9, archetype="order")).may_deflect
        assert guard.decide(convqa.Intent("order_late", 0.9, archetype="refund")).archetype is None
        assert guard.decide(convqa.Intent("order_late", 0.9, tier="2")).archetype is None
        assert guard.decide(convqa.Intent("x", 0.9)).archetype is None
        assert guard.decide(MAP.of("order_late"), confidence=0.9).may_deflect
        assert isolation.faults() == {}

    def test_the_map_says_on_the_turn_what_it_says_to_the_guard(self, clock: HandClock) -> None:
        """An intent that a decorated function returns has the same archetype in the decision as on its span."""
        guard = Guard(plan(), archetypes=MAP, clock=clock, threads=False)
        with recording(archetypes=MAP) as spans, convqa.turn("c-1", "Where is it?") as turn:
            decision = guard.decide(convqa.intent_detection(lambda text: convqa.Intent("order_late", 0.9))("Where?"))
            turn.answer("There.")
        assert spans.turn("c-1")["convqa.intent.archetype"] == decision.archetype == "order"

    def test_an_intent_without_archetype_and_map_is_told_once(
        self, guard: Guard, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The default holds, and whoever forgot the map finds it in the log; a tier of its own asks for none."""
        with caplog.at_level("WARNING", "convqa_sdk"):
            guard.decide(convqa.Intent("unclear", 0.1, tier="tail"))
            assert not caplog.records
            for _ in range(2):
                assert guard.decide(convqa.Intent("order_late", 0.9)).archetype is None
        (record,) = caplog.records
        assert "guard_without_archetypes" in record.getMessage()

    def test_without_configure(self, guard: Guard) -> None:
        """A process that records nothing can be guarded all the same; so can code outside of any turn."""
        with convqa.turn("c-1", "Hi"):
            assert guard.decide("order", confidence=0.9).may_deflect
        assert guard.decide("order", confidence=0.1).reason == "low_confidence"
        assert isolation.faults() == {}

    @given(anything, anything)
    def test_it_never_raises(self, archetype: Any, confidence: Any) -> None:
        """Whatever the bot gives; and what is no archetype of the plan is never deflected."""
        with recording():
            guard = Guard(plan(), threads=False)
            with convqa.turn("c-1", "Hi"):
                decision = guard.decide(archetype, confidence=confidence)
        assert not decision.may_deflect
        guard.decide("order", confidence=confidence)

    def test_what_cannot_even_be_looked_at(self, guard: Guard) -> None:
        """Values that raise when they are touched are counted, and not deflected."""

        class Hostile:
            def __hash__(self) -> int:
                raise RuntimeError("jane@example.com")

            def __float__(self) -> float:
                raise RuntimeError("jane@example.com")

        hostile: Any = Hostile()
        assert guard.decide(hostile, confidence=0.9).reason == "tier"
        assert guard.decide(7, confidence=0.9).reason == "tier"  # type: ignore[arg-type]
        assert guard.decide("order", confidence=hostile).reason == "confidence_invalid"
        assert guard.decide("order", confidence=10**400).reason == "confidence_invalid"
        assert isolation.faults() == {"guard_input": 4}

    def test_not_even_the_process_ends(self, guard: Guard) -> None:
        """What a value raises when it is touched is no exit of the bot's."""

        class Hostile(str):
            def __hash__(self) -> int:
                raise SystemExit(1)

            def __float__(self) -> float:
                raise SystemExit(1)

        class Number:
            __float__ = Hostile.__float__

        number: Any = Number()
        assert guard.decide(Hostile("order"), confidence=0.9).reason == "tier"
        assert guard.decide("order", confidence=number).reason == "confidence_invalid"
        assert isolation.faults() == {"guard_input": 2}


class TestTrips:
    def test_a_trip_and_its_reset_are_changes(self, guard: Guard, clock: HandClock) -> None:
        """Each with rule, metric, value, threshold, window, volume and the versions; in between the bot falls back."""
        with recording(versions=convqa.Versions(model="v3")) as spans:
            for kind in ("correction", "correction", None, "complaint"):
                guard.watch(facts(clock, signal_kind=kind))
            guard.tick()
            assert guard.decide("order", confidence=0.9) == Decision("fallback", "automate", False, "A13", "order")
            assert guard.decide("other").state == "normal"
            clock.now_s = 70
            for _ in range(5):
                guard.watch(facts(clock))
            guard.tick()
            clock.now_s = 99
            guard.tick()
            assert guard.decide("order").state == "fallback"
            clock.now_s = 101
            guard.tick()
            assert guard.decide("order", confidence=0.9).may_deflect
            trip, reset = changes(spans)
            spans.assert_complete()
        both = {"rule": "A13", "metric": "corrections", "window_s": 60.0, "archetype": "order", "version": "1"}
        both |= {"convqa.model.version": "v3"}
        assert trip.items() >= {**both, "value": 0.5, "threshold": 0.5, "samples": 4, "state": "fallback"}.items()
        assert reset.items() >= {**both, "value": 0.0, "threshold": 0.2, "samples": 5, "state": "normal"}.items()
        assert (trip["previous_state"], reset["previous_state"]) == ("normal", "fallback")

    def test_a_rule_for_all(self, clock: HandClock) -> None:
        """Its change names no archetype, and the state that holds."""
        everywhere = RULE.model_copy(update={"scope": "all", "then": "killed"})
        guard = Guard(plan(trips=(everywhere,)), clock=clock, threads=False)
        with recording() as spans:
            for _ in range(4):
                guard.observe("corrections", True)
            guard.tick()
            (trip,) = changes(spans)
        assert (trip["state"], "archetype" in trip) == ("killed", False)
        assert {guard.decide(name).state for name in ("order", None, "x")} == {"killed"}

    @pytest.mark.parametrize(
        ("metric", "threshold", "reset_at", "seen"),
        [
            ("policy_violations", 0.5, 0.1, {"policy_violations": ("refund",)}),
            ("policy_violation_count", 8, 1, {"policy_violations": ("refund", "warranty")}),
            ("error_rate", 0.5, 0.1, {"status": "error"}),
            ("latency_p95_ms", 5_000, 2_000, {"latency_ms": 5_001.0}),
            ("kb_age_s", 86_400, 3_600, {"kb_built_at": (START_S - 86_401) * S}),
        ],
    )
    def test_every_metric_of_a_turn(
        self, clock: HandClock, metric: Any, threshold: float, reset_at: float, seen: dict[str, Any]
    ) -> None:
        """Four turns of each kind trip; four good ones do not."""
        rule = RULE.model_copy(update={"metric": metric, "threshold": threshold, "reset_at": reset_at})
        for given_facts, state in ({}, "normal"), (seen, "fallback"):
            guard = Guard(plan(trips=(Rule.model_validate(rule.model_dump()),)), clock=clock, threads=False)
            for _ in range(4):
                guard.watch(facts(clock, **given_facts))
            guard.tick()
            assert guard.decide("order").state == state

    @pytest.mark.parametrize("fed", [False, True])
    def test_rules_that_nobody_feeds_are_told(
        self, clock: HandClock, caplog: pytest.LogCaptureFixture, fed: bool
    ) -> None:
        """Once, a minute after the first question: `configure(guard=...)` was forgotten."""
        guard = Guard(plan(), clock=clock, threads=False)
        with caplog.at_level("WARNING", "convqa_sdk"):
            for now_s in (0, 10, 69, 71, 72, 200):
                clock.now_s = now_s
                guard.tick()
                if now_s:
                    guard.decide("order")
                if fed:
                    guard.watch(facts(clock))
                told = ["guard_unfed" in record.getMessage() for record in caplog.records]
                assert told == ([True] if now_s == 200 and not fed else [])

    @pytest.mark.parametrize("trips", [(), (RULE,)])
    def test_without_rules_or_questions_nothing_has_to_be_fed(
        self, clock: HandClock, caplog: pytest.LogCaptureFixture, trips: tuple[Rule, ...]
    ) -> None:
        """A guard with a kill switch alone, or one that is not used yet."""
        guard = Guard(plan(trips=trips), clock=clock, threads=False)
        with caplog.at_level("WARNING", "convqa_sdk"):
            for now_s in (0, 100, 200):
                clock.now_s = now_s
                if not trips:
                    guard.decide("order")
                guard.tick()
        assert not caplog.records

    def test_a_correction_counts_where_the_answer_was(self, clock: HandClock) -> None:
        """The archetype of the contradicted answer falls back, not that of the turn that contradicts it."""
        guard = Guard(plan(archetypes={"order": ORDER, "chat": ORDER}), clock=clock, threads=False)
        for _ in range(4):
            guard.watch(facts(clock))
            guard.watch(facts(clock, archetype="chat", signal_kind="correction"))
        guard.tick()
        assert (guard.decide("order").state, guard.decide("chat").state) == ("fallback", "normal")
        shown = {each.archetype: (each.value, each.samples) for each in guard.status().rules}
        assert (shown["order"], shown["chat"]) == ((1.0, 4), (0.0, 4))

    def test_a_drop_of_acceptance(self, clock: HandClock) -> None:
        """Told by whoever shows suggestions to humans."""
        rule = Rule(name="accept", metric="suggestion_acceptance", threshold=0.5, reset_at=0.7, min_count=4)
        guard = Guard(plan(trips=(rule,)), clock=clock, threads=False)
        for accepted in (True, False, False, True):
            guard.observe("suggestion_acceptance", accepted, archetype="order")
        guard.tick()
        assert guard.decide("order").reason == "accept"

    def test_a_clock_that_is_set_back_hides_nothing(self, guard: Guard, clock: HandClock) -> None:
        """Windows go by a clock that nobody sets."""
        for _ in range(4):
            guard.watch(facts(clock, signal_kind="correction"))
        clock.wrong_s = -86_400
        guard.tick()
        assert guard.decide("order").state == "fallback"

    def test_what_is_watched_never_raises(self, guard: Guard, clock: HandClock) -> None:
        """Turns of the future, numbers that are none, facts that are none."""
        guard.watch(facts(clock, at_ns=clock.time_ns() + 3_600 * S))
        guard.watch(facts(clock, latency_ms=math.nan))
        guard.watch(facts(clock, latency_ms=-math.inf))
        guard.watch(facts(clock, archetype=["order"], signal_kind=object()))
        guard.watch(None)  # type: ignore[arg-type]
        guard.tick()
        assert guard.decide("order").state == "normal"
        assert isolation.faults() == {"guard_future_turn": 1, "guard_watch": 2}

    @pytest.mark.parametrize(
        ("metric", "value", "given_more", "told"),
        [
            ("sales", 1, {}, "no such metric; there are policy_violations"),
            ([], 1, {}, "no such metric; there are policy_violations"),
            (None, 1, {}, "no such metric; there are policy_violations"),
            ("corrections", 0.5, {}, "say 1 or 0"),
            ("corrections", "1", {}, "no finite number"),
            ("policy_violation_count", 1.5, {}, "give a whole number"),
            ("latency_p95_ms", math.nan, {}, "no finite number"),
            ("latency_p95_ms", -1, {}, "no finite number"),
            ("corrections", 1, {"archetype": 7}, "archetype is int"),
            ("corrections", 1, {"at": datetime(2026, 1, 1)}, "naive datetime"),
            ("corrections", 1, {"at": "now"}, "at is str"),
            ("corrections", 1, {"at": datetime(2126, 1, 1, tzinfo=timezone.utc)}, "in the future"),
        ],
    )
    def test_an_observation_that_cannot_be(
        self, guard: Guard, metric: Any, value: Any, given_more: dict[str, Any], told: str
    ) -> None:
        """Explicit calls validate and raise; the rule is named, the value is not."""
        with pytest.raises(RecordError, match=told):
            guard.observe(metric, value, **given_more)

    def test_observations_have_a_time(self, guard: Guard, clock: HandClock) -> None:
        """Two minutes ago is no longer in a window of one; ten seconds ago is, told either way."""
        now = clock.time_ns()
        for at in (now - 120 * S, now - 10 * S, datetime.fromtimestamp(START_S - 10, timezone.utc)):
            guard.observe("corrections", 1, archetype="order", at=at)
        guard.tick()
        assert {each.samples for each in guard.status().rules if each.archetype == "order"} == {2}


class TestSwitch:
    def test_a_flag_provider_flips_it(self) -> None:
        """OpenFeature's own provider: on, off, and gone, when the last known state is held."""

        def provide(kill: bool) -> None:
            api.set_provider_and_wait(InMemoryProvider({"kill": InMemoryFlag("it", {"it": kill})}))

        provide(False)
        with Guard(plan(), flags=flag_provider("kill")) as guard:
            assert guard.decide("order", confidence=0.9).may_deflect
            provide(True)
            until(lambda: guard.decide("order").state == "killed")
            assert guard.decide("order").reason == "kill_switch"
            api.shutdown()
            until(lambda: guard.status().sources[0].failures > 1)
            assert guard.decide("order").state == "killed"
            provide(False)
            until(lambda: guard.decide("order").state == "normal")

    def test_a_flip_is_a_change(self) -> None:
        """For all, or for the archetypes that a record names, with its rule."""
        said: list[Any] = [False]
        with recording() as spans, Guard(plan(), flags=lambda: said[0]) as guard:
            said[0] = {"archetypes": {"order": "fallback"}, "rule": "A6"}
            until(lambda: len(spans.spans) == 1)
            said[0] = True
            until(lambda: len(spans.spans) == 2)
            first, second = changes(spans)
            assert guard.decide("order").state == "killed"
        assert (first["rule"], first["archetype"], first["state"]) == ("A6", "order", "fallback")
        assert (second["rule"], second["state"], second["previous_state"]) == ("kill_switch", "killed", "fallback")
        assert "archetype" not in second

    def test_other_words_are_no_flip(self, guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
        """A rule that changes all the time, and archetypes that are told to be normal; the log quotes neither."""
        with recording() as spans, caplog.at_level("WARNING", "convqa_sdk"):
            for number in range(50):
                named = {"order": "killed", f"jane{number}@example.com": "normal"}
                guard._switched(understood({"archetypes": named, "rule": f"jane{number}@example.com"}))
            (change,) = changes(spans)
        assert change["archetype"] == "order"
        assert guard.decide("order").reason == "jane49@example.com"
        (line,) = [record.getMessage() for record in caplog.records]
        assert line == "event='guard_switched' state='normal'"

    def test_many_archetypes_that_flip_at_once_are_one_change(self, guard: Guard) -> None:
        """It says how many; up to twenty are told one by one."""
        with recording() as spans:
            for count in (20, 1_000, 0):
                guard._switched(understood({"archetypes": {f"a{n}": "fallback" for n in range(count)}}))
            told = changes(spans)
        assert [each.get("note") for each in told] == [
            *[None] * 20,
            "980 archetypes at once",
            "1000 archetypes at once",
        ]
        assert [each["state"] for each in told[-2:]] == ["fallback", "normal"]

    @pytest.mark.parametrize("default_state", ["normal", "fallback", "killed"])
    @pytest.mark.parametrize("answer", [ConnectionError("down"), None, "maybe", 7, {"state": "off"}], ids=repr)
    def test_before_any_answer_the_default_holds(self, answer: Any, default_state: Any) -> None:
        """A provider that is down at the start, or says what means nothing."""

        def ask() -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        with Guard(plan(), flags=ask, default_state=default_state) as guard:
            assert guard.decide("order").state == default_state
            (flags,) = guard.status().sources
            assert (flags.known, flags.failures > 0) == (False, True)

    def test_an_answer_that_means_nothing_is_told_with_what_is_accepted(self, caplog: pytest.LogCaptureFixture) -> None:
        """Once, by its type and never its value."""
        with caplog.at_level("WARNING", "convqa_sdk"), Guard(plan(), flags=lambda: {"killed": "jane@example.com"}):
            pass
        (line,) = [record.getMessage() for record in caplog.records if "guard_flags" in record.getMessage()]
        assert "a record that says no state; it takes True or 1 (killed)" in line
        assert "jane" not in line

    def test_a_provider_that_hangs_stops_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Decisions go on with the last known state, the staleness shows, and it flips when the provider is back."""
        monkeypatch.setattr(polling, "STALE_S", 0.1)
        answers, hangs = [True], threading.Event()

        def ask() -> Any:
            if hangs.is_set():
                time.sleep(0.7)
            return answers[0]

        with Guard(plan(), flags=ask) as guard:
            assert guard.decide("order").state == "killed"
            hangs.set()
            until(lambda: guard.status().sources[0].stale)
            assert guard.decide("order").state == "killed"
            assert not guard.status().normal
            until(lambda: guard.status().sources[0].overruns > 0)
            answers[0] = False
            hangs.clear()
            until(lambda: guard.decide("order", confidence=0.9).may_deflect)
            until(lambda: guard.status().normal)

    def test_a_file_is_a_switch(self, tmp_path: Path) -> None:
        """Its path is enough."""
        with Guard(plan(), flags=tmp_path / "kill") as guard:
            assert guard.decide("order").state == "normal"
            (tmp_path / "kill").touch()
            until(lambda: guard.decide("order").state == "killed")


class TestPlan:
    def test_a_rollback_takes_effect(self, tmp_path: Path) -> None:
        """The file is watched; a plan that became garbage changes nothing, and shows."""
        path = tmp_path / "guard.yaml"
        path.write_text("owner: ops\narchetypes: {order: {tier: automate, deflect: true}}\n")
        with Guard(path) as guard:
            assert guard.decide("order", confidence=0.9).may_deflect
            PlanFile(path).change(lambda before: before.changed(version=2, state="killed"))
            until(lambda: guard.decide("order").state == "killed")
            assert (guard.decide("order").reason, guard.status().plan_version) == ("plan", 2)
            path.write_text("owner: [")
            until(lambda: guard.status().sources[0].failures > 0)
            assert guard.decide("order").state == "killed"

    def test_lifting_resets_what_has_tripped(self, tmp_path: Path, clock: HandClock) -> None:
        """The reset is a change of the owner's; a trip that the plan has no rule for any more is over as well."""
        path = tmp_path / "guard.json"
        path.write_text("{}")
        file = PlanFile(path)
        file._write(plan(trips=(RULE, RULE.model_copy(update={"name": "B"}))), path)
        guard = Guard(path, clock=clock, threads=False)
        for _ in range(4):
            guard.observe("corrections", 1, archetype="order")
        guard.tick()
        moment = datetime.fromtimestamp(START_S, timezone.utc)
        with recording() as spans:
            guard._planned(file.read().changed(version=2, trips=(RULE,), lifted_at=moment))
            found = {(each["rule"], each["owner"], each["state"], each["version"]) for each in changes(spans)}
        assert found == {("A13", "ops", "normal", "2"), ("B", "ops", "normal", "2")}
        guard.tick()
        assert guard.decide("order").state == "normal"

    def test_only_an_owners_plan(self, tmp_path: Path) -> None:
        """A guard that knows its owner takes nobody else's plan, at the start and later."""
        with pytest.raises(ConfigurationError, match="another owner than 'ops'"):
            Guard(plan(owner="mallory"), owner="ops", threads=False)
        path = tmp_path / "guard.yaml"
        path.write_text("owner: ops\n")
        with Guard(path, owner="ops") as guard:
            path.write_text("owner: mallory\nstate: killed\n")
            until(lambda: guard.status().sources[0].failures > 0)
            assert guard.decide().state == "normal"

    def test_an_older_plan_lifts_nothing(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """A stale deployment over a kill; it is told once what to do, and the newer version is obeyed."""
        path = tmp_path / "guard.yaml"
        path.write_text("owner: ops\n")
        with caplog.at_level("WARNING", "convqa_sdk"), Guard(path) as guard:
            path.write_text("owner: ops\nversion: 2\nstate: killed\n")
            until(lambda: guard.decide().state == "killed")
            path.write_text("owner: ops\n")
            until(lambda: guard.status().sources[0].failures > 1)
            assert (guard.decide().state, guard.status().plan_version) == ("killed", 2)
            path.write_text("owner: ops\nversion: 3\n")
            until(lambda: guard.decide().state == "normal")
        (line,) = [record.getMessage() for record in caplog.records if "guard_plan_older" in record.getMessage()]
        assert "deploy the newest plan, or give this one version 3" in line

    def test_an_owner_is_kept(self, tmp_path: Path) -> None:
        """Whoever the plan named at the start owns it as long as the guard runs."""
        path = tmp_path / "guard.yaml"
        path.write_text("owner: ops\n")
        with Guard(path) as guard:
            path.write_text("owner: mallory\nversion: 2\n")
            until(lambda: guard.status().sources[0].failures > 0)
            assert guard.status().owner == "ops"

    def test_a_rule_that_changes_stays_tripped(self, guard: Guard) -> None:
        """Nobody lifts a stop by another `min_count`, and none is told to be reset."""
        for _ in range(4):
            guard.observe("corrections", 1, archetype="order")
        guard.tick()
        with recording() as spans:
            guard._planned(plan(version=2, trips=(RULE.model_copy(update={"min_count": 5}),)))
            assert changes(spans) == []
        assert guard.decide("order").reason == "A13"

    def test_what_cannot_be_a_guard(self, tmp_path: Path) -> None:
        """A plan that is not there, a default state that there is not."""
        with pytest.raises(ConfigurationError, match="no such file"):
            Guard(tmp_path / "guard.yaml")
        with pytest.raises(ConfigurationError, match="normal, fallback, killed"):
            Guard(plan(), default_state="off")  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match=r"flags is int; give a callable, or the path of a file"):
            Guard(plan(), flags=42)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match=r"plan is dict; give a GuardPlan, or the path of one"):
            Guard({"owner": "ops"})  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match=r"archetypes is dict; give an ArchetypeMap, or the path of one"):
            Guard(plan(), archetypes={"order": ["order_late"]})  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="cannot read the archetype map"):
            Guard(plan(), archetypes=tmp_path / "archetypes.yaml")


class TestProcess:
    def test_many_threads_see_whole_decisions(self) -> None:
        """While the switch flips all the time, no decision mixes one state with another's reason."""
        said = [False]
        wrong: list[Decision] = []
        stop = threading.Event()
        guard = Guard(plan(), threads=False)

        def decide() -> None:
            while not stop.is_set():
                decision = guard.decide("order", confidence=0.9)
                if (decision.state, decision.may_deflect, decision.reason) not in (
                    ("normal", True, "confident"),
                    ("killed", False, "kill_switch"),
                ):
                    wrong.append(decision)

        threads = [threading.Thread(target=decide) for _ in range(4)]
        for thread in threads:
            thread.start()
        for n in range(300):
            said[0] = n % 2 == 0
            guard._switched(guard._switch._replace(state="killed" if said[0] else "normal", rule="kill_switch"))
        stop.set()
        for thread in threads:
            thread.join()
        assert wrong == []

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
    @pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Python 3.12 warns of threads; they are the point
    def test_a_forked_child_goes_on(self, tmp_path: Path) -> None:
        """It knows what its parent knew, and obeys the switch by threads of its own, whatever lock was held."""
        switch = tmp_path / "kill"
        switch.write_text("fallback")
        with Guard(plan(), flags=switch) as guard:
            reader, writer = os.pipe()
            with guard._lock:
                child = os.fork()
                if child == 0:
                    known = guard.decide("order").state
                    switch.write_text("killed")
                    deadline = time.monotonic() + WAIT_S
                    while guard.decide("order").state != "killed" and time.monotonic() < deadline:
                        time.sleep(0.002)
                    os.write(writer, f"{known} {guard.decide('order').state}".encode())
                    os._exit(0)
            os.close(writer)
            with os.fdopen(reader) as pipe:
                assert pipe.read() == "fallback killed"
            os.waitpid(child, 0)

    def test_a_closed_guard_holds_what_it_knew(self) -> None:
        """Nothing is asked any more."""
        said = [True]
        with Guard(plan(), flags=lambda: said[0]) as guard:
            pass
        said[0] = False
        time.sleep(0.5)
        assert guard.decide("order").state == "killed"

    def test_a_tick_that_fails_is_counted(self, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
        """The guard's thread goes on."""
        monkeypatch.setattr(guard._trips, "judge", lambda now_ns: 1 / 0)
        guard.tick()
        assert isolation.faults() == {"guard_tick": 1}

    @given(st.lists(st.tuples(st.sampled_from(("correction", None)), st.integers(0, 40)), max_size=60))
    def test_what_it_decides_is_what_its_rules_say(self, turns: list[tuple[str | None, int]]) -> None:
        """After every turn and pause: fallback exactly while the rule is tripped, as the status has it."""
        clock = HandClock()
        guard = Guard(plan(), clock=clock, threads=False)
        for kind, pause_s in turns:
            clock.now_s += pause_s
            guard.watch(facts(clock, signal_kind=kind))
            guard.tick()
            (tripped,) = [each.tripped for each in guard.status().rules if each.archetype == "order"]
            assert guard.decide("order").state == ("fallback" if tripped else "normal")


def test_the_status_is_json(guard: Guard) -> None:
    """For a health check."""
    data = guard.status().as_data()
    assert (data["plan_version"], data["owner"], data["switch"], data["normal"]) == (1, "ops", "normal", True)
    assert data["archetypes"][0] == {
        "archetype": "order",
        "state": "normal",
        "tier": "automate",
        "reason": "confident",
        "threshold": 0.8,
    }
    assert [rule["archetype"] for rule in data["rules"]] == ["order", ""]


def test_entries_may_be_made_in_code() -> None:
    """A plan need not be a file."""
    guard = convqa.Guard(convqa.GuardPlan(owner="o", archetypes={"a": Entry(tier="assist")}), threads=False)
    assert guard.decide("a").tier == "assist"
