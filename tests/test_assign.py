"""Stable hashes: the same answer in every process, and zero never."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk import assign
from convqa_sdk.assign import conversation_trace_id

KEY = b"k" * 32
texts = st.text(st.characters(exclude_categories=()), max_size=20)


def test_as_the_contract_defines_it() -> None:
    """The first 16 bytes of HMAC-SHA256 over service name, NUL, conversation id (checked with openssl and hashlib)."""
    message = b"acme-support-bot\0c-10492"
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in KEY.ljust(64, b"\0")) + message).digest()
    outer = hashlib.sha256(bytes(k ^ 0x5C for k in KEY.ljust(64, b"\0")) + inner).digest()
    assert conversation_trace_id(KEY, "acme-support-bot", "c-10492") == int.from_bytes(outer[:16], "big")
    assert f"{conversation_trace_id(KEY, 'acme-support-bot', 'c-10492'):032x}" == "85ae121108f4b51a292c6effaa607ca4"


def test_the_same_in_another_process() -> None:
    """No process-wide randomness takes part."""
    code = f"from convqa_sdk.assign import conversation_trace_id as t; print(t({KEY!r}, 'bot', 'c-1'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) == conversation_trace_id(KEY, "bot", "c-1")


@given(texts, texts)
def test_any_text_gives_a_valid_trace_id(service: str, conversation: str) -> None:
    """Any id, also one with lone surrogates, gives 128 bits that are not zero."""
    assert 0 < conversation_trace_id(KEY, service, conversation) < 2**128


@given(texts, texts)
def test_different_conversations_have_different_traces(one: str, other: str) -> None:
    """Neither conversations nor services nor keys are confused."""
    assert (conversation_trace_id(KEY, "bot", one) == conversation_trace_id(KEY, "bot", other)) == (one == other)
    assert conversation_trace_id(KEY, "bot", one) != conversation_trace_id(KEY, "bot2", one)
    assert conversation_trace_id(KEY, "bot", one) != conversation_trace_id(b"other key", "bot", one)


def test_zero_becomes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zero is no trace id in W3C Trace Context."""

    def zeros(*_: Any) -> bytes:
        return bytes(32)

    monkeypatch.setattr(hmac, "digest", zeros)
    assert assign.conversation_trace_id(KEY, "bot", "c-1") == 1
