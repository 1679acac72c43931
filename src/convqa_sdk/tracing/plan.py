"""What a decorator knows about a function: which arguments fill which fields, and what to do with the result.

Worked out once, at decoration; a call then only picks values by position or name.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from convqa_sdk.errors import InstrumentationError
from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.current import running
from convqa_sdk.tracing.fields import unknown
from convqa_sdk.tracing.stage import Stage, Times
from convqa_sdk.tracing.turn import Turn

Mapper = Callable[[Any], Mapping[str, Any]]

PARAMETERS: dict[str, dict[str, str]] = {
    "intent_detection": {"message": "message"},
    "retrieval": {"query": "query", "question": "query"},
    "rerank": {"query": "query", "question": "query"},
    "generation": {"messages": "messages", "prompt": "messages"},
    "access_check": {"resource": "resource", "action": "action"},
    "policy_check": {"answer": "answer"},
    "escalation": {"reason": "reason", "queue": "queue"},
}
"""By kind of stage: parameter name to field name."""

_MISSING = object()
MAX_FIELDS = 256
"""Fields that are taken of what a mapper returns."""
NEVER = 1_000_000
"""Index of a parameter that is not passed by position."""


class Argument:
    """Where one parameter's value is found in a call."""

    __slots__ = ("default", "index", "name", "rest")

    def __init__(self, parameter: inspect.Parameter, index: int) -> None:
        positional = parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        self.name = parameter.name
        self.index = index if positional else NEVER
        self.rest = parameter.kind is parameter.VAR_POSITIONAL
        self.default = _MISSING if parameter.default is parameter.empty else parameter.default

    @property
    def place(self) -> tuple[int, str, Any]:
        """Its index, name and default: `_MISSING` without one."""
        return self.index, self.name, self.default


def arguments(fn: Callable[..., Any]) -> dict[str, Argument]:
    """Return the parameters of a function; empty when it has no readable signature."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {p.name: Argument(p, index) for index, p in enumerate(parameters)}


class AllArguments:
    """The arguments of a tool's call by name, with defaults, without the instance or class it is called on."""

    __slots__ = ("_bound", "_defaults", "_names", "_rest")

    def __init__(self, known: Mapping[str, Argument]) -> None:
        names = [name for name, argument in known.items() if argument.index < NEVER]
        self._bound = 1 if names and names[0] in ("self", "cls") else 0
        self._names = names[self._bound :]
        self._rest = next((name for name, argument in known.items() if argument.rest), "args")
        self._defaults = {name: a.default for name, a in known.items() if a.default is not _MISSING}

    def named(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of one call."""
        given = args[self._bound :]
        named = {**self._defaults, **dict(zip(self._names, given, strict=False)), **kwargs}
        if len(given) > len(self._names):
            named[self._rest] = given[len(self._names) :]
        return named


class StagePlan:
    """The plan of a decorated stage."""

    def __init__(
        self,
        kind: type[Stage],
        fn: Callable[..., Any],
        values: Mapping[str, Any],
        *,
        record: Mapper | None,
        fields: Mapping[str, str] | None,
        start_time: Times | None,
        end_time: Times | None,
    ) -> None:
        if problem := unknown(kind.kind, (*values, *(fields or {}))):
            raise InstrumentationError(f"@{problem}")
        self.kind = kind
        self.values = dict(values)
        self.record = record
        self.start_time = start_time
        self.end_time = end_time
        known = arguments(fn)
        chosen = {field: name for name, field in PARAMETERS.get(kind.kind, {}).items() if name in known}
        for field, name in (fields or {}).items():
            if name not in known:
                raise InstrumentationError(
                    f"fields={{{field!r}: {name!r}}}: the function has no parameter {name!r}; it has {sorted(known)}"
                )
            chosen[field] = name
        self.picks = tuple((field, *known[name].place) for field, name in chosen.items() if field not in self.values)
        self.arguments: AllArguments | None = None
        if kind.kind == "tool":
            self.values.setdefault("name", _name(fn))
            if "arguments" not in self.values:
                self.arguments = AllArguments(known)

    def begin(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], attach: bool = True) -> Stage | None:
        """Start the stage for one call; None when recording is off."""
        around = running.get()
        recorder = recorders.active() if around is None else around.recorder
        if recorder is None:
            return None
        values = self.values.copy()
        given = len(args)
        for field, index, name, default in self.picks:
            value = args[index] if index < given else kwargs.get(name, default)
            if value is not _MISSING:
                values[field] = value
        if self.arguments is not None:
            values["arguments"] = self.arguments.named(args, kwargs)
        if around is None or recorder.inherited:
            return self.kind.begin(values, self.start_time, attach)
        return self.kind.begin_under(around, recorder, values, self.start_time, attach)

    def close(self, stage: Stage, result: Any) -> Any:
        """Fill the stage from the result, end it, and return the result; never raises."""
        self.fill(stage, result)
        stage.finish(None, self.end_time)
        return result

    def fill(self, stage: Stage, result: Any) -> None:
        """Fill the stage's fields from a result, by `record=` or by what the kind of stage understands."""
        if stage.recorder is None:
            return
        try:
            if self.record is not None:
                mapped = self.record(result)
                stage.record(dict(islice(mapped.items(), MAX_FIELDS)))
            else:
                understood = stage.understand(result)
                if understood:
                    stage.fill(understood)
        except Exception as error:  # noqa: BLE001 - a mapper of the bot's may raise anything
            stage.mark("record")
            fault("record", error)


def _name(fn: Any) -> str:
    while isinstance(fn, functools.partial):
        fn = fn.func
    return str(getattr(fn, "__name__", type(fn).__name__))


class TurnPlan:
    """The plan of a decorated turn: which parameters name the conversation, everything else is literal."""

    record = None

    def __init__(self, fn: Callable[..., Any], bound: Mapping[str, str], options: Mapping[str, Any]) -> None:
        known = arguments(fn)
        for field, name in bound.items():
            if name not in known:
                raise InstrumentationError(
                    f"@turn({field}={name!r}): the function has no parameter {name!r}; it has {sorted(known)}. "
                    "In the decorator, conversation_id, message, account_id and session_id name parameters."
                )
        self.picks = tuple((field, *known[name].place) for field, name in bound.items())
        self.options = dict(options)
        self.end_time: Times | None = self.options.pop("end_time", None)
        self.start_time: Times | None = self.options.pop("start_time", None)
        self.versions = self.options.pop("versions", None)
        self.previous = self.options.pop("previous", None)
        if problem := unknown("turn", self.options):
            raise InstrumentationError(f"@{problem}")

    def begin(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], attach: bool = True) -> Turn:
        """Start the turn for one call."""
        values = dict(self.options)
        for field, index, name, default in self.picks:
            value = args[index] if index < len(args) else kwargs.get(name, default)
            values[field] = None if value is _MISSING else value
        return Turn.open(
            values.pop("conversation_id", None),
            values.pop("session_id", None),
            values,
            versions=self.versions,
            start=self.start_time,
            previous=self.previous,
            attach=attach,
        )

    def close(self, stage: Stage, result: Any) -> Any:
        """Take a returned string as the answer, unless the bot said what the answer is, and end the turn."""
        self.fill(stage, result)
        stage.finish(None, self.end_time)
        return result

    def fill(self, stage: Stage, result: Any) -> None:
        """Take a string as the answer, unless the bot said what the answer is."""
        if issubclass(type(result), str) and "answer" not in stage.values:
            kind = stage.values.get("answer_type", "generated")
            stage.record({"answer": result, "answer_type": kind})
