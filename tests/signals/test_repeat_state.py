"""Customers who tell a human agent what they have told the bot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import repeat_state


@pytest.mark.parametrize(
    "text",
    [
        "As I told the bot already, the card was stolen",
        "I\u2019ve just explained all of this to your assistant",
        "I gave my order number to the chatbot",
        "the bot already asked me that",
        "do I have to repeat everything again?",
        "it's all in the chat",
        "didn't you read the conversation?",
        "I already told the last agent",
        "for the third time: 4412",
        "like i said, it never arrived",
    ],
)
def test_what_was_told_before_is_heard(text: str) -> None:
    """In any of the texts."""
    assert repeat_state(["Hello", text])


@pytest.mark.parametrize(
    "text",
    [
        "Hello, my card was stolen",
        "the bot was helpful, thank you",
        "I told my wife to call you",
        "can you help me again with this?",
        "yes, 4412",
        "the system is down",
        "I already tried restarting it",
    ],
)
def test_what_only_sounds_alike_is_not(text: str) -> None:
    """New information, others who were told, praise."""
    assert not repeat_state([text])


def test_no_texts_and_languages_without_phrases_tell_nothing() -> None:
    """Which is not the same as knowing that nobody had to repeat anything."""
    assert not repeat_state([])
    assert not repeat_state(["as I told the bot already"], language="fr")
    assert repeat_state(["Das habe ich doch schon gesagt"], language="de")


@given(st.lists(st.text(max_size=1_500), max_size=4))
def test_it_never_raises(texts: list[str]) -> None:
    """Whatever the texts."""
    assert repeat_state(texts) in (True, False)
