"""Opening records: who wants to read says who they are and why, and the log says so before anything is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.policy import RedactionPolicy
from convqa_sdk.redaction.redactor import Redactor
from convqa_sdk.redaction.vault_keys import PrivateKey
from convqa_sdk.redaction.vault_log import open_log, stated
from convqa_sdk.redaction.vault_reader import DamagedError, Record, unseal

_READ: Final = "read"


def open_records(
    folder: Path, records: Sequence[Record], keys: Sequence[PrivateKey], *, reviewer: str, reason: str, now: datetime
) -> list[tuple[Record, dict[str, Any] | VaultError]]:
    """Return what records hold, after the log has taken who reads and why, or who tried and could not.

    Args:
        folder: The vault.
        records: Which.
        keys: That of each record is among them.
        reviewer: Who reads.
        reason: Why; the log takes it redacted by the default policy.
        now: When.

    Returns:
        Each record with its content, or with what is wrong with it.

    Raises:
        VaultError: Reviewer or reason is empty, or the log cannot be written: then nothing is returned.
    """
    facts = {
        "reviewer": stated("reviewer", reviewer),
        "reason": Redactor(RedactionPolicy()).text(stated("reason", reason)).text,
        "keys": sorted({key.fingerprint for key in keys}),
    }
    with open_log(folder) as log:
        opened = [(record, _opened(record, keys)) for record in records]  # nobody gets it before the log has it
        by_outcome: dict[str, list[str]] = {}
        for record, content in opened:
            by_outcome.setdefault(_outcome(content), []).append(str(record.reference))
        for outcome, references in by_outcome.items():
            kind = "open" if outcome == _READ else "attempt"
            log.write(kind, now, {**facts, "outcome": outcome, "records": references})
    return opened


def _outcome(content: dict[str, Any] | VaultError) -> str:
    if not isinstance(content, VaultError):
        return _READ
    return "tampering" if isinstance(content, DamagedError) else "wrong key"


def _opened(record: Record, keys: Sequence[PrivateKey]) -> dict[str, Any] | VaultError:
    try:
        return unseal(record, keys)
    except VaultError as problem:
        return problem
