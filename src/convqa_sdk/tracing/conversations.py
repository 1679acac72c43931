"""Conversations as one configuration knows them: reads the facts of a turn that ends, and advances its state."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from convqa_sdk.isolation import fault
from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.requests import request_tokens
from convqa_sdk.tracing.conversation import MAX_NAME, ConversationState, Facts
from convqa_sdk.tracing.conversation_store import StateStore
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage

MAX_WORDS = 48
"""Words of a request that are kept, as hashes."""
LOST = "conversation_state"
"""What is named as wrong on a turn whose conversation's state was lost."""


class Conversations:
    """What is known of conversations.

    Args:
        store: Keeps their states.
        name: Name of a conversation in the store, which tells nothing of it.
        key: Gives what hashes words of requests; the same in every process that shares states.
    """

    def __init__(self, store: StateStore, *, name: Callable[[str], str], key: Callable[[], bytes]) -> None:
        self.store = store
        self._name = name
        self._key = key

    def known(self, conversation_id: str) -> ConversationState | None:
        """Return the state of a conversation, None when there is none or it is lost. Never raises."""
        try:
            return self.store.read(self._name(conversation_id))
        except Exception as error:  # noqa: BLE001 - decision 8: a store of the application's may raise anything
            fault("state_store", error)
            return None

    def advance(self, turn: Any, facts: Facts) -> ConversationState | None:
        """Note that a turn has ended; return the state before it, None when that is lost. Never raises."""
        try:
            before = self.store.advance(
                self._name(turn.conversation_id), lambda state: (state or ConversationState()).after(facts)
            )
        except Exception as error:  # noqa: BLE001 - decision 8: as above
            fault("state_store", error)
            turn.mark(LOST)
            return None
        return before if before is not None else ConversationState()

    def after_fork(self) -> None:
        """Have a store forget, in a forked child, what is its parent's."""
        forget = getattr(self.store, "after_fork", None)
        if forget is not None:
            forget()

    def facts(self, turn: Any, stages: Sequence[Stage]) -> Facts:
        """Return what is known of a turn when it ends.

        Args:
            turn: The turn.
            stages: Its stages in order of their end.
        """
        values = turn.values
        message, answer = _text(values.get("message")), _text(values.get("answer"))
        intent = _last(stages, "intent_detection")
        counts = turn.evidence_given.counts() if turn.evidence_given is not None else None
        bubbles, index = values.get("bubble_count"), values.get("turn_index")
        return Facts(
            message=bool(message),
            request=self.hashed(request_tokens(message, language_of(turn))) if message else frozenset(),
            answered=bool(answer) or values.get("answer_type") is not None,
            bubbles=bubbles if type(bubbles) is int and 0 <= bubbles < 1_000 else 1,
            answer_type=_text(values.get("answer_type"))[:MAX_NAME] or None,
            traits=AnswerTraits.of(answer),
            intent=_text(intent.get("intent"))[:MAX_NAME] or None,
            risk=_text(intent.get("risk"))[:MAX_NAME] or None,
            missing_evidence=counts[2] if counts is not None else None,
            claim_rewrites=rewrites(stages),
            tools=tools_of(stages),
            start_ns=turn.start_ns,
            end_ns=turn.end_ns,
            trace_id=turn.trace_id,
            span_id=turn.span_id,
            turn_index=index if type(index) is int and 0 <= index < 1_000_000 else None,
        )

    def hashed(self, words: frozenset[str]) -> frozenset[int]:
        """Return keyed hashes of words, 32 bits each: enough to compare two requests, and no text."""
        hasher = hashlib.blake2b(digest_size=4, key=self._key()[:64])
        digests: list[bytes] = []
        for word in words if len(words) <= MAX_WORDS else sorted(words)[:MAX_WORDS]:
            one = hasher.copy()
            one.update(word.encode("utf-8", "replace"))
            digests.append(one.digest())
        return frozenset(struct.unpack(f">{len(digests)}I", b"".join(digests)))


def language_of(turn: Any) -> str:
    """Return the language of a turn as detectors take it, `en` where none is named."""
    return _text(turn.values.get("language"))[:MAX_NAME] or "en"


def tools_of(stages: Iterable[Stage]) -> tuple[str, ...]:
    """Return the names of the tools that succeeded, each once."""
    names = (
        stage.values.get("name")
        for stage in stages
        if stage.kind == "tool" and stage.status == "ok" and stage.values.get("result", "ok") == "ok"
    )
    return tuple(dict.fromkeys(name[:MAX_NAME] for name in names if is_a(name, str) and name))


def rewrites(stages: Iterable[Stage]) -> int:
    """Return how many answers a policy check rewrote."""
    return sum(stage.kind == "policy_check" and stage.values.get("result") == "rewrite" for stage in stages)


def _last(stages: Sequence[Stage], kind: str) -> dict[str, Any]:
    for stage in reversed(stages):  # a generator left half-way would swallow what a signal raises
        if stage.kind == kind:
            return stage.values
    return {}


def _text(value: object) -> str:
    return str.__str__(value) if is_a(value, str) else ""  # type: ignore[arg-type] # reason: `is_a` tells
