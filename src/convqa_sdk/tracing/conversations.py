"""Conversations as one configuration knows them: reads the facts of a turn that ends, and advances its state."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from convqa_sdk.isolation import fault
from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.requests import request_tokens
from convqa_sdk.tracing.conversation import MAX_NAME, ConversationState, Facts
from convqa_sdk.tracing.conversation_store import StateStore
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage

if TYPE_CHECKING:
    from convqa_sdk.schema.archetypes import ArchetypeMap

MAX_LABEL = 64
_IDENTIFIER = re.compile("[A-Za-z][A-Za-z_.:/-]*[0-9]{0,3}")
MAX_WORDS = 48
"""Words of a request that are kept, as hashes."""
LOST = "conversation_state"
"""What is named as wrong on a turn whose conversation's state was lost."""


def plain_label(name: str) -> str | None:
    """Return a name that is an identifier, such as `order_status` or `crm.lookup`; None for any other text.

    What a state holds outlasts the turn, and those who knew the customer's name then; so free text stays out of it.
    """
    return name if len(name) <= MAX_LABEL and _IDENTIFIER.fullmatch(name) is not None else None


class Conversations:
    """What is known of conversations.

    Args:
        store: Keeps their states.
        name: Name of a conversation in the store, which tells nothing of it.
        key: Gives what hashes words of requests; the same in every process that shares states.
        signature_key: Gives what signs a state that the caller carries; None: it is not signed, because each process
            has a key of its own.
        archetypes: Gives an archetype to intents whose stage states none; None: nobody does.
    """

    def __init__(
        self,
        store: StateStore,
        *,
        name: Callable[[str], str],
        key: Callable[[], bytes],
        signature_key: Callable[[], bytes | None],
        archetypes: ArchetypeMap | None = None,
    ) -> None:
        self.store = store
        self._name = name
        self._key = key
        self.signature_key = signature_key
        self._archetypes = archetypes

    def known(self, conversation_id: str) -> ConversationState | None:
        """Return the state of a conversation, None when it is lost. Never raises."""
        try:
            known = self.store.read(self._name(conversation_id))
            return ConversationState() if known is None else _checked(known)
        except Exception as error:  # noqa: BLE001 - decision 8: a store of the application's may raise anything
            fault("state_store", error)
            return None

    def advance(self, turn: Any, facts: Facts) -> ConversationState | None:
        """Note that a turn has ended; return the state before it, None when that is lost. Never raises."""
        try:
            before = self.store.advance(
                self._name(turn.conversation_id),
                lambda state: (ConversationState() if state is None else _checked(state)).after(facts),
            )
            return ConversationState() if before is None else _checked(before)
        except Exception as error:  # noqa: BLE001 - decision 8: as above
            fault("state_store", error)
            turn.mark(LOST)
            return None

    def after_fork(self) -> None:
        """Have a store forget, in a forked child, what is its parent's."""
        forget = getattr(self.store, "after_fork", None)
        if forget is not None:
            forget()

    def facts(self, turn: Any, stages: Sequence[Stage], label: Callable[[str], str | None] = plain_label) -> Facts:
        """Return what is known of a turn when it ends.

        Args:
            turn: The turn.
            stages: Its stages in order of their end.
            label: Makes of a name that the bot gave, such as an intent, one that may be kept; None: it may not.
        """
        values = turn.values
        message, answer = _text(values.get("message")), _text(values.get("answer"))
        intent = _last(stages, "intent_detection")
        counts = turn.evidence_given.counts() if turn.evidence_given is not None else None
        bubbles, index = values.get("bubble_count"), values.get("turn_index")
        return Facts(
            message=bool(message),
            request=self.hashed(request_tokens(message, language_of(turn))) if message else frozenset(),
            answered=values.get("delivered") is not False and (bool(answer) or values.get("answer_type") is not None),
            bubbles=bubbles if type(bubbles) is int and 0 <= bubbles < 1_000 else 1,
            answer_type=_kept(values.get("answer_type"), plain_label),
            traits=AnswerTraits.of(answer),
            intent=_kept(intent.get("intent"), label),
            risk=_kept(intent.get("risk"), plain_label),
            missing_evidence=counts[2] if counts is not None else None,
            claim_rewrites=rewrites(stages),
            tools=tuple(name for tool in tools_of(stages) if (name := _kept(tool, label)) is not None),
            start_ns=turn.start_ns,
            end_ns=turn.end_ns,
            trace_id=turn.trace_id,
            span_id=turn.span_id,
            turn_index=index if type(index) is int and 0 <= index < 1_000_000 else None,
            is_whole=not turn.spilled,
            archetype=_kept(self._archetype(intent), label),
        )

    def _archetype(self, intent: dict[str, Any]) -> str | None:
        """Return the archetype of an intent, stated or by the map; the text is made first, as any may be hostile."""
        stated = _text(intent.get("archetype"))
        if not stated and self._archetypes is not None:
            found = self._archetypes.added(_text(intent.get("intent")) or None, None, intent.get("archetype_tier"))
            stated = found.archetype if found is not None else ""
        return stated[:MAX_NAME] or None

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


def _kept(given: Any, label: Callable[[str], str | None]) -> str | None:
    text = _text(given)[:MAX_NAME]
    return label(text) if text else None


def _checked(state: Any) -> ConversationState:
    """Return what a store gave; another store's author may give anything."""
    if type(state) is ConversationState:
        return state
    raise TypeError(f"the store of states gave {type(state).__name__}; it is to give a ConversationState, or None")


def _text(value: Any) -> str:
    return str.__str__(value) if is_a(value, str) else ""
