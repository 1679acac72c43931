"""Phoenix, keeping its traces in a database of the test's: how it is started and asked, and what it does to a span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from .servers import address, answers, get, listens, running
from .sightings import Sighting, Sightings, Value, by_id

PROJECT = "default"


class Phoenix(NamedTuple):
    """A running Phoenix: where it takes OTLP, and where it answers."""

    http: str
    grpc: str

    def find(self, project: str = PROJECT, **attributes: str) -> Sightings:
        """Return all spans that have the given attributes; dots of a key are double underscores here."""
        asked = [("limit", "1000")]
        asked += [("attribute", f"{key.replace('__', '.')}:{text}") for key, text in attributes.items()]
        answer = get(f"{self.http}/v1/projects/{project}/spans/otlpv1?{urlencode(asked)}")
        return by_id(map(_sighting, answer["data"]))

    def sessions(self) -> dict[str, list[str]]:
        """Return the traces of each session, by their ids."""
        answer = get(f"{self.http}/v1/projects/{PROJECT}/sessions?limit=1000")
        return {one["session_id"]: [trace["trace_id"] for trace in one["traces"]] for one in answer["data"]}


def _sighting(span: Mapping[str, Any]) -> Sighting:
    status = span["status"]
    return Sighting(
        name=span["name"],
        trace_id=span["trace_id"],
        span_id=span["span_id"],
        parent_id=span["parent_span_id"] or "",
        kind=_KINDS.index(span["kind"]),
        start_ns=span["start_time_unix_nano"],
        end_ns=span["end_time_unix_nano"],
        attributes=_values(span),
        events=[(event["name"], event["time_unix_nano"], _values(event)) for event in span["events"] or ()],
        links=[(link["trace_id"], link["span_id"], _values(link)) for link in span["links"] or ()],
        status=(status["code"], status["message"] or ""),
        scope=("", ""),
        resource={},
    )


_KINDS = ("SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT")


def _values(holder: Mapping[str, Any]) -> dict[str, Value]:
    return {pair["key"]: _value(pair["value"]) for pair in holder["attributes"] or ()}


def _value(held: Mapping[str, Any]) -> Value:
    ((kind, value),) = ((kind.removesuffix("_value"), value) for kind, value in held.items() if value is not None)
    if kind == "array":
        return kind, [_value(item) for item in value["values"]]
    return kind, int(value) if kind == "int" else value


def as_kept(span: Sighting, seen: Sighting) -> Sighting:
    """Return what Phoenix keeps of a span: no links, kind, resource or scope, and what it adds of its own.

    It derives attributes in OpenInference's names from the standard ones; these are taken over from what was seen.
    """
    added = {key: value for key, value in seen.attributes.items() if key.startswith(OPENINFERENCE)}
    return replace(
        span,
        attributes={**added, **span.attributes},
        links=[],
        kind=_KINDS.index("SPAN_KIND_INTERNAL"),
        scope=("", ""),
        resource={},
    )


OPENINFERENCE = ("openinference.", "llm.", "input.", "output.", "retrieval.", "tool.")


@contextmanager
def started(program: str, folder: Path) -> Iterator[Phoenix]:
    """Run Phoenix; its files are in `folder`."""

    def env(ports: Sequence[int]) -> Mapping[str, str]:
        return {
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(ports[0]),
            "PHOENIX_GRPC_PORT": str(ports[1]),
            "PHOENIX_WORKING_DIR": str(folder),
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }

    def ready(ports: Sequence[int]) -> bool:
        return all(map(listens, ports)) and answers(f"http://{address(ports[0])}/healthz")

    with running(lambda _: [program, "serve"], 2, ready, folder / "phoenix.log", env) as ports:
        yield Phoenix(*(f"http://{address(port)}" for port in ports))
