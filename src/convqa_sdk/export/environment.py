"""The application's own OpenTelemetry: which provider, which resource, and whether our stages may join it."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any

from opentelemetry import trace
from opentelemetry.environment_variables import OTEL_PYTHON_TRACER_PROVIDER
from opentelemetry.sdk import resources
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator

from convqa_sdk.export.settings import Settings
from convqa_sdk.isolation import fault

Make = Callable[[], int]


class Environment:
    """What is known of the application's telemetry; looked at from the first stage on, never at import.

    A provider that the application sets later is noticed at the next turn.
    """

    def __init__(self, settings: Settings, *, ships_to_environment: bool) -> None:
        self._settings = settings
        self._ships = ships_to_environment or bool(settings.forward_to)
        self._provider: Any = settings.provider
        self._no_provider = False
        self._is_named = OTEL_PYTHON_TRACER_PROVIDER in os.environ
        self._own = Resource.create()  # now: at exit it could start no thread any more, which it needs
        self._resource: Resource | None = None
        self._forked = False

    def after_fork(self) -> None:
        """Describe, in a forked child, the child: its process and instance are not its parent's."""
        self._resource = None
        self._forked = True

    def provider(self) -> Any:
        """Return the application's tracer provider, None while it has none."""
        if self._provider is None and not self._no_provider:
            if _is_none_set() and not self._is_named:
                return None
            try:
                found = trace.get_tracer_provider()
            except Exception as error:  # noqa: BLE001 - the environment may name a provider that cannot be made
                fault("provider", error)
                self._no_provider = True
                return None
            if not isinstance(found, (trace.ProxyTracerProvider, trace.NoOpTracerProvider)):
                self._provider = found
        return self._provider

    def joins(self) -> bool:
        """Tell whether stages become current OpenTelemetry spans (decision 1)."""
        join = self._settings.join
        if join != "auto":
            return join
        return self._ships or self.provider() is None

    def resource(self) -> Resource:
        """Return the resource of our spans; fixed once a provider or the first turn has been seen.

        The setting `service_name` beats the environment, and that beats the provider's own resource.
        """
        if self._resource is None:
            if self._forked:
                self._own = _of_this_process(self._own)
            theirs = getattr(self.provider(), "resource", None)
            resource = theirs if isinstance(theirs, Resource) else self._own
            resource = resource.merge(OTELResourceDetector().detect())
            named = self._settings.service_name
            if named is not None:
                resource = resource.merge(Resource({SERVICE_NAME: named}))
            self._resource = resource
        return self._resource

    def ids(self, own: Make) -> tuple[Make, Make]:
        """Return what makes span ids and what makes trace ids: the application's generator when it brings one.

        OpenTelemetry's default is not asked: it draws from Python's shared generator, which the bot may seed.

        Args:
            own: Makes random span ids.
        """
        generator = getattr(self.provider(), "id_generator", None)
        if isinstance(generator, IdGenerator) and not isinstance(generator, RandomIdGenerator):
            return _guarded(generator.generate_span_id, 64, own), _guarded(generator.generate_trace_id, 128, own)
        return own, lambda: own() << 64 | own()

    def known_name(self) -> str:
        """Return the service's name as far as it is known, without fixing the resource."""
        known = self._resource if self._resource is not None else self._own
        return self._settings.service_name or str(known.attributes.get(SERVICE_NAME, "unknown_service"))

    def service_name(self) -> str:
        """Return the service's name."""
        return str(self.resource().attributes.get(SERVICE_NAME, "unknown_service"))


def _is_none_set() -> bool:
    """Tell whether no provider is set, without what `get_tracer_provider` looks up besides: it is asked every turn."""
    return getattr(trace, "_TRACER_PROVIDER", trace) is None


def _of_this_process(parents: Resource) -> Resource:
    """Return a forked child's resource, without the threads that `Resource.create` takes: the child may be ending."""
    detectors = ("ProcessResourceDetector", "ServiceInstanceIdResourceDetector")  # old releases lack the second
    for detector in filter(None, (getattr(resources, name, None) for name in detectors)):
        try:
            found = detector().detect().attributes
        except Exception as error:  # noqa: BLE001 - a turn with its parent's process id is better than none
            fault("resource", error)
            continue
        parents = parents.merge(Resource({key: found[key] for key in found if key in parents.attributes}))
    return parents


def _guarded(make: Make, bits: int, own: Make) -> Make:
    """Return `make` with a random id wherever it raises, or makes none that fits."""

    def made() -> int:
        try:
            given = make()
            if isinstance(given, int) and 0 < given < 1 << bits:  # pyright: ignore[reportUnnecessaryIsInstance] # reason: foreign code
                return given
            fault("id_generator")
        except Exception as error:  # noqa: BLE001 - foreign code in the bot's path
            fault("id_generator", error)
        return own() if bits == 64 else own() << 64 | own()

    return made


_random = random.Random()  # noqa: S311 - ids, not secrets; not the shared generator, which the bot may seed and draws from
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)


def span_id() -> int:
    """Return a random span id; not from `os.urandom`, which would release the interpreter at every stage."""
    return _random.getrandbits(64) or 1


class Clock:
    """The clocks of a process; the test kit puts its own in this place."""

    time_ns = staticmethod(time.time_ns)
    perf_ns = staticmethod(time.perf_counter_ns)
    span_id = staticmethod(span_id)
