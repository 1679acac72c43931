"""The fallback ladder: each rung by itself, the one that answered on record, and a human at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.guard import Decision, Guard, GuardPlan
from convqa_sdk.testing import Recording, recording

GUARD = Guard(GuardPlan(owner="o", human_text="A colleague will answer."), threads=False)
RUNGS = ("draft", "rules", "last_known_good", "human")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Begin and end without faults."""
    isolation.reset()
    yield
    isolation.reset()


@pytest.fixture
def spans() -> Iterator[Recording]:
    """A recording."""
    with recording() as recorded:
        yield recorded


def decided(state: Any = "normal") -> Decision:
    """A decision in a state."""
    return Decision(state, "automate", state == "normal", "A13")


def climbed(state: Any, *, asynchronous: bool = False, **rungs: Any) -> str:
    """Answer inside a turn."""
    with convqa.turn("c-1", "Where is it?"):
        if asynchronous:
            return asyncio.run(awaited(GUARD.answer_async(decided(state), **rungs)))
        return GUARD.answer(decided(state), **rungs)


async def awaited(answer: Any) -> str:
    """Await it."""
    return str(await answer)


def failing() -> str:
    """Fail as a model does."""
    raise TimeoutError("jane@example.com")


EVERY: dict[str, Any] = {
    "draft": lambda: "model",
    "rules": lambda: "rule",
    "last_known_good": lambda: "known",
    "human": lambda: "colleague",
}


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("state", "missing", "text", "answer_type", "template", "escalated"),
    [
        ("normal", (), "model", "generated", None, False),
        ("normal", ("draft",), "rule", "template", "guard.rules", False),
        ("fallback", (), "rule", "template", "guard.rules", False),
        ("fallback", ("rules",), "known", "fallback", "guard.last_known_good", False),
        ("fallback", ("rules", "last_known_good"), "colleague", "handoff", "guard.human", True),
        ("fallback", RUNGS, "A colleague will answer.", "handoff", "guard.human", True),
        ("killed", (), "colleague", "handoff", "guard.human", True),
    ],
)
def test_which_rung(
    spans: Recording,
    asynchronous: bool,
    state: str,
    missing: tuple[str, ...],
    text: str,
    answer_type: str,
    template: str | None,
    escalated: bool,
) -> None:
    """The first that the state allows and that has an answer; it stands on the turn, with a handover's reason."""
    rungs = {name: rung for name, rung in EVERY.items() if name not in missing}
    assert climbed(state, asynchronous=asynchronous, **rungs) == text
    turn = spans.turn("c-1")
    assert (turn["convqa.answer.text"], turn["convqa.answer.type"]) == (text, answer_type)
    assert turn.get("convqa.answer.template_id") == template
    assert turn.get("convqa.escalation.reason") == ("guard" if escalated else None)
    assert turn.stages == (["escalation"] if escalated else [])
    spans.assert_complete()


@pytest.mark.parametrize("nothing", [None, "", "  \n", failing, lambda: None, lambda: ""])
@pytest.mark.parametrize("rung", RUNGS)
def test_a_rung_without_an_answer_leads_to_the_next(spans: Recording, rung: str, nothing: Any) -> None:
    """Whether it fails, or has nothing to say."""
    expected = {"draft": "rule", "rules": "known", "last_known_good": "colleague", "human": "A colleague will answer."}
    earlier: dict[str, Any] = dict.fromkeys(RUNGS[: RUNGS.index(rung)], lambda: None)
    assert climbed("normal", **{**EVERY, **earlier, rung: nothing}) == expected[rung]


class HostileText(str):
    """A text that raises when it is touched, and is another one when it is shown."""

    def strip(self, chars: str | None = None, /) -> str:
        raise RuntimeError("jane@example.com")

    __str__ = __len__ = __bool__ = __hash__ = strip  # type: ignore[assignment]


class HostileClass:
    """An object of which nobody can ask what it is."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("jane@example.com")

    def __bool__(self) -> bool:
        raise RuntimeError("jane@example.com")


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_a_rung_may_give_what_raises(spans: Recording, asynchronous: bool) -> None:
    """The customer reads the text itself, or the next rung's."""
    text = climbed("normal", asynchronous=asynchronous, draft=lambda: HostileText("model"))
    assert (text, type(text)) == ("model", str)
    assert climbed("normal", asynchronous=asynchronous, draft=lambda: HostileText(" "), rules="rule") == "rule"
    assert climbed("normal", asynchronous=asynchronous, draft=lambda: HostileClass(), rules="rule") == "rule"


def test_what_failed_is_on_record(spans: Recording) -> None:
    """The draft's failure by its type, as the turn's; never its message."""
    assert climbed("normal", draft=failing, rules="rule") == "rule"
    assert spans.turn("c-1")["convqa.failure.type"] == "TimeoutError"
    assert isolation.faults() == {"guard_draft": 1}
    spans.assert_no_leak("jane@example.com")


def test_a_rung_that_the_state_forbids_is_not_asked(spans: Recording) -> None:
    """A model that was switched off is not called."""
    asked: list[str] = []

    def ask(name: str) -> Callable[[], str]:
        return lambda: asked.append(name) or ""

    climbed("fallback", **{name: ask(name) for name in RUNGS})
    assert asked == ["rules", "last_known_good", "human"]
    asked.clear()
    climbed("killed", **{name: ask(name) for name in RUNGS})
    assert asked == ["human"]


def test_the_bot_says_more_of_its_answer(spans: Recording) -> None:
    """What the rung itself has recorded stays."""

    def draft() -> str:
        return convqa.current_turn().answer("It is on its way.", type="grounded", citations=["kb-1"])

    assert climbed("normal", draft=draft) == "It is on its way."
    turn = spans.turn("c-1")
    assert (turn["convqa.answer.type"], turn["convqa.answer.citations"]) == ("grounded", ["kb-1"])


def test_the_bots_own_handover_is_the_only_one(spans: Recording) -> None:
    """Its stage is not doubled; a packet instead of a text lets the customer read the plan's."""

    @convqa.escalation(queue="support")
    def hand_over(reason: str) -> convqa.Handoff:
        return convqa.Handoff(summary="order", id="T-1")

    assert climbed("killed", human=lambda: hand_over("guard")) == "A colleague will answer."
    turn = spans.turn("c-1")
    assert (turn.stages, turn["convqa.escalation.reason"]) == (["escalation"], "guard")


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_what_is_no_failure_passes(asynchronous: bool) -> None:
    """A cancellation or an interrupt is not swallowed."""

    def interrupted() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        climbed("normal", asynchronous=asynchronous, draft=interrupted, human="x")


def test_asynchronous_rungs() -> None:
    """Coroutines are awaited, one after the other; plain callables may stand among them."""
    order: list[str] = []

    async def slow(name: str, text: str) -> str:
        await asyncio.sleep(0)
        order.append(name)
        return text

    text = climbed("normal", asynchronous=True, draft=lambda: slow("draft", ""), rules=lambda: slow("rules", "rule"))
    assert (text, order) == ("rule", ["draft", "rules"])


@given(
    st.sampled_from(("normal", "fallback", "killed")),
    st.dictionaries(
        st.sampled_from(RUNGS),
        st.sampled_from((None, "", "text", failing, lambda: None, lambda: "text", lambda: 7, lambda: object())),
    ),
)
def test_there_is_always_an_answer(state: Any, rungs: dict[str, Any]) -> None:
    """Whatever the rungs do, the customer reads something, and a killed bot's is a human's."""
    with recording() as spans:
        text = climbed(state, **rungs)
        turn = spans.turn("c-1")
        assert text.strip()
        assert turn["convqa.answer.text"] == text
        assert state != "killed" or turn["convqa.answer.type"] == "handoff"
        assert state == "normal" or turn["convqa.answer.type"] != "generated"


def test_outside_of_a_turn() -> None:
    """The ladder works where nothing is recorded."""
    assert GUARD.answer(decided("fallback"), rules="rule") == "rule"
    assert GUARD.answer(decided("killed")) == "A colleague will answer."
