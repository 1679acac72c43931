"""When each entry of a transcript began and ended.

A time in a transcript is the end of its entry; the entry began when the one before ended. Times that are missing are
made up, one second apart and between their neighbours, and times that run backwards are held at the one before; both
are counted, so that whoever reads durations knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.integrations.transcripts import Time, Transcript
from convqa_sdk.tracing.stage import unix_ns

STEP_NS = 1_000_000_000
"""Length of an entry whose times are made up."""
NO_DATE_NS = unix_ns(datetime(2000, 1, 1, tzinfo=timezone.utc))
"""Where a conversation without any time is put: the same on every replay, and visibly not a date of support traffic."""
_YEARS = range(1971, 2262)  # what 64-bit nanoseconds hold
_parse = TypeAdapter(datetime).validator.validate_python


@dataclass(frozen=True)
class Timeline:
    """The times of one transcript, in Unix nanoseconds.

    Attributes:
        start_ns: When the conversation began.
        ends_ns: End of each entry; never decreasing.
        end_ns: When the conversation ended.
        zone_assumed: Whether a time had no zone, or there was none.
        notes: How many times were `time_missing`, `time_unreadable` or `time_out_of_order`.
    """

    start_ns: int
    ends_ns: tuple[int, ...]
    end_ns: int
    zone_assumed: bool
    notes: Counter[str]

    @property
    def made_up(self) -> bool:
        """Whether any entry has a time that the transcript does not state."""
        return bool(self.notes["time_missing"] or self.notes["time_unreadable"])

    def began_ns(self, index: int) -> int:
        """Return when an entry began."""
        return self.ends_ns[index - 1] if index else min(self.start_ns, self.ends_ns[0])


def zone_named(name: str | None) -> tzinfo:
    """Return a time zone by its IANA name; None: UTC.

    Raises:
        ConfigurationError: There is no such zone on this machine.
    """
    if name is None or name.upper() == "UTC":
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"timezone: {name[:60]!r} is not known on this machine; give an IANA name such as Europe/Berlin"
        ) from None


def timeline(transcript: Transcript, zone: tzinfo) -> Timeline:
    """Work out the times of a transcript; any transcript has some."""
    reader = _Reader(zone)
    known = [reader.read(turn.ts) for turn in transcript.turns]
    notes = Counter(time_missing=known.count(None) - reader.unreadable)
    started, ended = reader.read(transcript.started_at), reader.read(transcript.ended_at)
    notes["time_unreadable"] = reader.unreadable
    start = _start(known, started, ended)
    if started is not None and start < started:
        notes["time_out_of_order"] += 1
    ends: list[int] = []
    last = start
    upcoming = _upcoming(known, ended)
    for index, moment in enumerate(known):
        if moment is None:
            last = max(last, min(last + STEP_NS, upcoming[index]))
        else:
            notes["time_out_of_order"] += moment < last
            last = max(last, moment)
        ends.append(last)
    naive = reader.naive or (known.count(None) > 0 and not reader.aware)
    return Timeline(start, tuple(ends), max(last, ended or 0), naive, +notes)


class _Reader:
    """Reads times and remembers what it met."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.naive = self.aware = False
        self.unreadable = 0

    def read(self, given: Time | None) -> int | None:
        """Return Unix nanoseconds, None for a time that is missing or cannot be one."""
        if given is None:
            return None
        try:
            moment = _parse(given)
        except ValidationError:
            moment = None
        if moment is None or moment.year not in _YEARS:
            self.unreadable += 1
            return None
        if moment.tzinfo is None:
            self.naive = True
            moment = moment.replace(tzinfo=self._zone)
        else:
            self.aware = True
        return unix_ns(moment)


def _start(known: Sequence[int | None], started: int | None, ended: int | None) -> int:
    """Return when the conversation began: as stated, but not after its first known time."""
    first = next((index for index, moment in enumerate(known) if moment is not None), None)
    if first is not None:
        moment = known[first] or 0
        earliest = moment - STEP_NS * first
        return min(started, moment) if started is not None else earliest
    if started is not None:
        return started
    return NO_DATE_NS if ended is None else ended - STEP_NS * len(known)


def _upcoming(known: Sequence[int | None], ended: int | None) -> list[int]:
    """Return for each entry the next time that is known, so that a made-up time does not run past it."""
    upcoming: list[int] = []
    following = ended if ended is not None else 2**63
    for moment in reversed(known):
        if moment is not None:
            following = moment
        upcoming.append(following)
    return upcoming[::-1]
