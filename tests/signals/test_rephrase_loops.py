"""Customers who say the same again because the bot did not answer."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import SIMILAR, LoopState, rephrase_loops, request_tokens, similarity

Turn = tuple[frozenset[str], bool]
TURNS = st.lists(st.tuples(st.frozensets(st.sampled_from("abcd"), max_size=3), st.booleans()), max_size=14)

RESET = request_tokens("reset my online banking password")
AGAIN = request_tokens("how do I reset the online banking password")
ONCE_MORE = request_tokens("password reset for online banking!")
OTHER = request_tokens("where is the nearest branch")


def defined(turns: Sequence[Turn]) -> int:
    """Count loops by their definition, over all of the conversation at once: an independent second source."""
    loops, since = 0, 0
    for now, (request, _) in enumerate(turns):
        for failed in range(max(since, now - 4), now):
            after = [turns[turn][0] for turn in range(failed + 1, now)]
            to_refused = similarity(request, turns[failed][0]) >= SIMILAR
            pairs = [
                similarity(request, one) >= SIMILAR or (to_refused and similarity(one, turns[failed][0]) >= SIMILAR)
                for one in after
            ]
            if turns[failed][1] and any(pairs):
                loops, since = loops + 1, now
                break
    return loops


def test_two_similar_requests_after_a_fallback_are_a_loop() -> None:
    """Not one, not without a fallback, and not about something else."""
    assert rephrase_loops([(RESET, True), (AGAIN, False), (ONCE_MORE, False)]) == 1
    assert rephrase_loops([(RESET, True), (AGAIN, False)]) == 0
    assert rephrase_loops([(RESET, False), (AGAIN, False), (ONCE_MORE, False)]) == 0
    assert rephrase_loops([(RESET, True), (OTHER, False), (AGAIN, False)]) == 0


def test_the_second_one_comes_within_four_turns() -> None:
    """In the fourth turn after the fallback it still counts, in the fifth no more."""
    said = [request_tokens(text) for text in ("branch hours", "cash machine", "currency rates")]
    assert rephrase_loops([(RESET, True), (AGAIN, False), *((one, False) for one in said[:2]), (RESET, False)]) == 1
    assert rephrase_loops([(RESET, True), (AGAIN, False), *((one, False) for one in said), (RESET, False)]) == 0


def test_a_loop_counts_once_and_may_open_the_next() -> None:
    """Five times the same, refused each time, are two loops."""
    assert rephrase_loops([(RESET, True)] * 4) == 1
    assert rephrase_loops([(RESET, True)] * 5) == 2


def test_a_request_without_words_of_its_own_is_like_nothing() -> None:
    """Whoever says yes three times has not rephrased anything."""
    assert rephrase_loops([(request_tokens("yes please"), True)] * 5) == 0


@given(TURNS)
def test_step_by_step_the_loops_are_those_of_the_definition(turns: list[Turn]) -> None:
    """What the state has forgotten changes nothing."""
    assert rephrase_loops(turns) == defined(turns)


@given(TURNS)
def test_the_state_is_small_and_empty_while_all_is_well(turns: list[Turn]) -> None:
    """It never holds more than four turns, and none before the oldest that was not answered."""
    state = LoopState()
    for tokens, fallback in turns:
        state = state.step(tokens, fallback)
        assert len(state.recent) <= 4
        assert not state.recent or state.recent[0][1]


@given(TURNS, st.integers())
def test_keyed_hashes_of_tokens_do_as_well(turns: list[Turn], key: int) -> None:
    """The state of a conversation keeps no words."""
    hashed = [(frozenset(hash((key, token)) for token in tokens), fallback) for tokens, fallback in turns]
    assert rephrase_loops(hashed) == rephrase_loops(turns)


def test_how_alike_two_requests_are_may_be_judged_otherwise() -> None:
    """A callable stands in for the words in common."""
    turns = [(RESET, True), (OTHER, False), (request_tokens("opening hours"), False)]
    assert rephrase_loops(turns, alike=lambda a, b: 1.0) == 1
