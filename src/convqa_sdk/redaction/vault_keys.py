"""Keys of a vault as text: each says whether it seals or opens, so that a bot is not given the wrong one unnoticed."""

from __future__ import annotations

import hashlib
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from convqa_sdk.errors import ConfigurationError, VaultError

INSTALL: Final = "pip install 'convqa-sdk[redaction]'"
_PUBLIC: Final = "convqa-vault-public-"
_PRIVATE: Final = "convqa-vault-private-"
_HEX: Final = re.compile("[0-9a-f]{64}")
_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class PrivateKey(NamedTuple):
    """A key that opens records.

    Attributes:
        fingerprint: Of its public key.
        box: PyNaCl's SealedBox.
    """

    fingerprint: str
    box: Any


def nacl(module: str) -> Any:
    """Return a module of PyNaCl.

    Raises:
        ConfigurationError: It is not installed; the message names the extra.
    """
    try:
        return import_module(f"nacl.{module}")
    except ImportError:
        raise ConfigurationError(f"the vault needs PyNaCl, which the extra brings: {INSTALL}") from None


def letters(digits: str) -> str:
    """Return hexadecimal digits in letters, a to p: no detector takes those for a number."""
    return digits.translate(_LETTERS)


def fingerprint(public_key: bytes) -> str:
    """Return 16 letters that tell public keys apart."""
    return letters(hashlib.sha256(b"convqa-vault" + public_key).hexdigest()[:16])


def public_key_bytes(given: object) -> bytes:
    """Return the 32 bytes of a public key.

    Raises:
        ConfigurationError: It is none, or it is a private one; the message does not quote it.
    """
    if isinstance(given, bytes) and len(given) == 32:
        return given
    text = given.strip() if isinstance(given, str) else ""
    if text.startswith(_PRIVATE):
        raise ConfigurationError(
            "Vault(): public_key: this is a private key, which a bot must not have; give the public one that "
            "`convqa vault keygen` printed"
        )
    if given == "":
        raise ConfigurationError(
            "Vault(): public_key: it is missing: public_key= is empty, or CONVQA_VAULT_PUBLIC_KEY is not set beside "
            f"CONVQA_VAULT; give what `convqa vault keygen` printed, {_PUBLIC}…"
        )
    if not text.startswith(_PUBLIC) or not _HEX.fullmatch(text[len(_PUBLIC) :]):
        raise ConfigurationError(
            f"Vault(): public_key: give what `convqa vault keygen` printed, {_PUBLIC}…, or 32 bytes (the variable is "
            "CONVQA_VAULT_PUBLIC_KEY)"
        )
    return bytes.fromhex(text[len(_PUBLIC) :])


def generate(path: Path) -> str:
    """Make a pair of keys: the private one in a new file that its owner alone reads, the public one in `FILE.pub`.

    Returns:
        The public key.

    Raises:
        VaultError: There is such a file already, or it cannot be written.
    """
    key = nacl("public").PrivateKey.generate()
    public = f"{_PUBLIC}{bytes(key.public_key).hex()}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{_PRIVATE}{bytes(key).hex()}\n")
        path.with_name(f"{path.name}.pub").write_text(f"{public}\n", encoding="ascii")
    except FileExistsError:
        raise VaultError(f"{path} is there already; a key is never written over, name a new file") from None
    except OSError as error:
        raise VaultError(f"the private key cannot be written to {path}: {error.strerror}") from None
    return public


def fingerprint_of_file(path: Path) -> str:
    """Return the fingerprint of the key in a file, be it the private or the public one.

    Raises:
        VaultError: The file is missing, or holds no key.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "this is no text"
        raise VaultError(f"no key at {path}: {why}") from None
    if not text.startswith(_PUBLIC):
        return private_key(path).fingerprint
    try:
        return fingerprint(public_key_bytes(text))
    except ConfigurationError:
        raise VaultError(f"{path} holds no whole key: expected {_PUBLIC}… with 64 hexadecimal digits") from None


def private_key(path: Path) -> PrivateKey:
    """Read a private key.

    Raises:
        VaultError: The file is missing, cut short or no private key, or others may read it.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
        readable = os.name == "posix" and path.stat().st_mode & 0o077
    except OSError as error:
        raise VaultError(f"no private key at {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        text, readable = "", 0
    if text.startswith(_PUBLIC):
        raise VaultError(f"{path} holds a public key, which seals; opening needs the private one")
    if not text.startswith(_PRIVATE) or not _HEX.fullmatch(text[len(_PRIVATE) :]):
        raise VaultError(f"{path} holds no private key: expected one line, {_PRIVATE}… with 64 hexadecimal digits")
    if readable:
        raise VaultError(f"{path} can be read by others; take that from them: chmod 600")
    key = nacl("public").PrivateKey(bytes.fromhex(text[len(_PRIVATE) :]))
    return PrivateKey(fingerprint(bytes(key.public_key)), nacl("public").SealedBox(key))
