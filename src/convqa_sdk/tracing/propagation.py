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
from convqa_sdk.tracing.current import Attachment, TurnAttachment, ambient_context, running
from convqa_sdk.tracing.stage import carried
from convqa_sdk.tracing.turn import Turn

CONVERSATION_KEY = "convqa.conversation"
RECORDED_KEY = "convqa.recorded"
"""`0` beside the conversation of a turn that was left out by `sampling`."""
_OURS = (CONVERSATION_KEY, RECORDED_KEY)
_W3C = TraceContextTextMapPropagator()


def inject(carrier: MutableMapping[str, str]) -> None:
    """Write the running stage and its conversation into headers; nothing outside a turn. Never raises.

    Call it only for services of your own: the conversation id goes along in clear.
    """
    try:
        stage = running.get() or carried()
        if stage is None or not isinstance(stage.turn, Turn):
            return
        span: Any = stage  # registered as a virtual subclass of `Span`
        _W3C.inject(carrier, trace.set_span_in_context(span, otel_context.Context()))
        members = [part for part in carrier.get("baggage", "").split(",") if part and _member(part)[0] not in _OURS]
        members.append(f"{CONVERSATION_KEY}={quote(stage.turn.conversation_id, safe='', errors='surrogatepass')}")
        if stage.recorder is None and recorders.active() is not None:
            members.append(f"{RECORDED_KEY}=0")
        carrier["baggage"] = ",".join(members)
    except Exception as error:  # noqa: BLE001 - decision 8
        fault("inject", error)


@contextmanager
def extract(carrier: Mapping[str, str]) -> Generator[None]:
    """Continue the turn that `inject` wrote: stages inside become its children, under its conversation.

    Stages of a turn that is not recorded where it runs are not recorded here either.
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
            attachment.detach()


def _attach(carrier: Mapping[str, str]) -> Attachment | None:
    recorder = recorders.active()
    headers = {name.lower(): value for name, value in carrier.items()}
    remote = trace.get_current_span(_W3C.extract(headers, otel_context.Context())).get_span_context()
    baggage = dict(map(_member, headers.get("baggage", "").split(",")))
    conversation_id = unquote(baggage.get(CONVERSATION_KEY, ""), errors="surrogatepass")
    if recorder is None or not conversation_id:
        return None
    if baggage.get(RECORDED_KEY) == "0":
        return TurnAttachment(Turn.unrecorded(conversation_id), ambient_context())
    if not remote.is_valid:
        return None
    return Attachment(Turn.elsewhere(recorder, conversation_id, remote), None)


def _member(part: str) -> tuple[str, str]:
    """Return name and value of a member of W3C baggage, without its properties."""
    name, _, value = part.partition("=")
    return name.strip(), value.partition(";")[0].strip()
