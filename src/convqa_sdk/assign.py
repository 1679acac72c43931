"""Stable hashes: the same answer in every process, for trace ids, sampling and draws."""

from __future__ import annotations

import hashlib
import hmac


def conversation_trace_id(key: bytes, service_name: str, conversation_id: str) -> int:
    """Return the trace id of a conversation: the first 16 bytes of HMAC-SHA256 over service NUL conversation.

    Turns that different processes handle meet under one trace id without a lookup, and the id tells nothing to
    anyone without the key. Zero, which W3C Trace Context forbids, becomes one.
    """
    message = f"{service_name}\0{conversation_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(key, message, "sha256")[:16], "big") or 1


def is_drawn(unit_id: str, share: float, purpose: bytes = b"convqa.sampling") -> bool:
    """Tell whether a customer or conversation belongs to a share, such as that which is recorded.

    The first eight bytes of BLAKE2b over the id, with the purpose as personalisation, are a number from 0 to 1; a unit
    is drawn when that lies below the share. So a larger share contains all of a smaller one, and draws for different
    purposes have nothing to do with one another.
    """
    drawn = hashlib.blake2b(unit_id.encode("utf-8", "surrogatepass"), digest_size=8, person=purpose).digest()
    return int.from_bytes(drawn, "big") < share * 2**64
