"""OpenTelemetry's span limits count for our spans as well: the `OTEL_*_LIMIT` variables and a provider's `SpanLimits`.

Applied to finished spans on the export thread, and not at all while nobody has set a limit: OpenTelemetry's defaults
are there to bound memory, which we bound in bytes. What is left out is counted on the span, as the SDK counts it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import Link

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema.registry import SPANS, fields_of

T = TypeVar("T")
VARIABLES = (
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
)
_COUNTS = ("max_span_attributes", "max_event_attributes", "max_link_attributes", "max_events", "max_links")
_LENGTHS = ("max_attribute_length", "max_span_attribute_length")
_OURS = ("convqa.", "gen_ai.")
"""How the names begin that are not a dialect's."""
_DEFAULT_COUNT = 128
"""OpenTelemetry's default of every count; lengths have none."""


class SpanLimiter:
    """Applies the limits in force.

    Args:
        provider: Returns the application's tracer provider, None while it has none; the environment counts then.

    Raises:
        ConfigurationError: A variable holds no whole number.
    """

    def __init__(self, provider: Callable[[], Any]) -> None:
        self._provider = provider
        self._seen: Any = None
        self._environment = _in_force(_of_environment())
        self._limits = self._environment

    def __call__(self, spans: list[ReadableSpan]) -> list[ReadableSpan]:
        """Return the spans within the limits."""
        provider = self._provider()
        if provider is not self._seen:
            theirs = getattr(provider, "_span_limits", None)
            self._limits = _in_force(theirs) if isinstance(theirs, SpanLimits) else self._environment
            self._seen = provider
        limits = self._limits
        return spans if limits is None else [limited(span, limits) for span in spans]


def _of_environment() -> SpanLimits:
    try:
        return SpanLimits()
    except ValueError:
        wrong = [variable for variable in VARIABLES if not _is_limit(os.environ.get(variable, "0"))]
        raise ConfigurationError(f"{' and '.join(wrong)}: give a whole number, or unset it") from None


def _is_limit(text: str) -> bool:
    return text.strip().isdecimal() or not text.strip()


def _in_force(limits: SpanLimits) -> SpanLimits | None:
    """Return limits that somebody has set, None for OpenTelemetry's defaults."""
    counts = any(getattr(limits, name) not in (_DEFAULT_COUNT, None) for name in _COUNTS)
    lengths = any(getattr(limits, name) is not None for name in _LENGTHS)
    named = any(os.environ.get(variable, "").strip() for variable in VARIABLES)
    return limits if counts or lengths or named else None


def limited(span: ReadableSpan, limits: SpanLimits) -> ReadableSpan:
    """Return a span within `limits`: the newest events and links, and the attributes that matter most.

    OpenTelemetry keeps the attributes that were set last. Ours count as set in the order of their importance: first
    what a dialect says again in other names, then the bot's own, last those that the contract requires.
    """
    attributes = dict(sorted((span.attributes or {}).items(), key=lambda item: (_importance(item[0]), item[0])))
    length = limits.max_attribute_length
    events = [
        Event(event.name, _newest(event.attributes, limits.max_event_attributes, length), event.timestamp)
        for event in span.events
    ]
    links = [Link(link.context, _newest(link.attributes, limits.max_link_attributes, length)) for link in span.links]
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_newest(attributes, limits.max_span_attributes, limits.max_span_attribute_length),
        events=_newest_items(events, limits.max_events),
        links=_newest_items(links, limits.max_links),
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _newest(attributes: Mapping[str, Any] | None, count: int | None, length: int | None) -> Mapping[str, Any]:
    """Return the last `count` attributes with values of at most `length` characters.

    Not left to `BoundedAttributes`, which logs a warning for every value that it drops or cuts.
    """
    items = list((attributes or {}).items())
    dropped = _excess(items, count)
    kept = {key: value if length is None else _cut(value, length) for key, value in items[dropped:]}
    return counted(kept, dropped)


def _newest_items(items: Sequence[T], count: int | None) -> Sequence[T]:
    dropped = _excess(items, count)
    return counted_items(items[dropped:], dropped)


def _excess(items: Sequence[Any], count: int | None) -> int:
    return 0 if count is None else max(0, len(items) - count)


def _cut(value: Any, length: int) -> Any:
    if isinstance(value, str):
        return value[:length]
    if isinstance(value, (list, tuple)):
        return tuple(_cut(item, length) for item in cast("Sequence[object]", value))
    return value


def counted(attributes: Mapping[str, Any], dropped: int) -> Mapping[str, Any]:
    """Return attributes that know how many others were dropped."""
    if not dropped:
        return attributes
    bounded = BoundedAttributes(attributes=attributes)
    bounded.dropped += dropped
    return bounded


def counted_items(items: Sequence[T], dropped: int) -> Sequence[T]:
    """Return events or links that know how many others were dropped."""
    if not dropped:
        return items
    bounded: BoundedList[T] = BoundedList(None)
    bounded.extend(items)
    bounded.dropped = dropped
    return bounded


@cache
def _ranks() -> dict[str, int]:
    """Return the importance of each declared attribute: 3 when some span requires it, else 2."""
    ranks: dict[str, int] = {}
    for record in SPANS:
        for field in fields_of(record).values():
            rank = 3 if field.level in ("required", "conditional") else 2
            ranks[field.attribute.key] = max(rank, ranks.get(field.attribute.key, 0))
    return ranks


def _importance(key: str) -> int:
    return _ranks().get(key) or int(key.startswith(_OURS))
