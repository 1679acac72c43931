"""The handle that `retrieval(…)`, `turn(…)` and the others give: a recipe for stages.

As a decorator it can be used again and again; as a `with` block once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Generic, TypeVar

from convqa_sdk.errors import InstrumentationError
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.known import KnownFields
from convqa_sdk.tracing.plan import Mapper, StagePlan, TurnPlan
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.stage import Stage, Times
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Versions
from convqa_sdk.tracing.wrapping import wrap

S = TypeVar("S", bound=Stage)
F = TypeVar("F", bound="Callable[..., Any] | classmethod[Any, Any, Any] | staticmethod[Any, Any]")

_NO_OPTIONS: dict[str, Any] = {}
_IDLE: dict[type[Stage], Stage] = {}


def idle(kind: type[S]) -> S:
    """Return the shared stage of a kind that records nothing."""
    stage = _IDLE.get(kind)
    if stage is None:
        stage = _IDLE[kind] = kind(None)
    return stage  # type: ignore[return-value] # reason: the dictionary maps each kind to an instance of it


class Block(Generic[S]):
    """A `with` block, sync or async, around one stage."""

    __slots__ = ("_earlier", "_end", "_stage")

    def __init__(self, end_time: Times | None) -> None:
        self._end = end_time
        self._stage: S | None = None
        self._earlier: list[S] | None = None

    def _begin(self) -> S:
        raise NotImplementedError  # pragma: no cover - each recipe has its own

    def __getattr__(self, name: str) -> Any:
        """Say what was meant: the recipe is not the stage."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"a handle has no {name!r}: enter it first, `with … as stage:`, and use the stage")

    def __enter__(self) -> S:
        """Start the stage."""
        before = self._stage
        if before is None:
            self._stage = self._begin()
            return self._stage
        recorders.misuse(f"this {before.kind} handle was entered before; make a new one for each block")
        stage = self._stage = self._begin()
        if not before.end_ns:
            self._earlier = [*(self._earlier or ()), before]  # it still has to be ended
        stage.mark("handle")
        return stage

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the stage; exceptions pass through."""
        if self._stage is not None:
            try:
                self._stage.finish(error, self._end)
            except BaseException:  # an interrupt, perhaps before the stage had ended: nobody else will end it
                self._stage.finish(error, self._end)
                raise
            if self._earlier:
                self._stage = self._earlier.pop()

    async def __aenter__(self) -> S:
        """Start the stage."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the stage; exceptions pass through."""
        self.__exit__(kind, error, trace)


class Handle(Block[S]):
    """A recipe for one kind of stage."""

    __slots__ = ("_fields", "_kind", "_record", "_start", "_values")

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
        super().__init__(end_time)
        self._kind = kind
        self._values = values
        self._record = record
        self._fields = fields
        self._start = start_time

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

    def _begin(self) -> S:
        stage = self._kind.begin(dict(self._values), self._start)
        return stage if stage is not None else idle(self._kind)


class TurnHandle(Block[Turn]):
    """A recipe for turns: a `with` block around one exchange, or a decorator whose ids name parameters."""

    __slots__ = ("_conversation_id", "_message", "_options")

    def __init__(self, conversation_id: str | None, message: str | None, options: dict[str, Any]) -> None:
        self._end = options.get("end_time")  # as `Block` does, whose call would take as long as the rest
        self._stage = self._earlier = None
        self._conversation_id = conversation_id
        self._message = message
        self._options = options

    def __call__(self, fn: F, /) -> F:
        """Decorate the function that answers; each call is a turn.

        Raises:
            InstrumentationError: A name is not a parameter of the function.
        """
        if not isinstance(self._conversation_id, str):
            raise InstrumentationError('@turn(...) needs conversation_id="name of a parameter"')
        options = dict(self._options)
        names = {
            "conversation_id": self._conversation_id,
            "message": self._message,
            "session_id": options.pop("session_id", None),
            "account_id": options.pop("account_id", None),
        }
        bound = {field: name for field, name in names.items() if name is not None}
        turned: Any = wrap(fn, lambda bare: TurnPlan(bare, bound, options))
        return turned  # type: ignore[no-any-return] # reason: wrap keeps the kind and type of what it is given

    def _begin(self) -> Turn:
        if recorders.active() is None:
            return Turn.open(self._conversation_id, None, _NO_OPTIONS, state=self._options.get("state"))
        options = self._options.copy()
        session_id: str | None = options.pop("session_id", None)
        versions: Versions | None = options.pop("versions", None)
        start: Times | None = options.pop("start_time", None)
        previous: TurnRef | None = options.pop("previous", None)
        known: KnownFields | None = options.pop("known", None)
        state: str | None = options.pop("state", None)
        options.pop("end_time", None)
        if self._message is not None:
            options["message"] = self._message
        return Turn.open(
            self._conversation_id,
            session_id,
            options,
            versions=versions,
            start=start,
            previous=previous,
            known=known,
            state=state,
        )


__all__ = ["F", "Handle", "TurnHandle", "idle"]
