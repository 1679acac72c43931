"""Replay transcripts: a baseline from before the rollout, or an evaluation run, as if a live bot had recorded it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.environment import Clock
from convqa_sdk.export.sdk import Sdk, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.integrations.report import ReplayReport
from convqa_sdk.integrations.timeline import timeline, zone_named
from convqa_sdk.integrations.transcripts import Transcript
from convqa_sdk.integrations.writing import Writer
from convqa_sdk.isolation import faults

__all__ = ["ReplayReport", "replay"]


def replay(
    transcripts: Iterable[Transcript],
    *,
    timezone: str | None = None,
    on_progress: Callable[[ReplayReport], None] | None = None,
    **settings: Any,
) -> ReplayReport:
    """Write transcripts as telemetry.

    Span ids follow from conversation and position, so that the same transcript once more is the same telemetry once
    more, which readers of the store count once.

    Args:
        transcripts: As `read_transcripts` yields them. An id that comes again is left out.
        timezone: IANA name of the zone that times without one are in; None: UTC.
        on_progress: Called after each conversation.
        **settings: As for `configure()`: `store`, `service_name`, `exporters`, `key` and so on.

    Returns:
        Counts of what was written, and of what was not.

    Raises:
        ConfigurationError: A setting is invalid, or recording is switched off.
        TranscriptError: Raised by the reader behind `transcripts`; what was read before it is written.
    """
    zone = zone_named(timezone)
    clock = _Clock()
    settings["metrics"] = False  # metrics say what happens now
    sdk = Sdk(read_settings(settings), clock=clock, synchronous=True)
    if sdk.recorder is None:
        raise ConfigurationError(
            "recording is switched off (CONVQA_DISABLED or OTEL_SDK_DISABLED); nothing would be written"
        )
    report = ReplayReport()
    before = Counter(faults())
    release = hold(sdk)
    try:
        seen: set[str] = set()
        for transcript in transcripts:
            if transcript.id in seen:
                report.left_out["duplicate_id"] += 1
            elif _takes_nothing(sdk):
                report.left_out["destination_takes_nothing"] += 1
            else:
                seen.add(transcript.id)
                clock.begin(sdk.service_name, transcript.id)
                writer = Writer(transcript, timeline(transcript, zone), timezone or "UTC", report)
                writer.write(stop=lambda: _takes_nothing(sdk))
            if on_progress is not None:
                on_progress(report)
    finally:
        sdk.shutdown()
        release()
    stats = sdk.stats()
    report.lost.update(stats.lost)
    report.faults = dict(Counter(faults()) - before)
    report.violations = stats.violations
    return report


class _Clock:
    """The process's clocks, and ids that are the same at every replay of a conversation."""

    time_ns = Clock.time_ns
    perf_ns = Clock.perf_ns

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - ids, not secrets

    def begin(self, service_name: str, conversation_id: str) -> None:
        """Start the ids of a conversation."""
        self._random.seed(f"{service_name}\0{conversation_id}".encode("utf-8", "surrogatepass"))

    def span_id(self) -> int:
        """Return the next id."""
        return self._random.getrandbits(64) or 1


def _takes_nothing(sdk: Sdk) -> bool:
    """Tell whether all that was tried is lost: a further try may wait for a timeout, and be lost too."""
    stats = sdk.stats()
    return bool(stats.lost) and not stats.exported
