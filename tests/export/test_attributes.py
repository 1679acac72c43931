"""Writing fields as attributes: what is remembered changes nothing about what leaves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.export.attributes import Writer
from convqa_sdk.export.screened import Screened
from convqa_sdk.export.screening import Limits, Screen
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy
from convqa_sdk.schema.registry import STAGE_RECORDS, fields_of

POLICIES = (
    RedactionPolicy(),
    RedactionPolicy(allow_identifiers=frozenset({"user.id", "account.id"})),
    RedactionPolicy(content=False),
)
VALUES = st.sampled_from(
    [
        "web",
        "jane@example.com",
        "call +14155552671",
        "4111 1111 1111 1111",
        "c-1",
        "14155552671",
        "x" * 300,
        "",
        7,
        True,
    ]
)


def writer(policy: RedactionPolicy) -> Writer:
    """A writer that remembers nothing yet."""
    return Writer(Screen(policy, Pseudonyms(b"k" * 32), Limits(65_536, 1_000_000)))


def told(made: Any) -> Any:
    """Everything that a written span says."""
    into = made.into
    found = (into.seen, into.status, into.count, sorted(into.classes), into.companions, into.wrong)
    return dict(made.attributes), dict(made.valid), found


WARM = {(index, stage): writer(policy) for index, policy in enumerate(POLICIES) for stage in STAGE_RECORDS}


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_memory_full_of_others_writes_what_an_empty_one_writes(data: st.DataObject) -> None:
    """Whatever stood in a field before, under whatever policy: attributes, findings and violations are the same."""
    index = data.draw(st.sampled_from(range(len(POLICIES))))
    stage = data.draw(st.sampled_from(sorted(STAGE_RECORDS)))
    record = STAGE_RECORDS[stage]
    fields = data.draw(st.dictionaries(st.sampled_from(sorted(fields_of(record))), VALUES, max_size=6))
    warm, fresh = WARM[index, stage], writer(POLICIES[index])
    for _ in range(2):
        again = warm.write(record, fields, Screened(), 1_000_000)
        assert told(again) == told(fresh.write(record, fields, Screened(), 1_000_000))
        warm._screen.forget()
        fresh = writer(POLICIES[index])


def test_nothing_that_was_changed_or_is_content_is_remembered() -> None:
    """Only declared short values that passed as they were."""
    made = writer(RedactionPolicy())
    given_fields = {"channel": "web", "message": "hello", "user_id": "u-1", "region": "jane@example.com"}
    made.write(STAGE_RECORDS["turn"], given_fields, Screened(), 1_000_000)
    assert set(made._memory[STAGE_RECORDS["turn"]]) == {("channel", "web")}


@pytest.mark.parametrize("conversations", [10_000])
def test_what_is_remembered_is_bounded(conversations: int) -> None:
    """However many conversations there are."""
    made = writer(RedactionPolicy())
    for number in range(conversations):
        made.write(STAGE_RECORDS["turn"], {"channel": f"web-{number}"}, Screened(), 1_000_000)
    assert len(made._memory[STAGE_RECORDS["turn"]]) <= 4_096
