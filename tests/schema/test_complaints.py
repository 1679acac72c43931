"""Complaints about what people write say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError, RecordError
from convqa_sdk.export.settings import read_settings

QUOTE = "give a text; what YAML would read as a number, a date or a switch has to stand in quotes"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 2026-05-01\narchetypes: {}\n", f"version: {QUOTE}"),
        ("version: v\narchetypes: {a: {tier: 1, intent: [x]}}\n", "archetypes.0.intent: there is no such setting"),
        ("version: v\narchetypes: {a: {intents: [x]}}\n", "archetypes.0.tier: Field required"),
    ],
)
def test_of_an_archetype_map(tmp_path: Path, text: str, told: str) -> None:
    """An unquoted date, a misspelt setting, one that is missing."""
    path = tmp_path / "archetypes.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        convqa.ArchetypeMap.load(path)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("owner: 2026\n", f"owner: {QUOTE}"),
        ("owner: ops\narchetypes: {a: {teir: assist}}\n", "archetypes.a.teir: there is no such setting"),
        ("state: killed\n", "owner: Field required"),
    ],
)
def test_of_a_plan(tmp_path: Path, text: str, told: str) -> None:
    """The same in a guard's plan."""
    path = tmp_path / "guard.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        convqa.Guard(path, threads=False)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "given", "told"),
    [("phone_region", "usa", "give two capital letters"), ("key_id", "K 1", "give 1 to 16 small letters and digits")],
)
def test_of_a_setting(setting: str, given: str, told: str) -> None:
    """What is accepted, in place of a regular expression."""
    with pytest.raises(ConfigurationError, match=f"{setting} from argument: {told}"):
        read_settings({setting: given}, {})


def test_of_a_record() -> None:
    """A currency has a code."""
    with pytest.raises(RecordError, match="currency: give the three capital letters of its ISO 4217 code, such as EUR"):
        convqa.record_business("c-1", kind="churn", amount=1, currency="euro")
