"""The eight stages and the turn, as decorator (bare or called) and as `with` block, sync and async.

One name, three uses: `@retrieval`, `@retrieval(data_source="kb")`, `with retrieval(query=q) as stage:`.
All of them take `record=` (maps the result to fields), `fields=` (field to parameter name), `start_time=` and
`end_time=` (aware datetimes or Unix nanoseconds) besides the fields of their kind.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any, TypeVar, overload

from typing_extensions import Unpack

from convqa_sdk.errors import InstrumentationError
from convqa_sdk.tracing import fields as f
from convqa_sdk.tracing import stages as s
from convqa_sdk.tracing.current import running
from convqa_sdk.tracing.handle import F, Handle, TurnHandle, idle
from convqa_sdk.tracing.options import StageOptions, TurnOptions
from convqa_sdk.tracing.recorder import misuse
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.turn import Turn

S = TypeVar("S", bound=Stage)


def _stage(kind: type[S], fn: Any, given: dict[str, Any]) -> Any:
    options = {name: given.pop(name) for name in ("record", "fields", "start_time", "end_time") if name in given}
    handle = Handle(kind, given, **options)
    return handle if fn is None else handle(fn)


class _IntentOptions(f.IntentFields, StageOptions, total=False):
    """Everything that `intent_detection` takes."""


class _RetrievalOptions(f.RetrievalFields, StageOptions, total=False):
    """Everything that `retrieval` takes."""


class _RerankOptions(f.RerankFields, StageOptions, total=False):
    """Everything that `rerank` takes."""


class _GenerationOptions(f.GenerationFields, StageOptions, total=False):
    """Everything that `generation` takes."""


class _ToolOptions(f.ToolFields, StageOptions, total=False):
    """Everything that `tool` takes."""


class _AccessCheckOptions(f.AccessCheckFields, StageOptions, total=False):
    """Everything that `access_check` takes."""


class _PolicyCheckOptions(f.PolicyCheckFields, StageOptions, total=False):
    """Everything that `policy_check` takes."""


class _EscalationOptions(f.EscalationFields, StageOptions, total=False):
    """Everything that `escalation` takes."""


class _TurnOptions(f.MoreTurnFields, TurnOptions, total=False):
    """Everything that `turn` takes besides the conversation and the message."""


@overload
def intent_detection(fn: F, /) -> F: ...
@overload
def intent_detection(**given: Unpack[_IntentOptions]) -> Handle[s.Intent]: ...
def intent_detection(fn: Any = None, /, **given: Any) -> Any:
    """Record the detection of what the customer wants; its fields are on the reference page of stages."""
    return _stage(s.Intent, fn, given)


@overload
def retrieval(fn: F, /) -> F: ...
@overload
def retrieval(**given: Unpack[_RetrievalOptions]) -> Handle[s.Retrieval]: ...
def retrieval(fn: Any = None, /, **given: Any) -> Any:
    """Record a search in a source of knowledge; its fields are on the reference page of stages."""
    return _stage(s.Retrieval, fn, given)


@overload
def rerank(fn: F, /) -> F: ...
@overload
def rerank(**given: Unpack[_RerankOptions]) -> Handle[s.Rerank]: ...
def rerank(fn: Any = None, /, **given: Any) -> Any:
    """Record a new order of documents; its fields are on the reference page of stages."""
    return _stage(s.Rerank, fn, given)


@overload
def generation(fn: F, /) -> F: ...
@overload
def generation(**given: Unpack[_GenerationOptions]) -> Handle[s.Generation]: ...
def generation(fn: Any = None, /, **given: Any) -> Any:
    """Record a call of a model; its fields are on the reference page of stages."""
    return _stage(s.Generation, fn, given)


@overload
def tool(fn: F, /) -> F: ...
@overload
def tool(**given: Unpack[_ToolOptions]) -> Handle[s.Tool]: ...
def tool(fn: Any = None, /, **given: Any) -> Any:
    """Record a call of a tool; its fields are on the reference page of stages."""
    return _stage(s.Tool, fn, given)


@overload
def access_check(fn: F, /) -> F: ...
@overload
def access_check(**given: Unpack[_AccessCheckOptions]) -> Handle[s.AccessCheck]: ...
def access_check(fn: Any = None, /, **given: Any) -> Any:
    """Record a check whether the bot may access something; its fields are on the reference page of stages."""
    return _stage(s.AccessCheck, fn, given)


@overload
def policy_check(fn: F, /) -> F: ...
@overload
def policy_check(**given: Unpack[_PolicyCheckOptions]) -> Handle[s.PolicyCheck]: ...
def policy_check(fn: Any = None, /, **given: Any) -> Any:
    """Record a check of an answer before it is sent; its fields are on the reference page of stages."""
    return _stage(s.PolicyCheck, fn, given)


@overload
def escalation(fn: F, /) -> F: ...
@overload
def escalation(**given: Unpack[_EscalationOptions]) -> Handle[s.Escalation]: ...
def escalation(fn: Any = None, /, **given: Any) -> Any:
    """Record the handover to a human; its fields are on the reference page of stages."""
    return _stage(s.Escalation, fn, given)


def turn(
    conversation_id: str | None = None,
    message: str | None = None,
    **given: Unpack[_TurnOptions],
) -> TurnHandle:
    """Record one exchange of a conversation.

    As a block, `with turn("c-1", "Hi", account_id="a-1") as turn:`. As a decorator,
    `@turn(conversation_id="conversation", message="text")`: there `conversation_id`, `message`, `account_id` and
    `session_id` name parameters of the function, and everything else is literal.

    An answer that comes without an `answer_type` (from `turn.answer`, a returned string or a stream) is `generated`.

    Args:
        conversation_id: Id of the conversation, or the parameter that holds it.
        message: What the customer wrote, or the parameter that holds it.
        **given: `session_id`, `versions` (a canary's; what it leaves out is as configured), `previous` (TurnRef of
            the turn before), `known` (what `Turn.known` takes, as a dictionary; not in the decorator),
            `start_time`, `end_time`, all segment fields, and fields of the turn.

    Raises:
        InstrumentationError: Used as a bare decorator.
    """
    if type(conversation_id) is not str and is_a(conversation_id, FunctionType, MethodType, classmethod, staticmethod):
        raise InstrumentationError('@turn needs to know the conversation: write @turn(conversation_id="parameter")')
    return TurnHandle(conversation_id, message, given)  # type: ignore[arg-type] # reason: a dictionary of our own


@overload
def current_stage() -> Any: ...
@overload
def current_stage(kind: type[S]) -> S: ...
def current_stage(kind: type[Stage] | None = None) -> Any:
    """Return the running stage, or the nearest one of the given kind; outside, one that records nothing."""
    stage = running.get()
    if kind is None:
        return stage if stage is not None else idle(s.Outside)
    if not is_a(kind, type) or not issubclass(kind, Stage):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        misuse("current_stage() takes a kind of stage, such as convqa.stages.Retrieval")
        return idle(s.Outside)
    while stage is not None and not isinstance(stage, kind):
        stage = stage.parent
    return stage if stage is not None else idle(kind)


def current_turn() -> Turn:
    """Return the running turn; outside, one that records nothing."""
    stage = running.get()
    found = stage.turn if stage is not None else None
    return found if isinstance(found, Turn) else idle(Turn)
