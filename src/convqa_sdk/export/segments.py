"""The embedded store's writer: OTLP-JSON lines in append-only segments, one writer per process.

A line is written with one call, so other processes and a crash can at worst leave one torn line at the end of one
segment. A segment is named by service, start time, process and a random part, and is never shared or reopened. While it
is written it is locked, so that whoever erases telemetry leaves it alone.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from convqa_sdk.export.otlp_json import request
from convqa_sdk.export.pacer import Pacer
from convqa_sdk.export.reasons import Explaining, of_file
from convqa_sdk.isolation import fault
from convqa_sdk.locks import lock

_UNSAFE = re.compile("[^A-Za-z0-9_-]+")


class SegmentExporter(Explaining):
    """Appends batches to the current segment of this process.

    Args:
        folder: The store; made when it is missing, readable by its owner only.
        segment_bytes: Size at which a new segment is started.
        segment_age_s: Age at which a new segment is started, in seconds.
        closed: Told each segment that is closed, from the thread that writes; None: nobody is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = 16 * 1024 * 1024,
        segment_age_s: float = 3600.0,
        closed: Callable[[Path], None] | None = None,
    ) -> None:
        self.folder = folder
        self._closed = closed
        self._path = folder
        self._segment_bytes = segment_bytes
        self._segment_age_s = segment_age_s
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._opened_at = 0.0
        self._size = 0
        self._pid = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append one line; a full disk or an unwritable folder is a counted failure."""
        try:
            line = request(spans, Pacer().pause).encode() + b"\n"
            with self._lock:
                self._write(line, spans)
        except Exception as error:  # noqa: BLE001 - the worker counts the loss; nothing may reach the bot
            self.reason = of_file(error)
            fault("store_write", error, store=str(self.folder))
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def _write(self, line: bytes, spans: Sequence[ReadableSpan]) -> None:
        descriptor = self._segment(len(line), spans)
        written = os.write(descriptor, line)
        if written != len(line):  # the disk is full: take the torn piece back, or leave the segment to the reader
            try:
                os.ftruncate(descriptor, self._size)
            except OSError:
                self._close()
            raise OSError(errno.ENOSPC, "short write")
        self._size += written

    def _segment(self, incoming: int, spans: Sequence[ReadableSpan]) -> int:
        if self._pid != os.getpid():  # a forked child never writes its parent's segment
            self._descriptor, self._pid = None, os.getpid()
        too_old = time.monotonic() - self._opened_at > self._segment_age_s
        too_large = self._size > 0 and self._size + incoming > self._segment_bytes
        if self._descriptor is not None and (too_old or too_large or os.fstat(self._descriptor).st_nlink == 0):
            self._close()  # full, old, or deleted under our hands
        if self._descriptor is None:
            self._descriptor = self._open(spans)
            self._opened_at = time.monotonic()
            self._size = 0
        return self._descriptor

    def _open(self, spans: Sequence[ReadableSpan]) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        service = _UNSAFE.sub("-", str(spans[0].resource.attributes.get("service.name", "bot")))[:60]
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        name = f"{service}-{moment}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._path = self.folder / name
        descriptor = os.open(self._path, flags, 0o600)
        lock(descriptor)
        return descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
            if self._closed is not None:
                self._closed(self._path)

    def shutdown(self) -> None:
        """Close the current segment."""
        with self._lock:
            if self._pid == os.getpid():
                self._close()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Do nothing: every line is written at once."""
        return True
