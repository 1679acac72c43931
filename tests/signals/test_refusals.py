"""Whether and how an answer declines."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convqa_sdk.signals import Refusal, refusal
from convqa_sdk.signals.refusal_cues import CUES as TABLES
from convqa_sdk.signals.refusals import MOST_CHARACTERS, TELLING, may_decline
from convqa_sdk.signals.word_phrases import WordPhrases

HARD = [
    "Sorry, but I can't assist with that.",
    "I\u2019m unable to process that refund because the policy allows none after 30 days.",
    "We are not able to change a booking that has been flown.",
    "As an AI model, I must decline.",
    "I won't share account details of other customers.",
    "I'm sorry, but I am not permitted to waive this fee.",
    "Unfortunately, gift cards cannot be refunded.",
    "Your order is not eligible for a return.",
    "Our policy does not allow exceptions.",
    "It is not appropriate to ask for that.",
    "There is no valid reason to treat customers like that. Everyone deserves respect, dignity and fairness.",
    "Unable to process this request.",
    "That is not possible.",
    "This item cannot be returned after 30 days.",
]
"""A plain no, by the bot in person, by a rule, or as a judgement."""
NO_REFUSAL = [
    "Your parcel arrives on Tuesday.",
    "I can't wait to help you with that!",
    "I cannot stress enough how important a strong password is.",
    "If I cannot find the booking, I ask a colleague.",
    "If it has left the warehouse, we can't stop it.",
    "You can't send pictures because storage permission is missing.",
    "Black beans can't be president.",
    "I see that you can't log in.",
    "I can tell you why they cannot deliver.",
    "I'm sorry to hear about the delay. I have booked a new flight for you.",
    "Is it the case that you cannot log in?",
    "Your photos won't be affected by a restart.",
    "The phone cannot connect because airplane mode is on.",
    "Items cannot be returned after 30 days.",
    "Please note that basic economy flights cannot be modified.",
    "YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON.",
]
"""Near misses: figurative, conditional, somebody else's inability, regret without a no, a plain hand-over."""
UNCERTAIN = [
    "I don't know when it ships.",
    "I'm not sure I understood that.",
    "I couldn't find your reservation.",
    "I don't have any information about this product.",
    "I'm unable to locate a flight on that day.",
    "That is beyond my knowledge.",
]


@pytest.mark.parametrize("answer", HARD)
def test_a_plain_no_is_a_hard_refusal(answer: str) -> None:
    """A no to the whole request is a hard refusal, whoever says it."""
    found = refusal(answer)
    assert (found.is_refusal, found.is_hard_refusal, found.is_partial_refusal) == (True, True, False)


@pytest.mark.parametrize("answer", NO_REFUSAL)
def test_near_misses_are_no_refusal(answer: str) -> None:
    """What only looks like a no declines nothing."""
    found = refusal(answer)
    assert not found.is_refusal
    assert not found.is_hard_refusal
    assert not found.is_uncertainty_fallback


@pytest.mark.parametrize("answer", UNCERTAIN)
def test_not_knowing_is_no_hard_refusal(answer: str) -> None:
    """An answer that admits not to know, find or understand is an uncertainty fallback and no plain no."""
    found = refusal(answer)
    assert found.is_uncertainty_fallback
    assert not found.is_hard_refusal


def test_what_the_bot_is_not_given_is_declined_for_want_of_knowledge() -> None:
    """An answer for which the bot lacks access declines, but is no plain no."""
    found = refusal("I don't have access to the reasons for delays.")
    assert (found.is_refusal, found.is_hard_refusal, found.is_uncertainty_fallback) == (True, False, True)


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot remove a passenger, but I can cancel the whole booking for you.",
        "Unfortunately, the fee is non-refundable. However, we'd be happy to offer a credit of $30.",
        "I cannot cancel the second order. The first has been successfully cancelled.",
    ],
)
def test_declining_a_part_is_a_partial_refusal(answer: str) -> None:
    """An answer that declines something and does something else itself is a partial refusal."""
    found = refusal(answer)
    assert (found.is_refusal, found.is_hard_refusal, found.is_partial_refusal) == (True, False, True)


def test_passing_the_customer_on_is_a_next_step_and_no_help() -> None:
    """The offer of a human agent leaves a refusal hard, and is a next step with a question."""
    assert refusal("I can't do that. I will ask a colleague.") == Refusal(True, True, False, False, True, False)
    found = refusal("I can't change that booking. I can transfer you to a human agent. Would you like me to do that?")
    assert found == Refusal(True, True, False, False, True, True)


def test_politeness_is_neither_step_nor_question() -> None:
    """A closing formula shows no way on and asks nothing about the matter."""
    found = refusal("I'm sorry, we cannot accept the return. Is there anything else I can help you with?")
    assert found == Refusal(True, True, False, False, False, False)


def test_a_handoff_has_a_next_step() -> None:
    """A plain transfer declines nothing and says what happens next."""
    assert refusal("You are being transferred to a human agent.") == Refusal(False, False, False, False, True, False)


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        ("I can't do that. Please contact the airline.", True),
        ("I can't do that. You can visit a store instead.", True),
        ("I can't do that.", False),
        ("I can't do that. I will ask a colleague to help you.", True),
        ("I can't do that, so I'll pass this on.", True),
        ("I can't do that. One of our colleagues will help you.", True),
        ("I can't do that. I am forwarding this to the right team.", True),
        ("I can't do that. Nobody will ask.", False),
    ],
)
def test_a_next_step_is_told_apart(answer: str, step: bool) -> None:
    """What the customer can do next is a next step; a bare no has none."""
    assert refusal(answer).has_next_step is step


def test_apostrophes_and_emphasis_change_nothing() -> None:
    """Typographic apostrophes and Markdown emphasis are read as plain text."""
    assert refusal("I **can\u2019t** do that.") == refusal("I can't do that.")


def test_a_language_tag_counts_by_its_beginning_and_an_unknown_language_tells_only_questions() -> None:
    """`en-GB` is English; without cues nothing is called a refusal, and a question is still one."""
    assert refusal("I can't do that.", language="en-GB").is_hard_refusal
    assert refusal("Das geht leider nicht. Welche Bestellung?", language="xx") == Refusal(
        False, False, False, False, False, True
    )


def test_only_the_beginning_of_a_long_answer_is_read() -> None:
    """A refusal behind the bound is not looked for."""
    assert not refusal("Fine. " * MOST_CHARACTERS + "I can't do that.").is_refusal


def test_the_caller_can_pause() -> None:
    """`pause` is called behind each sentence."""
    calls: list[None] = []
    refusal("One. Two. Three.", pause=lambda: calls.append(None))
    assert len(calls) == 3


@given(st.text(max_size=2_000))
def test_no_text_raises_and_kinds_exclude_each_other(answer: str) -> None:
    """Any text has a style; a refusal is not hard and partial at once, and both are refusals."""
    found = refusal(answer)
    assert not (found.is_hard_refusal and found.is_partial_refusal)
    assert found.is_refusal >= (found.is_hard_refusal or found.is_partial_refusal)


CUES = st.sampled_from(["i", "can't", "sorry", "unable", "to", "not", "be", "if", "you", "?", ".", ",", "help\n"])


@given(st.lists(CUES, max_size=60))
def test_no_mix_of_cues_raises(words: list[str]) -> None:
    """Cues in any order raise nothing."""
    refusal(" ".join(words))


@given(
    st.lists(st.sampled_from([*HARD, *NO_REFUSAL, *UNCERTAIN, "It ships today."]), max_size=4).map(" ".join),
    st.sampled_from(["en", "en-GB", "de"]),
)
@example("y" * 400 + "unable to do that", "en")  # a sentence that is cut within a word
def test_an_answer_that_cannot_decline_does_not(answer: str, language: str) -> None:
    """What a glance rules out, reading does not find; an answer of figures and dates is ruled out."""
    found = refusal(answer, language=language)
    assert may_decline(answer, language=language) or not (found.is_refusal or found.is_uncertainty_fallback)
    assert not may_decline("Your parcel arrives on Tuesday, 5 May. You can track it online.", language=language)


@pytest.mark.parametrize("kind", sorted(TELLING))
def test_every_phrase_that_tells_something_has_an_anchor(kind: str) -> None:
    """Whatever its optional words and alternatives are."""
    for needed in getattr(TABLES["en"], kind)._needed:
        for spelling in product(*needed):
            assert may_decline(" ".join(spelling)), spelling


def test_a_phrase_of_every_kind_tells_something() -> None:
    """So that none is looked for in vain, and none that tells something is left out."""
    phrases = {name for name, value in vars(TABLES["en"]).items() if isinstance(value, WordPhrases)}
    assert phrases - TELLING == {"case", "help", "next_step", "closing"}
