"""Judge a whole vault: what was tampered with, cut short or is gone, as far as the vault and its log tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.chain import Line
from convqa_sdk.redaction.vault import PREFIX
from convqa_sdk.redaction.vault_keys import PrivateKey
from convqa_sdk.redaction.vault_log import LOG, read_log
from convqa_sdk.redaction.vault_reader import (
    CUT,
    REFERENCE,
    PurgedError,
    Record,
    VaultFile,
    look_up,
    read_files,
    unseal,
)


@dataclass
class Verdict:
    """What verifying a vault found.

    Attributes:
        files: Files read.
        records: Records that are there.
        opened: Records that a key opened, to see whether header and content belong together.
        without_key: Records that none of the keys fits; 0 where none was given.
        purged: Records that a purge removed.
        unended: Files whose process has not said that they end: it runs, it was killed, or the file was cut at a line.
        torn: Files that are cut short in their last line.
        problems: What was tampered with.
    """

    files: int = 0
    records: int = 0
    opened: int = 0
    without_key: int = 0
    purged: int = 0
    unended: int = 0
    torn: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return not self.problems and not self.torn


def verify(
    folder: Path,
    keys: Sequence[PrivateKey] = (),
    references: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Judge a whole vault.

    Args:
        folder: The vault.
        keys: With these it is also seen whether headers and contents belong together; nothing is shown.
        references: Such as a telemetry store holds: each must still be here, or be purged.
        progress: Told how many files are done, and how many there are.

    Raises:
        VaultError: There is no vault, or it cannot be read.
    """
    files = read_files(folder)
    log = read_log(folder)
    verdict = Verdict(files=len(files))
    verdict.problems += [f"{LOG}: {problem}" for problem in log.problems]
    if log.torn:
        verdict.torn.append(f"{LOG} is {CUT}")
    for index, file in enumerate(files):
        if progress is not None:
            progress(index, len(files))
        verdict.records += len(file.records)
        verdict.purged += sum(last - first + 1 for first, last in file.purged)
        verdict.unended += not file.ended
        verdict.problems += [f"{file.path.name}: {problem}" for problem in file.problems]
        if file.torn:
            verdict.torn.append(f"{file.path.name} is {CUT}")
        logged = _logged(log.lines, file.path.name)
        for first, last in file.purged:
            if not logged.issuperset(range(first, last + 1)):
                verdict.problems.append(f"{file.path.name}: records {first} to {last} are gone, and no purge says so")
        for record in file.records.values():
            _open(record, keys, verdict)
    opened, there = _opened(log.lines), {file.path.name for file in files}
    for name in sorted({*opened, *_purged_in(log.lines)} - there):
        verdict.problems.append(
            f"{name} is gone: {LOG} names {len(opened.get(name, ())):,} records that were opened and "
            f"{len(_logged(log.lines, name)):,} that were purged in it; it was deleted, or moved away"
        )
    known = {reference for name in there & set(opened) for reference in opened[name]}
    for reference in sorted({*references, *known}):
        _look_for(files, reference, verdict)
    return verdict


def _opened(lines: Iterable[Line]) -> dict[str, set[str]]:
    """Return the references that the log says somebody opened, or wanted to, by the name of their file."""
    found: dict[str, set[str]] = {}
    for line in lines:
        named: Any = line.body.get("records") if line.body.get("kind") in {"open", "attempt"} else None
        for reference in named or ():
            if match := REFERENCE.fullmatch(str(reference)):
                found.setdefault(f"{PREFIX}{match[1]}.jsonl", set()).add(str(reference))
    return found


def _purged_in(lines: Iterable[Line]) -> set[str]:
    """Return the names of the files in which the log says that records were purged."""
    purges: Any = [line.body.get("purged") for line in lines if line.body.get("kind") == "purge"]
    return {str(entry.get("file")) for entries in purges for entry in entries or ()}


def _look_for(files: Iterable[VaultFile], reference: str, verdict: Verdict) -> None:
    try:
        look_up(files, reference)
    except PurgedError:
        return
    except VaultError as error:
        verdict.problems.append(str(error))


def _open(record: Record, keys: Sequence[PrivateKey], verdict: Verdict) -> None:
    if any(key.fingerprint == record.key for key in keys):
        try:
            unseal(record, keys)
            verdict.opened += 1
        except VaultError as error:
            verdict.problems.append(str(error))
    elif keys:
        verdict.without_key += 1


def _logged(lines: Iterable[Line], name: str) -> set[int]:
    """Return the numbers of records of a file that the log says were purged."""
    numbers: set[int] = set()
    for line in lines:
        purged: Any = line.body.get("purged") if line.body.get("kind") == "purge" else None
        for entry in purged or ():
            if entry.get("file") == name:
                numbers.update(range(int(entry["first"]), int(entry["last"]) + 1))
    return numbers
