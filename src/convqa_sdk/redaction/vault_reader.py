"""Read a vault: find records by their headers, open them with the private key, and tell which files are damaged."""

from __future__ import annotations

import json
import re
import time
from binascii import a2b_base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.chain import Line, read_chain
from convqa_sdk.redaction.vault import PREFIX, Reference, header_hash
from convqa_sdk.redaction.vault_keys import PrivateKey
from convqa_sdk.redaction.vault_log import LOG

REFERENCE: Final = re.compile("vault-([a-p]{16})-(0|[1-9][0-9]{0,8})-([a-p]{32})")
_FILE: Final = re.compile(re.escape(PREFIX) + r"([a-p]{16})\.jsonl")
_MOMENT_S: Final = 0.05
_BY_WHOM: Final = "a process was killed while it wrote, or somebody cut the file"
CUT: Final = f"cut short in its last line: {_BY_WHOM}"


class DamagedError(VaultError):
    """A record, or a file where it may have been, was tampered with or cut short."""


class PurgedError(VaultError):
    """A record was removed when its time was over, or was erased."""


class Record(NamedTuple):
    """A sealed record.

    Attributes:
        reference: Its name, with its digest.
        header: What stands in clear.
        line: The line it is.
        key: Fingerprint of the key that opens it.
    """

    reference: Reference
    header: Mapping[str, Any]
    line: Line
    key: str


class VaultFile(NamedTuple):
    """A file of a vault.

    Attributes:
        path: Where it is.
        lines: All lines that are as they were written.
        records: Those that are records, by number.
        purged: First and last number of records that were removed.
        problems: What was tampered with; names lines and rules.
        torn: Bytes behind the last whole line.
        ended: Whether its process said that it ends here.
        whole: Number of whole lines in it, altered ones too.
    """

    path: Path
    lines: Sequence[Line]
    records: Mapping[int, Record]
    purged: Sequence[tuple[int, int]]
    problems: Sequence[str]
    torn: bytes
    ended: bool
    whole: int

    @property
    def damage(self) -> list[str]:
        """What is wrong with the file, each in a sentence with its name and line."""
        name = self.path.name
        told = [f"{name} was tampered with: {problem}" for problem in self.problems]
        return [*told, f"{name} was cut short at line {self.whole + 1}: {_BY_WHOM}"] if self.torn else told


def parse(reference: str) -> Reference:
    """Read a reference as it stands on a span.

    Raises:
        VaultError: It is none.
    """
    found = REFERENCE.fullmatch(reference.strip())
    if found is None:
        raise VaultError(
            "this is no reference: expected vault-…-N-…, as in convqa.vault.ref of a span; "
            "a conversation is opened with --conversation ID, a trace with --trace ID"
        )
    return Reference(found[1], int(found[2]), found[3])


def read_files(folder: Path) -> list[VaultFile]:
    """Return the files of a vault, by name.

    Raises:
        VaultError: There is no such folder, or a file cannot be read.
    """
    if not folder.is_dir():
        raise VaultError(f"no vault at {folder}: name its folder with --vault or CONVQA_VAULT")
    try:
        return [_read(path) for path in sorted(folder.glob(f"{PREFIX}*.jsonl"))]
    except OSError as error:
        raise VaultError(f"the vault at {folder} cannot be read: {error.strerror}") from None


def _read(path: Path) -> VaultFile:
    chain = read_chain(path)
    if chain.torn:  # perhaps a bot was writing this very line
        time.sleep(_MOMENT_S)
        chain = read_chain(path)
    problems = list(chain.problems)
    named = _FILE.fullmatch(path.name)
    name = named[1] if named is not None else ""
    head: Mapping[str, Any] = chain.lines[0].body if chain.lines else {}
    if not chain.lines and not chain.torn:
        problems.append("it is empty: a process was killed before it wrote, or somebody cut the file")
    elif chain.lines and (head.get("kind"), head.get("file")) != ("head", name):
        problems.append("its first line is missing, or it has another file's name")
    records: dict[int, Record] = {}
    purged: list[tuple[int, int]] = []
    for line in chain.lines:
        kind = line.body.get("kind")
        if kind == "record":
            header = {key: value for key, value in line.body.items() if key != "sealed"}
            reference = Reference(name, line.number, line.digest)
            records.setdefault(line.number, Record(reference, header, line, str(head.get("key"))))
        elif kind == "purged":
            purged.append((line.number, line.last))
    ends = [index for index, line in enumerate(chain.lines) if line.body.get("kind") == "end"]
    if ends and (ends[0] != len(chain.lines) - 1 or chain.torn):
        problems.append("something stands behind its end")
    return VaultFile(path, chain.lines, records, purged, problems, chain.torn, bool(ends), chain.whole)


def find(files: Iterable[VaultFile], *, trace_id: str | None = None, conversations: Iterable[str] = ()) -> list[Record]:
    """Return the records of a trace or a conversation, in the order of sealing.

    Args:
        files: Where to look.
        trace_id: 32 hexadecimal digits; None: any.
        conversations: Ids of the conversation, as given and as its pseudonym; none: any.

    Raises:
        VaultError: There is none.
        DamagedError: There is none, and files where it may have been were tampered with or cut short.
    """
    files, wanted = list(files), set(conversations)
    found = [
        record
        for file in files
        for record in file.records.values()
        if (trace_id is None or record.header.get("trace_id") == trace_id.strip().lower())
        and (not wanted or record.header.get("conversation_id") in wanted)
    ]
    damage = [sentence for file in files for sentence in file.damage]
    if not found and damage:
        raise DamagedError(f"the vault has no whole record of that, and records may be missing: {'; '.join(damage)}")
    if not found:
        unended = sum(not file.ended for file in files)
        more = (
            f" ({unended:,} files have no end: `convqa vault verify --store` tells if one was cut)" if unended else ""
        )
        raise VaultError(f"the vault has no record of that; nothing was sealed, or it was purged{more}")
    return sorted(found, key=lambda record: (str(record.header.get("sealed_at")), record.line.number))


def look_up(files: Iterable[VaultFile], reference: str) -> Record:
    """Return the record that a reference names.

    Raises:
        VaultError: It is unknown or was purged.
        DamagedError: It was cut away or replaced.
    """
    wanted = parse(reference)
    for file in files:
        if file.path.name != f"{PREFIX}{wanted.file}.jsonl":
            continue
        record = file.records.get(wanted.number)
        if record is not None:
            if str(record.reference) != reference.strip():
                raise DamagedError(f"tampering: {file.path.name} holds another record where {reference} was sealed")
            return record
        if any(first <= wanted.number <= last for first, last in file.purged):
            raise PurgedError(f"{reference} was purged: its time was over, or it was erased (see {LOG})")
        if file.damage:
            word = "tampering: " if file.problems else ""
            raise DamagedError(f"{word}{file.damage[0]}; {reference} is not in it any more")
        if wanted.number >= len(file.lines):
            raise DamagedError(f"tampering: {file.path.name} was cut short; {reference} is not in it any more")
    raise VaultError(f"unknown reference {reference}: the vault has no such file or record")


def unseal(record: Record, keys: Iterable[PrivateKey]) -> dict[str, Any]:
    """Open a record and check that header and content belong together.

    Raises:
        VaultError: No key is its key.
        DamagedError: Header or content was replaced.
    """
    keys = list(keys)
    key = next((key for key in keys if key.fingerprint == record.key), None)
    if key is None:
        name = record.header.get("key_id")
        needed = f"{name} (fingerprint {record.key})" if name != record.key else f"with the fingerprint {record.key}"
        given = ", ".join(sorted({key.fingerprint for key in keys})) or "none"
        raise VaultError(f"wrong key: {record.reference} was sealed for the key {needed}; given: {given}")
    try:
        opened: Any = json.loads(key.box.decrypt(a2b_base64(str(record.line.body.get("sealed")))))
        bound, content = opened["header"], opened["content"]
    except Exception:  # noqa: BLE001 - PyNaCl's own, base64's, JSON's, whatever a forged content causes; it may quote it
        raise DamagedError(f"tampering: the sealed content of {record.reference} was replaced or cut") from None
    if bound != header_hash(record.line.number, record.line.previous, record.line.body):
        raise DamagedError(f"tampering: header and content of {record.reference} do not belong together")
    return dict(content)
