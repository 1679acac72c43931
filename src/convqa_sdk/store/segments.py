"""Reads the embedded store: OTLP-JSON lines, in pure Python, whoever wrote them; also segments that are compressed.

A line that cannot be read (torn by a crash or a full disk) is skipped and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from convqa_sdk.errors import ConfigurationError, StoreError
from convqa_sdk.zstd import INSTALL, SUFFIX, codec

ERASURES = "erasures.jsonl"
"""The store's record of what was erased; no segment."""

_SUFFIXES = (".jsonl", f".jsonl{SUFFIX}")
BROKEN = b"{"
"""Stands for the rest of a compressed segment that breaks off."""


class Provenance(NamedTuple):
    """Where a row comes from, so that it can be found again and shown to be the same.

    Attributes:
        segment: Name of the segment's file.
        line: Number of the line, from 1.
        offset: Bytes before the line in the segment, decompressed where it is compressed.
        sha256: SHA-256 of the line without its end, 64 hexadecimal digits.
    """

    segment: str
    line: int
    offset: int
    sha256: str


@dataclass(frozen=True)
class StoredEvent:
    """An event of a span: name, Unix nanoseconds, attributes."""

    name: str
    time_ns: int
    attributes: dict[str, Any]


@dataclass(frozen=True)
class StoredSpan:
    """A span as it was written.

    Attributes:
        name: Span name.
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits.
        parent_id: 16 hexadecimal digits, empty for a root.
        start_ns: Unix nanoseconds.
        end_ns: Unix nanoseconds.
        is_error: Whether OpenTelemetry's status is ERROR.
        message: Its description.
        attributes: Attributes by key; arrays are lists.
        events: Events in order.
        links: (trace id, span id) of linked spans.
        resource: Attributes of the resource.
        scope: Name of the instrumentation scope.
        source: The line it was read from.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    is_error: bool
    message: str
    attributes: dict[str, Any]
    events: tuple[StoredEvent, ...]
    links: tuple[tuple[str, str], ...]
    resource: dict[str, Any]
    scope: str
    source: Provenance

    @property
    def stage(self) -> str:
        """The stage, empty for a span that is not ours."""
        return str(self.attributes.get("convqa.stage", ""))

    @property
    def conversation_id(self) -> str:
        """The conversation, empty for a span about none."""
        return str(self.attributes.get("gen_ai.conversation.id", ""))

    @property
    def milliseconds(self) -> float:
        """Duration in milliseconds."""
        return (self.end_ns - self.start_ns) / 1e6


def sampling_probability(span: StoredSpan) -> float:
    """Return the probability with which a span's customer is recorded; 1 when it does not say, or nonsense."""
    given = span.attributes.get("convqa.sampling.probability")
    return float(given) if isinstance(given, (int, float)) and 0.0 < given <= 1.0 else 1.0


@dataclass
class Tally:
    """What reading came across.

    Attributes:
        files: Segments read.
        lines: Lines read.
        torn: Lines that could not be read.
        torn_at: File and number of each.
        unread: Segments that were skipped: they are compressed, and what reads them is not installed.
    """

    files: int = 0
    lines: int = 0
    torn: int = 0
    torn_at: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    unread: set[str] = field(default_factory=set[str])

    @property
    def skipped(self) -> str:
        """What to tell people about segments that were skipped; empty when none was."""
        count = len(self.unread)
        if not count:
            return ""
        which = (
            "1 segment was skipped, because it is"
            if count == 1
            else f"{count:,} segments were skipped, because they are"
        )
        return f"{which} compressed: {INSTALL} reads them, zstd -d decompresses them"


def segments(store: Path) -> list[Path]:
    """Return the segments of a store, those last written to at the end.

    Raises:
        StoreError: There is no such folder, or it cannot be read.
    """
    if not store.is_dir():
        raise StoreError(f"no telemetry store at {store}: name one with --store or CONVQA_STORE")
    try:
        files = {path.name: path for path in store.iterdir() if is_segment(path) and not path.is_dir()}
        once = [path for name, path in files.items() if name + SUFFIX not in files]  # both: a writer was killed
        return sorted(once, key=lambda path: (_present(path).stat().st_mtime_ns, path.name))
    except OSError as error:
        raise StoreError(f"the telemetry store at {store} cannot be read: {error.strerror}") from error


def is_segment(path: Path) -> bool:
    """Tell whether a file of a store is a segment by its name, compressed or not."""
    return path.name.endswith(_SUFFIXES) and path.name != ERASURES


def _present(path: Path) -> Path:
    """Return a segment, or its compressed copy when its writer has put that in its place meanwhile."""
    return path if path.exists() else path.with_name(path.name + SUFFIX)


def read_spans(store: Path, tally: Tally | None = None) -> Iterator[StoredSpan]:
    """Yield every span of a store, segment by segment, each in the order of writing.

    Args:
        store: Folder of segments.
        tally: Counts files, lines and torn lines, when given, and names the segments that have to be skipped.

    Raises:
        StoreError: There is no such folder, a segment cannot be opened, or one had to be skipped and nobody counts.
    """
    noted = tally if tally is not None else Tally()
    for path in segments(store):
        yield from _segment(path, noted)
        if tally is None and noted.unread:
            raise StoreError(f"{path.name}: {noted.skipped}")


def read_lines(store: Path, tally: Tally) -> Iterator[tuple[Provenance, bytes]]:
    """Yield every line of a store with where it stands, as it is written.

    Args:
        store: Folder of segments.
        tally: Counts files and lines, and names the segments that have to be skipped.

    Raises:
        StoreError: There is no such folder, or a segment cannot be opened.
    """
    for path in segments(store):
        yield from _placed(path, tally)


def _segment(path: Path, tally: Tally) -> Iterator[StoredSpan]:
    for source, line in _placed(path, tally):
        spans = spans_of(line, source)
        if spans is None:
            tally.torn += 1
            tally.torn_at.append(source[:2])
        else:
            yield from spans


def _placed(path: Path, tally: Tally) -> Iterator[tuple[Provenance, bytes]]:
    offset = 0
    try:
        for number, line in enumerate(lines_of(path), start=1):
            tally.lines += 1
            yield Provenance(path.name, number, offset, hashlib.sha256(line.rstrip(b"\r\n")).hexdigest()), line
            offset += len(line)
        tally.files += 1
    except ConfigurationError:  # the codec is not installed
        tally.unread.add(path.name)
    except OSError as error:
        raise StoreError(f"segment {path.name} cannot be read: {error.strerror}") from error


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a segment, compressed or not."""
    if path.suffix == SUFFIX:
        yield from _decompressed(path)
        return
    try:
        lines = path.open("rb")
    except FileNotFoundError:
        if not _present(path).exists():
            raise
        yield from _decompressed(_present(path))
        return
    with lines:
        yield from lines


def _decompressed(path: Path) -> Iterator[bytes]:
    """Yield the lines of a compressed segment; where it breaks off, one that cannot be read."""
    zstd = codec()
    with zstd.open(path, "rb") as lines:
        try:
            yield from lines
        except (EOFError, zstd.ZstdError):
            yield BROKEN


_SIGNALS = {"resourceSpans", "resourceMetrics", "resourceLogs", "resourceProfiles"}


def spans_of(line: bytes, source: Provenance) -> list[StoredSpan] | None:
    """Return the spans of one line, None when it is no OTLP request."""
    if not line.strip():
        return []
    try:
        request = json.loads(line)
        if request and not _SIGNALS & request.keys():
            return None
        return [
            _span(span, resource, str(_inside(scope.get("scope"), "name") or ""), source)
            for resource_spans in request.get("resourceSpans") or ()
            for resource in [_attributes(_inside(resource_spans.get("resource"), "attributes"))]
            for scope in resource_spans.get("scopeSpans") or ()
            for span in scope.get("spans") or ()
        ]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _span(span: Any, resource: dict[str, Any], scope: str, source: Provenance) -> StoredSpan:
    """Read a span; OTLP-JSON leaves out what is empty or zero."""
    status: Any = span.get("status") or {}
    return StoredSpan(
        name=str(span.get("name", "")),
        trace_id=span["traceId"].lower(),
        span_id=span["spanId"].lower(),
        parent_id=(span.get("parentSpanId") or "").lower(),
        start_ns=_nanoseconds(span.get("startTimeUnixNano")),
        end_ns=_nanoseconds(span.get("endTimeUnixNano")),
        is_error=status.get("code") in (2, "STATUS_CODE_ERROR"),
        message=str(status.get("message", "")),
        attributes=_attributes(span.get("attributes")),
        events=tuple(
            StoredEvent(
                str(event.get("name", "")),
                _nanoseconds(event.get("timeUnixNano")),
                _attributes(event.get("attributes")),
            )
            for event in span.get("events") or ()
        ),
        links=tuple((link["traceId"].lower(), link["spanId"].lower()) for link in span.get("links") or ()),
        resource=resource,
        scope=scope,
        source=source,
    )


def _inside(thing: Any, key: str) -> Any:
    return thing.get(key) if thing else None


def _nanoseconds(value: Any) -> int:
    ns = int(value or 0)
    if not 0 <= ns < 2**64:
        raise ValueError("not a time")
    return ns


def _attributes(pairs: Any) -> dict[str, Any]:
    return {str(pair["key"]): _value(pair.get("value")) for pair in pairs or ()}


def _value(value: Any) -> Any:
    """Return a value as Python knows it; bytes stay the base64 text that they are in JSON."""
    for kind, content in value.items() if value else ():
        if kind == "intValue":
            return int(content)
        if kind == "doubleValue":
            return float(content)
        if kind == "arrayValue":
            return [_value(item) for item in _inside(content, "values") or ()]
        if kind == "kvlistValue":
            return _attributes(_inside(content, "values"))
        return content
    return None
