"""The handle that `retrieval(…)`, `turn(…)` and the others give: a recipe for stages.

As a decorator it can be used again and again; as a `with` block once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Generic, TypeVar

from convqa_sdk.errors import InstrumentationError
from convqa_sdk.tracing.plan import Mapper, StagePlan, TurnPlan
from convqa_sdk.tracing.recorder import misuse
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.stage import Stage, Times
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Versions
from convqa_sdk.tracing.wrapping import wrap

S = TypeVar("S", bound=Stage)
F = TypeVar("F", bound="Callable[..., Any] | classmethod[Any, Any, Any] | staticmethod[Any, Any]")

_IDLE: dict[type[Stage], Stage] = {}


def idle(kind: type[S]) -> S:
    """Return the shared stage of a kind that records nothing."""
    stage = _IDLE.get(kind)
    if stage is None:
        stage = _IDLE[kind] = kind(None)
    return stage  # type: ignore[return-value] # reason: the dictionary maps each kind to an instance of it


class Handle(Generic[S]):
    """A recipe for one kind of stage."""

    __slots__ = ("_end", "_fields", "_kind", "_record", "_stage", "_start", "_values")

    def __init__(
        self,
        kind: type[S],
        values: Mapping[str, Any],
        *,
        record: Mapper | None = None,
        fields: Mapping[str, str] | None = None,
        start_time: Times | None = None,
        end_time: Times | None = None,
    ) -> None:
        self._kind = kind
        self._values = values
        self._record = record
        self._fields = fields
        self._start = start_time
        self._end = end_time
        self._stage: S | None = None

    def __call__(self, fn: F, /) -> F:
        """Decorate a function; each call is a stage."""
        plan: Any = wrap(
            fn,
            lambda bare: StagePlan(
                self._kind,
                bare,
                self._values,
                record=self._record,
                fields=self._fields,
                start_time=self._start,
                end_time=self._end,
            ),
        )
        return plan  # type: ignore[no-any-return] # reason: wrap keeps the kind and type of what it is given

    def __enter__(self) -> S:
        """Start the stage."""
        return self._enter()

    def _enter(self) -> S:
        stage = self._kind.begin(self._values, self._start)
        if self._stage is not None and stage is not None and stage.recorder is not None:
            stage.mark("handle")
            if stage.recorder.strict:
                stage.finish(status="cancelled")
            misuse(stage.recorder, f"this {self._kind.kind} handle was entered before; make a new one for each block")
        self._stage = stage if stage is not None else idle(self._kind)
        return self._stage

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the stage; exceptions pass through."""
        if self._stage is not None:
            self._stage.finish(error, end=self._end)

    async def __aenter__(self) -> S:
        """Start the stage."""
        return self._enter()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the stage; exceptions pass through."""
        if self._stage is not None:
            self._stage.finish(error, end=self._end)


class TurnHandle:
    """A recipe for turns: a `with` block around one exchange, or a decorator whose ids name parameters."""

    __slots__ = ("_conversation_id", "_message", "_options", "_session_id", "_turn")

    def __init__(
        self, conversation_id: str | None, message: str | None, session_id: str | None, options: dict[str, Any]
    ) -> None:
        self._conversation_id = conversation_id
        self._message = message
        self._session_id = session_id
        self._options = options
        self._turn: Turn | None = None

    def __call__(self, fn: F, /) -> F:
        """Decorate the function that answers; each call is a turn.

        Raises:
            InstrumentationError: A name is not a parameter of the function.
        """
        if not isinstance(self._conversation_id, str):
            raise InstrumentationError('@turn(...) needs conversation_id="name of a parameter"')
        options = dict(self._options)
        bound = {"conversation_id": self._conversation_id}
        for field, name in (
            ("message", self._message),
            ("session_id", self._session_id),
            ("account_id", options.pop("account_id", None)),
        ):
            if name is not None:
                bound[field] = name
        turned: Any = wrap(fn, lambda bare: TurnPlan(bare, bound, options))
        return turned  # type: ignore[no-any-return] # reason: wrap keeps the kind and type of what it is given

    def __enter__(self) -> Turn:
        """Start the turn."""
        return self._enter()

    def _enter(self) -> Turn:
        options = dict(self._options)
        versions: Versions | None = options.pop("versions", None)
        start: Times | None = options.pop("start_time", None)
        previous: TurnRef | None = options.pop("previous", None)
        options.pop("end_time", None)
        if self._message is not None:
            options["message"] = self._message
        turn = Turn.open(
            self._conversation_id, self._session_id, options, versions=versions, start=start, previous=previous
        )
        if self._turn is not None and turn.recorder is not None:
            turn.mark("handle")
            if turn.recorder.strict:
                turn.finish(status="cancelled")
            misuse(turn.recorder, "this turn handle was entered before; make a new one for each turn")
        self._turn = turn
        return turn

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the turn; exceptions pass through."""
        if self._turn is not None:
            self._turn.finish(error, end=self._options.get("end_time"))

    async def __aenter__(self) -> Turn:
        """Start the turn."""
        return self._enter()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the turn; exceptions pass through."""
        if self._turn is not None:
            self._turn.finish(error, end=self._options.get("end_time"))


__all__ = ["F", "Handle", "TurnHandle", "idle"]
