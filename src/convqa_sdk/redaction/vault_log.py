"""The log of a vault: who opened what and why, what a purge removed; a chain of its own, written before the deed."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.chain import Chain, append, read_chain
from convqa_sdk.redaction.vault import lock, moment

LOG: Final = "vault-log.jsonl"
MAX_TEXT: Final = 1_000


def read_log(folder: Path) -> Chain:
    """Return what the log says; an empty one where there is none yet.

    Raises:
        VaultError: It cannot be read.
    """
    try:
        return read_chain(folder / LOG)
    except FileNotFoundError:
        return Chain((), (), b"", 0)
    except OSError as error:
        raise VaultError(f"{LOG} cannot be read: {error.strerror}") from None


@contextmanager
def open_log(folder: Path) -> Generator[VaultLog]:
    """Keep the log for this process alone, as long as the block runs.

    Raises:
        VaultError: It cannot be written, or another process has it.
    """
    path = folder / LOG
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise VaultError(f"{path} cannot be written: {error.strerror}; without an entry nothing is opened") from None
    try:
        if not lock(descriptor):
            raise VaultError(f"{path} is in use by another `convqa vault`; try again when that is done")
        yield VaultLog(path, descriptor)
    finally:
        os.close(descriptor)


class VaultLog:
    """The log, while one process has it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def write(self, kind: str, now: datetime, facts: Mapping[str, object]) -> None:
        """Add an entry, and return when it is on the disk.

        Raises:
            VaultError: It cannot be written, or the log was altered.
        """
        try:
            append(self._descriptor, self._path, {"kind": kind, "at": moment(now), **facts})
        except ValueError as error:
            raise VaultError(
                f"{self._path} was tampered with: {error}. Keep it as evidence under another name; "
                "a new one begins then"
            ) from None
        except OSError as error:
            raise VaultError(
                f"{self._path} cannot be written: {error.strerror}; without an entry nothing is opened or removed"
            ) from None


def stated(name: str, text: str) -> str:
    """Return what somebody has to state, for the log.

    Raises:
        VaultError: It is empty, or too long.
    """
    said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not said or len(said) > MAX_TEXT:
        raise VaultError(f"--{name}: say it in 1 to {MAX_TEXT:,} characters; it goes into the vault's log")
    return said
