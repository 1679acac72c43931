"""`convqa.expose`: which fields of a customer's data the model was shown, by name and never by value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.cli import main

from .conftest import Recorded, events

KEY = "convqa.access.fields_exposed"
EVENT = "convqa.access_exposed"


def exposed(spans: Recorded, stage: str) -> list[dict[str, Any]]:
    """Attributes of the events of exposure on the only span of a stage."""
    return [facts for name, facts in events(spans.one(stage)) if name == EVENT]


class TestWhere:
    def test_in_a_turn(self, spans: Recorded) -> None:
        """The turn lists the names, and an event says when and from where."""
        with convqa.turn("c-1", "hi", agent_id="p-1"):
            assert convqa.expose(fields=["email", "balance"], resource="crm.account") is None  # type: ignore[func-returns-value]
        assert spans.value("turn", KEY) == ["email", "balance"]
        assert exposed(spans, "turn") == [
            {
                "chat_guid": "c-1",
                "persona_id": "p-1",
                "resource": "crm.account",
                "fields_exposed": ["email", "balance"],
            }
        ]

    def test_in_an_access_check(self, spans: Recorded) -> None:
        """Names join those that the check names itself, also from a stage inside it; the turn has them as well."""
        with convqa.turn("c-1", "hi"), convqa.access_check(resource="crm.account", action="read") as check:
            check.set(decision="allow", rule="owner", fields_exposed=["plan"])
            convqa.expose(["email"])
            with convqa.tool(name="crm"):
                convqa.expose(["balance", "email"])
        assert spans.value("access_check", KEY) == ["plan", "email", "balance"]
        assert sorted(spans.value("turn", KEY)) == ["balance", "email", "plan"]
        assert [facts["fields_exposed"] for facts in exposed(spans, "tool")] == [["balance", "email"]]

    def test_where_the_prompt_is_built(self, spans: Recorded) -> None:
        """The event stands on the stage that was running, the list on the turn; an ended check gets nothing."""
        with convqa.turn("c-1", "hi"):
            with convqa.access_check(resource="crm") as check:
                check.set(decision="allow")
            with convqa.generation(model="m"):
                convqa.expose(["email"])
        assert spans.value("access_check", KEY) is None
        assert spans.value("turn", KEY) == ["email"]
        assert len(exposed(spans, "generation")) == 1

    def test_an_access_check_alone(self, spans: Recorded) -> None:
        """What a check states without `expose` is on the turn too."""
        with convqa.turn("c-1", "hi"), convqa.access_check(resource="crm") as check:
            check.set(decision="allow", fields_exposed=["plan"])
        assert spans.value("turn", KEY) == ["plan"]

    def test_a_stage_outside_a_turn(self, spans: Recorded) -> None:
        """It keeps its own exposure."""
        with convqa.generation(model="m"):
            convqa.expose(["email"])
        assert exposed(spans, "generation")[0]["fields_exposed"] == ["email"]

    def test_outside_everything_it_is_counted(self, spans: Recorded) -> None:
        """An exposure that belongs to nothing is a fault that is told; nothing raises."""
        convqa.expose(["email"])
        with convqa.turn("c-1", "hi") as turn:
            pass
        turn.attach()
        convqa.expose(["email"])
        turn.detach()
        assert spans.stats.faults == {"expose_outside_a_turn": 2}

    def test_where_nothing_is_recorded_it_does_nothing(self) -> None:
        """Without `configure()`, and in a turn that is left out."""
        isolation.reset()
        convqa.expose(["email"])
        with convqa.turn("c-1", "hi"):
            convqa.expose(["email"])
        assert isolation.faults() == {}

    def test_in_tasks_and_threads(self, spans: Recorded) -> None:
        """Names from concurrent work meet on the turn."""

        async def work() -> None:
            async def one(name: str) -> None:
                with convqa.generation(model=name):
                    await asyncio.sleep(0)
                    convqa.expose([name])

            async with convqa.turn("c-1", "hi"):
                await asyncio.gather(*(one(f"f{n}") for n in range(5)))

        asyncio.run(work())
        assert spans.value("turn", KEY) == [f"f{n}" for n in range(5)]


class TestNames:
    def test_of_a_dictionary_the_names_alone(self, spans: Recorded) -> None:
        """Whoever passes the account itself exposes no value of it to us."""
        account = {"email": "jane@example.com", "iban": "x"}
        with convqa.turn("c-1", "hi"):
            convqa.expose(account)
            convqa.expose(account.keys())  # type: ignore[arg-type]
        assert spans.value("turn", KEY) == ["email", "iban"]
        assert "jane@" not in spans.text

    def test_a_value_among_the_names_is_redacted(self, spans: Recorded) -> None:
        """Names are texts like others."""
        with convqa.turn("c-1", "hi"):
            convqa.expose(["jane@example.com", "plan"], resource="jane@example.com")
        assert spans.value("turn", KEY) == ["[EMAIL]", "plan"]
        assert "jane@" not in spans.text

    def test_names_leave_without_content(self, record: Callable[..., Recorded]) -> None:
        """An investigation needs them also where no texts are exported."""
        spans = record(content=False)
        with convqa.turn("c-1", "hi"):
            convqa.expose(["email"], resource="crm")
        assert spans.value("turn", KEY) == ["email"]
        assert exposed(spans, "turn")[0]["resource"] == "crm"

    @pytest.mark.parametrize("given", ["", b"email", 7, None, [], [""], ["x" * 201], object(), (n for n in "ab")])
    def test_what_is_no_list_of_names_is_a_violation(self, spans: Recorded, given: Any) -> None:
        """It is named by the field, and nothing is recorded."""
        with convqa.turn("c-1", "hi"):
            convqa.expose(given)
        assert "fields_exposed" in spans.violations("turn")
        assert spans.value("turn", KEY) is None
        assert exposed(spans, "turn") == []

    def test_what_is_a_name_among_others_is_kept(self, spans: Recorded) -> None:
        """The rest is a violation."""
        with convqa.turn("c-1", "hi"):
            convqa.expose(["email", 7, None, "email"], resource=7)  # type: ignore[list-item, arg-type]
        assert spans.value("turn", KEY) == ["email"]
        assert {"fields_exposed", "resource"} <= set(spans.violations("turn"))

    def test_a_single_text_is_one_name(self, spans: Recorded) -> None:
        """In `expose` and as a field alike."""
        with convqa.turn("c-1", "hi"), convqa.access_check(resource="crm", decision="allow") as check:
            check.set(fields_exposed="plan")  # also not one letter at a time
            convqa.expose("email")
        assert sorted(spans.value("turn", KEY)) == spans.value("access_check", KEY)[::-1] == ["email", "plan"]

    def test_no_name_at_all_is_an_answer(self, spans: Recorded) -> None:
        """A check that showed nothing may say so."""
        with convqa.turn("c-1", "hi"), convqa.access_check(resource="crm", decision="allow", fields_exposed=[]):
            pass
        assert spans.value("access_check", KEY) == []
        assert spans.violations("access_check") == ()

    @pytest.mark.parametrize("bad", [7, "", None, {"a": 1}])
    def test_one_bad_name_in_a_field_costs_itself_alone(
        self, spans: Recorded, bad: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The others stay; the violation says what is accepted."""
        with convqa.turn("c-1", "hi"), convqa.access_check(resource="crm", decision="allow") as check:
            check.set(fields_exposed=["plan", bad, "email"])
        assert spans.value("turn", KEY) == spans.value("access_check", KEY) == ["plan", "email"]
        assert spans.violations("access_check") == ("fields_exposed",)
        assert "what is no name among them was left out" in caplog.text

    def test_names_have_a_bound(self, spans: Recorded) -> None:
        """A thousand names are a table and no list; the first are kept, and it is told."""
        with convqa.turn("c-1", "hi"):
            convqa.expose([f"f{n}" for n in range(1_000)])
        assert len(spans.value("turn", KEY)) == 128
        assert "fields_exposed" in spans.violations("turn")

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.none() | st.text(st.characters()) | st.lists(st.text(st.characters()) | st.integers() | st.binary())
        | st.dictionaries(st.text(st.characters()), st.floats())
    )  # fmt: skip
    def test_it_never_raises(self, record: Callable[..., Recorded], given: Any) -> None:
        """Whatever is given, the turn leaves whole."""
        spans = record()
        with convqa.turn("c-1", "hi"):
            convqa.expose(given, resource=given)
        assert len(spans.all) == 1
        assert spans.stats.faults == {}

    def test_hostile_collections_are_isolated(self, spans: Recorded) -> None:
        """A list and a dictionary whose methods raise cost their own names."""

        class BadList(list[str]):
            def __iter__(self) -> Any:
                raise RuntimeError("jane@example.com")

        class BadDict(dict[str, str]):
            def __iter__(self) -> Any:
                raise RuntimeError("jane@example.com")

        with convqa.turn("c-1", "hi"):
            convqa.expose(BadList(["email"]))
            convqa.expose(BadDict(email="x"))
        assert spans.value("turn", KEY) == ["email"]
        assert "jane@" not in spans.text


def test_show_prints_decision_rule_and_exposed_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An investigation reads them in `convqa show`, the event with its resource beside them."""
    sdk = convqa.configure("bot", store=tmp_path)
    with convqa.turn("c-1", "hi"), convqa.access_check(resource="crm.account", action="read") as check:
        check.set(decision="allow", rule="owner-only")
        convqa.expose(["email"], resource="crm.account")
    sdk.shutdown()
    assert main(["show", "c-1", "--store", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "read · allow · owner-only" in shown
    assert "exposed  email" in shown
    assert "access_exposed  resource=crm.account · fields_exposed=email" in shown
