"""The names that dashboards live on: what was accepted stays, and what is added is accepted on purpose."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema.registry import EVENT_RECORDS, LOG_RECORDS, SPANS, all_attributes, fields_of
from convqa_sdk.schema.snapshot import Change, accepted, current, differences, written

ACCEPT = "accept it with: convqa schema snapshot > src/convqa_sdk/schema/snapshot.json"


def test_nothing_that_was_accepted_breaks() -> None:
    """No stable key is removed or retyped, no value lost, no field newly required since the snapshot."""
    assert [change for change in differences(accepted(), current()) if change.breaking] == []


def test_every_addition_is_accepted() -> None:
    """The snapshot is the contract of today, so that tomorrow's change is seen."""
    assert written(accepted()) == written(current()), ACCEPT


def test_the_snapshot_holds_the_whole_contract() -> None:
    """Every key of every span, event and of the resource is in it."""
    records = accepted()["records"]
    events = [*EVENT_RECORDS.values(), *LOG_RECORDS.values()]
    assert len(records) == len(SPANS) + len(EVENT_RECORDS) + len(LOG_RECORDS) + 1
    assert {key for fields in records.values() for key in fields} == {
        *all_attributes(),
        *(field.attribute.key for event in events for field in fields_of(event).values()),
    }


def test_writing_and_reading_are_inverse(tmp_path: Path) -> None:
    """A snapshot that was written is read as it was, and its text is the same each time."""
    (tmp_path / "s.json").write_text(written(current()))
    assert accepted(tmp_path / "s.json") == json.loads(written(current())) == current()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "no", '{"records": 1}', '{"schema_version": "1", "records": {"T": {"k": {}}}}']
)
def test_what_is_no_snapshot_is_refused(tmp_path: Path, text: str) -> None:
    """Any other file is an error that says how to write one."""
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(ConfigurationError, match="convqa schema snapshot"):
        accepted(tmp_path / "s.json")
    (tmp_path / "s.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="convqa schema snapshot"):
        accepted(tmp_path / "s.json")


Edit = Callable[[dict[str, Any]], Any]
KEY, STAGE, RISK, OURS = "gen_ai.usage.input_tokens", "ToolSpan", "convqa.intent.risk", "convqa.tool.result"


def retype(key: str) -> Edit:
    """Make a key a double."""
    return lambda fields: fields[key].update(type="double")


@pytest.mark.parametrize(
    ("record", "edit", "what", "breaking"),
    [
        ("ToolSpan", lambda f: f.pop(OURS), "removed", True),
        ("GenerationSpan", lambda f: f.pop(KEY), "removed", False),
        ("ToolSpan", retype(OURS), "type string became double", True),
        ("GenerationSpan", retype(KEY), "type int became double", False),
        ("ToolSpan", lambda f: f[OURS]["values"].remove("ok"), "value ok removed", True),
        ("ToolSpan", lambda f: f[OURS]["values"].append("late"), "value late added", False),
        ("ToolSpan", lambda f: f[OURS].pop("values"), "values no longer closed", False),
        ("ToolSpan", lambda f: f["convqa.channel"].update(values=["web"]), "values closed to web", True),
        ("ToolSpan", lambda f: f["convqa.channel"].update(level="required"), "level recommended became required", True),
        ("ToolSpan", lambda f: f[OURS].update(level="recommended"), "level required became recommended", False),
        ("ToolSpan", lambda f: f[OURS].update(stability="development"), "stability stable became development", True),
        ("ToolSpan", lambda f: f.update(new=f[OURS] | {"level": "recommended"}), "added", False),
        ("ToolSpan", lambda f: f.update(new=f[OURS]), "added, required", True),
    ],
)
def test_what_breaks_and_what_does_not(record: str, edit: Edit, what: str, breaking: bool) -> None:
    """The promise is for stable names: they keep name, type and values, and nothing becomes required."""
    after = copy.deepcopy(current())
    edit(after["records"][record])
    (change,) = differences(current(), after)
    assert (change.record, change.what, change.breaking) == (record, what, breaking)


def test_a_whole_record() -> None:
    """A record that is gone takes its stable keys with it; a new one breaks nobody, whatever it requires."""
    smaller = copy.deepcopy(current())
    gone = smaller["records"].pop("convqa.customer_action")
    assert {change.key for change in differences(current(), smaller) if change.breaking} == set(gone)
    added = differences(smaller, current())
    assert {change.key for change in added} == set(gone)
    assert not any(change.breaking for change in added)


def test_no_difference() -> None:
    """A contract does not differ from itself."""
    assert differences(current(), copy.deepcopy(current())) == list[Change]()


@pytest.mark.parametrize(
    ("edit", "breaking"),
    [
        (lambda metrics: metrics.pop("convqa.tokens"), True),
        (lambda metrics: metrics.update({"convqa.more": metrics["convqa.tokens"]}), False),
        (lambda metrics: metrics["convqa.turn.cost"].update(unit="EUR"), True),
        (lambda metrics: metrics["convqa.turn.cost"].update(kind="counter"), True),
        (lambda metrics: metrics["convqa.tokens"]["attributes"].append("convqa.channel"), False),
        (lambda metrics: metrics["convqa.tokens"]["attributes"].pop(), True),
        (lambda metrics: metrics["convqa.turn.cost"]["buckets"].append(10.0), False),
        (lambda metrics: metrics["convqa.turn.cost"]["buckets"].pop(), True),
    ],
)
def test_changes_of_metrics_are_seen(edit: Edit, breaking: bool) -> None:
    """A metric, unit, kind, attribute or bucket that is gone breaks alert rules; more of them does not."""
    after = copy.deepcopy(current())
    edit(after["metrics"])
    (change,) = differences(current(), after)
    assert change.breaking == breaking


def test_a_snapshot_without_metrics_is_one() -> None:
    """What was written before there were any is still compared, and all of them are new."""
    before = {key: value for key, value in current().items() if key != "metrics"}
    changes = differences(before, current())
    assert {change.what for change in changes} == {"added"}
    assert len(changes) == len(current()["metrics"])
