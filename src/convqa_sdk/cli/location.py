"""What several commands are given: the store (`--store`, else `CONVQA_STORE`, else `./convqa-telemetry`), a policy."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from convqa_sdk.export.keys import key_path
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy


def pseudonym_of(store: Path, name: str, kind: str = "CONVERSATION_ID") -> str | None:
    """Return the pseudonym that stands for a name in a store, None without the key.

    The key is the one of `CONVQA_KEY` and `CONVQA_KEY_ID`, else the file beside the store.

    Args:
        store: Folder of segments.
        name: An id as the bot knows it.
        kind: What it identifies, such as `USER_ID`.
    """
    key = os.environ.get("CONVQA_KEY", "").encode()
    if not key:
        try:
            key = bytes.fromhex(key_path(store.absolute()).read_text().strip())
        except (OSError, ValueError):
            return None
    pseudonyms = Pseudonyms(key, os.environ.get("CONVQA_KEY_ID") or "k1") if key else None
    return None if pseudonyms is None else pseudonyms.identifier(kind, name)


def add_store(command: argparse.ArgumentParser) -> None:
    """Give a command the option `--store`."""
    command.add_argument(
        "--store",
        type=Path,
        default=Path(os.environ.get("CONVQA_STORE") or "convqa-telemetry"),
        metavar="DIR",
        help="folder of the telemetry store (default: CONVQA_STORE or ./convqa-telemetry)",
    )


def add_policy(command: argparse.ArgumentParser) -> None:
    """Give a command the option `--policy`."""
    command.add_argument(
        "--policy", type=Path, metavar="FILE", help="a redaction policy in YAML (default: every class is redacted)"
    )


def policy_from(args: argparse.Namespace) -> RedactionPolicy:
    """Return the policy that a command was given.

    Raises:
        ConfigurationError: It cannot be read, or is no policy.
    """
    if args.policy is None:
        return RedactionPolicy()
    policies: Any = RedactionPolicy
    policy: RedactionPolicy = policies.from_yaml(args.policy)
    return policy
