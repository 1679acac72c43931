"""What a backend answers over HTTP, which OpenTelemetry's exporter does not look at.

It takes a redirect for a success and follows none, which loses every batch without a word; it leaves out how many
spans were rejected; and it reads an answer to its end, also when that never comes.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter
from requests import Response, Session
from requests.exceptions import TooManyRedirects
from urllib3 import HTTPResponse

from convqa_sdk.export.http_deadline import DeadlineAdapter
from convqa_sdk.export.reasons import of_connection, of_status
from convqa_sdk.export.rejections import Listened, OnRejected, Rejections
from convqa_sdk.isolation import fault

ANSWER_BYTES = 64 * 1024
"""Most bytes of an answer that are read."""
PIECE_BYTES = 4 * 1024
_NO_ANSWER = "check that the endpoint is an OTLP receiver, e.g. port 4318"
_BROKEN_OFF = {
    "why": "the rest of an answer broke off or had no end; its status counts",
    "do": "check what stands between here and the backend",
}


def http_exporter(on_rejected: OnRejected) -> SpanExporter:
    """Return the official exporter over HTTP, listened to."""
    rejections = Rejections(on_rejected)
    return Listened(OTLPSpanExporter(session=_Listening(rejections)), rejections)


def http_metric_exporter() -> tuple[MetricExporter, Rejections]:
    """Return the official exporter of metrics over HTTP, and what hears its answers."""
    rejections = Rejections(lambda _: None)
    return OTLPMetricExporter(session=_Listening(rejections)), rejections


class _Listening(Session):
    def __init__(self, rejections: Rejections) -> None:
        super().__init__()
        self._rejections = rejections
        for scheme in ("http://", "https://"):
            self.mount(scheme, DeadlineAdapter())

    def request(self, *args: Any, **kwargs: Any) -> Response:
        """Send a request, and listen to its answer."""
        heard = self._rejections
        try:
            response = super().request(*args, **{**kwargs, "stream": True, "allow_redirects": False})
        except Exception as error:
            heard.reason = of_connection(error)
            raise
        heard.reason = of_status(response.status_code)
        if response.status_code // 100 == 3:
            response.close()
            raise TooManyRedirects("the backend redirects: set OTEL_EXPORTER_OTLP_ENDPOINT to its final address")
        kind = response.headers.get("Content-Type", "")
        try:
            body = _read(response.raw)
        except Exception as error:  # noqa: BLE001 - whoever answers so: the status has been read, and that counts
            response.close()
            body = None
            if not response.ok or _is_otlp(kind):
                fault("answer:otlp", error, destination="otlp", **_BROKEN_OFF)
        if response.ok:
            try:
                heard.note(_rejected(kind, body))
            except Exception:  # noqa: BLE001 - as above; a parser's exception would look like a fault of ours
                heard.unconfirmed += 1
                why = f"the backend answered {response.status_code} with something that is no OTLP answer"
                fault("answer:otlp", why=why, destination="otlp", do=_NO_ANSWER)
        response.raw = BytesIO()
        return response


def _read(raw: HTTPResponse) -> bytes:
    """Return a body within bounds, and the connection to its pool.

    Raises:
        ValueError: It is longer.
    """
    body = bytearray()
    for piece in raw.stream(PIECE_BYTES, decode_content=True):  # each read gets what is left of the time
        body += piece
        if len(body) > ANSWER_BYTES:
            raise ValueError("an answer without an end")
    raw.release_conn()
    return bytes(body)


def _is_otlp(kind: str) -> bool:
    return "json" in kind or "protobuf" in kind


def _rejected(kind: str, body: bytes | None) -> int:
    """Return how many spans an answer says were left out.

    Args:
        kind: The answer's content type.
        body: None: it could not be read to its end.

    Raises:
        Exception: It is no OTLP answer.
    """
    if body == b"":
        return 0
    if not _is_otlp(kind):
        raise TypeError("neither protobuf nor JSON")
    if body is None:
        return 0
    if "json" in kind:
        said: Any = json.loads(body)
        return 0 if said is None else int(said.get("partialSuccess", {}).get("rejectedSpans", 0))
    return int(ExportTraceServiceResponse.FromString(body).partial_success.rejected_spans)
