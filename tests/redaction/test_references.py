"""One function decides how a conversation id leaves, for the bot, for imports and for readers."""

from __future__ import annotations

import pytest
from hypothesis import given

from convqa_sdk.redaction import Pseudonyms, conversation_reference, references

from .planted import planted

PSEUDONYMS = Pseudonyms(b"k" * 32)


@pytest.mark.parametrize("value", ["c-10492", "c-a-3", "10492", "3f2b8c1e-5d1a-4c9e-8b7e-2a9d6c4f0b13", ""])
def test_an_ordinary_id_stays(value: str) -> None:
    """So that records can be joined on it."""
    assert conversation_reference(value, PSEUDONYMS) == value


@given(planted)
def test_an_id_with_personal_data_becomes_its_pseudonym(value: str) -> None:
    """The whole id, as `Pseudonyms.identifier` writes it."""
    for one in (value, f"chat-{value}"):
        found = conversation_reference(one, PSEUDONYMS)
        assert found in (one, PSEUDONYMS.identifier("CONVERSATION_ID", one))
    assert conversation_reference(value, PSEUDONYMS) != value


@pytest.mark.parametrize("value", ["x" * 201, "c\n1", "c-é", "\ud800", "\x7f"])
def test_an_id_that_cannot_travel_becomes_its_pseudonym(value: str) -> None:
    """Too long, or no printable ASCII."""
    assert conversation_reference(value, PSEUDONYMS) == PSEUDONYMS.identifier("CONVERSATION_ID", value)


def test_a_number_that_a_chat_service_would_take_counts_as_telephone_number() -> None:
    """As the id of a conversation; not as that of something else."""
    assert conversation_reference("14155552671", PSEUDONYMS).startswith("[CONVERSATION_ID:k1:")
    assert conversation_reference("14155552671", PSEUDONYMS, chat=False) == "14155552671"


def test_without_a_key_such_an_id_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never an unkeyed hash."""
    assert conversation_reference("joe@example.com", Pseudonyms(None)) == "[WITHHELD]"
    assert conversation_reference("c-1", Pseudonyms(None)) == "c-1"
    monkeypatch.setattr(references, "detect", lambda _, **how: None)
    assert conversation_reference("c-1", Pseudonyms(None)) == "[WITHHELD]"
