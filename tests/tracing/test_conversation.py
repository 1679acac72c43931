"""The state of a conversation: what turns leave behind, and its way through a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.tracing.conversation import MAX_TOOLS, ConversationState, Facts

from .conversation_states import turns

FACTS = Facts(
    message=True,
    request=frozenset({1, 2, 3}),
    answered=True,
    bubbles=2,
    answer_type="generated",
    traits=AnswerTraits(),
    intent="billing",
    risk="high",
    missing_evidence=1,
    claim_rewrites=1,
    tools=("refund",),
    start_ns=10,
    end_ns=20,
    trace_id=7,
    span_id=8,
)


def after(facts: list[Facts]) -> ConversationState:
    """The state after turns."""
    state = ConversationState()
    for each in facts:
        state = state.after(each)
    return state


@given(turns)
def test_a_state_survives_its_text(facts: list[Facts]) -> None:
    """Whatever the conversation was like, and in ASCII that a URL takes as it is."""
    state = after(facts)
    text = str(state)
    assert ConversationState.parse(text) == state
    assert text.isascii()
    assert not set(text) & set(" /+=&?#")


@given(turns, st.data())
def test_a_text_with_one_other_character_is_no_state(facts: list[Facts], data: st.DataObject) -> None:
    """A state that was damaged on its way counts as lost, and is not read as another one."""
    text = str(after(facts))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_characters=text[place]))
    assert ConversationState.parse(text[:place] + other + text[place + 1 :]) is None


@given(st.text(max_size=200))
def test_any_other_text_is_no_state(text: str) -> None:
    """And none raises."""
    assert ConversationState.parse(text) is None
    assert ConversationState.parse(f"cs1.{text}.00000000") is None


@given(turns)
def test_counts_are_those_of_a_recount(facts: list[Facts]) -> None:
    """Messages, answers and bubbles agree with a count over all turns at once."""
    state = after(facts)
    answered = [each for each in facts if each.answered]
    assert state.messages == sum(each.message for each in facts)
    assert state.answers == len(answered)
    assert state.bubbles == sum(each.bubbles for each in answered)
    last = max((place for place, each in enumerate(facts) if each.answered), default=-1)
    assert state.since_answer == sum(each.message for each in facts[last + 1 :])
    assert state.intent == (answered[-1].intent if answered else None)
    assert state.archetype == (answered[-1].archetype if answered else None)


def test_a_turn_is_numbered_by_the_caller_if_he_does() -> None:
    """Later turns count on from there."""
    assert ConversationState().after(FACTS._replace(turn_index=4)).turns == 5


def test_a_turn_without_an_answer_leaves_what_was_said_of_the_last_one() -> None:
    """A correction may still be about the answer before it."""
    state = ConversationState().after(FACTS).after(FACTS._replace(answered=False, intent="other"))
    assert (state.intent, state.since_answer, state.answers) == ("billing", 1, 1)


def test_tools_are_remembered_up_to_a_limit() -> None:
    """The oldest is forgotten first, so that a state stays small."""
    state = ConversationState()
    for number in range(MAX_TOOLS + 3):
        state = state.after(FACTS._replace(tools=(f"t-{number}",)))
    assert len(state.tools) == MAX_TOOLS
    assert state.tools[0] == "t-3"


def test_a_state_holds_no_text_of_messages_or_answers() -> None:
    """Only names that the bot gave: intent, risk, tools."""
    texts = [value for value in ConversationState().after(FACTS) if isinstance(value, str)]
    assert texts == ["billing", "high", "generated"]
