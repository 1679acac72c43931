"""Compresses a closed segment: `x.jsonl` becomes `x.jsonl.zst`, and at no moment is a line missing or there twice.

The compressed copy is written under a name that no reader looks at, made durable, and renamed; only then the segment
goes. A crash before the rename leaves the segment and a piece that nobody reads, which a later compression removes; one
after it leaves both files, and readers prefer the copy. Only the process that wrote a segment compresses it.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from convqa_sdk.isolation import fault
from convqa_sdk.locks import lock
from convqa_sdk.zstd import SUFFIX, codec

LEVEL = 3
ABANDONED_S = 3_600.0
"""Age from which a piece is taken for one whose writer has died: writing one takes seconds.

A process id tells nothing here, as containers that share a store have the same ones. A writer whose piece is removed
under its hands all the same keeps its segment.
"""
STEP_BYTES = 256 * 1024
"""Bytes per call of the codec, which leaves the interpreter to others meanwhile; about 3 ms."""


def compress(segment: Path) -> None:
    """Replace a closed segment by its compressed copy; what goes wrong leaves it as it is. Never raises."""
    piece = segment.with_name(f".{segment.name}.part")
    _remove_abandoned(segment.parent)
    try:
        with segment.open("rb") as lines:
            if lock(lines.fileno()) == "taken" or os.fstat(lines.fileno()).st_nlink == 0:
                return  # somebody erases from it; it stays as it is
            _write(lines, piece)
            piece.replace(segment.with_name(segment.name + SUFFIX))
            segment.unlink()
    except FileNotFoundError:  # the store was deleted under our hands
        pass
    except Exception as error:  # noqa: BLE001 - the segment is still there, and readable
        fault("store_compress", error, store=str(segment.parent))
    finally:
        with suppress(OSError):
            piece.unlink(missing_ok=True)


def _remove_abandoned(store: Path) -> None:
    """Remove the pieces of compressors that died; by the time of their last change, which nobody can set."""
    now = time.time()
    with suppress(OSError):
        for piece in store.glob(".*.jsonl.part"):
            with suppress(OSError):
                if now - piece.stat().st_ctime > ABANDONED_S:
                    piece.unlink()


def _write(lines: BinaryIO, piece: Path) -> None:
    """Write the compressed copy to disk, with the segment's mode and times: readers go through a store by time."""
    zstd = codec()
    options = {zstd.CompressionParameter.compression_level: LEVEL, zstd.CompressionParameter.checksum_flag: 1}
    compressor = zstd.ZstdCompressor(options=options)
    descriptor = os.open(piece, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as compressed:
        while step := lines.read(STEP_BYTES):
            compressed.write(compressor.compress(step))
        compressed.write(compressor.flush())
        compressed.flush()
        os.fsync(compressed.fileno())
    written = os.fstat(lines.fileno())
    os.utime(piece, ns=(written.st_atime_ns, written.st_mtime_ns))
