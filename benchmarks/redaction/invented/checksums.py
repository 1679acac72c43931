"""Checksums that values carry, from their published definitions; nothing of the code under test."""

from __future__ import annotations

import hashlib

BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
MONERO_BLOCKS = (0, 2, 3, 5, 6, 7, 9, 10, 11)
"""Characters that a block of so many bytes takes in Monero's base 58."""
KECCAK_ROUNDS = 24


def luhn(payload: str) -> str:
    """Return a payload completed by its Luhn digit."""
    total = 0
    for index, character in enumerate(reversed(payload)):
        number = int(character) * (1 if index % 2 else 2)
        total += number - 9 if number > 9 else number
    return f"{payload}{-total % 10}"


def iban(country: str, account: str) -> str:
    """Return the IBAN of an account: 98 minus the remainder by 97 (ISO 13616)."""
    number = int("".join(str(int(character, 36)) for character in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02d}{account}"


def vin(serial: str) -> str:
    """Return a North American VIN with its ninth character set (49 CFR 565.15)."""
    values = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    remainder = sum(values[character] * weight for character, weight in zip(serial, weights, strict=True)) % 11
    return f"{serial[:8]}{'X' if remainder == 10 else remainder}{serial[9:]}"


def base58(data: bytes, alphabet: str = BITCOIN) -> str:
    """Return bytes in base 58, a leading zero byte as the alphabet's first character."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def base58check(data: bytes, alphabet: str = BITCOIN) -> str:
    """Return bytes in base 58 with four bytes of their double SHA-256."""
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], alphabet)


def bech32(prefix: str, version: int, program: bytes) -> str:
    """Return a SegWit address (BIP 173; from version 1 on, BIP 350)."""
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    data = [version, *(int(bits[index : index + 5], 2) for index in range(0, len(bits), 5))]
    expanded = [ord(character) >> 5 for character in prefix] + [0] + [ord(character) & 31 for character in prefix]
    check = _polymod([*expanded, *data, 0, 0, 0, 0, 0, 0]) ^ (0x2BC830A3 if version else 1)
    data += [(check >> 5 * (5 - index)) & 31 for index in range(6)]
    return f"{prefix}1{''.join(BECH32[digit] for digit in data)}"


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> index & 1 else 0
    return check


def ethereum(data: bytes) -> str:
    """Return an address with its checksum in the case of its letters (EIP-55)."""
    digits = data.hex()
    digest = keccak256(digits.encode()).hex()
    return "0x" + "".join(c.upper() if int(bit, 16) > 7 else c for c, bit in zip(digits, digest, strict=False))


def monero(keys: bytes) -> str:
    """Return a standard address of two public keys."""
    data = b"\x12" + keys
    data += keccak256(data)[:4]
    text = ""
    for start in range(0, len(data), 8):
        block = data[start : start + 8]
        text += base58(block.lstrip(b"\0")).rjust(MONERO_BLOCKS[len(block)], "1")
    return text


def keccak256(data: bytes) -> bytes:
    """Return Keccak-256 with the padding before SHA-3 was standardised, which is what wallets use."""
    rate, lanes = 136, [0] * 25
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % rate))
    padded[-1] |= 0x80
    for start in range(0, len(padded), rate):
        for index in range(rate // 8):
            lanes[index] ^= int.from_bytes(padded[start + 8 * index : start + 8 * index + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permuted(lanes: list[int]) -> list[int]:
    register = 1
    for _ in range(KECCAK_ROUNDS):
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [columns[(x - 1) % 5] ^ _rotated(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[index % 5] for index, lane in enumerate(lanes)]
        x, y, current = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x + 5 * y] = lanes[x + 5 * y], _rotated(current, (step + 1) * (step + 2) // 2)
        rows = [lanes[5 * row : 5 * row + 5] for row in range(5)]
        lanes = [row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]) for row in rows for x in range(5)]
        for power in range(7):
            register = register << 1 ^ (register >> 7) * 0x171
            if register & 2:
                lanes[0] ^= 1 << ((1 << power) - 1)
    return lanes


def _rotated(lane: int, count: int) -> int:
    count %= 64
    return (lane << count | lane >> (64 - count)) & 0xFFFFFFFFFFFFFFFF
