"""Addresses of cryptocurrency wallets, by their own check sums where they have one."""

from __future__ import annotations

import hashlib
import re
from typing import Final

SHORTEST: Final = 25
LONGEST: Final = 112

_BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BASE58: Final = re.compile("[1-9A-HJ-NP-Za-km-z]{25,95}")
_HEXADECIMAL: Final = re.compile("0[xX][0-9a-fA-F]{40}")
_BECH32: Final = re.compile("(bc|tb|ltc|addr|cosmos|bnb)1([02-9ac-hj-np-z]{6,104})")
_BECH32_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_SUMS: Final = (1, 0x2BC830A3)
_MONERO: Final = re.compile("[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}|4[1-9A-HJ-NP-Za-km-z]{105}")
_CASH: Final = re.compile("[qp][02-9ac-hj-np-z]{41}")


def is_wallet(token: str) -> bool:
    """Tell whether a run of letters and digits is the address of a wallet: Bitcoin and its kin, Ethereum, and others.

    Base58Check (Bitcoin, Litecoin, Dogecoin, Tron, Ripple), Bech32 and Bech32m (BIP 173, BIP 350) are verified;
    Ethereum's and Monero's shapes are taken as they are.
    """
    if not SHORTEST <= len(token) <= LONGEST:
        return False
    if _HEXADECIMAL.fullmatch(token) or _MONERO.fullmatch(token):
        return True
    lowered = token.lower()
    if token in (lowered, token.upper()):
        bech32 = _BECH32.fullmatch(lowered)
        if bech32 is not None and _bech32_sum(bech32[1], bech32[2]) in _BECH32_SUMS:
            return True
    if _BASE58.fullmatch(token) and len(token) <= 36:
        return _base58_valid(token, _BITCOIN) or (token[0] == "r" and _base58_valid(token, _RIPPLE))
    return False


def is_cash_address(token: str) -> bool:
    """Tell whether a run has the shape of a Bitcoin Cash address behind its prefix."""
    return _CASH.fullmatch(token) is not None


def has_wallet_shape(token: str) -> bool:
    """Tell whether a run can be an address of a chain that has no check sum, such as Solana, where words say so."""
    return 32 <= len(token) <= 44 and _BASE58.fullmatch(token) is not None and any(map(str.isdigit, token))


def _base58_valid(token: str, alphabet: str) -> bool:
    number = 0
    for character in token:
        number = number * 58 + alphabet.index(character)
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def _bech32_sum(prefix: str, data: str) -> int:
    values = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *map(_BECH32_LETTERS.index, data)]
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            total ^= generator if top >> bit & 1 else 0
    return total
