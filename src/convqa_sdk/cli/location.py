"""What commands are given: the store (`--store`, else `CONVQA_STORE`, else `./convqa-telemetry`), a policy, a plan."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

from convqa_sdk.errors import ConfigurationError, StoreError
from convqa_sdk.export.keys import key_path
from convqa_sdk.guard.plan import GuardPlan
from convqa_sdk.guard.plan_file import PlanFile
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy
from convqa_sdk.redaction.pseudonyms import Keys, checked_keys, keys_in
from convqa_sdk.store.erasure import present_names

PSEUDONYM: Final = re.compile(r"\[[A-Z][A-Z_]{1,39}:([a-z0-9]{1,16}):[a-z]{20}\]")
Of = Literal["customer", "conversation"]


KINDS: Final[Mapping[Of, tuple[str, ...]]] = {
    "customer": ("USER_ID", "ACCOUNT_ID"),
    "conversation": ("CONVERSATION_ID",),
}


class Names(NamedTuple):
    """What one customer or conversation may be called in a store.

    Attributes:
        all: As it was given, and its pseudonyms under every key at hand.
        stored: Those of them that occur in the store.
        is_raw: Whether what was given is no pseudonym.
    """

    all: tuple[str, ...]
    stored: tuple[str, ...]
    is_raw: bool


def pseudonyms_of(store: Path, name: str, of: Of) -> list[str]:
    """Return the pseudonyms that may stand for an id in a store, under every key at hand.

    Keys are those of `CONVQA_KEY`, and the one in the file beside the store.

    Args:
        store: Folder of segments.
        name: An id as the bot knows it.
        of: What it identifies.

    Raises:
        ConfigurationError: `CONVQA_KEY` or `CONVQA_KEY_ID` is not what they take.
    """
    return list(
        dict.fromkeys(
            pseudonym
            for keys in _keys_at_hand(store)
            for kind in KINDS[of]
            for pseudonym in Pseudonyms(keys).all_identifiers(kind, name)
        )
    )


def pseudonyms_at_hand(store: Path | None = None) -> Pseudonyms | None:
    """Return what makes pseudonyms with the keys of `CONVQA_KEY`, else the one beside the store; None without any.

    Raises:
        ConfigurationError: As in `pseudonyms_of`; or `CONVQA_PHONE_REGION` needs an extra.
    """
    keys = next(_keys_at_hand(store), None)
    try:
        return Pseudonyms(keys, phone_region=os.environ.get("CONVQA_PHONE_REGION") or None) if keys else None
    except ImportError as error:
        raise ConfigurationError(f"CONVQA_PHONE_REGION: {error}") from None


def _keys_at_hand(store: Path | None) -> Iterator[Keys]:
    key_id = os.environ.get("CONVQA_KEY_ID") or "k1"
    if given := os.environ.get("CONVQA_KEY", "").strip():
        yield keys_in(given, key_id)
    if store is None:
        return
    with suppress(OSError, ValueError):
        key = bytes.fromhex(key_path(store.absolute()).read_text().strip())
        yield checked_keys({key_id: key, "k1": key})  # whether the id was set when the key was made, nobody knows


def names_of(store: Path, given: str, of: Of) -> Names:
    """Return what an id is called in a store.

    Args:
        store: Folder of segments.
        given: The id: a pseudonym, or one as the bot knows it.
        of: What it identifies.

    Raises:
        StoreError: The id may be stored as a pseudonym of which the key is not at hand; or there is no such store.
        ConfigurationError: As in `pseudonyms_of`.
    """
    if PSEUDONYM.fullmatch(given):
        return Names((given,), (given,), is_raw=False)
    names = (given, *pseudonyms_of(store, given, of))
    present = present_names(store, of)
    held = {match[1] for name in present if (match := PSEUDONYM.fullmatch(name))}
    missing = held - {match[1] for name in names[1:] if (match := PSEUDONYM.fullmatch(name))}
    if missing and given not in present:
        raise StoreError(
            f"an id needs the key; the store holds pseudonyms under {', '.join(sorted(held))}; "
            "set CONVQA_KEY and CONVQA_KEY_ID, or give the pseudonym"
        )
    return Names(names, tuple(name for name in names if name in present), is_raw=True)


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
        ConfigurationError: It cannot be read, is no policy, or needs an extra.
    """
    if args.policy is None:
        return RedactionPolicy()
    try:
        return RedactionPolicy.from_yaml(args.policy)
    except ImportError as error:
        raise ConfigurationError(str(error)) from None


def add_plan(command: argparse.ArgumentParser) -> None:
    """Give a command the option `--plan`."""
    command.add_argument("--plan", type=Path, required=True, metavar="FILE", help="the guard's plan, YAML or JSON")


def plan_from(args: argparse.Namespace) -> tuple[PlanFile, GuardPlan]:
    """Return the guard's plan that a command was given, and its file.

    Raises:
        ConfigurationError: It cannot be read, is no plan, or needs an extra.
    """
    file = PlanFile(args.plan)
    try:
        return file, file.read()
    except ImportError as error:
        raise ConfigurationError(str(error)) from None
