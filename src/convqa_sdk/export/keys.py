"""Where the pseudonym key comes from: the caller, the environment, or a file beside the embedded store."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.settings import Settings
from convqa_sdk.isolation import fault, log, once
from convqa_sdk.redaction.pseudonyms import Keys, checked_keys

SHORT = 16
"""Bytes below which a key can be guessed."""


def key_path(store: Path) -> Path:
    """Return where a store keeps its key: beside it, so that sharing the folder does not share the key."""
    return store.with_name(store.name + ".key")


def resolve_keys(settings: Settings, store: Path | None) -> Callable[[], Keys]:
    """Return what gives the keys by their ids, the current one first; an empty mapping when there is none.

    Identifiers are withheld then, which is said once. What is there is read now; a store that has no key yet gets it
    when that is first asked for: a program that is configured and records nothing, such as a bot that tests import,
    leaves no file behind.

    Raises:
        ConfigurationError: A key is empty, or the callable failed.
    """
    if settings.key is not None:
        given = given_keys(settings.key, settings.key_id)
        return lambda: given
    if store is None:
        _say_there_is_none()
        return dict

    @functools.cache
    def stored() -> Keys:
        key = _stored(store)
        if key is None:
            _say_there_is_none()
            return {}
        return {settings.key_id: key}

    with contextlib.suppress(OSError, ValueError):  # whoever asks for the key meets it again
        if key_path(store).exists():
            stored()
    return stored


def current_key(keys: Callable[[], Keys]) -> bytes | None:
    """Return the key for new pseudonyms, None when there is none."""
    for key in keys().values():
        return key
    return None


def _say_there_is_none() -> None:
    once("no_pseudonym_key", effect="user and account ids are withheld", do="set key= or CONVQA_KEY")


def given_keys(given: object, key_id: str) -> Keys:
    """Return the keys of a `key=` by their ids, the current one first.

    Args:
        given: A text, bytes, a mapping of key ids to these, or a callable for any of them, which is called.
        key_id: Names a key that comes without an id.

    Raises:
        ConfigurationError: It is none of these, or empty, or the callable failed; no key is quoted.
    """
    key: Any = given
    if callable(key):
        try:
            key = key()
        except Exception as error:  # noqa: BLE001 - the caller's own code; its message may quote the key
            raise ConfigurationError(f"key: the callable raised {type(error).__name__}") from None
    named: dict[Any, Any] = {key_id: key}
    if isinstance(key, Mapping):
        named = dict(key)  # pyright: ignore[reportUnknownArgumentType] # reason: looked at below
    keys = {name: each.encode() if isinstance(each, str) else each for name, each in named.items()}
    if not keys or not all(isinstance(each, bytes) and each for each in keys.values()):
        raise ConfigurationError(
            "key: give bytes or a text that is not empty, such as the output of `openssl rand -hex 32`, or a mapping "
            "of key ids to these, the current one first"
        )
    for each in keys.values():
        if len(each) < SHORT:
            log("warning", "short_pseudonym_key", bytes=len(each), do="use 32 random bytes")
    return checked_keys(keys)


def _stored(store: Path) -> bytes | None:
    """Read the store's key or make one, safely beside other processes that do the same."""
    try:
        path = key_path(store)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            fault("key_file_permissions")  # whoever else reads it can undo the pseudonyms
            return None
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        fault("key_file", error, store=str(store))
        return None
    if len(key) < SHORT:  # torn or tampered with
        fault("key_file")
        return None
    return key


def _make(path: Path) -> None:
    """Write a new key whole, then give it its name unless another process was first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
