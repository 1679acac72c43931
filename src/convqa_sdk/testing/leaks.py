"""Looks for values that must not be in exported telemetry, however they are written down there."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk.schema.wire import is_array


def places(spans: Iterable[ReadableSpan], values: Iterable[str]) -> list[str]:
    """Return where values stand, as "value 1 in …"; the values themselves are never part of it.

    A value is found in whatever case and Unicode form, inside JSON, escaped, and split over the parts of an array.
    """
    needles = [(number, _spellings(value)) for number, value in enumerate(values, start=1)]
    found: list[str] = []
    for index, span in enumerate(spans, start=1):
        stage = (span.attributes or {}).get("convqa.stage", "foreign")
        for place, thing in _parts(span):
            texts = [_normal(text) for text in _texts(thing)]
            for number, spellings in needles:
                if any(spelling in text for spelling in spellings for text in texts):
                    found.append(f"value {number} in span {index}, {stage}: {_safe(place, needles)}")
    return found


def _parts(span: ReadableSpan) -> Iterator[tuple[str, object]]:
    """Yield every part of a span that may hold text, with the name of its place."""
    yield "name", span.name
    yield "status", span.status.description or ""
    yield from _attributes("", span.attributes)
    for event in span.events:
        yield "name of an event", event.name
        yield from _attributes("event attribute ", event.attributes)
    for link in span.links:
        yield from _attributes("link attribute ", link.attributes)
    yield from _attributes("resource attribute ", span.resource.attributes)


def _attributes(prefix: str, attributes: Mapping[str, Any] | None) -> Iterator[tuple[str, object]]:
    for key, value in (attributes or {}).items():
        yield "name of an attribute", key
        yield f"{prefix}{key}", value


def _texts(thing: Any) -> Iterator[str]:
    """Yield the texts of a value: itself, its leaves when it is JSON or an array, and the leaves put together."""
    if isinstance(thing, str):
        yield thing
        if thing[:1] in ("[", "{", '"'):
            try:
                parsed = json.loads(thing)
            except (ValueError, RecursionError):
                return
            yield from _texts(parsed)
    elif _is_mapping(thing):
        yield from _together([*thing, *thing.values()])
    elif is_array(thing):
        yield from _together(thing)
    else:
        yield str(thing)


def _is_mapping(thing: Any) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(thing, Mapping)


def _together(parts: Iterable[Any]) -> Iterator[str]:
    inside = [list(_texts(part)) for part in parts]
    for texts in inside:
        yield from texts
    yield "".join(texts[-1] for texts in inside if texts)


def _spellings(value: str) -> tuple[str, ...]:
    escaped = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1])
    return tuple({_normal(spelling) for spelling in (value, *escaped)})


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _safe(place: str, needles: list[tuple[int, tuple[str, ...]]]) -> str:
    """Return the name of a place, unless it holds one of the values itself."""
    hidden = any(spelling in _normal(place) for _, spellings in needles for spelling in spellings)
    return "a place whose name holds a value too" if hidden else place
