"""The vault: raw turns for the exception cases, sealed with a public key, so that a bot can write and never read.

A sealed record has a header in clear (why, which trace, until when) and content that only the private key opens. A
SealedBox authenticates no header and no sender; so the sealed part begins with a hash of the header, which holds the
record's place in the chain of its file, and the reference of a record, which leaves with the span, holds its digest.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from errno import ENOSPC
from json import JSONEncoder, dumps
from pathlib import Path
from typing import Any, Final, NamedTuple

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.chain import NOTHING, link
from convqa_sdk.redaction.vault_keys import fingerprint, letters, nacl, public_key_bytes

REASONS: Final = ("incident", "policy_failure", "audit_sample")
"""Why a turn may be sealed, unless a vault declares others; the last two are applied by the SDK itself."""
PREFIX: Final = "records-"
FILE_BYTES: Final = 16 * 1024 * 1024
FILE_AGE_S: Final = 86_400.0
_PIECE: Final = 48 * 1024
"""Bytes, a multiple of three, that are written as base64 at once."""
_MAX_NAME: Final = 64
_MAX_DAYS: Final = 36_500


@dataclass(frozen=True)
class Vault:
    """Where turns are sealed, for whom, why, and how long they are kept.

    Attributes:
        folder: Made when the first turn is sealed, readable by its owner only.
        public_key: As `convqa vault keygen` prints it, or its 32 bytes.
        key_id: Your name for the key; None: its fingerprint.
        retain_days: After so many days `convqa vault purge` removes a record.
        reasons: Declared reasons. For `policy_failure` every turn is sealed in which a policy check failed or blocked,
            for `audit_sample` a share of the conversations, for all others a turn of which the bot says so
            (`turn.seal("incident")`). Nothing is sealed for a reason that is not declared.
        audit_sample: Share of the conversations whose turns are sealed for the audit, 0 to 1; above 0 only
            where `reasons` declares `audit_sample`.
        keep_secrets: Seal passwords and keys too; else they are redacted, because no audit needs them.
        max_bytes: Bytes of one turn that are sealed; fields beyond are left out, which the record says.

    Raises:
        ConfigurationError: A value is invalid; says which and what is accepted, and never quotes a key.
    """

    folder: str | Path
    public_key: str | bytes = field(repr=False)
    key_id: str | None = None
    retain_days: int = 90
    reasons: Iterable[str] = REASONS
    audit_sample: float = 0.0
    keep_secrets: bool = False
    max_bytes: int = 1_000_000

    def __post_init__(self) -> None:
        given: Any = self.folder  # callers without a type checker
        if not isinstance(given, (str, Path)) or not str(given).strip():
            raise ConfigurationError("Vault(): folder: give a path; an empty one is none")
        several: Any = self.reasons
        reasons = () if isinstance(several, str) else tuple(dict.fromkeys(several))
        if not reasons or not all(map(_is_name, reasons)):
            raise ConfigurationError(
                "Vault(): reasons: give a list of names, each of 1 to 64 letters, digits, _ - and ."
            )
        object.__setattr__(self, "reasons", reasons)
        object.__setattr__(self, "public_key", public_key_bytes(self.public_key))
        key_id = fingerprint(self.public_key) if self.key_id is None else self.key_id  # type: ignore[arg-type] # reason: bytes by now
        if not _is_name(key_id):
            raise ConfigurationError("Vault(): key_id: give a name of 1 to 64 letters, digits, _ - and .")
        object.__setattr__(self, "key_id", key_id)
        if not (_is_int(self.retain_days) and 1 <= self.retain_days <= _MAX_DAYS):
            raise ConfigurationError(f"Vault(): retain_days: give whole days from 1 to {_MAX_DAYS}")
        share: Any = self.audit_sample
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0.0 <= share <= 1.0:
            raise ConfigurationError("Vault(): audit_sample: give a share from 0 to 1")
        if share and "audit_sample" not in reasons:
            raise ConfigurationError(
                "Vault(): audit_sample: nothing is sealed for a reason that is not declared; add audit_sample to "
                "reasons, or leave the share out"
            )
        if not (_is_int(self.max_bytes) and 1_000 <= self.max_bytes <= 10_000_000):
            raise ConfigurationError("Vault(): max_bytes: give bytes from 1,000 to 10,000,000")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and 1 <= len(value) <= _MAX_NAME
        and value.isascii()
        and value.replace("_", "a").replace("-", "a").replace(".", "a").isalnum()
    )


class Reference(NamedTuple):
    """Names a sealed record, and says what it was: whoever writes its file anew cannot make the digest fit.

    Written in letters, apart from the number, so that nothing takes it for a card or a telephone number.
    """

    file: str
    number: int
    digest: str

    def __str__(self) -> str:
        return f"vault-{self.file}-{self.number}-{letters(self.digest[:32])}"


def canonical(header: Mapping[str, object]) -> bytes:
    """Return the one spelling of a header that is hashed."""
    return dumps(header, sort_keys=True, separators=(",", ":")).encode()


def header_hash(number: int, previous: str, body: Mapping[str, object]) -> str:
    """Return what binds a record's header, with its place, to its sealed content."""
    header = {name: value for name, value in body.items() if name != "sealed"}
    return hashlib.sha256(canonical({"n": number, "previous": previous, **header})).hexdigest()


class VaultWriter:
    """Seals records into files of this process; knows no key that opens them.

    Args:
        vault: Where and for whom.
        pause: Called between pieces of work, so that a worker thread can yield the interpreter.

    Raises:
        ConfigurationError: PyNaCl is not installed, or the key cannot be sealed for.
    """

    def __init__(self, vault: Vault, pause: Callable[[], None] | None = None) -> None:
        self.vault = vault
        self._folder = Path(vault.folder)
        self._pause = pause if pause is not None else _no_pause
        public: Any = vault.public_key
        self._fingerprint = fingerprint(public)
        try:
            self._box = nacl("public").SealedBox(nacl("public").PublicKey(public))
            self._box.encrypt(b"")
        except ConfigurationError:
            raise
        except Exception as error:
            raise ConfigurationError("Vault(): public_key: this is no key that can be sealed for") from error
        self._encoder = JSONEncoder(separators=(",", ":"), default=_name_of)
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._descriptor: int | None = None
        self._file = ""
        self._number = 0
        self._previous = NOTHING
        self._size = 0
        self._opened_at = 0.0

    def seal(self, content: Mapping[str, object], at_ns: int, **header: object) -> str:
        """Write a record and return its reference.

        Args:
            content: What is sealed: anything that JSON can hold. What it cannot becomes the name of its type.
            at_ns: When, Unix nanoseconds.
            **header: What stands beside it in clear.

        Raises:
            OSError: The vault cannot be written.
            ValueError: The content is larger than the vault takes.
        """
        text = self._encoded(content)
        if len(text) > self.vault.max_bytes:
            raise ValueError("the content is larger than the vault takes")
        sealed_at = datetime.fromtimestamp(at_ns // 1_000_000_000, timezone.utc)
        body = {
            "kind": "record",
            **header,
            "key_id": self.vault.key_id,
            "sealed_at": moment(sealed_at),
            "retain_until": moment(sealed_at + timedelta(days=self.vault.retain_days)),
        }
        with self._lock:
            try:
                return self._sealed(body, text)
            except OSError as error:
                if error.errno != ENOSPC:  # the next record begins another file; a full disk may have room again
                    self._leave()
                raise
            finally:
                if self._descriptor is not None:
                    unlock(self._descriptor)

    def _sealed(self, body: dict[str, object], text: bytes) -> str:
        descriptor = self._ready()
        body["file"], number = self._file, self._number
        opening = f'{{"header":"{header_hash(number, self._previous, body)}","content":'
        ciphertext = self._box.encrypt(opening.encode() + text + b"}")
        pieces: list[bytes] = []
        for start in range(0, len(ciphertext), _PIECE):
            self._pause()
            pieces.append(b2a_base64(ciphertext[start : start + _PIECE], newline=False))
        return str(Reference(self._file, number, self._append(descriptor, body, b"".join(pieces))))

    def _encoded(self, content: Mapping[str, object]) -> bytes:
        pieces: list[bytes] = []
        for piece in self._encoder.iterencode(content):
            pieces.append(piece.encode())
            self._pause()
        return b"".join(pieces)

    def _ready(self) -> int:
        """Return a file of this process's that has room and is nobody else's at the moment, locked."""
        if self._pid != os.getpid():  # a forked child never writes its parent's file
            self._leave()
        if self._descriptor is not None:
            full = self._size > FILE_BYTES or time.monotonic() - self._opened_at > FILE_AGE_S
            if full:
                self._finish()
            elif not lock(self._descriptor) or os.fstat(self._descriptor).st_nlink == 0:
                self._leave()  # a purge has it, or has put another in its place
        return self._start() if self._descriptor is None else self._descriptor

    def _start(self) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = letters(secrets.token_hex(8))
        path = self._folder / f"{PREFIX}{name}.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._forget()
        self._descriptor, self._file, self._opened_at = descriptor, name, time.monotonic()
        lock(descriptor)
        head = {"kind": "head", "vault": 1, "file": name, "key": self._fingerprint, "key_id": self.vault.key_id}
        try:
            self._append(descriptor, head)
        except OSError:
            self._leave()
            path.unlink()  # an empty file would look like one that somebody cut
            raise
        return descriptor

    def _append(self, descriptor: int, body: Mapping[str, object], sealed: bytes = b"") -> str:
        """Write one line; when the disk takes a piece of it only, that is taken back, or the file is left."""
        line, digest = link(self._number, self._previous, body, sealed)
        written = os.write(descriptor, line)
        if written != len(line):
            try:
                os.ftruncate(descriptor, self._size)
            except OSError:
                self._leave()
            raise OSError(ENOSPC, "short write")
        self._number += 1
        self._previous = digest
        self._size += written
        return digest

    def _finish(self) -> None:
        """Say that the file ends here, so that one that is cut short later lacks the saying."""
        descriptor = self._descriptor
        try:
            if descriptor is not None and lock(descriptor) and os.fstat(descriptor).st_nlink:
                self._append(descriptor, {"kind": "end"})
        finally:
            self._leave()

    def _leave(self) -> None:
        descriptor, own = self._descriptor, self._pid == os.getpid()
        self._forget()
        if descriptor is not None:
            if own:
                unlock(descriptor)  # a forked child may hold a copy of it, and the lock would live on with that
            os.close(descriptor)

    def close(self) -> None:
        """End the file of this process."""
        with self._lock:
            if self._pid == os.getpid():
                self._finish()

    def after_fork(self) -> None:
        """Forget, in a forked child, the file of its parent, and a lock that another of its threads held."""
        self._lock = threading.Lock()
        self._leave()


def moment(when: datetime) -> str:
    """Return a time in UTC, to the second, as RFC 3339 writes it; as texts these sort like the times."""
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def lock(descriptor: int) -> bool:
    """Take a file for this process, without waiting; tell whether it was free. Always, where locks are unknown."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file that is open cannot be replaced either
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unlock(descriptor: int) -> None:
    """Give a file free."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def _name_of(value: object) -> str:
    return f"<{type(value).__qualname__}>"


def _no_pause() -> None:
    """Go on at once."""
