"""Conversations as one configuration knows them: reads the facts of a turn that ends, and advances its state."""

from __future__ import annotations

import hashlib
import re
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from convqa_sdk.isolation import fault
from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.capability import HANDED_OVER
from convqa_sdk.signals.requests import request_tokens
from convqa_sdk.tracing.conversation import MAX_NAME, ConversationState, Facts
from convqa_sdk.tracing.conversation_store import StateStore
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage

if TYPE_CHECKING:
    from convqa_sdk.schema.archetypes import ArchetypeMap

MAX_LABEL = 64
_IDENTIFIER = re.compile("[A-Za-z_](?:[A-Za-z_.:/-]|(?<![0-9])[0-9]{1,3}(?![0-9]))*")
MAX_MISSED = 10_000
"""Conversations of which it is remembered that a turn was missed."""
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
        self._lock = threading.RLock()  # reentrant: the collector may end a turn, and come back, at any allocation
        self._pending: dict[str, int] = {}
        self._missed: dict[str, None] = {}

    def expect(self, conversation_id: str) -> None:
        """Note that a turn has ended and waits to be exported: until then its conversation's state is behind."""
        with self._lock:
            self._pending[conversation_id] = self._pending.get(conversation_id, 0) + 1

    def miss(self, conversation_id: str) -> None:
        """Note that a turn will never reach the state: what is known of its conversation is no longer whole."""
        self._settle(conversation_id)
        with self._lock:
            self._missed[conversation_id] = None
            if len(self._missed) > MAX_MISSED:
                del self._missed[next(iter(self._missed))]

    def _settle(self, conversation_id: str) -> None:
        with self._lock:
            waiting = self._pending.pop(conversation_id, 0)
            if waiting > 1:
                self._pending[conversation_id] = waiting - 1

    def tools_before(self, conversation_id: str) -> tuple[str, ...] | None:
        """Return the tools that succeeded in a conversation's turns so far; None: unknown, also while one waits."""
        if conversation_id in self._pending or conversation_id in self._missed:
            return None
        known = self.known(conversation_id)
        return known.tools if known is not None and not known.partial else None

    def known(self, conversation_id: str) -> ConversationState | None:
        """Return the state of a conversation, None when it is lost. Never raises."""
        try:
            known = self.store.read(self._name(conversation_id))
            return ConversationState() if known is None else _checked(known)
        except Exception as error:  # noqa: BLE001 - decision 8: a store of the application's may raise anything
            fault("state_store", error)
            return None

    def advance(self, turn: Any, facts: Facts) -> ConversationState | None:
        """Take a turn that has ended into the state; return the one before it, None when that is lost. Never raises.

        After a turn that never reached the state (a store that failed, a turn that was lost) nothing is known of the
        answer before, and nothing counts from the beginning any more.
        """
        conversation_id = turn.conversation_id
        missed = conversation_id in self._missed

        def begun(state: ConversationState | None) -> ConversationState:
            if missed:
                return ConversationState(partial=True)
            return ConversationState() if state is None else _checked(state)

        try:
            before = self.store.advance(self._name(conversation_id), lambda state: begun(state).after(facts))
            if before is not None:
                _checked(before)
        except Exception as error:  # noqa: BLE001 - decision 8: as above
            fault("state_store", error)
            turn.mark(LOST)
            self.miss(conversation_id)
            return None
        self._settle(conversation_id)
        with self._lock:
            self._missed.pop(conversation_id, None)
        return begun(before)

    def after_fork(self) -> None:
        """Forget, in a forked child, what is its parent's, and have a store do the same."""
        self._lock = threading.RLock()
        self._pending, self._missed = {}, {}
        forget = getattr(self.store, "after_fork", None)
        if forget is not None:
            try:
                forget()
            except Exception as error:  # noqa: BLE001 - decision 8
                fault("state_store", error)

    def facts(self, turn: Any, stages: Sequence[Stage], label: Callable[[str], str | None] = plain_label) -> Facts:
        """Return what is known of a turn when it ends.

        Args:
            turn: The turn.
            stages: Its stages in order of their end.
            label: Makes of a name that the bot gave, such as an intent, one that may be kept; None: it may not.
        """
        values = turn.values
        message, answer = _text(values.get("message")), _text(values.get("answer"))
        ran = tools_of(stages)
        tools = tuple(name for tool in ran if (name := _kept(tool, label)) is not None)
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
            tools=tools,
            start_ns=turn.start_ns,
            end_ns=turn.end_ns,
            trace_id=0 if turn.thinned else turn.trace_id,
            span_id=0 if turn.thinned else turn.span_id,
            turn_index=index if type(index) is int and 0 <= index < 1_000_000 else None,
            is_whole=not turn.spilled and len(tools) == len(ran),
            archetype=_kept(self._archetype(intent), label),
            persona=_kept(values.get("agent_id"), plain_label),
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
    """Return the names of the tools that succeeded, each once; a handover stands among them under its own name."""
    names: dict[str, None] = {}
    for stage in stages:
        if stage.kind == "escalation" and stage.status == "ok":
            names[HANDED_OVER] = None
        elif stage.kind == "tool" and stage.status == "ok" and stage.values.get("result", "ok") == "ok":
            name = _text(stage.values.get("name"))[:MAX_NAME]
            if name:
                names[name] = None
    return tuple(names)


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
