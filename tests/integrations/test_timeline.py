"""When entries began and ended, also where the transcript does not say."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from replayed import in_memory, transcript, value

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.integrations.timeline import NO_DATE_NS, STEP_NS, timeline, zone_named


def at(text: str) -> int:
    """Return Unix nanoseconds of a time with zone."""
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


def times(*stated: Any, zone: str | None = None, **more: Any) -> Any:
    """Return the timeline of entries with the stated times."""
    return timeline(transcript(*({"role": "user", "text": "x", "ts": ts} for ts in stated), **more), zone_named(zone))


def test_an_entry_lasts_from_the_end_of_the_one_before() -> None:
    """Stated times are ends; the first entry begins with the conversation."""
    line = times("2025-01-01T00:00:05Z", "2025-01-01T00:00:07Z", started_at="2025-01-01T00:00:01Z")
    assert line.ends_ns == (at("2025-01-01T00:00:05+00:00"), at("2025-01-01T00:00:07+00:00"))
    assert [line.began_ns(0), line.began_ns(1)] == [at("2025-01-01T00:00:01+00:00"), line.ends_ns[0]]
    assert not line.zone_assumed
    assert not line.notes


@pytest.mark.parametrize(("zone", "hour"), [(None, 12), ("UTC", 12), ("Europe/Berlin", 10), ("America/New_York", 16)])
def test_a_time_without_zone_is_in_the_zone_that_is_told(zone: str | None, hour: int) -> None:
    """Default is UTC; daylight saving time is the zone's; in every case it is declared."""
    line = times("2025-07-01T12:00:00", zone=zone)
    assert line.ends_ns[0] == at(f"2025-07-01T{hour}:00:00+00:00")
    assert line.zone_assumed


def test_the_assumed_zone_stands_on_every_span_by_its_name() -> None:
    """Turn and outcome alike; not where the transcript states the zone."""
    said = {"role": "user", "text": "x"}
    for ts, expected in (("2025-07-01T12:00:00", "Europe/Berlin"), ("2025-07-01T12:00:00+02:00", None)):
        answer = {"role": "assistant", "text": "y", "ts": ts}
        written = transcript({**said, "ts": ts}, answer, outcome={"resolved": True})
        _, spans = in_memory(written, timezone="Europe/Berlin")
        assert len(spans) == 2
        assert {value(span, "convqa.time.zone_assumed") for span in spans} == {expected}
        assert {span.start_time for span in spans} == {at("2025-07-01T10:00:00+00:00")}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "America", "\x00"])
def test_an_unknown_zone_is_refused_with_what_is_accepted(zone: str) -> None:
    """Whatever the platform raises becomes one clear error."""
    with pytest.raises(ConfigurationError, match="IANA name"):
        zone_named(zone)


def test_microseconds_are_exact() -> None:
    """No time goes through a float."""
    assert times("2025-08-01T16:23:24.913644").ends_ns[0] % 10**9 == 913_644_000


def test_unix_seconds_are_times_too() -> None:
    """Numbers are seconds since 1970, and state their zone by that."""
    line = times(1_754_042_409)
    assert line.ends_ns == (1_754_042_409 * 10**9,)
    assert not line.zone_assumed


def test_without_any_time_entries_are_a_second_apart_from_a_date_that_is_none() -> None:
    """The same transcript gets the same times again; they are counted and declared."""
    line = times(None, None, None)
    assert line.start_ns == NO_DATE_NS == int(datetime(2000, 1, 1, tzinfo=timezone.utc).timestamp()) * 10**9
    assert line.ends_ns == tuple(NO_DATE_NS + STEP_NS * n for n in (1, 2, 3))
    assert line.zone_assumed
    assert line.made_up
    assert line.notes == {"time_missing": 3}


def test_made_up_times_are_marked_on_turns_and_stages() -> None:
    """Whoever averages durations can leave these out."""
    arm = {"agent_model": "m"}
    said = ({"role": "user", "text": "x"}, {"role": "assistant", "text": "y", "finish_reason": "stop"})
    _, spans = in_memory(transcript(*said, arm=arm))
    assert [value(span, "convqa.custom.times_made_up") for span in spans] == [True, True]
    stated = [{**turn, "ts": "2025-01-01T00:00:00Z"} for turn in said]
    _, spans = in_memory(transcript(*stated, arm=arm))
    assert [value(span, "convqa.custom.times_made_up") for span in spans] == [None, None]


def test_missing_times_lie_between_their_neighbours() -> None:
    """A made-up time never runs past the next one that is stated."""
    line = times("2025-01-01T00:00:00Z", None, None, "2025-01-01T00:00:01.5Z", None, ended_at="2025-01-01T00:00:02Z")
    offsets = [(end - line.ends_ns[0]) / 1e9 for end in line.ends_ns]
    assert offsets == [0.0, 1.0, 1.5, 1.5, 2.0]
    assert line.notes == {"time_missing": 3}


def test_leading_times_are_made_up_backwards() -> None:
    """The first stated time keeps its value."""
    line = times(None, None, "2025-01-01T00:00:10Z")
    assert [(end - line.ends_ns[2]) // STEP_NS for end in line.ends_ns] == [-1, 0, 0]
    assert line.start_ns == line.ends_ns[2] - 2 * STEP_NS


def test_times_that_run_backwards_are_held() -> None:
    """No entry ends before the one before; each correction is counted."""
    stated = [f"2025-01-01T00:00:{second}Z" for second in ("10", "05", "20")]
    line = times(*stated, started_at="2025-01-01T00:00:15Z")
    assert line.ends_ns[0] == line.ends_ns[1] < line.ends_ns[2]
    assert line.start_ns == line.ends_ns[0]
    assert line.notes == {"time_out_of_order": 2}


@pytest.mark.parametrize("nonsense", ["yesterday", "", "2025-13-45", "0001-01-01T00:00:00", "9999-12-31", -1, 1e300])
def test_times_that_cannot_be_read_count_as_missing(nonsense: Any) -> None:
    """They are made up like missing ones, and counted by themselves."""
    line = times("2025-01-01T00:00:00Z", nonsense)
    assert line.ends_ns[1] == line.ends_ns[0] + STEP_NS
    assert line.notes == {"time_unreadable": 1}


def test_the_conversation_ends_when_it_says_or_with_its_last_entry() -> None:
    """A stated end before the last entry is not believed."""
    last = "2025-01-01T00:00:10Z"
    assert times(last, ended_at="2025-01-01T00:00:12Z").end_ns == at("2025-01-01T00:00:12+00:00")
    assert times(last, ended_at="2025-01-01T00:00:02Z").end_ns == at("2025-01-01T00:00:10+00:00")
