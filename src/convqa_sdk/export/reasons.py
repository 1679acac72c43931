"""Why an export failed, as far as it is known: in words of ours, which quote neither content nor an answer."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple

from opentelemetry.sdk.trace.export import SpanExporter


class Reason(NamedTuple):
    """One reason.

    Attributes:
        why: What happened.
        what: What to do about it.
    """

    why: str
    what: str


class Explaining(SpanExporter):
    """An exporter of ours, which knows more than OpenTelemetry's result can say.

    Attributes:
        reason: Why the last export that failed did; None: not known.
        unconfirmed: How many batches went to somebody whose answer confirms nothing.
    """

    reason: Reason | None = None
    unconfirmed: int = 0


PATH = (
    "check that the endpoint is an OTLP receiver and its path /v1/traces: OTEL_EXPORTER_OTLP_ENDPOINT gets it added, "
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is"
)
_CREDENTIALS = "check the credentials in OTEL_EXPORTER_OTLP_HEADERS"
_BUSY = "the backend is down or overloaded: look there; raise OTEL_EXPORTER_OTLP_TIMEOUT to try each batch for longer"
_BACKENDS_LOG = "look in the backend's own log for the reason"
_STATUS = {
    401: _CREDENTIALS,
    403: _CREDENTIALS,
    404: PATH,
    405: PATH,
    413: "lower batch_bytes, or raise what the backend takes",
    **dict.fromkeys((429, 502, 503, 504), _BUSY),
}
_GRPC = {
    "UNAUTHENTICATED": _CREDENTIALS,
    "PERMISSION_DENIED": _CREDENTIALS,
    "UNIMPLEMENTED": "check that the endpoint is an OTLP receiver for gRPC, e.g. port 4317",
    "UNAVAILABLE": "check that a receiver for gRPC listens at the endpoint, e.g. port 4317, and http:// against https://",
    "DEADLINE_EXCEEDED": _BUSY,
    "RESOURCE_EXHAUSTED": _BUSY,
}
_BROKEN: tuple[tuple[type[BaseException], Reason], ...] = (
    (
        ssl.SSLError,
        Reason(
            "TLS failed",
            "check https:// against http://, and OTEL_EXPORTER_OTLP_CERTIFICATE, which names whom to trust",
        ),
    ),
    (socket.gaierror, Reason("the host's name is not known", "check the host of the endpoint")),
    (ConnectionRefusedError, Reason("connection refused", "nobody listens there: check the endpoint's host and port")),
    (
        ConnectionResetError,
        Reason(
            "connection reset", "check that the endpoint is an OTLP receiver for HTTP, e.g. port 4318, and look there"
        ),
    ),
    (TimeoutError, Reason("timed out", "check that it can be reached, or raise OTEL_EXPORTER_OTLP_TIMEOUT")),
)
_DEPTH = 10


def of_status(status: int) -> Reason | None:
    """Return what an HTTP status says, None of a success."""
    if status < 300:
        return None
    what = "set the endpoint to its final address; no redirect is followed" if status < 400 else _BACKENDS_LOG
    return Reason(f"HTTP {status}", _STATUS.get(status, what))


def of_grpc(code: str) -> Reason:
    """Return what a gRPC status says, by its name."""
    return Reason(f"gRPC {code}", _GRPC.get(code, _BACKENDS_LOG))


def of_connection(error: BaseException) -> Reason | None:
    """Return what broke a connection: the kind of an exception behind `error`, and never its message."""
    met = list(_chain(error))
    return next((reason for kind, reason in _BROKEN if any(isinstance(each, kind) for each in met)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    for _ in range(_DEPTH):
        if following is None:
            return
        yield following
        following = following.__cause__ or following.__context__


def of_file(error: BaseException) -> Reason | None:
    """Return what the file system says, in its words for the error's number."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        return None
    return Reason(os.strerror(number).lower(), "check that store is a folder that can be written, and has room")
