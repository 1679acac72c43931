"""The memory of a process: which conversations it keeps, and what it says of those it saw a part of."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import types

import pytest

from convqa_sdk.tracing.conversation import ConversationState
from convqa_sdk.tracing.conversation_store import MemoryState, StateStore

from .test_conversation import FACTS


def step(state: ConversationState | None) -> ConversationState:
    """One more turn."""
    return (state or ConversationState()).after(FACTS)


def test_an_advance_returns_what_was_before() -> None:
    """None for a conversation that begins."""
    memory = MemoryState()
    assert memory.advance("a", step) is None
    assert memory.advance("a", step) == ConversationState().after(FACTS)
    known = memory.read("a")
    assert known is not None
    assert known.turns == 2
    assert memory.read("b") is None


def test_the_conversation_that_was_quiet_for_longest_is_forgotten() -> None:
    """Memory is bounded, and a conversation that goes on stays."""
    memory = MemoryState(max_conversations=2)
    for name in ("a", "b", "a", "c"):
        memory.advance(name, step)
    assert memory.read("b") is None
    assert memory.read("a") is not None
    assert memory.read("c") is not None


def test_a_memory_of_nothing_is_refused() -> None:
    """With what is accepted."""
    with pytest.raises(ValueError, match="give 1 or more"):
        MemoryState(max_conversations=0)


def test_a_forked_worker_knows_a_part_of_each_conversation() -> None:
    """Another worker may have answered before, so nothing is counted from the beginning."""
    memory = MemoryState()
    memory.advance("a", step)
    memory.after_fork()
    assert memory.read("a") == ConversationState(partial=True)
    before = memory.advance("a", step)
    assert before == ConversationState(partial=True)
    known = memory.read("a")
    assert known is not None
    assert known.partial


def _first(answers: multiprocessing.Queue[ConversationState | None]) -> None:
    answers.put(MemoryState().advance("a", step))


def test_a_spawned_worker_knows_a_part_of_each_conversation() -> None:
    """The same for workers that are started anew."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    worker = context.Process(target=_first, args=(answers,))
    worker.start()
    assert answers.get(timeout=60) == ConversationState(partial=True)
    worker.join(60)


def test_the_memory_is_a_store_of_states() -> None:
    """As the Protocol says."""
    assert isinstance(MemoryState(), StateStore)


def test_a_worker_of_a_server_that_forks_knows_a_part_of_each_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the server forked before it loaded the application, so that no fork was seen."""
    monkeypatch.setitem(sys.modules, "gunicorn.arbiter", types.ModuleType("gunicorn.arbiter"))
    assert MemoryState().advance("a", step) == ConversationState(partial=True)


def test_a_step_that_fails_leaves_the_state_as_it_was() -> None:
    """A conversation is not forgotten for a fault of ours."""
    memory = MemoryState()
    memory.advance("a", step)
    with pytest.raises(ZeroDivisionError):
        memory.advance("a", lambda _: 1 / 0)  # type: ignore[arg-type, return-value] # reason: wrong on purpose
    assert memory.read("a") == ConversationState().after(FACTS)


def test_a_process_that_only_imports_celery_knows_its_conversations() -> None:
    """As one does that only sends tasks."""
    pytest.importorskip("celery", reason="celery is not installed")
    assert MemoryState().advance("a", step) is None


def test_a_turn_that_ends_amid_another_ones_step_waits_for_nobody() -> None:
    """The collector may end a forgotten turn at any moment, in the very thread that advances a state."""
    memory = MemoryState()

    def collected(state: ConversationState | None) -> ConversationState:
        memory.advance("b", step)
        return step(state)

    worker = threading.Thread(target=memory.advance, args=("a", collected), daemon=True)
    worker.start()
    worker.join(10)
    assert not worker.is_alive()
    assert memory.read("b") is not None
