"""Which destinations a configuration names: arguments first, then the environment, then the embedded store."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from opentelemetry.sdk.trace.export import SpanExporter

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.compression import compress
from convqa_sdk.export.destination import Destination
from convqa_sdk.export.dialects import Translate, translator
from convqa_sdk.export.exporters import ConsoleExporter, Forwarder
from convqa_sdk.export.rejections import OnRejected
from convqa_sdk.export.segments import SegmentExporter
from convqa_sdk.export.settings import Settings
from convqa_sdk.isolation import once
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.zstd import codec

DEFAULT_STORE = Path("convqa-telemetry")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_SESSIONS = (
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER",
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER",
)
"""Either names a session of the application's for the exporter over HTTP."""
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
"""The first that is set and not empty counts."""

_ELSEWHERE = ("forward:*", "vault", "logs", "metrics")
"""Destinations of a policy that are no spans' own, or any number of them."""
_KINDS = ("store", "otlp", "console", "vault", "forward:")
"""Names that a policy may have for a destination that this configuration lacks; the last begins those of processors."""

Make = Callable[[], SpanExporter]


def _ignore(_spans: int) -> None:
    """Count nothing."""


def named_destinations(
    settings: Settings, on_rejected: OnRejected = _ignore
) -> tuple[list[Destination], Path | None, bool]:
    """Return the destinations, the store's folder (None without one), and whether the environment's OTLP is used.

    Args:
        settings: Validated settings.
        on_rejected: Told how many spans the environment's backend left out of a batch that it took.

    Raises:
        ConfigurationError: OpenTelemetry's own exporter refuses its environment variables, or zstd is not installed.
    """
    if settings.disabled:
        return [], None, False
    replaces = bool(settings.explicit & {"exporters", "forward_to", "store"})
    otlp = not replaces and _otlp_named()
    store = settings.store if not replaces or "store" in settings.explicit else None
    if store is None and not replaces and not otlp:
        store = DEFAULT_STORE
    given = [(type(exporter).__name__, exporter) for exporter in settings.exporters or ()]
    forwarded = [(f"forward:{type(each).__name__}", Forwarder(each)) for each in settings.forward_to or ()]
    translate = translator(settings.dialect)  # console and store are ours, and keep the standard form
    found = [_destination(settings, name, exporter, translate=translate) for name, exporter in (*given, *forwarded)]
    if otlp:
        otlp_maker = partial(otlp_exporter, on_rejected)
        found.append(_destination(settings, "otlp", _checked(otlp_maker), renew=otlp_maker, translate=translate))
    if settings.console:
        found.append(_destination(settings, "console", ConsoleExporter()))
    if store is not None:
        store = store.absolute()
        make = partial(
            SegmentExporter,
            store,
            segment_bytes=settings.segment_bytes,
            segment_age_s=settings.segment_age_s,
            closed=_compression(settings),
        )
        found.append(_destination(settings, "store", make(), renew=make))
    return found, store, otlp


def destination_policies(settings: Settings, names: Sequence[str]) -> list[RedactionPolicy]:
    """Return the policy of each destination, by name.

    A policy may be shared by bots whose destinations differ, so one of a known kind that there is not is told of only.

    Raises:
        ConfigurationError: The policy names what is no kind of destination and no exporter's class: it is misspelt, and
            would protect nothing.
    """
    policy = settings.redaction
    missing = sorted(policy.destinations.keys() - {*names, *_ELSEWHERE})
    unknown = [name for name in missing if not name.startswith("forward:") and name not in _KINDS]
    if unknown and names:
        raise ConfigurationError(_unknown_destination(unknown[0], names))
    if missing and names:
        once("policy_without_destination", policies=missing, destinations=list(names))
    policies = [policy.at(name) for name in names]
    return policies if settings.content else [each.without_content() for each in policies]


def logs_policy(settings: Settings) -> RedactionPolicy:
    """Return the policy of log events, which leave by the application's own pipeline: that of `logs`."""
    policy = settings.redaction.at("logs")
    return policy if settings.content else policy.without_content()


def _unknown_destination(name: str, names: Sequence[str]) -> str:
    there = list(dict.fromkeys((*names, "store", "otlp", "console", "vault", "logs", "forward:CLASS", "forward:*")))
    nearest = get_close_matches(name, there, 1)
    meant = f", did you mean {nearest[0]}?" if nearest else ""
    return (
        f"redaction: destinations: there is no {name}{meant}; name one of {', '.join(there)}, "
        "or give the exporter of that class"
    )


def _compression(settings: Settings) -> Callable[[Path], None] | None:
    if settings.segment_compression == "none":
        return None
    codec()  # now: what is missing is an error of the configuration, and nothing is imported during a turn
    return compress


def _otlp_named() -> bool:
    chosen = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() or "otlp"
    return "otlp" in chosen and any(os.environ.get(variable, "").strip() for variable in _ENDPOINTS)


def _protocol() -> tuple[str, str]:
    """Return the protocol, and the variable that names it."""
    named = ((os.environ.get(variable, "").strip(), variable) for variable in _PROTOCOLS)
    return next((pair for pair in named if pair[0]), ("http/protobuf", ""))


def _speaks_grpc() -> bool:
    return _protocol()[0].lower() == "grpc"


def otlp_exporter(on_rejected: OnRejected = _ignore) -> SpanExporter:
    """Return the official OTLP exporter for the environment's protocol; it reads all `OTEL_EXPORTER_OTLP_*`."""
    if _speaks_grpc():
        from convqa_sdk.export.grpc_answers import grpc_exporter

        return grpc_exporter(on_rejected)
    if any(os.environ.get(variable) for variable in _SESSIONS):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter()
    from convqa_sdk.export.http_answers import http_exporter

    return http_exporter(on_rejected)


def _check_headers() -> None:
    """Refuse headers that OpenTelemetry would quote in a warning, keys and all."""
    for variable in ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"):
        entries = [entry for entry in os.environ.get(variable, "").split(",") if entry.strip()]
        if any("=" not in entry for entry in entries):
            raise ConfigurationError(f"{variable}: give headers as name=value, separated by commas")


def _check_protocol() -> None:
    """Refuse a protocol that nobody speaks here: what is no gRPC would silently be HTTP."""
    given, variable = _protocol()
    if given.lower() not in ("grpc", "http/protobuf"):
        said = f", not {given!r}" if len(given) <= 40 else ""
        raise ConfigurationError(f"{variable}: give grpc or http/protobuf{said}; http/json is not supported")


def _check_endpoints() -> None:
    """Refuse an address that the HTTP exporter would only stumble over when the first turn has ended."""
    used = next((variable for variable in _ENDPOINTS if os.environ.get(variable, "").strip()), "")
    address = os.environ.get(used, "").strip().lower()
    if address and not address.startswith(("http://", "https://")) and not _speaks_grpc():
        raise ConfigurationError(f"{used}: give a URL with its scheme, such as http://localhost:4318")


def _checked(make: Make) -> SpanExporter:
    _check_headers()
    _check_protocol()
    _check_endpoints()
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - what it refuses may be a header with a key: never quoted
        raise ConfigurationError(
            f"OTEL_EXPORTER_OTLP_*: OpenTelemetry's exporter refuses the environment ({type(error).__name__}); "
            "check its endpoint, headers, timeout, compression and certificate variables"
        ) from None


def _destination(
    settings: Settings,
    name: str,
    exporter: SpanExporter,
    renew: Make | None = None,
    translate: Translate | None = None,
) -> Destination:
    return Destination(
        name,
        exporter,
        batch_spans=settings.batch_spans,
        batch_bytes=settings.batch_bytes,
        queue_bytes=settings.queue_bytes,
        renew=renew,
        translate=translate,
    )
