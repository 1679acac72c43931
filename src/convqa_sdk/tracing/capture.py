"""What a stage holds: fields, the bot's own values and events, safe from later changes, their bytes counted.

Nothing is redacted, encoded or validated here; the export thread does that when the stage has ended. Every method
that the bot can reach is isolated: it counts a fault of ours and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from typing_extensions import Never

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.failure import Failure
from convqa_sdk.tracing.recorder import Recorder
from convqa_sdk.tracing.snapshot import Snapshot, are_plain, cut, is_a, settled_time, size_of, type_of

MAX_EVENTS = 128
MAX_EXTRA = 128
MAX_NAME = 200
PLAIN = frozenset({str, int, float, bool, type(None)})


class Capture:
    """The values of one stage, which takes them as long as it is open.

    Attributes:
        recorder: The configuration that it is recorded by, None: nothing is taken.
        values: Fields as given, snapshotted.
        extra: The bot's own values, for `convqa.custom.*`.
        wrong: Names of fields that could not be captured.
        events: (name, unix nanoseconds, attributes or event record) of further events.
        exposed: Names of data fields that were shown to the model meanwhile.
        size: Bytes held besides values: by events and the failure; once it has ended, all of them.
        start_ns: Unix time in nanoseconds.
        end_ns: Unix time in nanoseconds, 0 while open.
    """

    recorder: Recorder | None
    values: dict[str, Any]
    extra: dict[str, Any] | None = None
    wrong: list[str] | None = None
    events: list[tuple[str, int, Any]] | None = None
    exposed: tuple[str, ...] = ()
    size: int = 0
    start_ns: int = 0
    end_ns: int = 0
    _perf_ns: int = 0
    _rich: dict[str, int] | None = None
    _extra_rich: dict[str, int] | None = None

    def _now(self, recorder: Recorder) -> int:
        """Return Unix nanoseconds by the clock that the stage began with, never before that."""
        try:
            elapsed_ns = recorder.perf_ns() - self._perf_ns
            return self.start_ns + elapsed_ns if elapsed_ns > 0 else self.start_ns
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("clock", error)
            return self.start_ns

    def _capture(self, values: Mapping[str, Any], recorder: Recorder) -> None:
        """Keep values: plain ones as they are, mutable ones as a snapshot. Their bytes are counted at the end."""
        if self._rich is None and PLAIN.issuperset(map(type_of, values.values())):
            self.values.update(values)
            return
        for name, value in values.items():
            if self._rich is not None:
                self._rich.pop(name, None)
            if type_of(value) in PLAIN:
                self.values[name] = value
            else:
                self._capture_rich(name, value, recorder)

    def _capture_rich(self, name: str, value: Any, recorder: Recorder) -> None:
        try:
            snapshot = Snapshot(recorder.text_limit)
            self.values[name] = self.keep(name, value, snapshot)
            if self._rich is None:
                self._rich = {}
            self._rich[name] = snapshot.size
            if snapshot.lossy:
                self.mark(name)
        except Exception as error:  # noqa: BLE001 - a value of the bot's may raise anything when it is read
            self.values.pop(name, None)  # what was there before holds no longer
            self.mark(name)
            fault("capture", error)

    def _settle(self, recorder: Recorder) -> None:
        """Cut plain texts that are too long to keep, and count the bytes held. Never raises.

        At the end, because a field that is set with each chunk of a stream holds no more than it does last.
        """
        try:
            size = sum(map(size_of, self.values.values()))
            if size > recorder.text_limit:
                size = _cut_texts(self.values, recorder.text_limit)
            if self._rich is not None:
                size += sum(self._rich.values())
            if self.extra is not None:
                size += 100 * len(self.extra) + sum(map(size_of, self.extra.values()))
                if self._extra_rich is not None:
                    size += sum(self._extra_rich.values())
            self.size += size
        except Exception as error:  # noqa: BLE001 - another thread may end a stage while its values change
            fault("capture", error)

    def keep(self, name: str, value: Any, snapshot: Snapshot) -> Any:
        """Return what is kept of one rich value; kinds of stage know more than the snapshot."""
        return settled_time(value) if is_a(value, datetime) else snapshot.take(value)

    def mark(self, name: str) -> None:
        """Note an instrumentation violation by the field's name."""
        if self.wrong is None:
            self.wrong = []
        if len(self.wrong) < 64:
            self.wrong.append(name)

    def record(self, values: Mapping[str, Any]) -> None:
        """Take fields on behalf of `set` or a mapper, whose names may be anything; never raises."""
        if any(map(_is_long, values)):  # no field has such a name, and violations repeat it
            self.mark("[WITHHELD:too_long]")
            values = {name: value for name, value in values.items() if not _is_long(name)}
        self.fill(values)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Take fields under names of ours; never raises."""
        recorder = self.recorder
        if recorder is None:
            return
        if self.end_ns:
            fault("set_after_end")
            return
        try:
            self._capture(values, recorder)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("capture", error)

    def custom(self, /, *misplaced: Never, **values: Any) -> None:
        """Record values of the bot's own, exported as `convqa.custom.<name>` and redacted like content. Never raises.

        Args:
            *misplaced: Nothing: each value has a name; one without is a violation.
            **values: By name.
        """
        if misplaced and self.recorder is not None and not self.end_ns:
            self.mark("custom")
        self.set_attributes(values)

    def event(self, name: str, attributes: Any, at_ns: int | None = None) -> None:
        """Add an event; `attributes` is a mapping or an event record of the schema."""
        recorder = self.recorder
        if recorder is None or self.end_ns:
            return
        if self.events is None:
            self.events = []
        if len(self.events) >= MAX_EVENTS:
            fault("too_many_events")
            return
        try:
            snapshot = Snapshot(recorder.text_limit)
            facts = self._facts(attributes, snapshot)
            self.events.append((snapshot.take(name), at_ns if type(at_ns) is int else self._now(recorder), facts))
            self.size += snapshot.size + (facts.size if isinstance(facts, Failure) else 500)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("capture", error)

    def _facts(self, given: Any, snapshot: Snapshot) -> Any:
        """Return what is kept of an event's facts: a dictionary, a record of ours or a `Failure`, and nothing else."""
        if type_of(given) is Failure:
            return given
        if is_a(given, Mapping):
            return snapshot.take(given)
        from convqa_sdk.schema.events import EVENTS

        kind = type_of(given)
        if kind in EVENTS:  # nothing has validated what `model_construct` was given
            return kind.model_construct(**snapshot.take(object.__getattribute__(given, "__dict__")))
        self.mark("events")
        return {}

    def set_attribute(self, key: str, value: Any) -> None:
        """Take an attribute that other instrumentation sets on the current span."""
        self.set_attributes({key: value} if type(key) is str else [(key, value)])  # any other may be no key of a dict

    def set_attributes(self, attributes: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> None:
        """Take attributes that other instrumentation sets on the current span."""
        recorder = self.recorder
        if recorder is None:
            return
        if self.end_ns:
            fault("set_after_end")
            return
        try:
            if self.extra is None:
                self.extra = {}
            given: Any = attributes
            if (
                self._extra_rich is None
                and type_of(given) is dict
                and len(self.extra) + len(given) <= MAX_EXTRA
                and are_plain(given)
            ):
                self.extra.update(given)
                return
            snapshot = Snapshot(recorder.text_limit)
            if not is_a(given, Mapping):
                given = dict(islice(given, MAX_EXTRA))
            taken: dict[str, Any] = snapshot.take(given)
            if self._extra_rich is None:
                self._extra_rich = {}
            share = snapshot.size // max(1, len(taken))
            for name, value in taken.items():
                if len(self.extra) < MAX_EXTRA or name in self.extra:
                    self.extra[name] = value
                    self._extra_rich[name] = share
                else:
                    snapshot.lossy = True
            if snapshot.lossy:
                self.mark("custom")
        except Exception as error:  # noqa: BLE001 - decision 8
            self.mark("custom")
            fault("capture", error)


def _cut_texts(values: dict[str, Any], limit: int) -> int:
    """Cut texts in place, and return the bytes of all values."""
    for name, value in list(values.items()):
        if type_of(value) is str and len(value) > limit:
            values[name] = cut(value, limit)
    return sum(map(size_of, values.values()))


def _is_long(name: str) -> bool:
    return isinstance(name, str) and str.__len__(name) > MAX_NAME  # pyright: ignore[reportUnnecessaryIsInstance] - from a mapper
