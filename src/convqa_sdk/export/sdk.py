"""`configure()` and the handle that it returns."""

from __future__ import annotations

import atexit
import functools
import inspect
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from convqa_sdk import isolation
from convqa_sdk.assign import conversation_trace_id
from convqa_sdk.export import meaning, pricing
from convqa_sdk.export.destination import Destination
from convqa_sdk.export.destinations import destination_policies, logs_policy, named_destinations
from convqa_sdk.export.environment import Clock, Environment
from convqa_sdk.export.evaluations import Evaluations
from convqa_sdk.export.instruments import Watched
from convqa_sdk.export.keys import current_key, resolve_keys
from convqa_sdk.export.ledger import Ledger, Stats
from convqa_sdk.export.materialise import Materialiser
from convqa_sdk.export.measuring import Measuring
from convqa_sdk.export.meters import Meters
from convqa_sdk.export.pacer import Pacer
from convqa_sdk.export.renderings import Renderings
from convqa_sdk.export.screened import Screened
from convqa_sdk.export.screening import Limits, Screen
from convqa_sdk.export.sealing import Sealer
from convqa_sdk.export.settings import Settings, read_settings
from convqa_sdk.export.span_limits import SpanLimiter
from convqa_sdk.export.watching import Watching
from convqa_sdk.export.worker import Worker
from convqa_sdk.isolation import fault, faults, once
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy, detector, identifiers
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.redaction.vault import Vault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.conversation_store import MemoryState
from convqa_sdk.tracing.conversations import Conversations
from convqa_sdk.tracing.pieces import MAX_TEXT
from convqa_sdk.tracing.recorder import Recorder
from convqa_sdk.tracing.snapshot import Snapshot
from convqa_sdk.tracing.unit import Unit
from convqa_sdk.tracing.values import Versions
from convqa_sdk.version import __version__

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import TracerProvider

    from convqa_sdk.export.known import Lookup
    from convqa_sdk.export.settings import OneKey
    from convqa_sdk.redaction import Recognizer
    from convqa_sdk.schema.archetypes import ArchetypeMap
    from convqa_sdk.signals.detectors import Detectors
    from convqa_sdk.tracing.conversation_store import StateStore
    from convqa_sdk.tracing.turn_facts import Watcher

F = TypeVar("F", bound=Callable[..., Any])
_lock = threading.RLock()
_current: Sdk | None = None
_ends_in = 0
"""The child of `multiprocessing` in which `_at_exit` is one of its finalizers, by process id."""
_held: bool = False


class Sdk:
    """One configuration in force.

    Args:
        settings: Validated settings.
        clock: Clocks and ids; the test kit brings its own.
        synchronous: Export in the caller's thread (test kit).
        strict: Raise where production counts (test kit).
    """

    def __init__(
        self, settings: Settings, *, clock: Any = Clock, synchronous: bool = False, strict: bool = False
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._strict = strict
        self._ledger = Ledger()
        self._others_faults = Counter(faults())
        self._closed = False
        destinations, store, from_environment = named_destinations(settings, self._ledger.reject)
        self._described = (
            f"destinations={[each.name for each in destinations]}, store={str(store) if store else None!r}"
        )
        self._environment = Environment(settings, ships_to_environment=from_environment)
        self._keys = resolve_keys(settings, store) if destinations else dict[str, bytes]
        self._watching = Watching(settings.guard)
        self._conversations = Conversations(
            settings.state if settings.state is not None else MemoryState(),
            name=lambda conversation_id: f"{self._trace_id(conversation_id):032x}",
            key=lambda: self._key() or _process_key(),
            signature_key=self._key,
            archetypes=settings.archetypes,
        )
        pause = None if synchronous else Pacer().pause
        self._sealer = Sealer(settings.vault if destinations and not settings.disabled else None, pause)
        self._worker = self._make_worker(destinations, clock, synchronous=synchronous)
        self.recorder: Recorder | None = None
        if not settings.disabled and destinations:
            self.recorder = self._make_recorder()
            self._worker.start()
            self._meters.load()
            pricing.load()  # now, because an import would hold the interpreter during a turn
            isolation.load()
            detector.load()
            meaning.load()

    def _make_worker(self, destinations: Sequence[Destination], clock: Any, *, synchronous: bool) -> Worker:
        settings = self.settings
        pacer = Pacer()
        policies = destination_policies(settings, [destination.name for destination in destinations])
        for_logs = logs_policy(settings)
        different = list(dict.fromkeys([*policies, for_logs] if policies else []))
        labels = frozenset[str]().union(*(policy.labels for policy in different))
        detection = Detection(
            recognizers=settings.recognizers,
            labels=labels,
            on_fault=fault,
            remember=len(different) > 1,
            budget_ms=min((policy.budget_ms for policy in different), default=250.0),
        )
        pseudonyms = Pseudonyms(self._keys, settings.key_id, _process_key(), settings.phone_region)
        self._references = Screen(settings.redaction, pseudonyms, Limits(0, 0))

        def materialiser(policy: RedactionPolicy) -> Materialiser:
            first = bool(different) and policy is different[0]
            return Materialiser(
                Screen(
                    policy,
                    pseudonyms,
                    Limits(settings.text_bytes, settings.span_bytes),
                    pause=None if synchronous else pacer.pause,
                    detection=detection,
                ),
                self._environment,
                sealer=self._sealer if first else None,
                version=__version__,
                pause=pacer.pause,
                on_violation=self._ledger.violation if first else None,
                span_id=clock.span_id,
                time_ns=clock.time_ns,
            )

        materialisers = {policy: materialiser(policy) for policy in different}
        unchanged = settings.redaction.at("metrics")
        unchanged = unchanged if settings.content else unchanged.without_content()
        measured = materialisers.get(unchanged) or materialiser(unchanged)
        self._meters = Meters(settings, measured.resource, self._watched(), __version__)
        strict = _strict(settings.redaction)
        evaluations = None
        if for_logs in materialisers:
            evaluations = Evaluations(settings.logger_provider, materialisers[for_logs].spans, __version__)
        return Worker(
            Renderings(
                [materialisers[policy] for policy in policies],
                detection,
                key=self._key,
                meaning=meaning.Meaning(
                    self._conversations,
                    settings.detectors,
                    persona=self._environment.service_name,
                    label=_safe_label(Screen(strict, pseudonyms, Limits(0, 0), detection=detection)),
                    pause=pacer.pause,
                ),
                watching=self._watching,
                pause=pacer.pause,
                archetypes=settings.archetypes,
                lookup=settings.known_values,
                measuring=Measuring(self._meters, pacer.pause),
                measured=measured,
                evaluations=evaluations,
            ),
            destinations,
            self._ledger,
            limit=SpanLimiter(self._environment.provider),
            queue_bytes=settings.queue_bytes,
            interval_s=settings.interval_s,
            synchronous=synchronous,
        )

    def _watched(self) -> Watched:
        """Return what the self-metrics read."""
        return Watched(lambda: self._ledger.lost_turns, lambda: self._worker.queued_bytes)

    def _key(self) -> bytes | None:
        return current_key(self._keys)

    def _make_recorder(self) -> Recorder:
        settings, clock = self.settings, self._clock

        def settled() -> Recorder:
            """Find out, at the first stage, who makes ids; from then on nothing stands between."""
            recorder.span_id, recorder.new_trace_id = self._environment.ids(clock.span_id)
            return recorder

        recorder = Recorder(
            submit=self._worker.submit,
            joins=self._environment.joins,
            trace_id=self._trace_id,
            span_id=lambda: settled().span_id(),
            new_trace_id=lambda: settled().new_trace_id(),
            time_ns=clock.time_ns,
            perf_ns=clock.perf_ns,
            reference=lambda conversation_id: self._references.reference(conversation_id, chat=True),
            versions=Snapshot(MAX_TEXT).settle(settings.versions, Versions),
            segments=settings.segments,
            trace_per_turn=settings.trace_scope == "turn",
            text_limit=MAX_TEXT,
            max_open_turns=settings.max_open_turns,
            sampling=settings.sampling,
            measures_all=lambda: self._watching.wanted or self._meters.present(),
            strict=self._strict,
            conversations=self._conversations,
        )
        return recorder

    def _trace_id(self, conversation_id: str) -> int:
        return conversation_trace_id(self._key() or _process_key(), self._environment.service_name(), conversation_id)

    @property
    def service_name(self) -> str:
        """Name of the service, as it stands on every span's resource."""
        return self._environment.service_name()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Send what has ended, and what was measured, waiting at most `timeout_s` seconds.

        Returns:
            Whether every span left and was confirmed: no loss, and no answer that is none, since the flush before.
        """
        deadline = time.monotonic() + timeout_s
        flushed = self._worker.flush(deadline)
        self._meters.flush(deadline)
        return flushed

    def shutdown(self, timeout_s: float | None = None, *, successor: Sdk | None = None) -> None:
        """Emit open turns as cancelled, flush, and stop; never waits longer than `timeout_s` and a moment.

        Args:
            timeout_s: Seconds; None: the setting `exit_timeout_s`. A second call does nothing.
            successor: The configuration that takes over; exporters that it was given as well stay open.
        """
        with _lock:
            if self._closed:
                return
            self._closed = True
        limit = self.settings.exit_timeout_s if timeout_s is None else timeout_s
        deadline = time.monotonic() + limit
        self._worker.hasten()
        if self.recorder is not None:
            if recorders.active() is self.recorder:
                recorders.install(None)
            for reference in list(self.recorder.open_turns.values()):
                if time.monotonic() > deadline:
                    break  # the rest stays open, and is counted as that
                turn = reference()
                if turn is not None:
                    turn.finish(status="cancelled")
        self._worker.stop(deadline, leave_open=successor.settings.exporters or () if successor is not None else ())
        self._meters.shutdown(deadline)
        self._sealer.close()

    def stats(self) -> Stats:
        """Return what became of the turns so far."""
        recorder = self.recorder
        return self._ledger.stats(
            open_turns=len(recorder.open_turns) if recorder is not None else 0,
            faults=dict(Counter(faults()) - self._others_faults),
            sampling=self.settings.sampling,
            left_out=recorder.left_out if recorder is not None else 0,
        )

    def replace(self, previous: Sdk) -> None:
        """Shut down the configuration that was in force; the faults that it meets while it ends stay its own."""
        before = Counter(faults())
        if self.settings.state is None and previous.settings.state is None and not previous._closed:
            self._conversations.store = previous._conversations.store  # conversations go on
        previous.shutdown(min(2.0, previous.settings.exit_timeout_s), successor=self)
        self._others_faults += Counter(faults()) - before

    def tell_of_state(self) -> None:
        """Say once that a store of states is not shared, because each process has a key of its own."""
        if self.settings.state is not None and self._key() is None:
            once(
                "conversation_state_not_shared",
                effect="each process keeps states of its own",
                do="give all of them the same key, in CONVQA_KEY or key=",
            )

    def after_fork(self) -> None:
        """Forget, in a forked child, what belongs to the parent: its counts, its queues, and the stages it has open."""
        self._ledger.reset()
        self._others_faults = Counter(faults())
        self._environment.after_fork()
        self._sealer.after_fork()
        self._conversations.after_fork()
        self._meters.after_fork()
        self._worker.after_fork()
        parents = self.recorder
        if parents is not None:
            parents.submit = _drop  # what was open at the fork ends in the parent
            parents.inherited = True
            self.recorder = self._make_recorder()
            if recorders.active() is parents:
                recorders.install(self.recorder)

    def __repr__(self) -> str:
        """Say what is in force, without keys, headers and addresses."""
        return f"Sdk(service_name={self._environment.known_name()!r}, {self._described})"

    def __enter__(self) -> Sdk:
        """Return the handle."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Shut down."""
        self.shutdown()


def configure(
    service_name: str | None = None,
    versions: Versions | None = None,
    *,
    store: str | os.PathLike[str] | None = None,
    exporters: Sequence[SpanExporter] | SpanExporter | None = None,
    forward_to: Sequence[SpanProcessor] | SpanProcessor | None = None,
    provider: TracerProvider | None = None,
    logger_provider: LoggerProvider | None = None,
    join: Literal["auto"] | bool | None = None,
    trace_scope: Literal["conversation", "turn"] | None = None,
    meter_provider: MeterProvider | None = None,
    metrics: Literal["auto"] | bool | None = None,
    key: OneKey | Mapping[str, OneKey] | Callable[[], OneKey | Mapping[str, OneKey]] | None = None,
    key_id: str | None = None,
    phone_region: str | None = None,
    redaction: RedactionPolicy | str | os.PathLike[str] | None = None,
    known_values: Lookup | None = None,
    recognizers: Sequence[Recognizer] | Recognizer | None = None,
    content: bool | None = None,
    vault: Vault | None = None,
    guard: Watcher | None = None,
    state: StateStore | None = None,
    detectors: Detectors | None = None,
    dialect: Literal["standard", "tempo", "compat"] | None = None,
    segments: Mapping[str, Any] | None = None,
    archetypes: ArchetypeMap | str | os.PathLike[str] | None = None,
    console: bool | None = None,
    sampling: float | None = None,
    disabled: bool | None = None,
    queue_bytes: int | None = None,
    batch_spans: int | None = None,
    batch_bytes: int | None = None,
    text_bytes: int | None = None,
    span_bytes: int | None = None,
    interval_s: float | None = None,
    exit_timeout_s: float | None = None,
    max_open_turns: int | None = None,
    segment_bytes: int | None = None,
    segment_age_s: float | None = None,
    segment_compression: Literal["none", "zstd"] | None = None,
) -> Sdk:
    """Start recording; see the table of settings in the reference. Opens no connection and prints nothing.

    Destinations: `exporters`, `store` and `forward_to` add up and replace what the environment names; without them
    `OTEL_EXPORTER_OTLP_*` and `CONVQA_STORE` add up; with nothing named, the store `./convqa-telemetry`.
    A second call replaces the first configuration after a bounded flush.

    Returns:
        A handle with `flush`, `shutdown` and `stats`.

    Raises:
        ConfigurationError: A setting is invalid; says which, where it came from and what is accepted.
    """
    global _current  # one process has one configuration; this is where it lives
    settings = read_settings(dict(locals()))
    if _held and _current is not None:
        return _current
    sdk = Sdk(settings)
    _at_exit_of_a_child()
    with _lock:
        previous, _current = _current, sdk
        recorders.install(sdk.recorder)
    if previous is not None:
        sdk.replace(previous)
    if sdk.recorder is not None:
        _tell_what_is_missing()
        sdk.tell_of_state()
    return sdk


def _tell_what_is_missing() -> None:
    """Say once what an install without the extra `redaction` does not find."""
    kinds = len(identifiers.missing())
    if kinds:
        once(
            "identifiers_unverified",
            kinds=kinds,
            effect="their check digits are not known: they are found only behind a word that names them",
            do="pip install 'convqa-sdk[redaction]'",
        )


def hold(sdk: Sdk) -> Callable[[], None]:
    """Put `sdk` in force and ignore `configure()` until the returned function is called (test kit)."""
    global _current, _held  # as in configure
    previous, was_held, active = _current, _held, recorders.active()
    _current, _held = sdk, True
    recorders.install(sdk.recorder)

    def release() -> None:
        global _current, _held  # as in configure
        _current, _held = previous, was_held
        recorders.install(active)

    return release


def flush_after(handler: F, timeout_s: float = 2.0) -> F:
    """Flush after each call of `handler`: for AWS Lambda and others that freeze the process between calls."""
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None)):  # noqa: B004 - an object whose call is a coroutine

        @functools.wraps(handler)
        async def flushed_async(*args: Any, **kwargs: Any) -> Any:
            try:
                return await handler(*args, **kwargs)
            finally:
                _flush_current(timeout_s)

        return flushed_async  # type: ignore[return-value] # reason: wraps keeps the handler's type

    @functools.wraps(handler)
    def flushed(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        finally:
            _flush_current(timeout_s)

    return flushed  # type: ignore[return-value] # reason: wraps keeps the handler's type


def _flush_current(timeout_s: float) -> None:
    if _current is not None:
        _current.flush(timeout_s)


def _at_exit() -> None:
    if _current is not None:
        try:
            _current.shutdown()
        except Exception as error:  # noqa: BLE001 - the interpreter is shutting down
            fault("exit", error)


def _at_exit_of_a_child(_: object = None) -> None:
    """Have a child of `multiprocessing` run `_at_exit`: it leaves without running what atexit holds."""
    global _ends_in  # noqa: PLW0603 - as in configure
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None and processes.parent_process() is not None and _ends_in != os.getpid():
        _ends_in = os.getpid()
        sys.modules["multiprocessing.util"].Finalize(None, _at_exit, exitpriority=100)


@functools.cache
def _process_key() -> bytes:
    """Return the key of trace ids where none is given: random, and one for all configurations of the process."""
    return os.urandom(32)


def _strict(policy: RedactionPolicy) -> RedactionPolicy:
    """Return a policy that knows the same classes, and replaces whatever is found by its marker."""
    return policy.model_copy(update={"actions": {}, "destinations": {}})


def _safe_label(screen: Screen) -> Callable[[str], str | None]:
    """Return what makes of a label one that may outlast its turn: with everything that is found in it replaced."""

    def safe(label: str) -> str | None:
        into = Screened()
        text = screen.label(label, into)
        return text if into.status in ("clean", "redacted") else None

    return safe


def _drop(unit: Unit) -> None:
    """Take what a forked child finished on behalf of its parent."""


def _after_fork() -> None:
    processes = sys.modules.get("multiprocessing.util")
    if processes is not None:  # which forgets all finalizers in its children, and then runs what is registered here
        processes.register_after_fork(_at_exit, _at_exit_of_a_child)
    global _lock  # noqa: PLW0603 - another thread of the parent's may have held it
    _lock = threading.RLock()
    if _current is not None:
        _current.after_fork()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
