"""Where our metrics go: the application's meter provider, else one of our own where OTLP is set up, else nowhere.

A guest here as everywhere (decision 1): no provider is ever set, none is made by looking, and the application's is
neither flushed nor shut down. Ours is private, sends by the official exporter, and ends within our deadlines.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from opentelemetry import metrics
from opentelemetry.metrics import MeterProvider, NoOpMeterProvider
from opentelemetry.metrics import _internal as api
from opentelemetry.sdk.resources import Resource

from convqa_sdk.export.instruments import Instruments, Watched, instruments_of
from convqa_sdk.export.settings import Settings
from convqa_sdk.isolation import fault

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Meters:
    """Finds the provider at the first turn, on the export thread, and keeps it.

    Args:
        settings: Validated settings.
        resource: The resource of our spans, screened; for a provider of our own.
        watched: What the self-metrics read.
        version: Version of this package.
    """

    def __init__(self, settings: Settings, resource: Callable[[], Resource], watched: Watched, version: str) -> None:
        self._given = settings.meter_provider
        self._on = settings.metrics is not False and not settings.disabled
        self._ships = self._on and (settings.metrics is True or _otlp_named(settings))
        self._resource = resource
        self._watched = watched
        self._version = version
        self._instruments: Instruments | None = None
        self._own: Any = None
        self._flusher: threading.Thread | None = None

    def load(self) -> None:
        """Import what a provider of our own needs, where a pause does no harm."""
        if self._ships and self._given is None and _application() is None:
            import_module("convqa_sdk.export.metric_exporter")

    def present(self) -> bool:
        """Tell whether turns are measured, as far as it is known now; asked by the bot's threads."""
        return self._on and (
            self._instruments is not None or self._given is not None or self._ships or _application() is not None
        )

    @property
    def made(self) -> Instruments | None:
        """The instruments that were asked for already."""
        return self._instruments

    def instruments(self) -> Instruments | None:
        """Return where to measure, None while there is no such place; asked by the export thread."""
        if self._instruments is None and self.present():
            try:
                provider = self._given or _application() or self._make()
                instruments = instruments_of(provider, self._version)
                instruments.watch(self._watched)
                self._instruments = instruments
            except Exception as error:  # noqa: BLE001 - a provider of the application's may be anything
                fault("meters", error)
                self._on = False
        return self._instruments

    def _make(self) -> MeterProvider:
        """Make a provider of our own, which nobody else sees."""
        from opentelemetry.sdk.metrics import MeterProvider as SdkMeterProvider

        from convqa_sdk.export.metric_exporter import environment_reader

        self._own = SdkMeterProvider([environment_reader()], self._resource(), shutdown_on_exit=False)
        return self._own  # type: ignore[no-any-return] # reason: typed where it is imported

    def after_fork(self) -> None:
        """Count from nothing in a forked child, and with a provider of its own where it was ours."""
        self._flusher = None
        if self._instruments is not None:
            self._instruments.forget()
        if self._own is not None:
            self._own = self._instruments = None  # its reader knows that it is the parent's

    def flush(self, deadline: float) -> None:
        """Have a provider of our own send what there is, waiting at most until `deadline` (monotonic seconds)."""
        provider = self._own
        if provider is None:
            return
        if self._flusher is None or not self._flusher.is_alive():  # one that hangs is waited for, not doubled

            def flush() -> None:
                try:
                    provider.force_flush(_milliseconds(deadline))
                except Exception as error:  # noqa: BLE001 - whatever an exporter raises
                    fault("metrics_flush", error)

            self._flusher = _started(flush)
        if self._flusher is not None:
            self._flusher.join(max(0.0, deadline - time.monotonic()))

    def shutdown(self, deadline: float) -> None:
        """Send the last values and end a provider of our own, waiting at most until `deadline`."""
        if self._instruments is not None:
            self._instruments.unwatch(self._watched)
        provider, self._own = self._own, None
        self._on = False
        if provider is None:
            return

        def end() -> None:
            try:
                provider.shutdown(_milliseconds(deadline))  # its thread collects once more
            except Exception as error:  # noqa: BLE001 - as for flush
                fault("metrics_shutdown", error)

        thread = _started(end)
        if thread is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
        else:
            end()  # an interpreter that is ending starts no thread; the provider's own has the deadline


def _started(work: Callable[[], None]) -> threading.Thread | None:
    """Run work in a thread; None when no more can be started."""
    thread = threading.Thread(target=work, name="convqa-metrics", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread


def _milliseconds(deadline: float) -> int:
    return max(1, int(1000 * (deadline - time.monotonic())))


def _otlp_named(settings: Settings) -> bool:
    """Tell whether the environment wants metrics sent by OTLP, and no argument replaces what it names."""
    if settings.explicit & {"exporters", "forward_to", "store"}:
        return False
    chosen = os.environ.get("OTEL_METRICS_EXPORTER", "").strip().lower() or "otlp"
    return "otlp" in chosen and any(os.environ.get(variable, "").strip() for variable in _ENDPOINTS)


def _application() -> MeterProvider | None:
    """Return the application's own provider, None while it has set none; never makes the one that a variable names."""
    if getattr(api, "_METER_PROVIDER", None) is None:
        return None
    provider = metrics.get_meter_provider()
    return None if isinstance(provider, NoOpMeterProvider) else provider
