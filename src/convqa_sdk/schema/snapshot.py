"""The contract as it was last accepted, and what has changed since: users' dashboards live on these names.

Breaking is what makes a query of yesterday wrong or a record of yesterday invalid: a stable key that is gone or has
another type, a value that a closed vocabulary has lost, a field that has become required.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from typing_extensions import NotRequired, TypedDict

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema.attribute import SCHEMA_VERSION
from convqa_sdk.schema.documents import closed_values
from convqa_sdk.schema.metrics import METRICS, Metric
from convqa_sdk.schema.records import Record, Resource
from convqa_sdk.schema.registry import EVENT_RECORDS, LOG_RECORDS, SPANS, Field, fields_of
from convqa_sdk.schema.semconv import wire_type

Snapshot = dict[str, Any]
_MISSING: Mapping[str, Any] = {}
_ACCEPTED = (
    "give a file that `convqa schema snapshot` has written, from the version to compare with; "
    "without one, the snapshot that this version carries is taken"
)


class _Described(TypedDict):
    type: str
    level: str
    stability: str
    values: NotRequired[list[str]]


class _DescribedMetric(TypedDict):
    kind: str
    unit: str
    attributes: list[str]
    buckets: list[float]


class _Shape(TypedDict):
    schema_version: str
    records: dict[str, dict[str, _Described]]
    metrics: NotRequired[dict[str, _DescribedMetric]]


class Change(NamedTuple):
    """One difference.

    Attributes:
        record: Name of the span, event or metric, or the resource.
        key: The attribute; of a metric, what of its declaration.
        what: What has changed, for people.
        breaking: Whether somebody's query or record breaks.
    """

    record: str
    key: str
    what: str
    breaking: bool


def current() -> Snapshot:
    """Return the contract as the code declares it."""
    records: dict[str, type[Record]] = {
        **{span.__name__: span for span in SPANS},
        **EVENT_RECORDS,
        **LOG_RECORDS,
        "Resource": Resource,
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "records": {
            name: {field.attribute.key: _described(field) for field in fields_of(record).values()}
            for name, record in records.items()
        },
        "metrics": {metric.name: _described_metric(metric) for metric in METRICS},
    }


def _described(field: Field) -> dict[str, Any]:
    described = {"type": wire_type(field), "level": field.level, "stability": field.attribute.stability}
    values = sorted(closed_values(field.type))
    return {**described, "values": values} if values else described


def _described_metric(metric: Metric) -> dict[str, Any]:
    lists = {"attributes": list(metric.attributes), "buckets": list(metric.buckets)}
    return {"kind": metric.kind, "unit": metric.unit, **lists}


def accepted(path: Path | None = None) -> Snapshot:
    """Return the snapshot in a file, or the one that the package carries.

    Raises:
        ConfigurationError: The file cannot be read, or holds no snapshot.
    """
    source = path if path is not None else files("convqa_sdk.schema").joinpath("snapshot.json")
    try:
        snapshot: Snapshot = json.loads(source.read_text("utf-8"))
        TypeAdapter(_Shape).validate_python(snapshot, strict=True)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): {_ACCEPTED}") from None
    except ValueError:
        raise ConfigurationError(f"{path} holds no snapshot: {_ACCEPTED}") from None
    return snapshot


def written(snapshot: Snapshot) -> str:
    """Return a snapshot as text, the same each time, with a line per attribute: a change is a small difference."""
    records = [
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"   {json.dumps(key)}: {json.dumps(one, sort_keys=True)}" for key, one in sorted(fields.items()))
        + "\n  }"
        for name, fields in sorted(snapshot["records"].items())
    ]
    metrics = [
        f"  {json.dumps(name)}: {json.dumps(one, sort_keys=True)}"
        for name, one in sorted(snapshot.get("metrics", _MISSING).items())
    ]
    version = json.dumps(snapshot["schema_version"])
    titled = {"records": records, "metrics": metrics}
    parts = [f' "{title}": {{\n' + ",\n".join(rows) + "\n }" for title, rows in titled.items()]
    return f'{{\n "schema_version": {version},\n' + ",\n".join(parts) + "\n}\n"


def differences(before: Snapshot, after: Snapshot) -> list[Change]:
    """Return what has changed from one contract to another, by record and key."""
    changes: list[Change] = []
    for record in sorted({**before["records"], **after["records"]}):
        old, new = before["records"].get(record, _MISSING), after["records"].get(record, _MISSING)
        for key in sorted({*old, *new}):
            changes += [Change(record, key, what, breaking) for what, breaking in _changes(old, new, key)]
    return changes + _metric_differences(before.get("metrics", _MISSING), after.get("metrics", _MISSING))


def _metric_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what has changed of the metrics: an attribute more splits a series, which sums bring together again."""
    changes: list[Change] = []
    for name in sorted({*before, *after}):
        if name not in before or name not in after:
            changes.append(Change(name, "metric", "added" if name in after else "removed", name in before))
            continue
        for key in ("attributes", "buckets", "kind", "unit"):
            was, now = before[name][key], after[name][key]
            if was != now:
                adds = key in ("attributes", "buckets") and set(was) <= set(now)
                changes.append(Change(name, key, f"{was} became {now}", not adds))
    return changes


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> Iterator[tuple[str, bool]]:
    if key not in new:
        yield "removed", old[key]["stability"] == "stable"
        return
    if key not in old:
        required = new[key]["level"] == "required" and bool(old)  # of a record that is new as a whole, nobody has any
        yield "added, required" if required else "added", required
        return
    was, now = old[key], new[key]
    stable = was["stability"] == "stable"
    if was["type"] != now["type"]:
        yield f"type {was['type']} became {now['type']}", stable
    if was["level"] != now["level"]:
        yield f"level {was['level']} became {now['level']}", now["level"] == "required"
    if was["stability"] != now["stability"]:
        yield f"stability {was['stability']} became {now['stability']}", stable
    yield from _changed_values(set(was.get("values", ())), set(now.get("values", ())), stable=stable)


def _changed_values(was: set[str], now: set[str], *, stable: bool) -> Iterator[tuple[str, bool]]:
    if was and not now:
        yield "values no longer closed", False
        return
    if now and not was:
        yield f"values closed to {', '.join(sorted(now))}", stable
        return
    for value in sorted(was - now):
        yield f"value {value} removed", stable
    for value in sorted(now - was):
        yield f"value {value} added", False
