"""Retention and erasure: records are removed, and one line stands for them, so that the chain still holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.chain import Line, link
from convqa_sdk.redaction.vault import FILE_AGE_S, lock, moment
from convqa_sdk.redaction.vault_log import VaultLog, open_log
from convqa_sdk.redaction.vault_reader import VaultFile, read_files

_UNTIL: Final = re.compile(rb'"retain_until":"([0-9TZ:-]{20})"')


@dataclass
class Purged:
    """What a purge did, or would do.

    Attributes:
        records: Records removed.
        kept: Records that stay.
        ranges: Per run of removed records its file, and its first and last number.
        torn: Files whose torn last line was removed.
        left: Files that were left alone, and why.
    """

    records: int = 0
    kept: int = 0
    ranges: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    torn: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])


def purge(folder: Path, now: datetime, *, conversations: Iterable[str] = (), dry_run: bool = False) -> Purged:
    """Remove the records whose retention date has passed, or those of a conversation; needs no key.

    The log says what is removed before it is. A file that was tampered with is evidence, and is left alone; so is one
    that was cut short, until the time of its last record is over too.

    Args:
        folder: The vault.
        now: Until when retention dates have passed.
        conversations: Ids of one, as given and as its pseudonym: its records go before their date, and no others.
        dry_run: Change nothing.

    Raises:
        VaultError: The vault, or its log, cannot be read or written.
    """
    wanted = _Wanted(now, frozenset(conversations))
    if dry_run:
        return _purged(read_files(folder), wanted, None)
    read_files(folder)  # says that there is no vault, before a log is made
    with open_log(folder) as log:  # one purge at a time
        return _purged(read_files(folder), wanted, log)


class _Wanted(NamedTuple):
    """What is to go: records of conversations, or, without any, those whose date is before `now`."""

    now: datetime
    conversations: frozenset[str]

    def has(self, record: Mapping[str, Any]) -> bool:
        if self.conversations:
            return record.get("conversation_id") in self.conversations
        return str(record.get("retain_until")) <= moment(self.now)


def _purged(files: Sequence[VaultFile], wanted: _Wanted, log: VaultLog | None) -> Purged:
    done = Purged()
    for file in files:
        runs = _runs(file.lines, wanted)
        over = not wanted.conversations and _is_over(file, wanted.now)
        if file.problems or (file.torn and not over):
            done.kept += len(file.records)
            done.left.append(f"{file.damage[0]}; it is kept as evidence: look, and move it out of the vault then")
        elif runs or over:
            _file(file, runs, wanted, log, done)
        else:
            done.kept += len(file.records)
    return done


def _file(file: VaultFile, runs: Sequence[Sequence[Line]], wanted: _Wanted, log: VaultLog | None, done: Purged) -> None:
    count = sum(line.body.get("kind") == "record" for run in runs for line in run)
    torn = file.path.name if file.torn else ""
    ranges = [{"file": file.path.name, "first": run[0].number, "last": run[-1].last} for run in runs]
    if log is not None:
        try:
            with file.path.open("rb") as held:
                if not lock(held.fileno()):
                    raise VaultError("a bot writes to it at this moment: purge again")
                if file.path.stat().st_size != sum(len(line.raw) + 1 for line in file.lines) + len(file.torn):
                    raise VaultError("a bot has written to it meanwhile: purge again")
                why = "erased" if wanted.conversations else "expired"
                log.write("purge", wanted.now, {"why": why, "purged": ranges, "records": count, "torn_end_of": torn})
                _rewrite(file, runs, wanted.now)
        except (OSError, VaultError) as error:
            told = error.strerror if isinstance(error, OSError) else str(error)
            done.left.append(f"{file.path.name}: {told}")
            done.kept += len(file.records)
            return
    done.records += count
    done.kept += len(file.records) - count
    done.ranges += ranges
    if torn:
        done.torn.append(torn)


def _is_over(file: VaultFile, now: datetime) -> bool:
    """Tell whether a torn record's time is over: one that is torn before its date is a day younger than the others."""
    until = _UNTIL.search(file.torn)
    if until is not None:
        return until[1].decode() <= moment(now)
    day_before = moment(now - timedelta(seconds=FILE_AGE_S))
    dates = [str(record.header.get("retain_until")) for record in file.records.values()]
    return bool(file.torn and dates) and max(dates) <= day_before


def _runs(lines: Sequence[Line], wanted: _Wanted) -> list[list[Line]]:
    """Return neighbouring lines that one line can stand for: records to go, and what stands for some already."""
    runs: list[list[Line]] = [[]]
    for line in lines:
        kind = line.body.get("kind")
        if kind == "purged" or (kind == "record" and wanted.has(line.body)):
            runs[-1].append(line)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if any(line.body.get("kind") == "record" for line in run)]


def _rewrite(file: VaultFile, runs: Sequence[Sequence[Line]], now: datetime) -> None:
    """Put a file without the runs in the place of the old one; the bot that wrote that begins another."""
    instead = {run[0].number: run for run in runs}
    gone = {line.number for run in runs for line in run}
    pieces: list[bytes] = []
    for line in file.lines:
        run = instead.get(line.number)
        if run is not None:
            body = {"kind": "purged", "last": run[-1].last, "stands_for": run[-1].handed_on, "purged_at": moment(now)}
            pieces.append(link(line.number, line.previous, body)[0])
        elif line.number not in gone:
            pieces.append(line.raw + b"\n")
    if not file.ended:
        last = file.lines[-1]
        pieces.append(link(last.last + 1, last.handed_on, {"kind": "end"})[0])
    draft = file.path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(b"".join(pieces))
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file.path)
