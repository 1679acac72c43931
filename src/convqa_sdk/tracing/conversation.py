"""What signals need of the turns before: a small, versioned state that may travel between processes.

It holds only facts that are known when a turn ends, and no text: of requests it keeps keyed hashes of their words, of
an answer three yes-or-no facts. What detectors made of the texts is not in it; the store works that out again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from array import array
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple
from zlib import crc32

from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.loops import WITHIN, LoopState

_PREFIX = "cs1"
"""Form and version of the text; a state of another version counts as lost."""
MAX_TOOLS = 64
"""Names of tools that are remembered; the oldest goes first, and from then on not all are known."""
MAX_TEXT = 16_384
"""Characters of a text that is read as a state; a real one has a tenth of that."""
MAX_HASHES = 64
MAX_NAME = 200
_FALLBACKS = ("fallback", "refusal")


class Facts(NamedTuple):
    """What is known of a turn when it ends.

    Attributes:
        message: Whether the customer wrote something.
        request: Hashes of the words of that; empty when nothing was written.
        answered: Whether the customer got an answer.
        bubbles: Messages that the answer was sent as.
        answer_type: Its kind as declared, None: not declared.
        traits: Facts of its text.
        intent: The intent found, None: none.
        risk: Its risk, None: unknown.
        missing_evidence: Evidence that the bot said it lacked, None: it did not say.
        claim_rewrites: Answers that a policy check rewrote.
        tools: Names of the tools that succeeded.
        start_ns: Begin, Unix nanoseconds.
        end_ns: End, Unix nanoseconds.
        trace_id: Of its span.
        span_id: Of its span.
        turn_index: Its number, where the caller gave it.
        is_whole: Whether all of its stages were at hand.
        archetype: The archetype of its intent, None: unknown.
        persona: The bot that answered, None: the service has no other.
    """

    message: bool
    request: frozenset[int]
    answered: bool
    bubbles: int
    answer_type: str | None
    traits: AnswerTraits
    intent: str | None
    risk: str | None
    missing_evidence: int | None
    claim_rewrites: int
    tools: tuple[str, ...]
    start_ns: int
    end_ns: int
    trace_id: int
    span_id: int
    turn_index: int | None = None
    is_whole: bool = True
    archetype: str | None = None
    persona: str | None = None


class ConversationState(NamedTuple):
    """A conversation after its last turn.

    `str(state)` is `cs1.<base64url of JSON>.<check>`; `parse` reads it back. A text that a caller carries is bound to
    its conversation (`text_for`), so that another's is none.

    Attributes:
        partial: Whether turns may have been missed: what counts from the beginning is then unknown.
        turns: Turns so far.
        messages: Messages of the customer so far.
        answers: Answers so far.
        bubbles: Messages that these were sent as.
        since_answer: Messages of the customer since the last answer.
        started_ns: Begin of the first turn, Unix nanoseconds; 0 before it.
        ended_ns: End of the last one.
        intent: Of the last turn that was answered.
        risk: The same.
        answer_type: The same, as declared.
        missing_evidence: The same, as the bot said; None: it did not say.
        claim_rewrites: The same.
        traits: Facts of that answer's text.
        tools: Names of the tools that succeeded so far.
        request: Hashes of the words of the customer's last message, packed: thousands of states stay in memory.
        loop: Where the customer stands in saying the same again.
        trace_id: Of the last turn.
        span_id: Of the last turn.
        archetype: Of the last turn that was answered, None: unknown.
        persona: The bot of the last turn, None: the service has no other.
    """

    partial: bool = False
    turns: int = 0
    messages: int = 0
    answers: int = 0
    bubbles: int = 0
    since_answer: int = 0
    started_ns: int = 0
    ended_ns: int = 0
    intent: str | None = None
    risk: str | None = None
    answer_type: str | None = None
    missing_evidence: int | None = None
    claim_rewrites: int = 0
    traits: AnswerTraits = AnswerTraits()
    tools: tuple[str, ...] = ()
    request: bytes = b""
    loop: LoopState = LoopState()
    trace_id: int = 0
    span_id: int = 0
    archetype: str | None = None
    persona: str | None = None

    def after(self, facts: Facts) -> ConversationState:
        """Return the state after one more turn."""
        fallback = facts.answer_type in _FALLBACKS
        index = self.turns if facts.turn_index is None else facts.turn_index
        tools = tuple(dict.fromkeys((*self.tools, *facts.tools)))
        state = self._replace(
            partial=self.partial or not facts.is_whole or len(tools) > MAX_TOOLS,
            turns=index + 1,
            messages=self.messages + facts.message,
            since_answer=self.since_answer + facts.message,
            started_ns=min(self.started_ns or facts.start_ns, facts.start_ns),
            ended_ns=max(self.ended_ns, facts.end_ns),
            tools=tools[-MAX_TOOLS:],
            request=packed(facts.request) if facts.message else self.request,
            loop=self.loop.step(facts.request, fallback) if facts.message else self.loop,
            trace_id=facts.trace_id,
            span_id=facts.span_id,
            persona=facts.persona,
        )
        if not facts.answered:
            return state
        return state._replace(
            answers=self.answers + 1,
            bubbles=self.bubbles + facts.bubbles,
            since_answer=0,
            intent=facts.intent,
            risk=facts.risk,
            answer_type=facts.answer_type,
            missing_evidence=facts.missing_evidence,
            claim_rewrites=facts.claim_rewrites,
            traits=facts.traits,
            archetype=facts.archetype,
        )

    def __str__(self) -> str:
        """Return the text form, bound to no conversation: for a store, which knows whose it is by its name."""
        return self.text_for("")

    def text_for(self, conversation_id: str, key: bytes | None = None) -> str:
        """Return the text form for a caller that carries it: the check covers the conversation's id as well.

        With a key the check is a signature, which nobody without it can make.
        """
        told = json.dumps(_plain(self), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        body = f"{_PREFIX}.{urlsafe_b64encode(told).decode().rstrip('=')}"
        return f"{body}.{_check(body, conversation_id, key)}"

    @classmethod
    def parse(cls, text: str, conversation_id: str = "", key: bytes | None = None) -> ConversationState | None:
        """Return the state that a text spells.

        None when it is none, was damaged, is of another version, or of another conversation than the one named.
        """
        body, _, check = text.rpartition(".")
        prefix, _, encoded = body.partition(".")
        if len(text) > MAX_TEXT or prefix != _PREFIX:
            return None
        right = _check(body, conversation_id, key)
        if not hmac.compare_digest(check.encode("utf-8", "replace"), right.encode()):
            return None
        try:
            given = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
            return _state(given)
        except (ValueError, TypeError, RecursionError):
            return None


def packed(hashes: Iterable[int]) -> bytes:
    """Return hashes of 32 bits as bytes, sorted; `unpacked` gives them back."""
    return array("I", sorted(hashes)).tobytes()


def unpacked(held: bytes) -> frozenset[int]:
    """Return the hashes that `packed` has packed."""
    return frozenset(array("I", held))


def _check(body: str, conversation_id: str, key: bytes | None) -> str:
    """Return what tells damage, and another conversation's text; without a key no more than that, by 32 bits."""
    covered = f"{body}\0{conversation_id}".encode("utf-8", "replace")
    if key is None:
        return f"{crc32(covered):08x}"
    return hashlib.blake2b(covered, digest_size=16, key=key[:64], person=b"convqa.state").hexdigest()


def _plain(state: ConversationState) -> list[Any]:
    """Return a state as JSON can hold it: its fields in their order."""
    told = state._replace(traits=tuple(map(int, state.traits)), request=_sorted(unpacked(state.request)))  # type: ignore[arg-type] # reason: only to be written
    loop = [state.loop.loops, [[_sorted(request), failed] for request, failed in state.loop.recent]]
    return [*told._replace(loop=loop)]  # type: ignore[arg-type] # reason: as above


def _sorted(hashes: frozenset[Any]) -> list[Any]:
    return sorted(hashes)


def _state(given: Any) -> ConversationState | None:
    """Return the state that JSON holds, None when a value is not of its kind."""
    fields = dict(zip(ConversationState._fields, given, strict=True))
    if not all(_FITS[kind](fields[name]) for name, kind in _KINDS.items()):
        return None
    loops, recent = fields["loop"]
    if not (_is_count(loops) and len(recent) <= WITHIN):
        return None
    if not all(_are_hashes(request) and type(failed) is bool for request, failed in recent):
        return None
    fields["loop"] = LoopState(loops, tuple((frozenset(request), failed) for request, failed in recent))
    fields["request"] = packed(fields["request"])
    fields["traits"] = AnswerTraits(*map(bool, fields["traits"]))
    fields["tools"] = tuple(fields["tools"])
    return ConversationState(**fields)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**128


def _is_hash(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32


def _is_name(value: object) -> bool:
    return value is None or (type(value) is str and len(value) <= MAX_NAME)


def _are_names(values: Any) -> bool:
    return type(values) is list and len(values) <= MAX_TOOLS and all(type(name) is str for name in values)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # reason: JSON


def _are_hashes(values: Any) -> bool:
    return type(values) is list and len(values) <= MAX_HASHES and all(map(_is_hash, values))  # pyright: ignore[reportUnknownArgumentType] # reason: JSON


def _is_flag(value: object) -> bool:
    return type(value) is bool


def _is_maybe(value: object) -> bool:
    return value is None or _is_count(value)


_FITS: Final[dict[str, Callable[[Any], bool]]] = {
    "flag": _is_flag,
    "count": _is_count,
    "name": _is_name,
    "maybe": _is_maybe,
    "names": _are_names,
    "hashes": _are_hashes,
}
_COUNTS = (
    "turns", "messages", "answers", "bubbles", "since_answer", "started_ns", "ended_ns", "claim_rewrites", "trace_id",
    "span_id",
)
_KINDS = {
    **dict.fromkeys(_COUNTS, "count"),
    **dict.fromkeys(("intent", "risk", "answer_type", "archetype", "persona"), "name"),
    "partial": "flag",
    "missing_evidence": "maybe",
    "tools": "names",
    "request": "hashes",
}
"""What each field must be, apart from those that are taken apart."""
