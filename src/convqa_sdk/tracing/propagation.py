"""Carry a turn into another process: W3C `traceparent` for the span, W3C `baggage` for the conversation.

Inside a joined turn, OpenTelemetry's own propagators send our span along with every instrumented call. These two are
for the other cases: services that are not instrumented, and bots whose spans are kept apart from the application's.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.current import Attachment, ambient_context, make_current, make_turn_current, restore, running
from convqa_sdk.tracing.stage import carried
from convqa_sdk.tracing.turn import Turn

CONVERSATION_KEY = "convqa.conversation"
RECORDED_KEY = "convqa.recorded"
"""`0` beside the conversation of a turn that was left out by `sampling`."""
SAMPLING_KEY = "convqa.sampling"
"""Beside the conversation of a turn that was not sure to be recorded: the probability, or what is no number."""
LEAST_PROBABILITY = 1e-6
"""Less is no share of customers, and would weigh one turn as many millions."""
MAX_HEADER = 8_192
MAX_PLAIN = 200
"""Characters of a conversation id that is stored as it is when nothing is found in it."""
MAX_MEMBERS = 64
"""What W3C Baggage has everybody pass on, in characters and members; more may be cut anywhere on the way."""
_OURS = (CONVERSATION_KEY, RECORDED_KEY, SAMPLING_KEY)
_READ = ("traceparent", "tracestate", "baggage")
_W3C = TraceContextTextMapPropagator()


def inject(carrier: MutableMapping[str, str]) -> None:
    """Write the running stage and its conversation into headers; nothing outside a turn. Never raises.

    A conversation id that holds personal data goes along as its pseudonym, as it is stored. Where the baggage would be
    longer than 8,192 characters or have more than 64 members, the conversation stays behind, and that is counted.
    """
    try:
        stage = running.get() or carried()
        if stage is None or not isinstance(stage.turn, Turn):
            return
        span: Any = stage  # registered as a virtual subclass of `Span`
        _W3C.inject(carrier, trace.set_span_in_context(span, otel_context.Context()))
        others = [part for part in carrier.get("baggage", "").split(",") if part and _member(part)[0] not in _OURS]
        members = [*others, *_members(stage.turn)]
        baggage = ",".join(members)
        if len(baggage) > MAX_HEADER or len(members) > MAX_MEMBERS:
            fault("inject_too_long")
            baggage = ",".join(others)
        if baggage:
            carrier["baggage"] = baggage
        else:
            carrier.pop("baggage", None)
    except Exception as error:  # noqa: BLE001 - decision 8
        fault("inject", error)


def _members(turn: Turn) -> list[str]:
    """Return what the baggage says about a turn."""
    conversation = _reference(turn.conversation_id[: MAX_HEADER + 1], turn)  # too long stays too long
    if conversation is None:
        return []
    members = [f"{CONVERSATION_KEY}={quote(conversation, safe='', errors='surrogatepass')}"]
    if turn.recorder is None or turn.thinned:
        return [*members, f"{RECORDED_KEY}=0"] if recorders.active() is not None else members
    if turn.probability != 1.0:
        members.append(f"{SAMPLING_KEY}={turn.probability}")
    return members


def _reference(conversation_id: str, turn: Turn) -> str | None:
    """Return what may stand for a conversation in a header; None where only its id could, and that is personal data."""
    from convqa_sdk.redaction import detect

    recorder = turn.recorder or recorders.active()
    is_plain = conversation_id.isascii() and conversation_id.isprintable() and len(conversation_id) <= MAX_PLAIN
    if recorder is not None and is_plain:
        return recorder.reference(conversation_id)
    if len(conversation_id) > MAX_HEADER or not detect(conversation_id):
        return conversation_id
    return recorder.reference(conversation_id) if recorder is not None else None


@contextmanager
def extract(carrier: Mapping[str, str]) -> Generator[None]:
    """Continue the turn that `inject` wrote: stages inside become its children, under its conversation.

    Stages of a turn that is left out where it runs are left out here too, and at most measured; others have its
    probability.
    A header longer than 8,192 characters is ignored, and counted.
    """
    attachment = None
    try:
        attachment = _attach(carrier)
    except Exception as error:  # noqa: BLE001 - headers come from outside
        fault("extract", error)
    try:
        yield
    finally:
        if attachment is not None:
            restore(attachment)


def _attach(carrier: Mapping[str, str]) -> Attachment | None:
    recorder = recorders.active()
    headers = {name: value for given, value in carrier.items() if (name := given.lower()) in _READ}
    for name in [name for name, value in headers.items() if len(value) > MAX_HEADER]:
        fault("extract_too_long")
        del headers[name]
    remote = trace.get_current_span(_W3C.extract(headers, otel_context.Context())).get_span_context()
    baggage = dict(map(_member, headers.get("baggage", "").split(",")))
    conversation_id = unquote(baggage.get(CONVERSATION_KEY, ""), errors="surrogatepass")
    if recorder is None or not conversation_id:
        return None
    if baggage.get(RECORDED_KEY) == "0":
        measured = recorder.measures_all()
        turn = Turn.thinned_elsewhere(recorder, conversation_id) if measured else Turn.unrecorded(conversation_id)
        return make_turn_current(turn, ambient_context())
    if not remote.is_valid:
        return None
    probability = _probability(baggage.get(SAMPLING_KEY, "1"))
    return make_current(Turn.elsewhere(recorder, conversation_id, remote, probability), None)


def _member(part: str) -> tuple[str, str]:
    """Return name and value of a member of W3C baggage, without its properties."""
    name, _, value = part.partition("=")
    return name.strip(), value.partition(";")[0].strip()


def _probability(told: str) -> float | None:
    try:
        share = float(told)
    except ValueError:
        return None
    return share if LEAST_PROBABILITY <= share <= 1.0 else None
