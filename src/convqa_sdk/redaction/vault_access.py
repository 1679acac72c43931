"""Opening records: who wants to read says who they are and why, and the log says so before anything is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.vault_keys import PrivateKey
from convqa_sdk.redaction.vault_log import open_log, stated
from convqa_sdk.redaction.vault_reader import Record, unseal


def open_records(
    folder: Path, records: Sequence[Record], keys: Sequence[PrivateKey], *, reviewer: str, reason: str, now: datetime
) -> list[tuple[Record, dict[str, Any] | VaultError]]:
    """Open records, after the log has taken who did and why.

    Args:
        folder: The vault.
        records: Which.
        keys: That of each record is among them.
        reviewer: Who reads.
        reason: Why.
        now: When.

    Returns:
        Each record with its content, or with what is wrong with it.

    Raises:
        VaultError: Reviewer or reason is empty, or the log cannot be written: then nothing is opened.
    """
    facts = {
        "reviewer": stated("reviewer", reviewer),
        "reason": stated("reason", reason),
        "records": [str(record.reference) for record in records],
        "keys": sorted({key.fingerprint for key in keys}),
    }
    with open_log(folder) as log:
        log.write("open", now, facts)
    return [(record, _opened(record, keys)) for record in records]


def _opened(record: Record, keys: Sequence[PrivateKey]) -> dict[str, Any] | VaultError:
    try:
        return unseal(record, keys)
    except VaultError as problem:
        return problem
