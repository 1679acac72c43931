"""OTLP as JSON, as the protocol's specification writes it: ids in hex, 64-bit integers as strings, enums as numbers.

The official JSON exporter is still a pre-release; a test holds this module equal to the official protobuf encoding.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext, SpanKind, StatusCode

from convqa_sdk.isolation import fault

_KIND = {SpanKind.INTERNAL: 1, SpanKind.SERVER: 2, SpanKind.CLIENT: 3, SpanKind.PRODUCER: 4, SpanKind.CONSUMER: 5}
_STATUS = {StatusCode.OK: 1, StatusCode.ERROR: 2}
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_HAS_IS_REMOTE, _IS_REMOTE = 0x100, 0x200


def request(spans: Iterable[ReadableSpan], pause: Callable[[], None] | None = None) -> str:
    """Return one `ExportTraceServiceRequest` as a line of JSON without its newline.

    Args:
        spans: The spans; one that cannot be written is left out and counted.
        pause: Called between two spans, so that a worker can yield the interpreter.
    """
    grouped: dict[int, tuple[Resource, dict[Any, list[str]]]] = {}
    for span in spans:
        scopes = grouped.setdefault(id(span.resource), (span.resource, {}))[1]
        members = scopes.setdefault(span.instrumentation_scope, [])
        try:
            members.append(_json(_span(span)).encode().decode())  # a lone surrogate raises here
        except Exception as error:  # noqa: BLE001 - one span's fault costs one span
            fault("encode", error)
        if pause is not None:
            pause()
    return f'{{"resourceSpans":[{",".join([_resource_spans(*group) for group in grouped.values()])}]}}'


def _resource_spans(resource: Resource, scopes: Mapping[Any, list[str]]) -> str:
    described = _json(_without_empty({"attributes": _attributes(resource.attributes)}))
    members = ",".join([_scope_spans(scope, spans) for scope, spans in scopes.items()])
    return f'{{"resource":{described},"scopeSpans":[{members}]{_schema_url(resource.schema_url)}}}'


def _scope_spans(scope: Any, spans: Sequence[str]) -> str:
    described = _without_empty({"name": scope.name, "version": scope.version}) if scope is not None else {}
    url = _schema_url(scope.schema_url if scope is not None else None)
    return f'{{"scope":{_json(described)},"spans":[{",".join(spans)}]{url}}}'


def _schema_url(url: str | None) -> str:
    return f',"schemaUrl":{_json(url)}' if url else ""


_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _span(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context() or INVALID_SPAN_CONTEXT
    parent = span.parent
    flags = _HAS_IS_REMOTE | (_IS_REMOTE if parent is not None and parent.is_remote else 0)
    status = {"code": _STATUS.get(span.status.status_code), "message": span.status.description}
    return _without_empty(
        {
            **_ids(context),
            "traceState": context.trace_state.to_header(),
            "parentSpanId": f"{parent.span_id:016x}" if parent is not None else None,
            "name": span.name,
            "kind": _KIND[span.kind],
            "startTimeUnixNano": str(span.start_time),
            "endTimeUnixNano": str(span.end_time),
            "attributes": _attributes(span.attributes),
            "droppedAttributesCount": span.dropped_attributes or None,
            "events": [_event(event) for event in span.events],
            "droppedEventsCount": span.dropped_events or None,
            "links": [
                _without_empty(
                    {
                        **_ids(link.context),
                        "attributes": _attributes(link.attributes),
                        "droppedAttributesCount": link.dropped_attributes or None,
                        "flags": _HAS_IS_REMOTE | (_IS_REMOTE if link.context.is_remote else 0),
                    }
                )
                for link in span.links
            ],
            "droppedLinksCount": span.dropped_links or None,
            "status": _without_empty(status),
            "flags": flags,
        }
    )


def _event(event: Event) -> dict[str, Any]:
    return _without_empty(
        {
            "timeUnixNano": str(event.timestamp),
            "name": event.name,
            "attributes": _attributes(event.attributes),
            "droppedAttributesCount": event.dropped_attributes or None,
        }
    )


def _ids(context: SpanContext) -> dict[str, Any]:
    return {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
    }


def _attributes(attributes: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return attributes; one that cannot be written is left out and counted."""
    written: list[dict[str, Any]] = []
    for key, value in (attributes or {}).items():
        try:
            written.append({"key": key, "value": _value(value)})
        except Exception as error:  # noqa: BLE001, PERF203 - one attribute's fault costs one attribute
            fault("encode", error)
    return written


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        value.encode()  # a lone surrogate raises here
        return {"stringValue": value}
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise OverflowError("an attribute holds 64-bit integers")
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _NOT_FINITE[str(value)]}
    if isinstance(value, Sequence):
        return {"arrayValue": {"values": _values(value)}}  # pyright: ignore[reportUnknownArgumentType] # reason: any items
    raise TypeError(f"an attribute cannot hold {type(value).__name__}")


def _values(items: Sequence[Any]) -> list[dict[str, Any]]:
    return [_value(item) for item in items]


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, [], "")}
