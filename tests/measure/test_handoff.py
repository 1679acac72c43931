"""Context fidelity of handovers, from the agent's flag, the packet's acknowledgement and the customer's words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.measure.handoff import (
    ContextFidelity,
    Rate,
    are_consistent,
    context_fidelity,
    context_loss,
    repeat_rate,
)
from convqa_sdk.store.conversations import find
from written_stores import outcome, stage, turn, write

answers = st.sampled_from([True, False, None])


def says_bot(texts: Sequence[str]) -> bool:
    """A detector for these tests."""
    return any("told the bot" in text for text in texts)


def measured(folder: Path, *outcomes: dict[str, Any], detector: Any = says_bot) -> ContextFidelity | None:
    """What is known of a handover with these outcomes."""
    handover = stage("escalation", 2, {"convqa.handoff.completeness": 0.5}, parent=1)
    return context_fidelity(find(write(folder / "s", turn(1), handover, *outcomes), "c-1"), detector)


def ticket(**fields: Any) -> dict[str, Any]:
    """A ticket's outcome."""
    return outcome(10, "ticket", {f"convqa.outcome.ticket.{name}": value for name, value in fields.items()})


def message(index: int, text: str | None) -> dict[str, Any]:
    """A message after the handoff."""
    prefix = "convqa.outcome.agent_message."
    return outcome(20 + index, "agent_message", {f"{prefix}index": index, f"{prefix}text": text}, at=index)


class TestOneConversation:
    """What each source says; silence is not no."""

    def test_without_a_handover_there_is_nothing_to_measure(self, tmp_path: Path) -> None:
        """Not even when there is a ticket."""
        store = write(tmp_path / "s", turn(1), ticket(asked_to_restate=True))
        assert context_fidelity(find(store, "c-1"), says_bot) is None

    def test_a_turn_that_says_so_is_a_handover_too(self, tmp_path: Path) -> None:
        """The stage may have been recorded elsewhere."""
        store = write(tmp_path / "s", turn(1, {"convqa.escalation.flag": True}))
        assert context_fidelity(find(store, "c-1"), says_bot) == ContextFidelity(None, None, None, None, None)

    def test_nobody_says_anything(self, tmp_path: Path) -> None:
        """Everything is unknown but the packet."""
        found = measured(tmp_path)
        assert found == ContextFidelity(None, None, None, None, 0.5)
        assert (found.verdict, found.is_known) == ("unknown", False)

    def test_the_agents_answers(self, tmp_path: Path) -> None:
        """Flag, acknowledgement and reply come from the ticket."""
        given = ticket(asked_to_restate=False, packet_acknowledged=True, first_human_reply_at="2026-01-01T01:00:00Z")
        assert measured(tmp_path, given) == ContextFidelity(True, False, True, None, 0.5)

    @pytest.mark.parametrize(("replies", "replied"), [(0, False), (2, True)])
    def test_replies_are_counted(self, tmp_path: Path, replies: int, replied: bool) -> None:
        """No reply is known to be none."""
        found = measured(tmp_path, ticket(replies=replies))
        assert found is not None
        assert found.replied is replied

    def test_an_incorrect_summary_is_a_flag(self, tmp_path: Path) -> None:
        """Also beside a ticket that says that nobody asked; another flag says nothing of the context."""
        incorrect, other = ({"convqa.outcome.agent_flag.flag": flag} for flag in ("incorrect_summary", "misrouted"))
        found = measured(tmp_path, outcome(30, "agent_flag", incorrect), ticket(asked_to_restate=False))
        assert found is not None
        assert (found.flagged, found.verdict) == (True, "lost")
        (tmp_path / "x").mkdir()
        found = measured(tmp_path / "x", outcome(30, "agent_flag", other))
        assert found is not None
        assert found.flagged is None

    def test_the_first_three_messages_count(self, tmp_path: Path) -> None:
        """By their index, whatever their order; a fourth is too late."""
        told = "As I told the bot: it is broken."
        found = measured(tmp_path, message(3, told), message(2, "yes"), message(0, "hello"))
        assert found is not None
        assert (found.repeated, found.replied) == (False, True)
        (tmp_path / "x").mkdir()
        found = measured(tmp_path / "x", message(2, told))
        assert found is not None
        assert (found.repeated, found.verdict) == (True, "lost")

    @pytest.mark.parametrize("text", [None, ""])
    def test_messages_without_text_say_nothing(self, tmp_path: Path, text: str | None) -> None:
        """Content may be switched off; that is no answer."""
        found = measured(tmp_path, message(0, text))
        assert found is not None
        assert found.repeated is None

    def test_a_detector_that_cannot_tell(self, tmp_path: Path) -> None:
        """Its None is unknown; so is every text without a detector."""
        found = measured(tmp_path, message(0, "hello"), detector=lambda texts: None)
        assert found is not None
        assert found.repeated is None


@given(st.booleans(), answers, answers, answers)
def test_the_verdict(replied: bool, flagged: Any, acknowledged: Any, repeated: Any) -> None:
    """One sign of loss is enough; only the agent can say that the context was kept."""
    found = ContextFidelity(replied, flagged, acknowledged, repeated, None)
    lost = flagged is True or repeated is True
    assert (found.verdict == "lost") == lost
    assert (found.verdict == "kept") == (not lost and (flagged is False or acknowledged is True))
    assert found.agree is (None if None in (flagged, repeated) else flagged is repeated)


class TestRates:
    """KPI 7 and 9 as counts."""

    MANY = [
        ContextFidelity(replied, flagged, None, repeated, None)
        for replied, flagged, repeated in itertools.product((True, False, None), repeat=3)
    ]

    def test_context_loss_is_of_those_with_an_answer(self) -> None:
        """Nine of 27 were answered for sure; three of them are flagged, three not said."""
        assert context_loss(self.MANY) == Rate(3, 9, 3)

    def test_repetitions_are_of_all(self) -> None:
        """A third of 27 repeats, of a third nobody knows."""
        assert repeat_rate(self.MANY) == Rate(9, 27, 9)

    def test_bounds(self) -> None:
        """Those of whom nothing is known may all have it, or none."""
        assert Rate(1, 10, 3).bounds == (0.1, 0.4)
        assert Rate(0, 0, 0).bounds is None

    @pytest.mark.parametrize(
        ("loss", "repeats", "consistent"),
        [
            (Rate(5, 100, 0), Rate(7, 100, 0), True),
            (Rate(5, 100, 0), Rate(8, 100, 0), False),
            (Rate(5, 100, 1), Rate(8, 100, 0), True),
            (Rate(9, 100, 0), Rate(2, 100, 5), True),
            (Rate(0, 0, 0), Rate(8, 100, 0), None),
        ],
    )
    def test_the_two_lie_within_two_points(self, loss: Rate, repeats: Rate, consistent: bool | None) -> None:
        """What is unknown may close the gap; only a gap that it cannot close is inconsistent."""
        assert are_consistent(loss, repeats) is consistent
        assert are_consistent(repeats, loss) is consistent
