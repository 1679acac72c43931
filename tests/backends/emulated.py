"""What Tempo and Honeycomb do to what they take, as measured on them; they do not run on a machine like this.

Each rule works on the protobuf that came in over the wire. Tempo's figures are its defaults (`max_attribute_bytes`,
`max_bytes_per_trace`, gRPC's `max_recv_msg_size_mb`), Honeycomb's are limits of the service.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from export.receivers import Request, attributes

TEMPO_STRING_BYTES = 2_048
TEMPO_TRACE_BYTES = 5_000_000
TEMPO_MESSAGE_BYTES = 4 * 1024 * 1024
HONEYCOMB_FIELD_BYTES = 65_536

Row = dict[str, Any]


def tempo(requests: Iterable[Request]) -> list[tuple[str, Row]]:
    """Return name and attributes of the spans that Tempo keeps.

    Strings are cut, the elements of arrays are not. Spans that a trace has no room for are gone although every message
    was answered with success.
    """
    kept: list[tuple[str, Row]] = []
    sizes: Counter[bytes] = Counter()
    for request in requests:
        for span in request.spans:
            if sizes[span.trace_id] + span.ByteSize() <= TEMPO_TRACE_BYTES:
                sizes[span.trace_id] += span.ByteSize()
                values = attributes(span)
                kept.append((span.name, {key: _cut(value, TEMPO_STRING_BYTES) for key, value in values.items()}))
    return kept


def honeycomb(requests: Iterable[Request]) -> list[Row]:
    """Return the rows that Honeycomb makes of spans: arrays as JSON, long fields cut, `sampleRate` taken as its own."""
    return [_row(attributes(span)) for request in requests for span in request.spans]


def _row(values: Mapping[str, Any]) -> Row:
    row = {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        for key, value in values.items()
    }
    row.pop("sampleRate", None)
    return {key: _cut(value, HONEYCOMB_FIELD_BYTES) for key, value in row.items()}


def _cut(value: Any, limit: int) -> Any:
    return value.encode()[:limit].decode(errors="ignore") if isinstance(value, str) else value
