"""Keyed pseudonyms: the same customer stays joinable, and nobody without the key can test a guess.

A token is letters only behind its key id, so no detector ever finds it again. Never an unkeyed hash: the space of
e-mail addresses and phone numbers is small enough to be searched.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.findings import Finding

WITHHELD: Final = "[WITHHELD]"

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 20  # 94 bits
_KEY_ID = re.compile("[a-z0-9]{1,16}")
_KIND = re.compile("[A-Z][A-Z_]{1,39}")


class Pseudonyms:
    """Turn values into keyed tokens such as `[EMAIL:k1:qwertyuiopasdfghjklz]`.

    Args:
        key: The secret key; 32 random bytes are a good one. None: nothing can be pseudonymised, identifiers are
            withheld and values get their plain marker. A callable is asked when the first token is made.
        key_id: Names the key inside each token, so that keys can be rotated: 1 to 16 lower-case letters and digits.
        reference_key: Used for references, such as conversation ids, where there is no key: two of them must never
            become one, and nobody needs to join them with another process's.

    Raises:
        ConfigurationError: The key is empty or no bytes, or the key id has another shape.
    """

    __slots__ = ("_given", "_key_id", "_reference_key")

    def __init__(
        self,
        key: bytes | Callable[[], bytes | None] | None,
        key_id: str = "k1",
        reference_key: bytes | None = None,
    ) -> None:
        if key is not None and not callable(key) and (not isinstance(key, bytes) or not key):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ConfigurationError("key: expected bytes that are not empty, or None; encode a text key first")
        if not _KEY_ID.fullmatch(key_id):
            raise ConfigurationError("key_id: expected 1 to 16 lower-case letters and digits, such as 'k1'")
        self._given = key
        self._key_id = key_id
        self._reference_key = reference_key

    def __repr__(self) -> str:
        return f"Pseudonyms(key={'None' if self._given is None else '...'}, key_id={self._key_id!r})"

    @property
    def _key(self) -> bytes | None:
        return self._given() if callable(self._given) else self._given

    @property
    def keyed(self) -> bool:
        """Whether there is a key, so that identifiers can leave as pseudonyms."""
        return self._key is not None

    def token(self, label: str, value: str) -> str:
        """Return the pseudonym of a detected value, or its plain marker when there is no key.

        Args:
            label: The class of the finding, such as `EMAIL`.
            value: The matched text; spellings of the same value (case, separators) give the same token.
        """
        key = self._key
        return f"[{label}]" if key is None else self._seal(label, canonical(label, value), key)

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
        key = self._key
        return WITHHELD if key is None else self._seal(kind, value, key)

    def reference(self, value: str, findings: Sequence[Finding] | None) -> str:
        """Return a conversation id that may leave: itself, or its pseudonym when it holds personal data.

        Args:
            value: The conversation id.
            findings: What the detector found in it; None when detection failed, which counts as personal data.
        """
        if findings is not None and not findings:
            return value
        key = self._key or self._reference_key
        return WITHHELD if key is None else self._seal("CONVERSATION_ID", value, key)

    def _seal(self, label: str, value: str, key: bytes) -> str:
        message = label.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
        number = int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big")
        letters: list[str] = []
        for _ in range(_LENGTH):
            number, rest = divmod(number, 26)
            letters.append(_LETTERS[rest])
        return f"[{label}:{self._key_id}:{''.join(letters)}]"


def canonical(label: str, value: str) -> str:
    """Return the one spelling that stands for all spellings of a value.

    Args:
        label: The class of the value.
        value: The text as it was matched.

    Returns:
        E-mail in lower case, cards as digits, phones as digits with their leading `+` (`00` counts as one), IBANs in
        capitals without separators, IP addresses in lower case; anything else unchanged.
    """
    if label in ("EMAIL", "IP_ADDRESS"):
        return value.strip().lower()
    if label == "IBAN":
        return "".join(filter(str.isalnum, value)).upper()
    if label in ("CREDIT_CARD", "PHONE"):
        digits = "".join(character for character in value if "0" <= character <= "9")
        if label == "PHONE" and value.lstrip(" (").startswith("+"):
            return f"+{digits}"
        return f"+{digits[2:]}" if label == "PHONE" and digits.startswith("00") else digits
    return value
