"""Say what happened afterwards, in any process, on any day.

Every function takes a `TurnRef`, its string, or a conversation id; `id=` makes a repeat idempotent, `at=` is when it
happened (aware datetime or Unix nanoseconds, default now), `source=` which system says so. All validate and raise
`RecordError` on bad input; none raises for a failing transport. These calls are not on the bot's path.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from typing_extensions import Unpack

from convqa_sdk.errors import RecordError
from convqa_sdk.isolation import once
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.stage import unix_ns
from convqa_sdk.tracing.unit import Unit
from convqa_sdk.tracing.values import Versions

if TYPE_CHECKING:
    from convqa_sdk.schema import outcomes as o
    from convqa_sdk.schema.changes import ChangeKindValue
    from convqa_sdk.schema.records import Record
    from convqa_sdk.schema.vocabulary import (
        AutomationTierValue,
        GuardStateValue,
        PolicyClassValue,
        SeverityValue,
    )

Ref = TurnRef | str
When = datetime | int
FUTURE_NS = 5 * 60 * 1_000_000_000
"""How far `at` may lie ahead of this machine's clock."""
EARLIEST_NS = 365 * 24 * 3600 * 1_000_000_000
"""Anything earlier is a number of seconds or milliseconds."""
_CURRENCY = "give the three capital letters of its ISO 4217 code, such as EUR"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Ids of ours are of letters only: digits could read as a phone number and would then be replaced."""


class Common(TypedDict, total=False):
    """What every `record_*` function takes besides its own fields.

    `observed_at` is when it became known, as the time of an export (default now): of several versions of an outcome the
    newest by it is in force, in whatever order they are recorded. A version takes the place of the whole one before:
    what it leaves out is unknown again, so give all that still holds.
    `id` is of one outcome of one kind; the same again is a repeat, other values are such a version.
    `time_zone_assumed` names the zone of `at` where the source of the outcome had none (replay, imports).
    """

    id: str | None
    at: When | None
    source: str | None
    observed_at: When | None
    time_zone_assumed: str | None


def record_resolution(
    ref: Ref,
    state: o.ResolutionState,
    *,
    evidence: o.ResolutionEvidence = "none",
    closed_by: str | None = None,
    **common: Unpack[Common],
) -> str:
    """Record how the issue ended; return the outcome's id."""
    return _outcome("resolution", ref, {"state": state, "evidence": evidence, "closed_by": closed_by}, common)


def record_feedback(
    ref: Ref, *, thumbs: Literal["up", "down"] | None = None, comment: str | None = None, **common: Unpack[Common]
) -> str:
    """Record thumbs and a comment; return the outcome's id."""
    return _outcome("feedback", ref, _something("record_feedback", {"thumbs": thumbs, "comment": comment}), common)


def record_csat(
    ref: Ref,
    score: float | None = None,
    *,
    scale: int = 5,
    kind: o.CsatKind = "resolution",
    asked_at: When | None = None,
    answered_at: When | None = None,
    **common: Unpack[Common],
) -> str:
    """Record a survey, also one that was not answered (no score); return the outcome's id.

    Args:
        ref: The turn or conversation that it is about.
        score: What the customer gave, from 1 to `scale` (a model: from 0); None: not answered.
        scale: The highest score.
        kind: When it was asked: `resolution` at the close, `delayed` 48 to 72 hours later, `handoff` about a ticket
            that was handed over; `model`: nobody was asked, a model has scored the conversation.
        asked_at: When it was asked; a reader needs it to see whether a delayed one was.
        answered_at: When it was answered. It happened then, else when it was asked, unless `at` says otherwise.
        **common: `id`, `at`, `source`, `observed_at`.
    """
    fields = {"kind_of_ask": kind, "score": score, "scale": scale}
    times = _times("record_csat", {"asked_at": asked_at, "answered_at": answered_at})
    asked, answered = times.get("asked_at"), times.get("answered_at")
    if asked is not None and answered is not None and answered < asked:
        raise RecordError("record_csat: answered_at lies before asked_at; check times and zones")
    if common.get("at") is None and (happened := answered_at if answered_at is not None else asked_at) is not None:
        common["at"] = happened
    return _outcome("csat", ref, {**fields, **times}, common)


def record_ticket(
    ref: Ref,
    *,
    ticket_id: str | None = None,
    opened_at: When | None = None,
    first_human_reply_at: When | None = None,
    solved_at: When | None = None,
    closed_at: When | None = None,
    reopened_at: When | None = None,
    handle_time_s: float | None = None,
    handle_time_source: o.HandleTimeSource | None = None,
    replies: int | None = None,
    asked_to_restate: bool | None = None,
    packet_acknowledged: bool | None = None,
    **common: Unpack[Common],
) -> str:
    """Record the ticket behind a conversation; return the outcome's id."""
    times = {
        "opened_at": opened_at,
        "first_human_reply_at": first_human_reply_at,
        "solved_at": solved_at,
        "closed_at": closed_at,
        "reopened_at": reopened_at,
    }
    fields = {
        "ticket_id": ticket_id,
        "handle_time_s": handle_time_s,
        "handle_time_source": handle_time_source,
        "replies": replies,
        "asked_to_restate": asked_to_restate,
        "packet_acknowledged": packet_acknowledged,
    }
    known = _times("record_ticket", times)
    opened = known.get("opened_at")
    early = [name for name, moment in known.items() if opened is not None and moment < opened]
    if early:
        raise RecordError(f"record_ticket: {', '.join(early)} lies before opened_at; check times and zones")
    return _outcome("ticket", ref, _something("record_ticket", {**fields, **known}), common)


def record_agent_message(ref: Ref, *, index: int, text: str | None = None, **common: Unpack[Common]) -> str:
    """Record a message after the handoff, counted from 0; return the outcome's id."""
    return _outcome("agent_message", ref, {"index": index, "text": text}, common)


def record_recontact(
    ref: Ref,
    *,
    of: Ref,
    same_issue: bool | None = None,
    match_level: o.MatchLevel | None = None,
    after_s: float | None = None,
    **common: Unpack[Common],
) -> str:
    """Record that conversation `ref` is a recontact of conversation `of`; return the outcome's id."""
    fields = {"same_issue": same_issue, "match_level": match_level, "after_s": after_s}
    earlier = _target("record_recontact: of", of)[0]
    if earlier == _target("record_recontact", ref)[0]:
        raise RecordError("record_recontact: a conversation is no recontact of itself; give the earlier one as of=")
    return _outcome("recontact", ref, fields, common, of=earlier)


def record_reopen(
    ref: Ref,
    *,
    of: str | None = None,
    match_level: o.MatchLevel | None = None,
    after_s: float | None = None,
    **common: Unpack[Common],
) -> str:
    """Record that a closed ticket was reopened; return the outcome's id."""
    ticket = None if of is None else _target("record_reopen: of", of)[0]
    return _outcome("reopen", ref, {"match_level": match_level, "after_s": after_s}, common, of=ticket)


def record_suggestion(
    ref: Ref,
    *,
    kind: o.SuggestionKind,
    accepted: bool,
    edited: bool | None = None,
    action_taken: bool | None = None,
    review_s: float | None = None,
    **common: Unpack[Common],
) -> str:
    """Record what a human did with a suggestion; return the outcome's id."""
    fields = {
        "suggestion_kind": kind,
        "accepted": accepted,
        "edited": edited,
        "action_taken": action_taken,
        "review_s": review_s,
    }
    return _outcome("suggestion", ref, fields, common)


def record_audit(
    ref: Ref,
    *,
    category: o.AuditCategory | None = None,
    policy_class: PolicyClassValue | None = None,
    severity: SeverityValue | None = None,
    claim_accuracy: int | None = None,
    policy_alignment: int | None = None,
    source_grounding: int | None = None,
    user_impact: o.UserImpact | None = None,
    completeness: int | None = None,
    actionability: int | None = None,
    true_intent: str | None = None,
    reviewer: str | None = None,
    **common: Unpack[Common],
) -> str:
    """Record a reviewer's scorecard (grades 0 wrong, 1 partly, 2 right); return the outcome's id."""
    fields = {
        "category": category,
        "policy_class": policy_class,
        "severity": severity,
        "claim_accuracy": claim_accuracy,
        "policy_alignment": policy_alignment,
        "source_grounding": source_grounding,
        "user_impact": user_impact,
        "completeness": completeness,
        "actionability": actionability,
        "true_intent": true_intent,
        "reviewer": reviewer,
    }
    return _outcome("audit", ref, _something("record_audit", fields, besides=("reviewer",)), common)


def record_agent_flag(ref: Ref, flag: o.AgentFlagKind, **common: Unpack[Common]) -> str:
    """Record what a human agent found wrong; return the outcome's id."""
    return _outcome("agent_flag", ref, {"flag": flag}, common)


def record_incident(
    ref: Ref,
    *,
    policy_class: PolicyClassValue,
    severity: SeverityValue,
    owner: str | None = None,
    state: o.IncidentState = "open",
    **common: Unpack[Common],
) -> str:
    """Record an incident; return the outcome's id."""
    fields = {"policy_class": policy_class, "severity": severity, "owner": owner, "state": state}
    return _outcome("incident", ref, fields, common)


def record_business(
    ref: Ref, *, kind: o.BusinessKind, amount: float | Decimal, currency: str, **common: Unpack[Common]
) -> str:
    """Record money that another system knows of; return the outcome's id."""
    try:
        number = float(amount) if isinstance(amount, Decimal) else amount
    except ValueError:
        raise RecordError("record_business: amount is a signalling NaN; give a number") from None
    return _outcome("business", ref, {"business_kind": kind, "amount": number, "currency": currency}, common)


class ChangeFacts(TypedDict, total=False):
    """What a guard, a trigger or an owner says of a change besides what has changed.

    `value` and `threshold` have the metric's own unit; `window_s` are seconds, `samples` the observations behind the
    value, and `versions` what the bot runs on.
    """

    archetype: str | None
    state: GuardStateValue | None
    previous_state: GuardStateValue | None
    tier: AutomationTierValue | None
    previous_tier: AutomationTierValue | None
    rule: str | None
    metric: str | None
    value: float | None
    threshold: float | None
    window_s: float | None
    samples: int | None
    versions: Versions | None


def record_change(
    kind: ChangeKindValue,
    *,
    version: str,
    previous_version: str | None = None,
    note: str | None = None,
    owner: str | None = None,
    id: str | None = None,  # noqa: A002 - the contract's name
    at: When | None = None,
    **facts: Unpack[ChangeFacts],
) -> None:
    """Record that something the bot runs on has changed; the same `id` again is a repeat, not another change."""
    from convqa_sdk.schema.changes import ChangeSpan

    unknown = set(facts) - ChangeFacts.__annotations__.keys()
    if unknown:
        raise TypeError(f"record_change() got unexpected keyword arguments {sorted(unknown)}")
    given: dict[str, Any] = dict(facts)
    versions = given.pop("versions", None)
    if versions is not None and not isinstance(versions, Versions):
        raise RecordError(f"record_change: versions is {type(versions).__name__}; give convqa_sdk.Versions")
    values = {
        "change_kind": kind,
        "version": version,
        "previous_version": previous_version,
        "note": note,
        "owner": owner,
        "change_id": id,
        **given,
        **(_versions(versions) if versions is not None else {}),
    }
    valid = _validated("record_change", ChangeSpan, values, {})
    at_ns, _ = _moment("record_change", at)
    _submit(Late(ChangeSpan, valid, None, None, at_ns, *_ids()))


def end_session(ref: Ref, *, at: When | None = None, id: str | None = None) -> None:  # noqa: A002 - the contract's name
    """Say that a session is over; otherwise the store finds its end by a timeout. The same `id` again is a repeat."""
    from convqa_sdk.schema.outcomes import SnapshotSpan

    conversation_id, link = _target("end_session", ref)
    at_ns, _ = _moment("end_session", at)
    _submit(
        Late(SnapshotSpan, {}, conversation_id, link, at_ns, *(_ids() if id is None else _ids_of(conversation_id, id)))
    )


# ----------------------------------------------------------------------------------------------------------- inside


def _outcome(kind: str, ref: Ref, fields: Mapping[str, Any], common: Common, *, of: str | None = None) -> str:
    from convqa_sdk.schema.registry import OUTCOME_RECORDS

    name = f"record_{kind}"
    unknown = set(common) - Common.__annotations__.keys()
    if unknown:
        raise TypeError(
            f"{name}() got unexpected keyword arguments {sorted(unknown)}; common ones are id, at, source, "
            "observed_at"
        )
    conversation_id, link = _target(name, ref)
    at_ns, at = _moment(name, common.get("at"))
    trace_id, span_id = _ids()
    given_id = common.get("id")
    outcome_id = f"o-{span_id:016x}".translate(_LETTERS) if given_id is None else given_id
    record = OUTCOME_RECORDS[kind]
    facts: dict[str, Any] = {"outcome_id": outcome_id, "at": at, "observed_at": _observed_at(name, common, at_ns)}
    facts.update({name: common.get(name) for name in ("source", "time_zone_assumed")})
    stand_ins = {"conversation_id": "c", "session_id": "c", "status": "ok"}
    if of is not None:
        stand_ins["of"] = "c"  # like a conversation id: one that cannot travel leaves as a pseudonym
    valid = _validated(name, record, {**fields, **facts}, stand_ins)
    if of is not None:
        valid["of"] = of
    _submit(Late(record, valid, conversation_id, link, at_ns, trace_id, span_id))
    return outcome_id


def _versions(versions: Versions) -> dict[str, Any]:
    """Return the fields of a change that say what the bot ran on; what is drawn per turn is no part of that."""
    return {
        "model_version": versions.model,
        "prompt_name": versions.prompt_name,
        "prompt_version": versions.prompt,
        "policy_version": versions.policy,
        "kb_snapshot": versions.kb_snapshot,
        "kb_built_at": versions.kb_built_at,
        "index_version": versions.index,
        "taxonomy_version": versions.taxonomy,
    }


def _something(name: str, fields: dict[str, Any], besides: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return fields of which at least one says something."""
    if all(value is None for field, value in fields.items() if field not in besides):
        raise RecordError(f"{name}: give at least one of {', '.join(f for f in fields if f not in besides)}")
    return fields


def _target(name: str, ref: Ref) -> tuple[str, tuple[int, int] | None]:
    """Return the conversation id and, when a turn is meant, its trace and span id."""
    if isinstance(ref, str):
        parsed = TurnRef.parse(ref.strip())
        if parsed is None and ref.startswith("cq1."):
            raise RecordError(f"{name}: the reference is damaged; give the whole string of a TurnRef")
        ref = parsed if parsed is not None else TurnRef(ref)
    if not isinstance(ref, TurnRef) or not isinstance(ref.conversation_id, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise RecordError(f"{name}: got {type(ref).__name__}; give a TurnRef, its string, or a conversation id")
    if not ref.conversation_id.strip():
        raise RecordError(f"{name}: the reference is empty; give a TurnRef, its string, or a conversation id")
    return ref.conversation_id, (ref.trace_id, ref.span_id) if ref.trace_id and ref.span_id else None


def _moment(name: str, at: When | None, field: str = "at") -> tuple[int, datetime]:
    """Return a time as Unix nanoseconds and as datetime; `None` is now."""
    if at is None:
        ns = _now_ns()
    elif isinstance(at, datetime):
        if at.utcoffset() is None:
            raise RecordError(f"{name}: {field} is a naive datetime; give one with a time zone, or Unix nanoseconds")
        ns = unix_ns(at)
    elif type(at) is int:
        ns = at
    else:
        raise RecordError(f"{name}: {field} is {type(at).__name__}; give an aware datetime or Unix nanoseconds")
    if ns < EARLIEST_NS:
        raise RecordError(
            f"{name}: {field} lies before 1971; give an aware datetime or Unix nanoseconds, as time.time_ns() has them"
        )
    if at is not None and ns > time.time_ns() + FUTURE_NS:
        raise RecordError(f"{name}: {field} lies in the future of this machine's clock; check time zone and unit")
    return ns, _datetime(ns)


def _observed_at(name: str, common: Common, at_ns: int) -> datetime:
    """Return when an outcome became known; what happened now is known from the same moment on."""
    given = common.get("observed_at")
    if given is None:
        return _datetime(at_ns if common.get("at") is None else _now_ns())
    observed_ns, observed_at = _moment(name, given, "observed_at")
    if observed_ns < at_ns:
        raise RecordError(f"{name}: observed_at lies before at; it became known when it had happened, or later")
    return observed_at


def _datetime(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 1_000_000_000, timezone.utc).replace(microsecond=ns // 1000 % 1_000_000)


def _now_ns() -> int:
    recorder = recorders.active()
    return recorder.time_ns() if recorder is not None else time.time_ns()


def _times(name: str, times: Mapping[str, When | None]) -> dict[str, datetime]:
    return {field: _moment(name, at, field)[1] for field, at in times.items() if at is not None}


def _validated(
    name: str, record: type[Record], values: Mapping[str, Any], stand_ins: Mapping[str, Any]
) -> dict[str, Any]:
    """Return validated values; an error names the caller's parameter and the rule, never the value."""
    from pydantic import ValidationError

    from convqa_sdk.schema.complaints import plainly

    given = {field: value for field, value in values.items() if value is not None}

    def rule(problem: Any) -> str:
        code = problem["type"] == "string_pattern_mismatch" and problem["loc"] == ("currency",)
        return _CURRENCY if code else plainly(problem["type"], problem["msg"])

    try:
        valid = record.model_validate({**given, **stand_ins}, strict=True)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(f"{_parameter(record, p['loc'])}{rule(p)}" for p in problems)
        raise RecordError(f"{name}: {told}") from None
    return {field: getattr(valid, field) for field in given}


def _parameter(record: type[Record], location: tuple[str | int, ...]) -> str:
    """Return the parameter that a schema field is given by: the last part of its key."""
    from convqa_sdk.schema.registry import fields_of

    field = fields_of(record).get(str(location[0])) if location else None
    return f"{field.attribute.key.rpartition('.')[2]}: " if field is not None else ""


def _ids() -> tuple[int, int]:
    recorder = recorders.active()
    if recorder is None:
        return random.getrandbits(128) or 1, random.getrandbits(64) or 1
    return recorder.new_trace_id(), recorder.span_id()


def _ids_of(conversation_id: str, name: str) -> tuple[int, int]:
    """Return the trace and span id of something that the caller has named: a repeat has the same."""
    if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise RecordError("end_session: id is empty or no text; give the id of the event, or leave it out")
    recorder = recorders.active()
    if recorder is None:
        return _ids()
    named = f"{conversation_id}\0{name}"
    return recorder.trace_id(named), recorder.trace_id(f"{named}\0span") >> 64 or 1


def _submit(late: Late) -> None:
    recorder = recorders.active()
    if recorder is None and not recorders.was_installed():
        kept = "outcomes are not kept, although they have ids"
        once("not_configured", effect=kept, do="call convqa_sdk.configure() in this process too")
    if recorder is not None:
        size = sum(map(sys.getsizeof, (late.conversation_id, *late.values.values()))) + 1000
        recorder.submit(Unit(None, (), size, whole=False, late=late))
