"""A span as it is seen anywhere, made by us or in OTLP-JSON. Values keep their OTLP type, so that 1 is not 1.0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

Value = tuple[str, Any]
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Sighting:
    """Everything of one span; ids are lower-case hexadecimal, times nanoseconds, kind and status OTLP's numbers."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: Values
    events: Sequence[tuple[str, int, Values]]
    links: Sequence[tuple[str, str, Values]]
    status: tuple[int, str]
    scope: tuple[str, str]
    resource: Values

    @property
    def times_ns(self) -> list[int]:
        """All times of the span."""
        return [self.start_ns, self.end_ns, *(at_ns for _, at_ns, _ in self.events)]

    def without_times(self) -> Sighting:
        """Return the span with all times zero."""
        events = [(name, 0, values) for name, _, values in self.events]
        return replace(self, start_ns=0, end_ns=0, events=events)


Sightings = dict[str, Sighting]
"""By span id."""


def by_id(sightings: Iterable[Sighting]) -> Sightings:
    """Return sightings by span id; one that was seen twice is an error."""
    found: Sightings = {}
    for sighting in sightings:
        assert sighting.span_id not in found, f"{sighting.name} was seen twice"
        found[sighting.span_id] = sighting
    return found


def differences(seen: Sightings, wanted: Sightings) -> list[str]:
    """Say which spans differ, in which field and under which key; nothing when all are equal."""
    told = [f"{wanted[span_id].name}: is not there" for span_id in wanted.keys() - seen.keys()]
    told += [f"{seen[span_id].name}: was not wanted" for span_id in seen.keys() - wanted.keys()]
    for span_id in seen.keys() & wanted.keys():
        theirs, ours = _flat(seen[span_id]), _flat(wanted[span_id])
        told += [
            f"{wanted[span_id].name}: {place}: {theirs.get(place)!r:.200} and not {ours.get(place)!r:.200}"
            for place in dict.fromkeys((*ours, *theirs))
            if theirs.get(place) != ours.get(place)
        ]
    return told


def _flat(span: Sighting) -> dict[str, Any]:
    """Return a span's fields by name, each attribute by its key."""
    plain = {field.name: getattr(span, field.name) for field in fields(Sighting)}
    values = {
        f"{group}.{key}": value for group in ("attributes", "resource") for key, value in plain.pop(group).items()
    }
    return {**plain, **values}


# ------------------------------------------------------------------------------------------ spans of the SDK


def of_spans(spans: Iterable[Any]) -> Sightings:
    """Read `ReadableSpan`s."""
    return by_id(_of_span(span) for span in spans)


def _of_span(span: Any) -> Sighting:
    return Sighting(
        name=span.name,
        trace_id=f"{span.context.trace_id:032x}",
        span_id=f"{span.context.span_id:016x}",
        parent_id=f"{span.parent.span_id:016x}" if span.parent else "",
        kind=span.kind.value + 1,
        start_ns=span.start_time,
        end_ns=span.end_time,
        attributes=_of_python(span.attributes),
        events=[(event.name, event.timestamp, _of_python(event.attributes)) for event in span.events],
        links=[
            (f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}", _of_python(link.attributes))
            for link in span.links
        ],
        status=(span.status.status_code.value, span.status.description or ""),
        scope=(span.instrumentation_scope.name, span.instrumentation_scope.version),
        resource=_of_python(span.resource.attributes),
    )


def _of_python(attributes: Mapping[str, Any] | None) -> Values:
    return {key: of_value(value) for key, value in (attributes or {}).items()}


_KINDS: Mapping[type, str] = {str: "string", bool: "bool", int: "int", float: "double"}


def of_value(value: Any) -> Value:
    """Return a Python value with its OTLP type."""
    if isinstance(value, (list, tuple)):
        return "array", [of_value(item) for item in value]
    return _KINDS[type(value)], value


# ------------------------------------------------------------------------------------------ OTLP-JSON


def of_json(documents: Iterable[Mapping[str, Any]]) -> Sightings:
    """Read OTLP-JSON messages, as a file holds them or an API answers with."""
    return by_id(sighting for document in documents for sighting in _of_document(document))


def _of_document(document: Mapping[str, Any]) -> Iterator[Sighting]:
    for resource in document.get("resourceSpans", ()):
        about = _of_pairs(resource.get("resource", {}))
        for scope in resource.get("scopeSpans", ()):
            named = scope.get("scope", {})
            for span in scope.get("spans", ()):
                yield _of_json_span(span, (named.get("name", ""), named.get("version", "")), about)


def _of_json_span(span: Mapping[str, Any], scope: tuple[str, str], resource: Values) -> Sighting:
    status = span.get("status", {})
    return Sighting(
        name=span["name"],
        trace_id=span["traceId"],
        span_id=span["spanId"],
        parent_id=span.get("parentSpanId", ""),
        kind=span["kind"],
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        attributes=_of_pairs(span),
        events=[(event["name"], int(event["timeUnixNano"]), _of_pairs(event)) for event in span.get("events", ())],
        links=[(link["traceId"], link["spanId"], _of_pairs(link)) for link in span.get("links", ())],
        status=(status.get("code", 0), status.get("message", "")),
        scope=scope,
        resource=resource,
    )


def _of_pairs(holder: Mapping[str, Any]) -> Values:
    return {pair["key"]: _of_any(pair["value"]) for pair in holder.get("attributes", ())}


def _of_any(value: Mapping[str, Any]) -> Value:
    ((kind, held),) = value.items()
    if kind == "intValue":
        return "int", int(held)
    if kind == "doubleValue":
        return "double", float(held)
    if kind == "arrayValue":
        return "array", [_of_any(item) for item in held.get("values", ())]
    return kind.removesuffix("Value"), held
