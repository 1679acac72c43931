"""Instrumentation fidelity: counted by hand first, then by the code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.store.fidelity import Fidelity, FieldFidelity, measure
from convqa_sdk.store.segments import read_spans
from written_names import EVERYWHERE, REQUIRED
from written_stores import BASE, outcome, span, stage, turn, write


def field(fidelity: Fidelity, stage_: str, key: str) -> FieldFidelity:
    """Return one field's figures."""
    return fidelity.fields[stage_][key]


RETRIEVAL = {"gen_ai.data_source.id": "kb", "convqa.retrieval.document.ids": ["kb-1"], "convqa.retrieval.hit": True}
GENERATION = {"gen_ai.request.model": "m", "convqa.cost.source": "unknown"}


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """Two conversations: 2 turns, 2 retrievals (one without `hit`), 1 generation with an invalid cost source."""
    return write(
        tmp_path / "s",
        turn(1),
        stage("retrieval", 2, RETRIEVAL, parent=1),
        stage("retrieval", 3, {**RETRIEVAL, "convqa.retrieval.hit": None}, parent=1),
        stage("generation", 4, {**GENERATION, "convqa.cost.source": "guess"}, parent=1),
        turn(5, {"convqa.status": "cancelled", "convqa.answer.type": None}, conversation="c-2", trace=2),
        span("GET /", 6, {"http.method": "GET"}, parent=1),
    )


class TestByHand:
    """A small store whose figures anyone can check."""

    def test_share_complete(self, by_hand: Path) -> None:
        """Required: turn 7 + 6 (cancelled: no answer type), retrieval 8 + 8, generation 7 = 36; two are not good."""
        fidelity = measure(by_hand)
        assert fidelity.required == (34, 36)
        assert fidelity.complete == 34 / 36

    def test_counts(self, by_hand: Path) -> None:
        """Spans of ours, of others, conversations."""
        fidelity = measure(by_hand)
        assert (fidelity.spans, fidelity.foreign, fidelity.conversations) == (5, 1, 2)
        assert fidelity.stages == {"turn": 2, "retrieval": 2, "generation": 1}
        assert (fidelity.orphans, fidelity.torn_lines, fidelity.lost_turns) == (0, 0, 0)
        assert fidelity.redaction == {"clean": 2, "none": 3}

    def test_fields(self, by_hand: Path) -> None:
        """Present, missing and invalid are disjoint."""
        fidelity = measure(by_hand)
        assert field(fidelity, "retrieval", "convqa.retrieval.hit") == FieldFidelity(True, present=1, missing=1)
        assert field(fidelity, "generation", "convqa.cost.source") == FieldFidelity(True, invalid=1)
        assert field(fidelity, "turn", "convqa.answer.type") == FieldFidelity(True, present=1)
        assert field(fidelity, "turn", "convqa.answer.text") == FieldFidelity(False, missing=2)

    def test_json_is_the_contract(self, by_hand: Path) -> None:
        """Exactly the keys that the contract promises to machines."""
        made = measure(by_hand).as_json()
        assert set(made) == {"complete", "spans", "conversations", "lost_turns", "orphans", "torn_lines", "fields"}
        assert made["fields"]["retrieval"]["convqa.retrieval.hit"] == {
            "required": True,
            "present": 1,
            "missing": 1,
            "invalid": 0,
        }
        assert made["complete"] == 34 / 36

    def test_minimal_counts_required_fields_only(self, by_hand: Path) -> None:
        """The profile changes what is listed, not the share."""
        fidelity = measure(by_hand, recommended=False)
        assert all(judged.required for keys in fidelity.fields.values() for judged in keys.values())
        assert fidelity.required == (34, 36)

    def test_unknown_versions(self, by_hand: Path) -> None:
        """Turns without a version are counted, because they cannot be compared."""
        write(by_hand, turn(7, {"convqa.model.version": "m1"}, at=50))
        assert measure(by_hand).unversioned == {
            "convqa.model.version": 2,
            "gen_ai.prompt.version": 3,
            "convqa.policy.version": 3,
            "convqa.kb.snapshot": 3,
        }


class TestConditional:
    """Fields that are required of some spans."""

    @pytest.mark.parametrize(("status", "missing"), [("ok", 1), ("error", 1), ("cancelled", 0)])
    def test_answer_type(self, tmp_path: Path, status: str, missing: int) -> None:
        """A turn needs an answer type unless it was cancelled."""
        store = write(tmp_path / "s", turn(1, {"convqa.status": status, "convqa.answer.type": None}))
        judged = measure(store).fields["turn"].get("convqa.answer.type", FieldFidelity(True))
        assert (judged.present, judged.missing) == (0, missing)

    def test_a_cancelled_turn_may_have_one(self, tmp_path: Path) -> None:
        """Present is present."""
        store = write(tmp_path / "s", turn(1, {"convqa.status": "cancelled"}))
        assert field(measure(store), "turn", "convqa.answer.type").present == 1

    def test_versions_count_once_they_are_configured(self, tmp_path: Path) -> None:
        """There, or complained about by the bot: required. Neither: the bot does not version it."""
        complaint = {"convqa.instrumentation.violations": ["policy_version"]}
        store = write(tmp_path / "s", turn(1, {"convqa.model.version": "m1"}), turn(2, complaint, at=5))
        fidelity = measure(store)
        assert field(fidelity, "turn", "convqa.model.version") == FieldFidelity(True, present=1)
        assert field(fidelity, "turn", "convqa.policy.version") == FieldFidelity(True, missing=1)
        assert "convqa.kb.snapshot" not in fidelity.fields["turn"]
        assert fidelity.required == (15, 16)

    def test_an_optional_value_that_was_dropped_is_invalid(self, tmp_path: Path) -> None:
        """The SDK drops a bad value and names its field: not missing, invalid."""
        complaint = {"convqa.instrumentation.violations": ["self_confidence", "no_such_field"]}
        fidelity = measure(write(tmp_path / "s", turn(1, complaint), turn(2)))
        assert field(fidelity, "turn", "convqa.answer.self_confidence") == FieldFidelity(False, missing=1, invalid=1)
        assert fidelity.violations == {"self_confidence": 1, "no_such_field": 1}
        assert fidelity.complete == 1.0


class TestStranger:
    """Telemetry of others, and telemetry that is not as we would write it."""

    def test_foreign_spans_are_not_judged(self, tmp_path: Path) -> None:
        """Unknown stages and kinds are somebody else's."""
        store = write(tmp_path / "s", span("GET /", 1), stage("weather", 2), outcome(3, "weather"))
        fidelity = measure(store)
        assert (fidelity.spans, fidelity.foreign, fidelity.complete, fidelity.fields) == (0, 3, 0.0, {})

    @pytest.mark.parametrize(
        "given",
        [
            {"convqa.instrumentation.violations": "text"},
            {"convqa.instrumentation.violations": [1, ["a"]]},
            {"convqa.answer.citations": "kb-1"},
            {"convqa.message.text": ["a", "b"]},
            {"convqa.custom.thing": "x"},
            {"convqa.turn.cost_usd": "NaN"},
        ],
    )
    def test_odd_values_never_stop_the_doctor(self, tmp_path: Path, given: dict[str, Any]) -> None:
        """A value of another type is invalid at most."""
        fidelity = measure(write(tmp_path / "s", turn(1, given)))
        (key,) = given
        judged = fidelity.fields["turn"].get(key)
        assert judged is None or judged.present + judged.missing + judged.invalid == 1
        assert fidelity.complete == 1.0

    @pytest.mark.parametrize("built_at", ["yesterday", 7, True])
    def test_a_version_that_is_none_is_invalid(self, tmp_path: Path, built_at: Any) -> None:
        """Configured and wrong: required, and not good."""
        fidelity = measure(write(tmp_path / "s", turn(1, {"convqa.kb.built_at": built_at})))
        assert field(fidelity, "turn", "convqa.kb.built_at") == FieldFidelity(True, invalid=1)
        assert fidelity.required == (7, 8)

    @pytest.mark.parametrize("text", ["not json", "{", "[" * 100_000, '"cut [WITHHELD:too_long]'])
    def test_json_that_is_none_is_invalid(self, tmp_path: Path, text: str) -> None:
        """Messages that no reader can parse."""
        store = write(tmp_path / "s", stage("generation", 1, {**GENERATION, "gen_ai.input.messages": text}))
        assert field(measure(store), "generation", "gen_ai.input.messages") == FieldFidelity(False, invalid=1)

    def test_violations_of_any_shape(self, tmp_path: Path) -> None:
        """A text where a list should be is not taken letter by letter."""
        store = write(tmp_path / "s", turn(1, {"convqa.instrumentation.violations": "intent"}))
        assert measure(store).violations == {}


class TestLosses:
    """What never arrived."""

    def test_lost_turns_are_summed_by_cause(self, tmp_path: Path) -> None:
        """Loss spans belong to no conversation and are complete by themselves."""
        losses = [("queue_full", 3), ("queue_full", 4), ("shutdown", 1)]
        spans = [
            span(
                "loss",
                n,
                {"convqa.stage": "loss", **BASE, "convqa.loss.turns": count, "convqa.loss.cause": cause},
                trace=n,
            )
            for n, (cause, count) in enumerate(losses, 1)
        ]
        fidelity = measure(write(tmp_path / "s", turn(9), *spans))
        assert (fidelity.lost_turns, fidelity.losses) == (8, {"queue_full": 7, "shutdown": 1})
        assert (fidelity.complete, fidelity.conversations, fidelity.stages["loss"]) == (1.0, 1, 3)

    @pytest.mark.parametrize("turns", ["many", -3, 2.5, None])
    def test_nonsense_is_not_summed(self, tmp_path: Path, turns: Any) -> None:
        """A count that is none is invalid, and adds nothing."""
        given = {"convqa.stage": "loss", **BASE, "convqa.loss.cause": "x"} | (
            {"convqa.loss.turns": turns} if turns else {}
        )
        fidelity = measure(write(tmp_path / "s", span("loss", 1, given)))
        assert (fidelity.lost_turns, fidelity.complete < 1.0) == (0, True)

    def test_orphans(self, tmp_path: Path) -> None:
        """Counted: a stage whose turn is not here. Not counted: one below a foreign span inside its turn."""
        store = write(
            tmp_path / "s",
            turn(1),
            stage("tool", 2, parent=77, at=0.5),
            stage("tool", 3, parent=77, at=50),
            stage("tool", 4, parent=1, trace=2),
            stage("tool", 5, trace=3),
        )
        assert measure(store).orphans == 2

    def test_orphans_beside_losses(self, tmp_path: Path) -> None:
        """A loss between turn and stage changes nothing about orphans."""
        loss = {"convqa.stage": "loss", **BASE, "convqa.loss.turns": 1, "convqa.loss.cause": "queue_full"}
        store = write(tmp_path / "s", turn(1), span("loss", 2, loss, trace=8), stage("tool", 3, parent=77, at=50))
        fidelity = measure(store)
        assert (fidelity.orphans, fidelity.lost_turns) == (1, 1)

    def test_torn_lines(self, tmp_path: Path) -> None:
        """Lines that cannot be read are counted."""
        store = write(tmp_path / "s", turn(1))
        with (store / "a.jsonl").open("a") as segment:
            segment.write('{"resourceSpans": [{"scope')
        assert measure(store).torn_lines == 1

    def test_an_empty_store_is_not_complete(self, tmp_path: Path) -> None:
        """No spans: nothing is missing, and nothing is there; the command exits 1."""
        (tmp_path / "s").mkdir()
        fidelity = measure(tmp_path / "s")
        assert (fidelity.complete, fidelity.spans, fidelity.required) == (0.0, 0, (0, 0))


def independent_count(store: Path) -> tuple[int, int]:
    """Count required values with nothing but the contract's lists: (present, required)."""
    counts: Counter[str] = Counter()
    for stored in read_spans(store):
        wanted = set(f"{EVERYWHERE} {REQUIRED[stored.stage]}".split())
        if stored.attributes.get("convqa.status") == "cancelled" and "convqa.answer.type" not in stored.attributes:
            wanted.discard("convqa.answer.type")  # excused; where it is there, it counts as present
        counts["required"] += len(wanted)
        counts["present"] += sum(key in stored.attributes for key in wanted)
    return counts["present"], counts["required"]


FULL: dict[str, dict[str, Any]] = {
    "turn": {"convqa.redaction.status": "clean", "convqa.answer.type": "grounded"},
    "intent_detection": {"convqa.intent.class": "x", "convqa.intent.confidence": 0.5},
    "retrieval": RETRIEVAL,
    "rerank": {},
    "generation": GENERATION,
    "tool": {"gen_ai.tool.name": "t", "convqa.tool.result": "ok"},
    "access_check": {"convqa.access.resource": "r", "convqa.access.decision": "allow"},
    "policy_check": {"convqa.policy.check.name": "p", "convqa.policy.check.result": "pass"},
    "escalation": {"convqa.escalation.reason": "policy"},
}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_share_is_what_an_independent_count_finds(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """For any mix of stages with any required fields taken away, both counts agree."""
    spans = []
    for number in range(1, data.draw(st.integers(1, 6)) + 1):
        kind = data.draw(st.sampled_from(sorted(FULL)))
        gone = data.draw(st.sets(st.sampled_from(sorted({*FULL[kind], "session.id", "convqa.schema.version"}))))
        status = data.draw(st.sampled_from(["ok", "error", "cancelled"]))
        spans.append(stage(kind, number, {**FULL[kind], "convqa.status": status, **dict.fromkeys(gone)}))
    store = write(tmp_path_factory.mktemp("any"), *spans)
    assert measure(store).required == independent_count(store)
