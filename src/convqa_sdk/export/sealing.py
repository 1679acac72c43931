"""Decides which turns go into the vault, and what of them: their fields before redaction, apart from secrets.

Sealing happens on the export thread, before the turn's span is made, so that the span can name the record. A vault
that fails costs the record and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from json import JSONEncoder
from typing import Any, Final, NamedTuple, cast

from convqa_sdk.assign import is_drawn
from convqa_sdk.export.flatten import Fields
from convqa_sdk.isolation import fault, once
from convqa_sdk.redaction import RedactionPolicy, Redactor
from convqa_sdk.redaction.patterns import LABELS
from convqa_sdk.redaction.vault import Vault, VaultWriter
from convqa_sdk.tracing.failure import Failure
from convqa_sdk.tracing.snapshot import type_of
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.turn import Turn

PURPOSE: Final = b"convqa.vault"
"""Draws the audit's conversations apart from those that are recorded at all."""
SEE: Final = "docs/how-to/keep-evidence-in-the-vault.md"
_NOT_DECLARED: Final = "the reason is not among the vault's; nothing was sealed for it"
TOO_LONG: Final = "[WITHHELD:too_long]"
_STOPPED: Final = frozenset({"fail", "block"})
_DROPPED: Final = frozenset({"SECRET", "CVV"})
_FRAME_BYTES: Final = 1_000
"""What a stage takes besides its fields, about; as much is kept free for the record itself."""

Flattened = Sequence[tuple[Stage, Fields]]


class Where(NamedTuple):
    """What a record says in clear: why, ids as the span has them, and the policy that the span met."""

    reasons: Sequence[str]
    conversation_id: str
    trace_id: str
    span_id: str
    policy_version: str


class Sealer:
    """Seals the turns that have a declared reason.

    Args:
        vault: Where to, and for which reasons; None: nowhere.
        pause: Called between pieces of work, so that the export thread yields the interpreter.

    Raises:
        ConfigurationError: The vault cannot be used.
    """

    def __init__(self, vault: Vault | None, pause: Callable[[], None] | None) -> None:
        self._vault = vault
        self._pause = pause
        self._writer = VaultWriter(vault, pause) if vault is not None else None
        self._redactor: Redactor | None = None
        if vault is not None and not vault.keep_secrets:
            kept = dict.fromkeys(LABELS - _DROPPED, "keep")
            policy = RedactionPolicy.model_validate({"version": "vault", "actions": kept, "max_chars": 1_000_000})
            self._redactor = Redactor(policy, pause=pause)

    def reasons(self, turn: Turn, stages: Flattened) -> list[str]:
        """Return why a turn is to be sealed; a reason that is not declared becomes a violation of the turn.

        Args:
            turn: The turn.
            stages: Its stages, with their fields.
        """
        vault = self._vault
        if vault is None:
            if turn.seals:
                once("turn_not_sealed", why="no vault is configured", do="set vault= or CONVQA_VAULT", see=SEE)
            return []
        asked: Sequence[str] = turn.seals or ()
        stopped = any(stage.kind == "policy_check" and _is_stopped(given.get("result")) for stage, given in stages)
        drawn = vault.audit_sample > 0 and is_drawn(turn.conversation_id, vault.audit_sample, PURPOSE)
        applied = [*(["policy_failure"] if stopped else ()), *(["audit_sample"] if drawn else ())]
        declared = set(vault.reasons)
        if not declared.issuperset(asked):
            turn.mark("seal")
            once("turn_not_sealed", why=_NOT_DECLARED, accepted=", ".join(vault.reasons), see=SEE)
        return [reason for reason in dict.fromkeys([*asked, *applied]) if reason in declared]

    def seal(self, turn: Turn, fields: Fields, stages: Flattened, *, where: Where, at_ns: int) -> str | None:
        """Seal a turn; what fails is counted, and logged without a word of the content.

        Args:
            turn: The turn.
            fields: Its fields before redaction.
            stages: Its stages, with theirs.
            where: What the record says in clear.
            at_ns: When, Unix nanoseconds.

        Returns:
            The record's reference, None when it could not be sealed.
        """
        writer = self._writer
        if writer is None:
            return None
        try:
            content = self._content(turn, fields, stages, writer.vault.max_bytes)
            return writer.seal(content, at_ns, **where._asdict())
        except BaseException as error:  # noqa: BLE001 - the turn goes on without its record
            fault("vault_seal", error)
            return None

    def close(self) -> None:
        """End the file of this process."""
        if self._writer is not None:
            try:
                self._writer.close()
            except OSError as error:
                fault("vault_close", error)

    def after_fork(self) -> None:
        """Forget, in a forked child, the file of its parent."""
        if self._writer is not None:
            self._writer.after_fork()

    def _content(self, turn: Turn, fields: Fields, stages: Flattened, max_bytes: int) -> dict[str, Any]:
        """Return the fields of a turn and its stages as JSON can hold them, in no more bytes than the vault takes."""
        room = _Room(max_bytes - 2 * _FRAME_BYTES, self._pause)
        own = {"conversation_id": turn.conversation_id, "session_id": turn.session_id}
        content: dict[str, Any] = {"turn": _described(turn, {**own, **fields}, room, self._redactor)}
        content["stages"] = [_described(stage, given, room, self._redactor) for stage, given in stages if room.frame()]
        content["left_out"] = room.left_out
        content["spilled"] = turn.spilled  # stages of a very large turn that were exported before its end
        return content


class _Room:
    """Bytes that a record may still take, and how much had to be left out."""

    def __init__(self, size: int, pause: Callable[[], None] | None) -> None:
        self._size = size
        self._pause = pause
        self.left_out = 0

    def take(self, name: str, value: object) -> object:
        """Return a value if there is room for it, else the marker."""
        size = len(name) + 4
        for piece in _ENCODER.iterencode(value):
            size += len(piece)
            if self._pause is not None:
                self._pause()
        if size <= self._size:
            self._size -= size
            return value
        self.left_out += 1
        return TOO_LONG

    def frame(self) -> bool:
        """Tell whether there is room for one more stage."""
        if self._size < _FRAME_BYTES:
            self.left_out += 1
            return False
        self._size -= _FRAME_BYTES
        return True


def _described(stage: Stage, fields: Fields, room: _Room, redactor: Redactor | None) -> dict[str, Any]:
    """Return what is sealed of one stage."""
    described: dict[str, Any] = {
        "stage": stage.kind,
        "span_id": f"{stage.span_id:016x}",
        "start_ns": stage.start_ns,
        "end_ns": stage.end_ns,
    }
    for name, value in _parts(stage, fields):
        plain = _plain(value)
        if redactor is not None:
            plain = _without_secrets(redactor, name, plain)
        described[name] = room.take(name, plain)
    return described


def _parts(stage: Stage, fields: Fields) -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if value is not None:
            yield name, value
    if stage.extra and "custom" not in fields:
        yield "custom", stage.extra
    if stage.failure is not None:
        yield "exception", stage.failure
    if stage.events:
        yield "events", tuple({"name": name, "time_ns": at_ns, "facts": facts} for name, at_ns, facts in stage.events)


def _without_secrets(redactor: Redactor, name: str, value: object) -> object:
    """Return a value without secrets; what cannot be searched is withheld here too."""
    safe, _ = redactor.structure({name: value})
    return next(iter(safe.values())) if isinstance(safe, dict) and len(safe) == 1 else "[WITHHELD]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # reason: any value


def _plain(value: object) -> object:
    """Return a captured value as JSON can hold it."""
    kind = type_of(value)
    if kind is Failure:
        failure: Any = value
        return {"type": failure.type, "message": str(failure.message), "stacktrace": str(failure.stacktrace())}
    if issubclass(kind, datetime):
        return datetime.isoformat(cast("datetime", value))
    if issubclass(kind, str):
        return str.__str__(cast("str", value))  # of a cut text what was kept of it
    if issubclass(kind, Mapping):
        items: Any = value
        return {str(key): _plain(item) for key, item in items.items()}
    if issubclass(kind, (list, tuple)):
        several: Any = value
        return [_plain(item) for item in several]
    if hasattr(kind, "model_fields"):  # an event record of ours
        return {name: _plain(getattr(value, name)) for name in kind.model_fields}
    return value


def _is_stopped(result: object) -> bool:
    return isinstance(result, str) and result in _STOPPED


def _name_of(value: object) -> str:
    return f"<{type(value).__qualname__}>"


_ENCODER: Final = JSONEncoder(separators=(",", ":"), default=_name_of)
