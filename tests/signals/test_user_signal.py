"""What a customer's message says of the answer before it."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import AnswerTraits, UserSignalDetector, request_tokens, user_signal
from convqa_sdk.signals.folding import folded, words
from convqa_sdk.signals.phrases import KINDS, compiled, languages

from .said_of_answers import ANSWER, COMPANY, CONFIRMATION, ECHOES, OWN_MISTAKES, PLAIN, QUESTION, SAID

SEEDS = ("thats_wrong", "no_thats_not_right", "you_made_that_up", "not_true", "you_said_x_but")


def english() -> dict[str, str]:
    """Return the kinds of the English phrases by name."""
    table = compiled("en")
    assert table is not None
    return {phrase.name: phrase.kind for phrase, _ in table.phrases}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAID.items() for text in texts])
def test_every_phrase_is_found_by_its_own_name(name: str, text: str) -> None:
    """The kind is that of the table, and the pattern its name, after an answer that states something."""
    assert user_signal(text, previous_answer=ANSWER) == (english()[name], name)


def test_no_phrase_is_without_an_example() -> None:
    """The list above holds every phrase of the table, and no other."""
    assert set(SAID) == set(english())


@pytest.mark.parametrize("name", SEEDS)
def test_the_five_patterns_that_everyone_starts_with_need_no_answer(name: str) -> None:
    """They keep names of their own, and are found where the answer before is not known."""
    assert [user_signal(text) for text in SAID[name]] == [("correction", name)] * len(SAID[name])


@pytest.mark.parametrize("text", [*OWN_MISTAKES, *ECHOES])
def test_a_slip_of_ones_own_and_an_echo_contradict_nothing(text: str) -> None:
    """Whether the answer before is known or not."""
    assert {user_signal(text, previous_answer=answer) for answer in (None, ANSWER, QUESTION)} == {None}


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_reply_is_no_signal(text: str) -> None:
    """A plain no after a question, a declined offer, a report on one's device, a plea."""
    assert user_signal(text, previous_answer=QUESTION) is None


@pytest.mark.parametrize("text", COMPANY)
@pytest.mark.parametrize("answer", [None, "", "Hello! I'm Ava. How can I help you today?"])
def test_displeasure_with_the_company_is_none_with_the_answer(text: str, answer: str | None) -> None:
    """Said first, or after no more than a greeting."""
    assert user_signal(text, previous_answer=answer) is None


def test_the_reply_that_a_confirmation_asked_for_is_no_correction() -> None:
    """After `is that correct?`, `that's not right` is the answer; naming what was said is a correction all the same."""
    assert user_signal("No, that's not right", previous_answer=CONFIRMATION) is None
    assert user_signal("No, that's not right", previous_answer=ANSWER) is not None
    assert user_signal("That's not what I said", previous_answer=CONFIRMATION) is not None


def test_a_no_that_states_something_contradicts_a_statement_only() -> None:
    """After a question it is the reply that was asked for."""
    assert user_signal("No, it's Thursday", previous_answer="Your flight leaves on Tuesday.") is not None
    assert user_signal("No, it's Thursday", previous_answer="Does your flight leave on Tuesday?") is None
    offered = "Your flight leaves on Tuesday. Is there anything else I can help you with?"
    assert user_signal("No, it's Thursday", previous_answer=offered) is not None
    assert user_signal("No, that's all, thank you", previous_answer=offered) is None


@pytest.mark.parametrize(
    "text",
    [
        "That's the wrong laptop you sent",
        "That's the wrong item they sent me",
        "no that's not right now, later please",
        "That's wrong address, sorry",
        "no 5 gateway road",
        "No, 2 days is fine",
        "No, the screen says 2 minutes",
        "You told me 14 days, can I still return it?",
    ],
)
def test_what_only_begins_like_a_correction_is_none(text: str) -> None:
    """Wrong goods, no time, one's own slip, a figure without a unit, a figure that contradicts nothing."""
    assert user_signal(text, previous_answer=ANSWER) is None


@given(st.sampled_from([text for texts in SAID.values() for text in texts] + PLAIN), st.text(max_size=500))
def test_traits_of_an_answer_tell_as_much_as_the_answer(message: str, answer: str) -> None:
    """The state of a conversation may keep the facts and forget the text."""
    kept = AnswerTraits.of(answer) if answer else None
    assert user_signal(message, previous_answer=answer) == user_signal(message, previous_answer=kept)


def test_a_request_that_came_before_is_a_repeat() -> None:
    """Given as text or as tokens; other words, or hardly any, are none."""
    before = "I want to change my flight to Boston on Monday"
    again = "can you change the flight to Boston, Monday please"
    for earlier in (before, request_tokens(before)):
        assert user_signal(again, previous_messages=["hello", earlier]) == ("repeat", "similar_request")
    assert user_signal("what is my baggage allowance to Boston", previous_messages=[before]) is None
    assert user_signal("yes please", previous_messages=["yes please"]) is None
    assert user_signal("on Tuesday", previous_messages=["Tuesday"]) is None


def test_a_language_without_phrases_has_repeats_only() -> None:
    """What has the structure of a repeat needs no words of a language."""
    assert user_signal("c'est faux", language="fr", previous_answer=ANSWER) is None
    asked = "annuler ma commande numéro douze"
    assert user_signal(asked, language="fr", previous_messages=[asked]) == ("repeat", "similar_request")


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("de", "Das stimmt nicht.", "correction"),
        ("de-AT", "Das habe ich gar nicht gefragt!", "correction"),
        ("de", "Was meinen Sie damit?", "clarification_request"),
        ("de", "Das habe ich Ihnen doch schon gesagt", "repeat"),
        ("es", "Eso no es cierto", "correction"),
        ("es", "¿Qué quieres decir?", "clarification_request"),
        ("es_MX", "ya te dije mi número", "repeat"),
        ("pl", "To nieprawda!", "correction"),
        ("pl", "Nie rozumiem", "clarification_request"),
        ("pl", "Już podałem numer zamówienia", "repeat"),
    ],
)
def test_other_languages_have_a_beginning(language: str, text: str, kind: str) -> None:
    """Unmeasured, with a region or without."""
    found = user_signal(text, previous_answer=ANSWER, language=language)
    assert found is not None
    assert found.kind == kind


@given(st.text(max_size=3_000), st.one_of(st.none(), st.text(max_size=600)), st.sampled_from([*languages(), "xx", ""]))
def test_it_never_raises_and_tells_names_only(message: str, answer: str | None, language: str) -> None:
    """Whatever the texts; what it tells is a kind and a name that a table holds."""
    found = user_signal(message, previous_answer=answer, language=language)
    table = compiled(language)
    names = {phrase.name for phrase, _ in table.phrases} if table is not None else set()
    assert found is None or (found.kind in KINDS and found.pattern in names)


@given(st.lists(st.sampled_from(sorted({w for texts in SAID.values() for t in texts for w in t.split()})), max_size=12))
def test_the_words_that_a_phrase_needs_miss_no_match(picked: list[str]) -> None:
    """A phrase that is passed over for its words would not have matched."""
    table = compiled("en")
    assert table is not None
    text = folded(" ".join(picked))
    tried = set(table.candidates(words(text)))
    for place, (phrase, expression) in enumerate(table.phrases):
        assert place in tried or expression.search(text) is None, phrase.name


def test_the_strongest_of_several_is_told() -> None:
    """A correction before a complaint before a request for clarification before a repeat."""
    said = ["I already told you.", "What do you mean?", "That makes no sense.", "That's wrong."]
    kinds = [user_signal(" ".join(said[: end + 1]), previous_answer=ANSWER) for end in range(4)]
    assert [found.kind for found in kinds if found is not None] == list(reversed(KINDS))


def test_it_pauses_between_patterns() -> None:
    """A thread that must not hold the interpreter gets to let go of it."""
    pauses = []
    user_signal("you know what that is not, but said i see", previous_answer=ANSWER, pause=lambda: pauses.append(1))
    assert len(pauses) > 3


def test_only_the_beginning_is_looked_at() -> None:
    """A contradiction behind a thousand characters is not found: the time of a message is bounded."""
    assert user_signal("x" * 900 + " that's wrong") is not None
    assert user_signal("x" * 1_000 + " that's wrong") is None


def test_a_callable_may_stand_in() -> None:
    """The detector itself is one of its kind."""
    detector: UserSignalDetector = user_signal
    assert inspect.signature(detector).parameters["language"].default == "en"
