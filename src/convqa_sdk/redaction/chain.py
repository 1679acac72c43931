"""Lines of JSON that commit to what stands before them, so that an edit, a gap or another order shows.

Each line carries its number, the digest of the line before and, at its end, its own. A digest is no signature: who may
write a file can write all of it anew. That shows only against a digest that is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from errno import ENOSPC
from pathlib import Path
from typing import Any, Final, NamedTuple

NOTHING: Final = "0" * 64
"""What the first line has for the digest of the line before."""

_END: Final = re.compile(rb',"digest":"([0-9a-f]{64})"\}')
_END_LENGTH: Final = len(',"digest":"') + 64 + len('"}')


class Line(NamedTuple):
    """One line of a chain.

    Attributes:
        number: Its place, from 0.
        previous: Digest of the line before.
        digest: Digest of all of the line before its own end.
        body: What it says, without these three.
        raw: As it was written, without its newline.
    """

    number: int
    previous: str
    digest: str
    body: dict[str, Any]
    raw: bytes

    @property
    def last(self) -> int:
        """Number of the last line that this one stands for, mostly its own."""
        last = self.body.get("last")
        return last if isinstance(last, int) and last >= self.number else self.number

    @property
    def handed_on(self) -> str:
        """The digest that the next line names: its own, or that of the last line which it stands for."""
        return str(self.body.get("stands_for", self.digest))


class Chain(NamedTuple):
    """What a file holds.

    Attributes:
        lines: Those that are as they were written, in the order of the file.
        problems: What does not fit: an altered line, a gap, another order. Names lines and rules, never content.
        torn: Bytes behind the last newline: a process was killed while it wrote, or the file was cut short.
        whole: Number of lines that end with a newline, altered ones too.
    """

    lines: tuple[Line, ...]
    problems: tuple[str, ...]
    torn: bytes
    whole: int

    @property
    def next_number(self) -> int:
        """Number of the line to be written next."""
        return self.lines[-1].last + 1 if self.lines else 0

    @property
    def next_previous(self) -> str:
        """What that line names as the digest before it."""
        return self.lines[-1].handed_on if self.lines else NOTHING


def link(number: int, previous: str, body: Mapping[str, object], sealed: bytes = b"") -> tuple[bytes, str]:
    """Return a line, with its newline, and its digest.

    Args:
        number: Its place.
        previous: Digest of the line before.
        body: What it says.
        sealed: One more member, in base64; it may be large, and to look through it for what JSON escapes takes long.
    """
    text = json.dumps({"n": number, "previous": previous, **body}, separators=(",", ":")).encode()
    if sealed:
        text = b"".join((text[:-1], b',"sealed":"', sealed, b'"}'))
    digest = hashlib.sha256(text).hexdigest()
    return text[:-1] + b',"digest":"' + digest.encode() + b'"}\n', digest


def read_chain(path: Path) -> Chain:
    """Read a file and judge how its lines hang together.

    Raises:
        OSError: It cannot be read.
    """
    *whole, torn = path.read_bytes().split(b"\n")
    lines: list[Line] = []
    problems: list[str] = []
    number, previous = 0, NOTHING
    mended = {_mends(line) for line in map(_line, whole) if line is not None} - {""}
    for place, raw in enumerate(whole, start=1):
        line = _line(raw)
        if line is None:
            if hashlib.sha256(raw).hexdigest() not in mended:
                problems.append(f"line {place} was altered")
            continue
        if line.number != number:
            what = "is missing or out of order" if line.number > number else "is there twice or out of order"
            problems.append(f"line {place}: number {min(number, line.number)} {what}")
        elif line.previous != previous:
            problems.append(f"line {place} does not follow the line before it: one of the two was replaced")
        lines.append(line)
        number, previous = line.last + 1, line.handed_on
    return Chain(tuple(lines), tuple(problems), torn, len(whole))


def _line(raw: bytes) -> Line | None:
    """Return a line that is as it was written, else None."""
    end = _END.fullmatch(raw, max(0, len(raw) - _END_LENGTH))
    if end is None:
        return None
    text = raw[:-_END_LENGTH] + b"}"
    if hashlib.sha256(text).hexdigest().encode() != end[1]:
        return None
    try:
        body: dict[str, Any] = json.loads(text)
        return Line(int(body.pop("n")), str(body.pop("previous")), end[1].decode(), body, raw)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # somebody computed a digest for what is no line of ours


def _mends(line: Line) -> str:
    return str(line.body.get("torn", ""))


def append(descriptor: int, path: Path, body: Mapping[str, object]) -> Line:
    """Add a line to a file that this process alone writes to at the moment, and have it on the disk before returning.

    A line that a crash has torn stays, ended by a newline; the new line names its hash, so that it counts as torn.

    Args:
        descriptor: The file, open for appending.
        path: The same file.
        body: What the line says.

    Raises:
        OSError: It cannot be written.
        ValueError: The file was altered; the message says where.
    """
    chain = read_chain(path)
    if chain.problems:
        raise ValueError(chain.problems[0])
    mend: dict[str, object] = {"torn": hashlib.sha256(chain.torn).hexdigest()} if chain.torn else {}
    written, digest = link(chain.next_number, chain.next_previous, {**body, **mend})
    whole = (b"\n" if chain.torn else b"") + written
    if os.write(descriptor, whole) != len(whole):
        raise OSError(ENOSPC, "short write")
    os.fsync(descriptor)
    return Line(chain.next_number, chain.next_previous, digest, dict(body), written[:-1])
