"""Turns that wait to be exported, and turns that were missed."""

from __future__ import annotations

import threading

import pytest

from convqa_sdk.tracing.conversation_store import MemoryState
from convqa_sdk.tracing.conversations import Conversations


@pytest.fixture
def known() -> Conversations:
    """Conversations of one process."""
    return Conversations(MemoryState(), name=str, key=lambda: b"k", signature_key=lambda: None)


def test_a_turn_that_the_collector_ends_meanwhile_waits_for_nobody(known: Conversations) -> None:
    """It comes back to the same thread while that notes another turn, at an allocation under the lock."""

    class Id(str):
        """A conversation id at whose hash a collected turn ends."""

        busy = False

        def __hash__(self) -> int:
            if not Id.busy:
                Id.busy = True
                known.expect("collected")
            return str.__hash__(self)

    worker = threading.Thread(target=known.expect, args=(Id("c-1"),), daemon=True)
    worker.start()
    worker.join(10)
    assert not worker.is_alive()
    assert known.tools_before("collected") is None


def test_tools_are_unknown_while_a_turn_waits_and_after_one_was_missed(known: Conversations) -> None:
    """Unknown is not none."""
    assert known.tools_before("c-1") == ()
    known.expect("c-1")
    assert known.tools_before("c-1") is None
    known.miss("c-1")
    assert known.tools_before("c-1") is None
    assert known.tools_before("c-2") == ()
