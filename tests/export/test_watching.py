"""What a watcher is told of turns and suggestions, on the export thread."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.guard import Entry, Guard, GuardPlan, Rule
from convqa_sdk.schema.events import UserCorrectionSignal
from convqa_sdk.testing import recording
from convqa_sdk.tracing.turn_facts import TurnFacts

MAP = convqa.ArchetypeMap(
    version="archetypes-1",
    archetypes={"policy_info": {"tier": 2, "intents": "warranty"}, "smalltalk": {"tier": 1, "intents": "chat"}},  # type: ignore[arg-type] # reason: a mapping is taken as well
)
SAID = UserCorrectionSignal(
    chat_guid="c-1",
    prior_intent="refund",
    turns_since_assistant_reply=1,
    matched_pattern="own",
    signal_kind="correction",
)


class Watching:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.turns: list[TurnFacts] = []
        self.suggestions: list[bool] = []

    def watch(self, facts: TurnFacts) -> None:
        """Keep a turn."""
        self.turns.append(facts)

    def suggested(self, accepted: bool, at_ns: int) -> None:
        """Keep a suggestion."""
        assert at_ns > 0
        self.suggestions.append(accepted)


def turn(message: str = "hi", result: str = "pass", violations: tuple[str, ...] = (), customer: str = "a") -> None:
    """One turn with a policy check."""
    with convqa.turn("c-1", message, account_id=customer) as opened:
        with convqa.intent_detection() as intent:
            intent.set(intent="refund", confidence=0.9, archetype="refund_status")
        with convqa.policy_check(name="p") as check:
            check.set(result=result, violations=violations)  # type: ignore[arg-type] # reason: one of the results
        opened.answer("Five days.")


def test_a_watcher_is_told_of_each_turn() -> None:
    """Archetype, status, latency, what checks found, what the customer says, and how old the knowledge is."""
    watcher, built = Watching(), datetime(2025, 12, 1, tzinfo=timezone.utc)
    with recording(guard=watcher, versions=convqa.Versions(kb_snapshot="kb-1", kb_built_at=built)) as recorded:
        turn(result="fail", violations=("01.refund_window",))
        turn("That's wrong", result="block")
        first, second = watcher.turns
        spans = recorded.turns("c-1")
    assert (first.conversation_id, first.archetype, first.status) == ("c-1", "refund_status", "ok")
    assert (first.policy_violations, second.policy_violations) == (("01.refund_window",), ("block",))
    assert (first.signal_kind, second.signal_kind) == (None, "correction")
    assert first.kb_built_at == int(built.timestamp()) * 10**9
    assert first.latency_ms == spans[0]["convqa.latency.total_ms"]
    assert first.at_ns == spans[0].span.end_time


@pytest.mark.parametrize("sampling", [1.0, 0.0])
@pytest.mark.parametrize("archetypes", [None, MAP])
def test_a_signal_is_about_the_archetype_of_the_answer_before(
    archetypes: convqa.ArchetypeMap | None, sampling: float
) -> None:
    """Stated or by the map, in one process and by a state that the caller carries, and recorded or not."""
    watcher = Watching()
    stated = (None, None) if archetypes is not None else ("policy_info", "smalltalk")
    with recording(guard=watcher, archetypes=archetypes, sampling=sampling):
        for carries in (False, True):
            state = "" if carries else None
            talk = zip(("How long is the warranty?", "That's wrong."), ("warranty", "chat"), stated, strict=True)
            for message, intent, archetype in talk:
                with convqa.turn(f"c-{carries}", message, state=state) as opened:
                    convqa.intent_detection(lambda found: found)(convqa.Intent(intent, 0.9, archetype=archetype))
                    opened.answer("Two years.")
                state = opened.state if carries else None
    told = [(each.archetype, each.signal_kind, each.signal_archetype) for each in watcher.turns]
    assert told == [("policy_info", None, None), ("smalltalk", "correction", "policy_info")] * 2


def test_a_signal_that_the_bot_has_told_itself_counts() -> None:
    """In the place of what is worked out."""
    watcher = Watching()
    with recording(guard=watcher):
        turn()
        with convqa.turn("c-1", "Hm, is it?", account_id="a") as opened:
            opened.event(SAID.event_name, SAID)
            opened.answer("Five days.")
    assert [(each.signal_kind, each.signal_archetype) for each in watcher.turns] == [
        (None, None),
        ("correction", "refund_status"),
    ]


def test_a_watcher_is_told_of_turns_that_are_thinned_out() -> None:
    """Thinning saves spans, and blinds nobody."""
    watcher = Watching()
    with recording(guard=watcher, sampling=0.0) as recorded:
        turn()
        assert not recorded.turns()
    assert len(watcher.turns) == 1


def test_a_suggestion_that_was_judged_is_told() -> None:
    """Whether it was accepted."""
    watcher = Watching()
    with recording(guard=watcher):
        convqa.record_suggestion("c-1", kind="draft", accepted=True)
        convqa.record_suggestion("c-1", kind="draft", accepted=False)
        convqa.record_csat("c-1", score=4)
    assert watcher.suggestions == [True, False]


class Broken:
    """A watcher that fails."""

    def watch(self, facts: TurnFacts) -> None:
        """Raise."""
        raise RuntimeError

    def suggested(self, accepted: bool, at_ns: int) -> None:
        """Raise."""
        raise RuntimeError


def test_a_watcher_that_fails_costs_nothing_else() -> None:
    """The turn leaves whole, and the failure is counted."""
    with recording(guard=Broken()) as recorded:
        turn()
        convqa.record_suggestion("c-1", kind="draft", accepted=True)
        assert recorded.turn("c-1").stages == ["intent_detection", "policy_check"]
        assert isolation.faults()["watcher"] == 2


def test_a_guard_trips_by_the_turns_that_it_watches() -> None:
    """Corrections in a row take an archetype off the model, and the trip is a change span with its threshold."""
    bounds = {"threshold": 0.5, "reset_at": 0.1, "window_s": 600, "min_count": 4, "hold_s": 60}
    rule = Rule.model_validate({"name": "corrections", "metric": "corrections", **bounds})
    plan = GuardPlan(version="1", owner="ops", archetypes={"refund_status": Entry(tier="automate")}, trips=(rule,))
    guard = Guard(plan, threads=False)
    now = datetime.now(timezone.utc) - timedelta(minutes=1)
    with recording(guard=guard) as recorded:
        assert guard.decide("refund_status", confidence=0.9).state == "normal"
        for number in range(6):
            with convqa.turn("c-1", "That's wrong", start_time=now + timedelta(seconds=number)) as opened:
                with convqa.intent_detection() as intent:
                    intent.set(intent="refund", confidence=0.9, archetype="refund_status")
                opened.answer("Five days.")
        guard.tick()
        assert guard.decide("refund_status", confidence=0.9).state != "normal"
        (change,) = [span for span in recorded.spans if span.stage == "change"]
    assert change["convqa.change.kind"] == "guard"
    assert (change["convqa.change.rule"], change["convqa.change.threshold"]) == ("corrections", 0.5)
    guard.close()
