"""A turn while it runs: whose it is, which trace it belongs to, what was answered, and the stages it collected."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterable, Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext
from typing_extensions import Never, Self, Unpack

from convqa_sdk.assign import is_drawn
from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.capture import MAX_NAME
from convqa_sdk.tracing.chunks import AsyncChunks, Collected
from convqa_sdk.tracing.current import ambient_context, clear, make_turn_current, restore, running, span_in
from convqa_sdk.tracing.fields import AnswerFields, AnswerType, TurnFields
from convqa_sdk.tracing.known import KnownFields, KnownValues
from convqa_sdk.tracing.recorder import Recorder
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.snapshot import Snapshot, is_a
from convqa_sdk.tracing.stage import OWN_SIZE, SAMPLED, Stage, Times
from convqa_sdk.tracing.unit import Unit
from convqa_sdk.tracing.values import Versions

if TYPE_CHECKING:
    from convqa_sdk.signals.claims import Claim
    from convqa_sdk.tracing.conversation import ConversationState
    from convqa_sdk.tracing.evidence import Evidence, Needs

T = TypeVar("T")
NO_VERSIONS = Versions()
MAX_HELD = 4_000_000
"""Bytes that the stages of one turn may hold until it ends; a turn that lasts for ever must not keep all."""
MAX_SEALS = 16
"""Reasons that one turn takes; a vault declares a handful."""
MAX_NESTED = 64
"""Turns inside one another; deeper only a bot gets that never closes its turns, and it must not keep them all alive."""


class Turn(Stage):
    """One exchange of a conversation.

    Attributes:
        conversation_id: As the bot gave it.
        session_id: As the bot gave it, None: the conversation.
        versions: What the bot ran on.
        stages: Ended stages, in order of their end; empty when the turn has ended.
        joined: Whether it and its stages are current OpenTelemetry spans.
        thinned: Whether it is left out by `sampling` and only measured: no span of it or of its stages leaves.
        probability: With which it was recorded, where it runs; None: unknown.
        room: Bytes that further stages may hold.
        spilled: Whether stages left without the turn, which then has no sums over them.
        known_values: What the bot knows of its customer; None: nothing.
        seals: Why the bot wants it in the vault, None: it does not.
        vault_ref: Reference of its record there, which the export makes.
        evidence_given: What the bot said of its answer's claims and evidence; None: nothing.
        meant: (name, Unix nanoseconds, event record) of the events that say what it means, which the export works out.
        state: State of the conversation as the caller carries it: before the turn while that runs, after it then. None:
            the configured store keeps it.
        before: What that says before the turn; None: nothing is carried.
    """

    kind = "turn"

    conversation_id: str = ""
    session_id: str | None = None
    versions: Versions = NO_VERSIONS
    joined: bool = False
    thinned: bool = False
    probability: float | None = 1.0
    _trace_id: int = 0
    _live: bool = False
    _left_out: bool = False
    _depth: int = 0
    room: int = MAX_HELD
    spilled: bool = False
    known_values: KnownValues | None = None
    seals: list[str] | None = None
    vault_ref: str | None = None
    evidence_given: Evidence | None = None
    meant: tuple[tuple[str, int, Any], ...] = ()
    state: str | None = None
    before: ConversationState | None = None

    @classmethod
    def open(
        cls,
        conversation_id: str | None,
        session_id: str | None,
        values: Mapping[str, Any],
        *,
        versions: Versions | None = None,
        start: Times | None = None,
        previous: TurnRef | None = None,
        known: Mapping[str, Any] | None = None,
        state: str | None = None,
        attach: bool = True,
    ) -> Turn:
        """Start a turn; when recording is off or fails, the turn returned records nothing. Never raises."""
        recorder = recorders.active()
        turn = cls.unrecorded(conversation_id)
        turn.state = state
        try:
            around = turn._nest()
            ambient = None
            if recorder is not None:
                ambient = ambient_context()
                drawn = recorder.sampling >= 1.0 or turn._is_drawn(values, recorder)
                if not drawn:
                    recorder.leave_out()
                    turn.thinned = recorder.measures_all()
                if drawn or turn.thinned:
                    turn._begin_recording(recorder, around, ambient, versions, start)
                    turn._identify(session_id)
                    if previous is not None:
                        turn._link_previous(previous)
                    if known is not None:
                        turn._know(known)
                    if state is not None:
                        turn._carry_on(state)
                    if recorder.segments:
                        turn._capture(recorder.segments, recorder)
                    turn._capture(values, recorder)
            if attach:  # also when nothing is recorded: `current_turn().ref` still names the conversation
                turn._attachment = make_turn_current(turn, ambient)
        except BaseException as error:  # decision 8: telemetry never breaks the bot
            if recorder is not None:
                recorder.open_turns.pop(id(turn), None)
            turn.recorder = None
            if running.get() is turn:
                running.set(turn.parent)
            if not isinstance(error, Exception):
                raise
            fault("capture", error)
        return turn

    @classmethod
    def elsewhere(
        cls, recorder: Recorder, conversation_id: str, context: SpanContext, probability: float | None
    ) -> Turn:
        """Return a stand-in for a turn that runs in another process; it is never emitted from here.

        It has ended as far as its stages are concerned (they leave on their own), and has no status, so that it stays
        current.
        """
        turn = cls(recorder)
        turn.conversation_id = conversation_id
        turn.foreign_parent = context  # sampling decision and trace state come from there
        turn.span_id = context.span_id
        turn.joined = recorder.joins()
        turn.probability = probability
        turn.end_ns = 1
        return turn

    @classmethod
    def thinned_elsewhere(cls, recorder: Recorder, conversation_id: str) -> Turn:
        """Return a stand-in for a turn that another process leaves out, whose stages are measured here."""
        turn = cls.elsewhere(recorder, conversation_id, INVALID_SPAN_CONTEXT, None)
        turn.thinned = True
        turn.joined = False
        return turn

    @classmethod
    def unrecorded(cls, conversation_id: str | None) -> Turn:
        """Return a turn that nobody records; nor are its stages."""
        turn = cls.__new__(cls)
        turn.recorder = turn.parent = None
        turn._left_out = True
        turn.values = {}
        turn.stages = []
        turn.conversation_id = conversation_id if type(conversation_id) is str else _id(conversation_id) or ""
        return turn

    def __init__(self, recorder: Recorder | None, parent: Stage | None = None) -> None:
        super().__init__(recorder, parent)
        self.stages: list[Stage] = []

    @property
    def turn(self) -> Turn:
        """The turn itself; by a property, so that an ended turn is freed at once and not by the garbage collector."""
        return self

    @turn.setter
    def turn(self, turn: object) -> None:
        """Ignore what the constructor of a stage sets."""

    def _nest(self) -> Stage | None:
        """Return the open stage around this turn, and count the turns there; beyond the limit, let go of them all."""
        around = running.get()
        if around is not None and around.status:  # a worker that an earlier turn started
            around = around.open_ancestor()
        if around is None:
            return None
        if around.turn is not None:
            self._depth = around.turn._depth + 1
            if self._depth > MAX_NESTED:
                self._depth = 0
                self.mark("turn")
                clear(Stage)
                return None
        return around

    def _begin_recording(
        self,
        recorder: Recorder,
        around: Stage | None,
        ambient: Context,
        versions: Versions | None,
        start: Times | None,
    ) -> None:
        self.recorder = recorder
        self._left_out = False
        self.span_id = recorder.span_id()
        self.probability = recorder.sampling
        self.versions = recorder.versions
        if versions is not None:
            if is_a(versions, Versions):
                snapshot = Snapshot(recorder.text_limit)
                self.versions = snapshot.settle(versions, Versions)
                self.size += snapshot.size
            else:
                self.mark("versions")
        self.parent = _exported(around)
        self.joined = not self.thinned and recorder.joins()
        self._start(recorder, start, None, ambient if self.joined else None)
        self._live = start is None
        if not self.joined and not self.thinned:
            span = span_in(ambient)
            if span is not None:
                self.add_link(span.get_span_context())
        self._register(recorder)

    def _is_drawn(self, values: Mapping[str, Any], recorder: Recorder) -> bool:
        """Tell whether this customer's turns are recorded; conversations stand for customers who are not known."""
        for given in (values.get("account_id"), values.get("user_id"), self.conversation_id):
            unit = _id(given)
            if unit:
                return is_drawn(unit, recorder.sampling)
        return is_drawn(f"{recorder.span_id():016x}", recorder.sampling)  # by chance

    def _identify(self, session_id: str | None) -> None:
        if not self.conversation_id:
            self.conversation_id = f"unknown-{self.span_id:016x}"
            self.mark("conversation_id")
        self.size += len(self.conversation_id)
        if session_id is not None:
            self.session_id = _id(session_id)
            if self.session_id is None:
                self.mark("session_id")

    def _link_previous(self, previous: TurnRef) -> None:
        if not is_a(previous, TurnRef):
            self.mark("previous")
            return
        try:
            self.add_link(SpanContext(previous.trace_id, previous.span_id, is_remote=True, trace_flags=SAMPLED))
        except Exception as error:  # noqa: BLE001 - a reference made by hand may hold anything
            self.mark("previous")
            fault("capture", error)

    def attach(self) -> None:
        """Make this the running turn of the current context. Never raises."""
        try:
            self._attachment = make_turn_current(self, ambient_context() if recorders.active() is not None else None)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("attach", error)

    def _register(self, recorder: Recorder) -> None:
        """Keep count of open turns; beyond the limit the oldest is emitted as cancelled."""
        turns = recorder.open_turns
        turns[id(self)] = weakref.ref(self)
        if len(turns) > recorder.max_open_turns:
            oldest, reference = next(iter(turns.items()))
            turn = reference()
            if turn is None:
                turns.pop(oldest, None)
            else:
                fault("too_many_open_turns")
                turn.finish(status="cancelled")

    def spill(self) -> None:
        """Note that a stage has to leave on its own, at once, because the turn has no room for it."""
        if not self.spilled:
            self.spilled = True
            self.mark("stages")

    def _submit(self, recorder: Recorder) -> None:
        if recorder.open_turns.pop(id(self), None) is None:
            return  # once, whoever comes first: its block, or a shutdown in another thread
        if self.state is not None:
            self._advance(recorder)
        elif recorder.conversations is not None and not recorder.inherited:  # else it ends in the parent process
            recorder.conversations.expect(self.conversation_id)
        stages, self.stages = self.stages, []  # the export holds them now; here they would be a cycle
        size = self.size + OWN_SIZE + MAX_HELD - self.room
        recorder.submit(Unit(self, stages, size, whole=True, thinned=self.thinned))

    @property
    def trace_id(self) -> int:
        """Trace id: the parent's inside a span, else the conversation's, or the turn's own."""
        if not self._trace_id:
            if self.foreign_parent is not None:
                self._trace_id = self.foreign_parent.trace_id
            elif self.parent is not None:
                self._trace_id = self.parent.trace_id
            elif self.recorder is not None:
                self._trace_id = self._root_trace_id(self.recorder)
        return self._trace_id

    def _root_trace_id(self, recorder: Recorder) -> int:
        if recorder.trace_per_turn:
            return recorder.new_trace_id()
        return recorder.trace_id(self.conversation_id)

    @property
    def ref(self) -> TurnRef:
        """A short reference of this turn; `str()` of it can be kept anywhere."""
        if self.thinned:
            return TurnRef(self.conversation_id)  # there is no span to refer to
        try:
            return TurnRef(self.conversation_id, self.trace_id, self.span_id)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("reference", error)
            return TurnRef(self.conversation_id)

    def set(self, **fields: Unpack[TurnFields]) -> Self:
        """Set fields of the turn."""
        self.record(fields)
        return self

    def known(self, *misplaced: Never, **values: Unpack[KnownFields]) -> Self:
        """Say what you know of this customer, so that it is found and redacted in all texts of the turn.

        It is kept in memory until the turn has left, and never exported. What is no text, longer than 500 characters,
        more than 64 values, or given without its name or under another is a violation, and withholds the texts of the
        turn. Never raises.

        Args:
            *misplaced: Nothing: each value has a name.
            **values: `name`, the customer's or several; parts of three letters or more are found on their own
                (`[PERSON]`). `address`, the postal one or several; parts between commas are found on their own
                (`[ADDRESS]`). `other`, anything else, such as a maiden name (`[KNOWN]`).
        """
        if self.recorder is not None:
            if misplaced:
                self._know(misplaced)
            self._know(values)
        return self

    def _know(self, given: object) -> None:
        try:
            values = self.known_values = self.known_values or KnownValues()
            values.add(given)
            if not values.complete:
                self.mark("known")
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("known_values", error)

    def claims(self, claims: Sequence[str | Claim]) -> Self:
        """Say what the answer claims, claim by claim; each is then looked for in the passages of the turn.

        Without it the answer is split into sentences. What is no text of 1 to 2,000 characters, and more than 64, is a
        violation. Never raises.

        Args:
            claims: Texts, or `Claim(text, source)` with the id of the passage that a claim cites.
        """
        return self._say("claims", lambda evidence: evidence.claim(claims))

    def evidence(
        self,
        *misplaced: Never,
        required: Needs | None = None,
        grounded: Needs | None = None,
        missing: Needs | None = None,
        **unknown: Never,
    ) -> Self:
        """Say which evidence the answer needed and which of it was there: names, such as `refund_policy`, or counts.

        What is left out follows from the others. It takes the place of what would be worked out from the passages.
        Parts that contradict one another, such as more that was there than was needed, are a violation and are not
        taken; so is anything else. Never raises.

        Args:
            *misplaced: Nothing: each part has a name.
            required: What the answer needed.
            grounded: What was found.
            missing: What was not.
            **unknown: Nothing.
        """
        if misplaced or unknown:
            self.mark("evidence")
        return self._say("evidence", lambda evidence: evidence.need(required, grounded, missing))

    def _say(self, field: str, take: Callable[[Evidence], bool]) -> Self:
        if self.recorder is None:
            return self
        if self.end_ns:
            fault("set_after_end")
            return self
        try:
            from convqa_sdk.tracing.evidence import Evidence  # `configure()` has loaded it

            said = self.evidence_given = self.evidence_given or Evidence()
            before = said.size
            if not take(said):
                self.mark(field)
            self.size += said.size - before
        except Exception as error:  # noqa: BLE001 - decision 8
            self.mark(field)
            fault("capture", error)
        return self

    def self_score(self, *misplaced: Never, confidence: float | None = None, quality: float | None = None) -> Self:
        """Record what a model thinks of the answer; low scores lead the queue of audits. Never raises.

        Args:
            *misplaced: Nothing: each score has a name.
            confidence: How sure it is, 0 to 1.
            quality: How well it answers, 0 to 1.
        """
        if misplaced:
            self.mark("self_score")
        given = {"self_confidence": confidence, "self_quality": quality}
        self.fill({name: score for name, score in given.items() if score is not None})
        return self

    def tools_succeeded_before(self) -> tuple[str, ...] | None:
        """Return the names of the tools that succeeded in earlier turns of the conversation; None: unknown.

        With a state that the caller carries this costs nothing; with the configured store one look into it: in memory
        about a microsecond, in Redis a round trip. Never raises.
        """
        recorder = self.recorder
        if recorder is None:
            return None
        if self.before is not None:
            return None if self.before.partial else self.before.tools
        return recorder.conversations.tools_before(self.conversation_id) if recorder.conversations is not None else None

    def _carry_on(self, state: Any) -> None:
        """Take the state of the conversation that the caller carries; an empty text begins one."""
        from convqa_sdk.tracing.conversation import ConversationState

        if not is_a(state, str):
            self.mark("state")
            self.state = None
            return
        text = str.__str__(state)
        key = self.recorder.conversations.signature_key() if self.recorder and self.recorder.conversations else None
        self.before = ConversationState.parse(text, self.conversation_id, key) if text else ConversationState()
        if self.before is None:
            self.mark("state")
            self.before = ConversationState(partial=True)

    def _advance(self, recorder: Recorder) -> None:
        """Make the state that the caller carries on; only who carries one pays for it."""
        conversations = recorder.conversations
        if self.before is not None and conversations is not None:
            try:
                after = self.before.after(conversations.facts(self, self.stages))
                self.state = after.text_for(self.conversation_id, conversations.signature_key())
            except Exception as error:  # noqa: BLE001 - decision 8
                self.mark("state")
                fault("conversation_state", error)

    def answer(self, text: str, type: AnswerType = "generated", **more: Unpack[AnswerFields]) -> str:  # noqa: A002 - the contract's name
        """Record the answer and return it.

        Args:
            text: What the customer gets.
            type: Kind of answer; `generated` unless told.
            **more: `template`, `citations`, `bubble_count`, `structured_output`, `delivered`.
        """
        if self.recorder is None:
            return text
        given: dict[str, Any] = dict(more)
        if "template" in given:
            given["answer_template"] = given.pop("template")
        self.record({"answer": text, "answer_type": type, **given})
        return text

    def fallback(self, text: str, **more: Unpack[AnswerFields]) -> str:
        """Record a fallback answer and return it."""
        return self.answer(text, "fallback", **more)

    def seal(self, reason: str = "", *misplaced: Never, **unknown: Never) -> Self:
        """Put the turn, as it is when it ends, into the vault as well; never raises.

        Args:
            reason: One that the vault declares, such as `incident`; any other, or none, is an instrumentation
                violation, and nothing is sealed for it.
            *misplaced: Nothing; a second reason needs a call of its own.
            **unknown: Nothing.
        """
        if self.recorder is None:
            return self
        if self.end_ns:
            fault("set_after_end")
        elif not is_a(reason, str) or not reason or misplaced or unknown or len(self.seals or ()) >= MAX_SEALS:
            self.mark("seal")
        else:
            self.seals = [*(self.seals or ()), str.__str__(reason)[:MAX_NAME]]
        return self

    @overload
    def stream(self, chunks: AsyncIterable[T]) -> AsyncChunks[T]: ...
    @overload
    def stream(self, chunks: Iterable[T]) -> Generator[T, None, None]: ...
    def stream(self, chunks: Any) -> Any:
        """Hand on an answer chunk by chunk, keeping the turn out of the consumer's context between chunks.

        Chunks that are strings become the answer unless `answer()` is called. Use it inside the turn's block, in a
        generator of your own: `for chunk in turn.stream(draft()): yield chunk`. The body of that loop runs between two
        chunks, so it is outside the turn too: put stages that look at each chunk into the iterable.
        """
        if hasattr(chunks, "__aiter__"):
            return AsyncChunks(chunks, Collected(self), self._pause, self._resume)
        return self._stream(chunks)

    def _stream(self, chunks: Iterable[T]) -> Generator[T, None, None]:
        collected = Collected(self)
        iterator = iter(chunks)
        try:
            for chunk in iterator:
                collected.add(chunk)
                self._pause()
                try:
                    yield chunk
                finally:
                    self._resume()
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
            collected.done()

    def _pause(self) -> None:
        """Stop being current, unless it was in another context that this turn was made so."""
        attachment = self._attachment
        if attachment is not None and restore(attachment):
            self._attachment = None

    def _resume(self) -> None:
        if self._attachment is None and (self.recorder is not None or self._left_out) and not self.end_ns:
            self.attach()


def _exported(around: Stage | None) -> Stage | None:
    """Return the nearest stage of which a span leaves: one around, or the open one above it."""
    if around is None or (around.recorder is not None and not around.is_thinned):
        return around
    above = around.open_ancestor()
    while above is not None and above.is_thinned:
        above = above.open_ancestor()
    return above


def _id(given: Any) -> str | None:
    """Return an id as an exact string, None when it is none; a database key counts as one."""
    if is_a(given, int) and not is_a(given, bool) and int.bit_length(given) <= 64:
        return int.__repr__(given)
    return str.__str__(given) if is_a(given, str) else None
