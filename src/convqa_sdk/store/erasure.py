"""Erases spans from a store: those that are too old, those of a customer, those of a conversation.

A segment that holds some is written anew without them, under a name that no reader looks at, made durable, and renamed;
one of which nothing is left is deleted. So a crash leaves each segment as it was or as it is to be, and the record says
that the erasure has begun and not ended: run it again. A segment that a live process writes is left alone, and told.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from convqa_sdk.errors import ConfigurationError, StoreError
from convqa_sdk.locks import lock
from convqa_sdk.redaction.person_keys import person_kind
from convqa_sdk.store.erasure_record import opened
from convqa_sdk.store.segments import BROKEN, Provenance, StoredSpan, is_segment, lines_of, segments, spans_of
from convqa_sdk.zstd import INSTALL, SUFFIX, codec

RECENT_S: Final = 7_200.0
"""Where there are no locks, a segment that was written to so lately counts as being written; one is closed after an
hour."""
_RECONTACT: Final = "convqa.outcome.recontact.of"
_NOWHERE: Final = Provenance("", 0, 0, "")
_LEVEL: Final = 3

Done = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is to be erased: by age, or everything about customers or conversations.

    Attributes:
        before_ns: Spans that ended before; Unix nanoseconds.
        customers: Ids of users, customers or accounts as they are stored, under any key that names these. All
            spans of the conversations in which one occurs are erased, with the outcomes that came later.
        conversations: Ids of conversations as they are stored.
        told: How the record names the selection; no raw id.
    """

    before_ns: int | None = None
    customers: frozenset[str] = frozenset()
    conversations: frozenset[str] = frozenset()
    told: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Erasure:
    """What was erased, or would be.

    Attributes:
        spans: Spans erased.
        conversations: Conversations that they were of.
        days: Days (UTC) on which they began.
        segments: Segments that were written anew or deleted.
        torn_lines: Lines that could not be read, and went with them: nobody can say that they hold nothing.
        left_spans: Spans that should have been erased and are in a segment that is being written.
        left_segments: Those segments.
        unreadable: Segments that break off, of which nobody knows what they hold.
        record: Hash of the record's last line.
    """

    spans: int = 0
    conversations: set[str] = field(default_factory=set[str])
    days: set[str] = field(default_factory=set[str])
    segments: int = 0
    torn_lines: int = 0
    left_spans: int = 0
    left_segments: int = 0
    unreadable: list[str] = field(default_factory=list[str])
    record: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything that was selected is gone."""
        return not self.left_segments and not self.unreadable

    def counts(self) -> dict[str, int]:
        """Return how much it was, without saying what."""
        return {
            "spans": self.spans,
            "conversations": len(self.conversations),
            "days": len(self.days),
            "segments": self.segments,
            "torn_lines": self.torn_lines,
            "left_spans": self.left_spans,
            "left_segments": self.left_segments,
            "unreadable_segments": len(self.unreadable),
        }


def erase(
    store: Path, selection: Selection, *, dry_run: bool = False, on_progress: Done = lambda _done, _total: None
) -> Erasure:
    """Erase spans from a store, and write down that it was done.

    Args:
        store: Folder of segments.
        selection: What is to be erased.
        dry_run: Count alone; nothing is changed, nor written down.
        on_progress: Told how many segments are done, of how many.

    Raises:
        StoreError: There is no such folder, somebody else is erasing there, or a segment cannot be read or written.
    """
    segments(store)  # raises where there is no store
    _ask_for_codec(store)
    with nullcontext() if dry_run else opened(store) as record:
        result = Erasure()
        about = {"id": secrets.token_hex(8), "selector": selection.told}
        if record is not None:
            _remove_pieces(store)
            record.append({**about, "state": "begun"})
        scope = _Scope(store, selection)
        files = _files(store)
        for done, path in enumerate(files, start=1):
            _erase_from(path, scope, result, dry_run=dry_run)
            on_progress(done, len(files))
        if record is not None:
            record.append({**about, "state": "done" if result.complete else "incomplete", **result.counts()})
            result.record = record.last
    return result


def _files(store: Path) -> list[Path]:
    """Return all segments, also those beside their compressed copy, which readers pass over."""
    return sorted(path for path in store.iterdir() if is_segment(path) and path.is_file())


def _ask_for_codec(store: Path) -> None:
    if any(path.suffix == SUFFIX for path in _files(store)):
        try:
            codec()
        except ConfigurationError:
            raise StoreError(f"compressed segments cannot be searched without the extra: {INSTALL}") from None


class _Scope:
    """Decides which spans are to be erased."""

    def __init__(self, store: Path, selection: Selection) -> None:
        self._selection = selection
        self._conversations = set(selection.conversations)
        self._traces: set[str] = set()
        if selection.customers:
            self._conversations.update(
                span.conversation_id for span in _spans(store) if self._is_of(span) and span.conversation_id
            )
        if selection.before_ns is None:
            self._traces.update(span.trace_id for span in _spans(store) if self.has(span))

    def has(self, span: StoredSpan) -> bool:
        """Tell whether a span is to be erased."""
        before = self._selection.before_ns
        if before is not None:
            return (span.end_ns or span.start_ns) < before
        if span.conversation_id in self._conversations or span.attributes.get(_RECONTACT) in self._conversations:
            return True
        return self._is_of(span) or (not span.conversation_id and span.trace_id in self._traces)

    def has_torn(self, written_ns: int) -> bool:
        """Tell whether a line that cannot be read is to be erased, of a segment that was written to at that time."""
        before = self._selection.before_ns
        return before is None or written_ns < before

    def _is_of(self, span: StoredSpan) -> bool:
        return not self._selection.customers.isdisjoint(_persons(span))


def present_names(store: Path, of: str) -> set[str]:
    """Return the ids in a store, as they are stored: those of every `customer`, or of every `conversation`.

    Raises:
        StoreError: There is no such folder, or it cannot be read.
    """
    segments(store)  # raises where there is no store
    _ask_for_codec(store)
    if of == "customer":
        return {name for span in _spans(store) for name in _persons(span)}
    names = (name for span in _spans(store) for name in (span.conversation_id, span.attributes.get(_RECONTACT)))
    return {str(name) for name in names if name}


def _persons(span: StoredSpan) -> Iterator[str]:
    """Yield the ids of users, customers and accounts on a span, of other instrumentations as well."""
    for key, value in span.attributes.items():
        if isinstance(value, str) and person_kind(key) is not None:
            yield value


def _spans(store: Path) -> Iterator[StoredSpan]:
    for path in _files(store):
        for line in lines_of(path):
            yield from spans_of(line, _NOWHERE) or ()


# ------------------------------------------------------------------------------------------------------- one segment


def _erase_from(path: Path, scope: _Scope, result: Erasure, *, dry_run: bool) -> None:
    """Erase from one segment what is to be erased there."""
    try:
        with path.open("rb") as held:
            is_busy = _is_busy(held.fileno(), path)
            found, torn, broken = _found(path, scope)
            if broken:
                result.unreadable.append(path.name)
            elif is_busy and found:
                result.left_spans += len(found)
                result.left_segments += 1
            elif found or (torn and not is_busy):
                if not dry_run:
                    _write_anew(path, scope)
                if not path.with_name(path.name + SUFFIX).exists():  # else its spans are counted there
                    result.spans += len(found)
                    result.conversations.update(span.conversation_id for span in found if span.conversation_id)
                    result.days.update(map(_day, found))
                result.segments += 1
                result.torn_lines += torn
    except FileNotFoundError:  # compressed or deleted meanwhile
        if path.with_name(path.name + SUFFIX).exists():
            _erase_from(path.with_name(path.name + SUFFIX), scope, result, dry_run=dry_run)
    except OSError as error:
        raise StoreError(f"segment {path.name} cannot be written anew: {error.strerror}") from error


def _is_busy(descriptor: int, path: Path) -> bool:
    """Tell whether a live process writes or compresses a segment; else nobody will while `descriptor` is open."""
    match lock(descriptor):
        case "taken":
            return True
        case "held":
            return os.fstat(descriptor).st_nlink == 0
        case "unknown":
            return path.suffix != SUFFIX and time.time() - os.fstat(descriptor).st_mtime < RECENT_S


def _found(path: Path, scope: _Scope) -> tuple[list[StoredSpan], int, bool]:
    """Return the spans of a segment that are to be erased, how many torn lines are, and whether it breaks off."""
    written_ns = path.stat().st_mtime_ns
    found: list[StoredSpan] = []
    torn = 0
    for line in lines_of(path):
        spans = spans_of(line, _NOWHERE)
        if spans is None:
            if line == BROKEN and path.suffix == SUFFIX:
                return [], 0, True
            torn += scope.has_torn(written_ns)
        else:
            found += [span for span in spans if scope.has(span)]
    return found, torn, False


def _write_anew(path: Path, scope: _Scope) -> None:
    """Put a segment without what is to be erased in the place of the one that holds it."""
    piece = path.with_name(f".{path.name}.erasing")
    before = path.stat()
    try:
        kept = _write(piece, _kept(path, scope, before.st_mtime_ns), is_compressed=path.suffix == SUFFIX)
        if kept:
            piece.chmod(before.st_mode & 0o777)
            os.utime(piece, ns=(before.st_atime_ns, before.st_mtime_ns))  # readers go through a store by time
            piece.replace(path)
        else:
            path.unlink()
    finally:
        with suppress(OSError):
            piece.unlink(missing_ok=True)
    _make_durable(path.parent)


def _write(piece: Path, lines: Iterable[bytes], *, is_compressed: bool) -> int:
    """Write lines to disk; return how many."""
    kept = 0
    descriptor = os.open(piece, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        compressor: Any = None
        if is_compressed:
            zstd = codec()
            parameter = zstd.CompressionParameter
            compressor = zstd.ZstdCompressor(options={parameter.compression_level: _LEVEL, parameter.checksum_flag: 1})
        for line in lines:
            kept += 1
            file.write(line if compressor is None else compressor.compress(line))
        if compressor is not None:
            file.write(compressor.flush())
        file.flush()
        os.fsync(file.fileno())
    return kept


def _kept(path: Path, scope: _Scope, written_ns: int) -> Iterator[bytes]:
    """Yield what stays of a segment, line by line; a line without anything to erase stays as it is."""
    for line in lines_of(path):
        spans = spans_of(line, _NOWHERE)
        if spans is None:
            if not scope.has_torn(written_ns):
                yield line
            continue
        erased = {(span.trace_id, span.span_id) for span in spans if scope.has(span)}
        if not erased:
            yield line
        elif len(erased) < len({(span.trace_id, span.span_id) for span in spans}):
            yield _without(line, erased)


def _without(line: bytes, erased: set[tuple[str, str]]) -> bytes:
    """Return a request without some of its spans, and without what is empty then."""
    request = json.loads(line)
    for resource_spans in request["resourceSpans"]:
        for scope_spans in resource_spans.get("scopeSpans") or ():
            spans: list[Any] = scope_spans.get("spans") or []
            scope_spans["spans"] = [
                span for span in spans if (span["traceId"].lower(), span["spanId"].lower()) not in erased
            ]
        resource_spans["scopeSpans"] = [each for each in resource_spans.get("scopeSpans") or () if each["spans"]]
    request["resourceSpans"] = [each for each in request["resourceSpans"] if each["scopeSpans"]]
    try:
        return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate, which only an escape can hold
        return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def _remove_pieces(store: Path) -> None:
    """Remove what erasures and compressors that died have left: it may hold what is to be erased."""
    for piece in store.glob(".*.erasing"):
        piece.unlink(missing_ok=True)
    for piece in store.glob(".*.jsonl.part"):
        segment = store / piece.name[1:].removesuffix(".part")
        with suppress(OSError):
            if not segment.exists():
                piece.unlink()
                continue
            with segment.open("rb") as held:
                if not _is_busy(held.fileno(), segment):
                    piece.unlink()


def _make_durable(folder: Path) -> None:
    """Make names in a folder durable, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _day(span: StoredSpan) -> str:
    return datetime.fromtimestamp(span.start_ns // 1_000_000_000, timezone.utc).strftime("%Y-%m-%d")
