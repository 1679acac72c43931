"""An archetype map in `configure()`: what turns and intents say of their archetype then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.settings import read_settings
from convqa_sdk.testing import recording

MAP = convqa.ArchetypeMap(
    version="archetypes-3",
    archetypes={
        "order_status": {"tier": 1, "intents": ["order_*"]},
        "refund_status": {"tier": 3, "intents": ["billing_refund"]},
    },
)
KEYS = ("convqa.intent.archetype", "convqa.archetype.tier", "convqa.archetype.map_version")


def said(*intents: convqa.Intent, **settings: Any) -> list[tuple[Any, ...]]:
    """What stands on each intent stage, and on the turn at last."""
    with recording(**{"archetypes": MAP, **settings}) as spans:
        with convqa.turn("c-1", "hello") as turn:
            for intent in intents:
                convqa.intent_detection(lambda message, found=intent: found)("hello")
            turn.answer("hi")
        spans.assert_complete()
        found = spans.turn("c-1")
        return [tuple(span.get(key) for key in KEYS) for span in (*found.stage_spans("intent_detection"), found)]


def test_an_intent_gets_its_archetype_from_the_map() -> None:
    """Archetype, tier and the version of the map stand on the stage and on the turn."""
    assert said(convqa.Intent("order_late", 0.9)) == [("order_status", "1", "archetypes-3")] * 2


def test_an_intent_that_the_map_does_not_know_is_in_the_tail() -> None:
    """The tail is an answer of the map's too."""
    assert said(convqa.Intent("gift_card", 0.9)) == [("tail", "tail", "archetypes-3")] * 2


def test_what_the_bot_states_counts() -> None:
    """An archetype and tier of the bot's own are left as they are, and no version stands for them."""
    stated = convqa.Intent("order_late", 0.9, archetype="mine", tier="2")
    assert said(stated) == [("mine", "2", None)] * 2
    assert said(convqa.Intent("order_late", 0.9, tier="2")) == [(None, "2", None)] * 2


def test_an_archetype_without_its_tier_gets_that() -> None:
    """One that the map does not know stays without."""
    assert said(convqa.Intent("x", 0.9, archetype="refund_status"))[0] == ("refund_status", "3", "archetypes-3")
    assert said(convqa.Intent("x", 0.9, archetype="mine"))[0] == ("mine", None, None)


def test_the_last_intent_is_the_turns() -> None:
    """As for everything that a turn takes from its intents."""
    spans = said(convqa.Intent("order_late", 0.9), convqa.Intent("billing_refund", 0.9))
    assert [span[0] for span in spans] == ["order_status", "refund_status", "refund_status"]


def test_the_versions_of_two_sources_do_not_mix() -> None:
    """A turn whose last intent is stated by the bot says nothing of the map that named the one before."""
    spans = said(convqa.Intent("order_late", 0.9), convqa.Intent("x", 0.9, archetype="mine", tier="2"))
    assert spans[-1] == ("mine", "2", None)


def test_without_a_map_nothing_is_added() -> None:
    """The bot may name archetypes itself, or none."""
    assert said(convqa.Intent("order_late", 0.9), archetypes=None) == [(None, None, None)] * 2


@pytest.mark.parametrize("intent", [None, 7, 0.5, ["x"], {"x": 1}])
def test_an_intent_that_is_no_text_costs_that_field_alone(intent: Any) -> None:
    """The map is not asked, and nothing raises."""
    with recording(archetypes=MAP) as spans:
        with convqa.turn("c-1", "hello") as turn, convqa.intent_detection() as stage:
            stage.set(intent=intent, confidence=0.9)
            turn.answer("hi")
        assert "convqa.intent.archetype" not in spans.turn("c-1")
        assert spans.stats().faults == {}


def test_it_may_be_a_file(tmp_path: Path) -> None:
    """Named by the argument or by CONVQA_ARCHETYPES."""
    path = tmp_path / "archetypes.yaml"
    path.write_text("version: v-1\narchetypes:\n  order_status: {tier: 1, intents: [order_*]}\n")
    assert said(convqa.Intent("order_late", 0.9), archetypes=path)[0] == ("order_status", "1", "v-1")
    found = read_settings({}, environ={"CONVQA_ARCHETYPES": str(path)}).archetypes
    assert found is not None
    assert found.version == "v-1"


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    """The error says where it came from and what is accepted."""
    with pytest.raises(ConfigurationError, match="archetypes from argument: give an ArchetypeMap, or the path"):
        read_settings({"archetypes": 7}, environ={})
    with pytest.raises(ConfigurationError, match=r"archetypes from CONVQA_ARCHETYPES: .*cannot read the archetype map"):
        read_settings({}, environ={"CONVQA_ARCHETYPES": str(tmp_path / "none.yaml")})
