"""Stable hashes: the same answer in every process, for trace ids, sampling and draws."""

from __future__ import annotations

import hmac


def conversation_trace_id(key: bytes, service_name: str, conversation_id: str) -> int:
    """Return the trace id of a conversation: the first 16 bytes of HMAC-SHA256 over service NUL conversation.

    Turns that different processes handle meet under one trace id without a lookup, and the id tells nothing to
    anyone without the key. Zero, which W3C Trace Context forbids, becomes one.
    """
    message = f"{service_name}\0{conversation_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(key, message, "sha256")[:16], "big") or 1
