"""Metrics: what a turn adds to which instrument, by which labels, and whose provider they are in.

Expected numbers are counted by hand from what each test does; durations come from times that the test gives.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.export.measuring import EVENTS, MEASURED
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.schema.events import RefusalOrUncertaintyStyle, UserCorrectionSignal
from convqa_sdk.schema.metrics import BY_NAME, MAX_VALUES, METRICS, OWN_ATTRIBUTES
from convqa_sdk.schema.registry import EVENT_RECORDS, all_attributes

from .conftest import SECRET, Record, Recorded
from .metering import Meter, one_turn


@pytest.fixture
def measured(record: Record, meter: Meter) -> Recorded:
    """Record in memory, and measure."""
    return record(meter_provider=meter.provider)


CASE = ("refund", "high")


# ------------------------------------------------------------------------------------------------------- the table


def test_every_instrument_of_the_contract_is_declared() -> None:
    """Exactly fifteen names, each with at most three attributes, a plain unit, and rising buckets where it has any."""
    assert set(BY_NAME) == {
        "convqa.turn.duration", "convqa.stage.duration", "gen_ai.client.operation.duration", "convqa.tokens",
        "convqa.turn.cost", "convqa.escalations", "convqa.policy.failures", "convqa.corrections", "convqa.refusals",
        "convqa.redactions", "convqa.csat", "convqa.guard.state", "convqa.sdk.errors", "convqa.sdk.lost_turns",
        "convqa.sdk.queue_bytes",
    }  # fmt: skip
    for metric in METRICS:
        assert len(metric.attributes) <= 3
        assert metric.unit in ("", "s", "USD", "By")
        assert metric.brief.endswith(".")
        assert list(metric.buckets) == sorted(set(metric.buckets))
        assert bool(metric.buckets) == (metric.kind == "histogram")


def test_attributes_are_those_of_spans() -> None:
    """A label has the key that the same fact has on a span; three are declared for metrics alone."""
    own = {attribute.key for attribute in OWN_ATTRIBUTES}
    spans = set(all_attributes())
    assert own & spans == set()
    used = {key for metric in METRICS for key in metric.attributes}
    assert used - own <= spans
    assert own <= used
    assert MEASURED - own <= spans
    assert set(EVENT_RECORDS) >= EVENTS
    ids = {key for key in used if key.endswith(".id")}
    assert ids == set()


# --------------------------------------------------------------------------------------------------- what is counted


def test_a_turn_in_every_instrument(measured: Recorded, meter: Meter) -> None:
    """Times, tokens, cost, failure, escalation and state of two turns, by their labels."""
    for _ in range(2):
        one_turn()
    assert meter.sums("convqa.turn.duration") == {(*CASE, "ok"): (2, 6.0)}
    assert meter.sums("convqa.stage.duration") == {
        ("intent_detection", "web", "ok"): (2, 0.4),
        ("generation", "web", "ok"): (2, 3.0),
        ("policy_check", "web", "ok"): (2, 0.2),
        ("escalation", "web", "ok"): (2, 0.2),
    }
    assert meter.sums("gen_ai.client.operation.duration") == {("chat", "acme", "m-1"): (2, 3.0)}
    assert meter.values("convqa.tokens") == {("m-1", "input"): 2_000, ("m-1", "output"): 200}
    assert meter.sums("convqa.turn.cost") == {("1", "web", "m-1"): (2, 0.004)}
    assert meter.values("convqa.escalations") == {(*CASE, "policy"): 2}
    assert meter.values("convqa.policy.failures") == {(*CASE, "block"): 2}
    assert meter.values("convqa.guard.state") == {("1", "normal"): 1}
    assert meter.values("convqa.sdk.queue_bytes") == {(): 0}
    assert measured.sdk.stats().faults == {}


def test_buckets_are_those_of_the_table(measured: Recorded, meter: Meter) -> None:
    """The advice reaches the SDK, and 3 s stand in the bucket that ends there."""
    one_turn()
    convqa.record_csat("c-1", 4)
    for name, metric in meter.names().items():
        if BY_NAME[name].kind == "histogram":
            (point, *_) = metric.data.data_points
            assert tuple(point.explicit_bounds) == BY_NAME[name].buckets
            assert (metric.unit, metric.description) == (BY_NAME[name].unit, BY_NAME[name].brief)
    (point,) = meter.points("convqa.turn.duration").values()
    assert point.bucket_counts[point.explicit_bounds.index(3.0)] == 1


def test_unknown_is_not_zero(measured: Recorded, meter: Meter) -> None:
    """A call without usage adds no tokens, a turn without a known cost is not among the costs, labels stay absent."""
    with convqa.turn("c-1"), convqa.generation(model="a-model-of-nobody"):
        pass
    assert meter.values("convqa.tokens") == {}
    assert meter.sums("convqa.turn.cost") == {}
    assert list(meter.sums("convqa.turn.duration")) == [("ok",)]


def test_a_call_that_its_client_reports_itself_is_not_reported_twice(measured: Recorded, meter: Meter) -> None:
    """With `usage="child"` the tokens count here, and the call's time is left to the auto-instrumented client."""
    with convqa.turn("c-1"), convqa.generation(model="m-1", usage="child", input_tokens=7, output_tokens=3):
        pass
    assert meter.values("convqa.tokens") == {("m-1", "input"): 7, ("m-1", "output"): 3}
    assert meter.sums("gen_ai.client.operation.duration") == {}


@pytest.mark.parametrize(("result", "counts"), [("pass", 0), ("skip", 0), ("error", 0), ("fail", 1), ("rewrite", 1)])
def test_failures_are_answers_that_did_not_pass(measured: Recorded, meter: Meter, result: Any, counts: int) -> None:
    """A check that passed, was skipped or broke says nothing against the answer."""
    with convqa.turn("c-1"), convqa.policy_check(name="p", result=result):
        pass
    assert sum(meter.values("convqa.policy.failures").values()) == counts


def test_events_of_the_turn_are_counted(measured: Recorded, meter: Meter) -> None:
    """Signals count for the answer that they are about, refusals for their own, by kind."""
    signal = UserCorrectionSignal(
        chat_guid="c-1", prior_intent="refund", prior_risk_level="high", turns_since_assistant_reply=1,
        matched_pattern="p", signal_kind="complaint",
    )  # fmt: skip
    flags = [(True, True), (True, False), (False, True), (False, False)]
    with convqa.turn("c-1") as turn:
        turn.event(signal.event_name, signal)
        for hard, unsure in flags:
            refusal = RefusalOrUncertaintyStyle(
                chat_guid="c-1", intent="order", risk_level="low", is_hard_refusal=hard, is_uncertainty_fallback=unsure,
                has_next_step=True, has_followup_question=False,
            )  # fmt: skip
            turn.event(refusal.event_name, refusal)
    assert meter.values("convqa.corrections") == {(*CASE, "complaint"): 1}
    assert meter.values("convqa.refusals") == {
        ("order", "low", "hard"): 2, ("order", "low", "uncertainty"): 1, ("order", "low", "other"): 1
    }  # fmt: skip


def test_surveys_are_shares_of_their_scale_and_count_once(measured: Recorded, meter: Meter) -> None:
    """4 of 5 and 8 of 10 are the same; an unanswered ask and a repeat under the same id add nothing."""
    convqa.record_csat("c-1", 4, kind="delayed")
    convqa.record_csat("c-1", 8, scale=10, kind="delayed")
    convqa.record_csat("c-1", kind="delayed")
    for _ in range(3):
        convqa.record_csat("c-2", 1, kind="model", id="survey-1")
    convqa.record_feedback("c-1", thumbs="up")
    assert meter.sums("convqa.csat") == {("delayed",): (2, 1.6), ("model",): (1, 0.2)}
    (delayed, _) = meter.points("convqa.csat").values()
    assert delayed.bucket_counts[delayed.explicit_bounds.index(0.8)] == 2


def test_a_state_that_is_over_says_so(measured: Recorded, meter: Meter) -> None:
    """The gauge counts archetypes by the state of their last turn; one that changes leaves a 0 behind."""

    def turn(archetype: str, state: Any) -> None:
        with convqa.turn("c-1") as turn:
            turn.set(guard_state=state)
            with convqa.intent_detection(intent="i", confidence=1.0, archetype=archetype, archetype_tier="1"):
                pass

    turn("a", "normal")
    turn("b", "normal")
    assert meter.values("convqa.guard.state") == {("1", "normal"): 2}
    turn("a", "killed")
    assert meter.values("convqa.guard.state") == {("1", "normal"): 1, ("1", "killed"): 1}
    turn("b", "killed")
    assert meter.values("convqa.guard.state") == {("1", "normal"): 0, ("1", "killed"): 2}


def test_what_ends_late_and_what_runs_outside_is_measured(measured: Recorded, meter: Meter) -> None:
    """A stage that outlives its turn, and one without any, are stages too."""
    turn = convqa.turn("c-1")
    with turn:
        stage = convqa.tool(name="t")
        stage.__enter__()
    stage.__exit__(None, None, None)
    with convqa.tool(name="t"):
        pass
    assert [count for count, _ in meter.sums("convqa.stage.duration").values()] == [2]
    assert [count for count, _ in meter.sums("convqa.turn.duration").values()] == [1]


def test_redactions_are_counted_as_spans_count_them(measured: Recorded, meter: Meter) -> None:
    """The sum over the spans is the sum of the metric."""
    with convqa.turn("c-1", f"I am {SECRET}", channel="web"), convqa.tool(name="t", output=f"{SECRET} 10.0.0.1"):
        pass
    told = sum(span.attributes.get("convqa.redaction.count", 0) for span in measured.all)
    assert told == sum(meter.values("convqa.redactions").values()) == 3


# ------------------------------------------------------------------------------------------------------ what labels say


def test_labels_are_screened_as_on_spans(measured: Recorded, meter: Meter) -> None:
    """Personal data in an intent, a channel or a model never becomes a label, in a signal's neither."""
    signal = UserCorrectionSignal(
        chat_guid="c-1", prior_intent=f"about {SECRET}", turns_since_assistant_reply=1, matched_pattern="p",
        signal_kind="correction",
    )  # fmt: skip
    with convqa.turn("c-1", channel=SECRET) as turn:
        turn.event(signal.event_name, signal)
        with convqa.intent_detection(intent=SECRET, confidence=1.0), convqa.generation(model=SECRET, input_tokens=1):
            pass
    everything = repr({name: metric.to_json() for name, metric in meter.names().items()})
    assert SECRET not in everything
    assert "[EMAIL]" in everything


def test_an_open_vocabulary_is_bounded(measured: Recorded, meter: Meter) -> None:
    """Beyond fifty intents, and for one that is a text, the label is `other`; nothing is lost of the sum."""
    for number in range(MAX_VALUES + 10):
        with convqa.turn("c-1"), convqa.intent_detection(intent=f"i-{number}", confidence=1.0):
            pass
    with convqa.turn("c-1"), convqa.intent_detection(intent="long " * 30, confidence=1.0):
        pass
    counted = {labels[0]: count for labels, (count, _) in meter.sums("convqa.turn.duration").items()}
    assert len(counted) == MAX_VALUES + 1
    assert counted["other"] == 11


def test_a_policy_of_one_destination_does_not_loosen_labels(record: Record, meter: Meter) -> None:
    """Where one destination may see more, metrics follow the policy that holds everywhere."""
    loose = RedactionPolicy(actions={"EMAIL": "keep"})
    policy = RedactionPolicy(destinations={"MemoryExporter": loose})
    recorded = record(meter_provider=meter.provider, redaction=policy)
    with convqa.turn("c-1"), convqa.intent_detection(intent=SECRET, confidence=1.0):
        pass
    assert SECRET in recorded.text
    assert list(meter.sums("convqa.turn.duration")) == [("[EMAIL]", "ok")]


def test_a_policy_may_be_stricter_with_metrics(record: Record, meter: Meter) -> None:
    """Labels live longer and in more hands than spans: `metrics` is a destination of a policy."""
    policy = RedactionPolicy(
        actions={"EMAIL": "keep"}, destinations={"metrics": RedactionPolicy(actions={"EMAIL": "redact"})}
    )
    recorded = record(meter_provider=meter.provider, redaction=policy)
    with convqa.turn("c-1"), convqa.intent_detection(intent=SECRET, confidence=1.0):
        pass
    assert SECRET in recorded.text
    assert list(meter.sums("convqa.turn.duration")) == [("[EMAIL]", "ok")]


@settings(max_examples=60, deadline=None)
@given(
    channel=st.one_of(st.text(max_size=20), st.integers(), st.none(), st.binary()),
    intent=st.one_of(st.text(max_size=20), st.floats(), st.none()),
    risk=st.one_of(st.sampled_from(["low", "high"]), st.text(max_size=5)),
    cost=st.one_of(st.floats(), st.integers(), st.text(max_size=5)),
    tokens=st.one_of(st.integers(), st.floats(), st.booleans()),
    sampling=st.sampled_from([0.0, 1.0]),
)
def test_whatever_a_bot_says_each_turn_is_measured_once(**given: Any) -> None:
    """Any value of any type: one turn more, no exception, and no fault of ours; thinned out or not."""
    from convqa_sdk.export.exporters import MemoryExporter
    from convqa_sdk.export.sdk import Sdk, hold
    from convqa_sdk.export.settings import read_settings

    meter = Meter()
    arguments = {"exporters": (MemoryExporter(),), "meter_provider": meter.provider, "sampling": given["sampling"]}
    sdk = Sdk(read_settings({**arguments, "key": b"k" * 32}, {}), synchronous=True)
    release = hold(sdk)
    try:
        with convqa.turn("c-1", channel=given["channel"]):
            with convqa.intent_detection(intent=given["intent"], confidence=1.0, risk=given["risk"]):
                pass
            with convqa.generation(model="m", cost_usd=given["cost"], input_tokens=given["tokens"]):
                pass
    finally:
        release()
    assert sum(count for count, _ in meter.sums("convqa.turn.duration").values()) == 1
    assert sum(count for count, _ in meter.sums("convqa.stage.duration").values()) == 2
    assert sdk.stats().faults == {}
    meter.provider.shutdown()
