"""Signals worked out again from a store: the same as on the wire where that knew all, more where it did not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.measure.rescoring import Rescored, rescore
from convqa_sdk.store.conversations import conversations

Bot = Callable[[], None]


def say(message: str, answer: str, *, kind: str = "generated", tool: str = "", passage: str | None = None) -> None:
    """One turn of a conversation."""
    with convqa.turn("c-1", message) as turn:
        if passage is not None:
            with convqa.retrieval(data_source="kb") as stage:
                stage.set(documents=[convqa.Document("kb-1", passage)] if passage else [])
        if tool:
            with convqa.tool(name=tool):
                pass
        turn.answer(answer, type=kind)  # type: ignore[arg-type] # reason: one of the kinds


@pytest.fixture
def scored(tmp_path: Path) -> Callable[[Bot], Rescored]:
    """Run a bot that writes a store, and work its signals out again."""

    def run(bot: Bot, **settings: object) -> Rescored:
        sdk = convqa.configure("bot", store=tmp_path / "s", **settings)  # type: ignore[arg-type] # reason: settings of configure
        bot()
        sdk.shutdown()
        return rescore(conversations(tmp_path / "s").values())

    return run


def test_what_the_process_told_is_found_again(scored: Callable[[Bot], Rescored]) -> None:
    """Corrections and refusals, by turn and pattern, and as told on the wire."""

    def bot() -> None:
        say("How long do refunds take?", "Five days.")
        say("That's wrong, it took two weeks.", "I'm sorry, but I can't help with that.")

    found = scored(bot)
    assert (found.conversations, found.turns, found.answers, found.messages) == (1, 2, 2, 1)
    assert [(f.turn, f.signal, f.detail, f.on_wire) for f in found.findings] == [
        (1, "correction", "thats_wrong", True),
        (1, "hard_refusal", "", True),
    ]
    assert found.lost() == 0


def test_what_a_process_could_not_know_is_found_here(tmp_path: Path, scored: Callable[[Bot], Rescored]) -> None:
    """The answer before was another worker's; the store has both turns."""
    first = convqa.configure("bot", store=tmp_path / "s", key=b"k" * 32)
    say("How long do refunds take?", "Five days.")
    first.shutdown()
    sdk = convqa.configure("bot", store=tmp_path / "s", key=b"k" * 32)
    say("That's wrong, it took two weeks.", "Sorry.")
    sdk.shutdown()
    found = rescore(conversations(tmp_path / "s").values())
    (correction,) = [finding for finding in found.findings if finding.signal == "correction"]
    assert correction.on_wire is False
    assert found.lost() == 1


def test_claims_without_support_and_actions_without_a_tool(scored: Callable[[Bot], Rescored]) -> None:
    """Answers with passages are the denominator; a tool of an earlier turn covers a later claim."""

    def bot() -> None:
        say("Return?", "You can return items within 30 days.", passage="Items can be returned within 30 days.")
        say("Cost?", "Shipping costs 12 dollars.", passage="Items can be returned within 30 days.")
        say("Cancel it", "One moment.", tool="cancel_order")
        say("Done?", "I have cancelled your order.")
        say("And the money?", "I have refunded you the full amount.")

    found = scored(bot)
    assert (found.searched, found.grounded) == (2, 1)
    assert [(f.turn, f.signal) for f in found.findings] == [(1, "ungrounded"), (4, "overreach")]


def test_a_claim_that_a_tool_proves_needs_no_passage(scored: Callable[[Bot], Rescored]) -> None:
    """A tool that succeeded in the turn; another tool, or one of an earlier turn, supports no claim."""

    def bot() -> None:
        for tool in ("cancel_order", "get_order", ""):
            say("Cancel it", "I have cancelled your order.", tool=tool, passage="Items can be returned.")

    found = scored(bot)
    assert (found.searched, found.grounded) == (3, 1)
    assert [(f.turn, f.detail) for f in found.findings if f.signal == "ungrounded"] == [
        (1, "1 of 1 claims"), (2, "1 of 1 claims")
    ]  # fmt: skip


def test_a_search_that_found_nothing_grounds_nothing(scored: Callable[[Bot], Rescored]) -> None:
    """The claim is then the bot's own."""
    found = scored(lambda: say("Return?", "You can return items within 30 days.", passage=""))
    assert (found.searched, found.grounded) == (1, 0)


def test_loops_count_by_what_the_answers_say_as_well(scored: Callable[[Bot], Rescored]) -> None:
    """A fallback that the bot did not declare opens a loop here; on the wire only declared ones do."""

    def bot() -> None:
        say("Cancel my hotel in Lisbon", "I'm not sure I understand. Could you rephrase that?")
        say("I want to cancel my hotel in Lisbon", "Noted.")
        say("Please cancel my hotel in Lisbon", "Noted.")

    found = scored(bot)
    assert (found.loops, found.looping) == (1, 1)
    assert "repeat" in {finding.signal for finding in found.findings}


def test_nothing_gives_nothing() -> None:
    """No conversations, no counts, nothing divided."""
    found = rescore([])
    assert (found.conversations, found.turns, found.findings) == (0, 0, ())


def test_a_finding_never_quotes(scored: Callable[[Bot], Rescored]) -> None:
    """Neither what was said nor what was answered."""
    found = scored(lambda: (say("Swordfish?", "Swordfish."), say("That's wrong about swordfish", "Swordfish."))[0])
    assert found.findings
    assert "swordfish" not in str(found.findings).lower()


