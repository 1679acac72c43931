"""Screening by itself: what no turn of a bot can make it do, and what it does when a part of it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from convqa_sdk.export.screened import Screened
from convqa_sdk.export.screening import WITHHELD, Limits, Screen
from convqa_sdk.isolation import faults
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy
from convqa_sdk.schema.registry import STAGE_RECORDS

ROOM = 1_000_000


def screen(**policy: Any) -> Screen:
    """A screen that lets a text of 1,000 bytes leave."""
    return Screen(RedactionPolicy(**policy), Pseudonyms(b"k" * 32), Limits(1_000, ROOM))


def screened(kind: str, raw: dict[str, Any], of: Screen | None = None) -> tuple[dict[str, Any], Screened]:
    """The fields of a stage that may leave, and what was found."""
    into = Screened()
    return (of or screen()).fields(STAGE_RECORDS[kind], raw, into, ROOM), into


def test_a_field_that_nobody_declared_is_named_and_its_name_is_redacted() -> None:
    """Under a name of the bot's own nothing leaves, not even what stands in the name."""
    fields, into = screened("tool", {"name": "search", "call jane@example.com": "x", 7: "x", "input": None})
    assert fields == {"name": "search"}
    assert into.wrong == ["call [EMAIL]", WITHHELD]


def test_a_field_that_only_the_export_may_fill_is_a_violation() -> None:
    """The name of the redaction's own status is declared, so it is named as it is; the value does not leave."""
    fields, into = screened("turn", {"redaction_status": "clean", "channel": "web"})
    assert fields == {"channel": "web"}
    assert into.wrong == ["redaction_status"]


def test_a_fault_while_a_field_is_screened_costs_that_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is dropped, named and counted, the span says `failed_closed`, and the other fields leave."""
    ill = screen()
    monkeypatch.setattr(ill, "identifier", lambda *_: 1 / 0)
    fields, into = screened("turn", {"user_id": "u-1", "message": "hi"}, ill)
    assert fields == {"message": "hi"}
    assert (into.wrong, into.status, faults()["redaction"]) == (["user_id"], "failed_closed", 1)


def test_a_value_of_another_type_is_no_fault() -> None:
    """It is the bot's violation: dropped and named, while the redaction has not failed."""
    fields, into = screened("turn", {"user_id": 7, "message": 7})
    assert fields == {}
    assert into.wrong == ["user_id", "message"]
    assert (into.status, faults()) == ("clean", {})


def test_documents_beyond_the_size_of_a_text_stay_json_and_say_so() -> None:
    """Rows of ids and scores that are longer than a text may be leave shortened, as JSON, and noted as cut."""
    rows = tuple({"id": f"document-{number}-{'x' * 100}", "score": 0.5} for number in range(20))
    fields, into = screened("retrieval", {"documents": rows})
    assert len(fields["documents"].encode()) <= 1_000
    json.loads(fields["documents"])
    assert [key for key in into.companions if key.endswith(".original_length")]
    short, into = screened("retrieval", {"documents": rows[:2]})
    assert json.loads(short["documents"]) == [*rows[:2]]
    assert into.companions == {}
