"""Keyed pseudonyms: the same customer stays joinable, and nobody without the key can test a guess.

A token is letters only behind its key id, so no detector ever finds it again. Never an unkeyed hash: the space of
e-mail addresses and phone numbers is small enough to be searched.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.canonical import canonical, phone_library
from convqa_sdk.redaction.classes import DROPPED
from convqa_sdk.redaction.findings import Finding

WITHHELD: Final = "[WITHHELD]"

Keys = Mapping[str, bytes]
"""Keys by their ids, the current one first."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 20  # 94 bits
_KEY_ID = re.compile("[a-z0-9]{1,16}")
_KIND = re.compile("[A-Z][A-Z_]{1,39}")
_REGION = re.compile("[A-Z]{2}")
_IDENTIFIERS: Final = frozenset({"CONVERSATION_ID", "USER_ID"})
_NO_KEYS: Final[Keys] = {}


def checked_keys(given: object, key_id: str = "k1") -> Keys:
    """Return keys by their ids, the current one first.

    Args:
        given: Bytes, or a mapping of key ids to bytes, the current key first; None: there is none.
        key_id: Names a key that comes without an id.

    Raises:
        ConfigurationError: A key is empty or no bytes, or a key id has another shape; no key is quoted.
    """
    if given is None:
        return _NO_KEYS
    keys: dict[Any, Any] = {key_id: given}
    if isinstance(given, Mapping):
        keys = dict(given)  # pyright: ignore[reportUnknownArgumentType] - looked at below
    if not keys:
        raise ConfigurationError("key: the mapping is empty; give at least the current key, or None")
    for name, key in keys.items():
        if not isinstance(name, str) or not _KEY_ID.fullmatch(name):
            raise ConfigurationError("key_id: expected 1 to 16 lower-case letters and digits, such as 'k1'")
        if not isinstance(key, bytes) or not key:
            raise ConfigurationError("key: expected bytes that are not empty, or None; encode a text key first")
    return keys


def keys_in(text: str, key_id: str = "k1") -> Keys:
    """Return the keys that a text holds, the current one first.

    Args:
        text: The key itself; or, in braces, several as JSON: `{"k2": "SECRET2", "k1": "SECRET1"}`.
        key_id: Names a key that comes without an id.

    Raises:
        ConfigurationError: What stands in braces is no such mapping; nothing of it is quoted.
    """
    text = text.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return checked_keys(text.encode(), key_id)
    pairs: Any = ()
    try:
        pairs = json.loads(text, object_pairs_hook=list)
        named = {name: secret.encode() for name, secret in pairs}
    except (ValueError, TypeError, AttributeError):
        named = {}
    if not named or len(named) != len(pairs):
        raise ConfigurationError(
            "key: a text in braces is read as several keys, a JSON object of key ids to texts, each id once, the "
            'current key first: {"k2": "...", "k1": "..."}; a single key must not stand in braces'
        )
    return checked_keys(named)


class Pseudonyms:
    """Turn values into keyed tokens such as `[EMAIL:k1:qwertyuiopasdfghjklz]`.

    Args:
        key: The secret key; 32 random bytes are a good one. A mapping of key ids to keys has the current key first and
            old ones behind it, for `all_tokens`. None: nothing can be pseudonymised, identifiers are withheld and
            values get their plain marker. A callable for either is asked when the first token is made, and again
            until it has given keys: one that raises, or gives anything else, is no key meanwhile.
        key_id: Names the key inside each token, so that keys can be rotated: 1 to 16 lower-case letters and digits.
        reference_key: Used for references, such as conversation ids, where there is no key: two of them must never
            become one, and nobody needs to join them with another process's.
        phone_region: Country whose telephone numbers are written without its code, as two capital letters: numbers
            are compared in E.164 then. None: by their digits.

    Raises:
        ConfigurationError: A key is empty or no bytes, or a key id or the region has another shape.
        ImportError: `phone_region` needs the extra `redaction`.
    """

    __slots__ = ("_first", "_given", "_key_id", "_keys", "_reference_key", "_region")

    def __init__(
        self,
        key: bytes | Keys | Callable[[], bytes | Keys | None] | None,
        key_id: str = "k1",
        reference_key: bytes | None = None,
        phone_region: str | None = None,
    ) -> None:
        if not _KEY_ID.fullmatch(key_id):
            raise ConfigurationError("key_id: expected 1 to 16 lower-case letters and digits, such as 'k1'")
        if phone_region is not None:
            if not _REGION.fullmatch(phone_region):
                raise ConfigurationError("phone_region: expected two capital letters, such as US")
            phone_library()
        self._given = key if callable(key) else None
        self._keys = _NO_KEYS if callable(key) else checked_keys(key, key_id)
        self._first = next(iter(self._keys.items()), None)
        self._key_id = key_id
        self._reference_key = reference_key
        self._region = phone_region

    def __repr__(self) -> str:
        known = "..." if self._keys or self._given is not None else "None"
        return f"Pseudonyms(key={known}, key_id={next(iter(self._keys), self._key_id)!r})"

    def _current(self) -> tuple[str, bytes] | None:
        """Return id and key for new tokens, None when there is none."""
        if self._first is None and self._given is not None:
            self._ask(self._given)
        return self._first

    def _ask(self, give: Callable[[], bytes | Keys | None]) -> None:
        try:
            self._keys = checked_keys(give(), self._key_id)
        except Exception:  # noqa: BLE001 - the caller's own code: without a key everything is withheld
            return
        self._first = next(iter(self._keys.items()), None)

    @property
    def keyed(self) -> bool:
        """Whether there is a key, so that identifiers can leave as pseudonyms."""
        return self._current() is not None

    def token(self, label: str, value: str) -> str:
        """Return the pseudonym of a detected value, or its plain marker when there is no key.

        Args:
            label: The class of the finding, such as `EMAIL`; a SECRET or CVV always gets its marker.
            value: The matched text; spellings of the same value (case, separators) give the same token.
        """
        current = None if label in DROPPED else self._current()
        return f"[{label}]" if current is None else _seal(label, canonical(label, value, self._region), *current)

    def all_tokens(self, label: str, value: str) -> tuple[str, ...]:
        """Return the pseudonyms of a value under every key, the current one first, for joins across a rotation.

        Args:
            label: The class, such as `EMAIL`, or the kind of an identifier, such as `USER_ID`.
            value: The value, in any spelling; identifiers are taken exactly as they are.

        Returns:
            One token per key; none without a key, and for a SECRET or CVV.
        """
        if label in DROPPED:
            return ()
        self._current()
        same = value if label in _IDENTIFIERS else canonical(label, value, self._region)
        return tuple(_seal(label, same, name, key) for name, key in self._keys.items())

    def identifier(self, kind: str, value: str) -> str:
        """Return the pseudonym of an identifier, or `[WITHHELD]` when there is no key.

        Args:
            kind: What it identifies, in capitals: `USER_ID`, `ACCOUNT_ID`, `CONVERSATION_ID`.
            value: The identifier; taken exactly as it is.

        Raises:
            ConfigurationError: `kind` is not written in capital letters and underscores.
        """
        if not _KIND.fullmatch(kind):
            raise ConfigurationError("kind: expected capital letters and underscores, such as ACCOUNT_ID")
        current = self._current()
        return WITHHELD if current is None else _seal(kind, value, *current)

    def all_identifiers(self, kind: str, value: str) -> tuple[str, ...]:
        """Return the pseudonyms of an identifier under every key, the current one first; none without a key.

        Args:
            kind: As in `identifier`.
            value: The identifier; taken exactly as it is.
        """
        self._current()
        return tuple(_seal(kind, value, name, key) for name, key in self._keys.items())

    def reference(self, value: str, findings: Sequence[Finding] | None) -> str:
        """Return an id that may leave: itself, or its pseudonym when it holds personal data.

        `references.conversation_reference` says what is looked for in it.

        Args:
            value: The id.
            findings: What the detector found in it; None when detection failed, which counts as personal data.
        """
        if findings is not None and not findings:
            return value
        current = self._current()
        if current is None and self._reference_key is not None:
            current = self._key_id, self._reference_key
        return WITHHELD if current is None else _seal("CONVERSATION_ID", value, *current)


def _seal(label: str, value: str, key_id: str, key: bytes) -> str:
    message = label.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big")
    letters: list[str] = []
    for _ in range(_LENGTH):
        number, rest = divmod(number, 26)
        letters.append(_LETTERS[rest])
    return f"[{label}:{key_id}:{''.join(letters)}]"
