"""An exporter around the application's own, for spans that are not ours: auto-instrumented HTTP, databases, models.

The application gives it to its own span processor; what the wrapped exporter gets is a redacted copy of each span,
since other processors may hold the same one. Fails closed: a span that cannot be redacted leaves as its bare frame
(ids, times, kind, status code), so that traces stay whole; one of which not even that can be made is dropped. Both are
counted, and logged once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, Final, cast

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.foreign import ForeignScreen
from convqa_sdk.export.keys import given_keys
from convqa_sdk.export.pacer import Pacer
from convqa_sdk.export.screened import Screened
from convqa_sdk.export.settings import Key, read_policy
from convqa_sdk.export.span_limits import counted, counted_items
from convqa_sdk.isolation import fault
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy, Redactor
from convqa_sdk.redaction.patterns import DETECTOR_VERSION
from convqa_sdk.redaction.pseudonyms import WITHHELD, keys_in

_STATUS: Final = "convqa.redaction.status"
_COUNT: Final = "convqa.redaction.count"
_CLASSES: Final = "convqa.redaction.classes"
_POLICY: Final = "convqa.redaction.policy_version"
_DETECTOR: Final = "convqa.redaction.detector_version"
_OURS: Final = frozenset({_STATUS, _COUNT, _CLASSES, _POLICY, _DETECTOR})
_STATUSES: Final = frozenset({"clean", "off", "redacted", "withheld", "failed_closed"})
_MAX_RESOURCES: Final = 32
_LONGEST_STAMP: Final = 256
_LABEL: Final = re.compile("[A-Z][A-Z_]{1,39}")


class RedactingExporter(SpanExporter):
    """Redact every span before the wrapped exporter gets it: `BatchSpanProcessor(RedactingExporter(exporter))`.

    Names, attributes (by key and by value), events, exceptions, links, status, trace state and resource are redacted in
    a copy of the span. `convqa.redaction.status`, `.count` and `.classes` say on it what was done.

    Args:
        exporter: Any span exporter.
        policy: What happens to each class of finding, or its YAML file; what it says in `destinations` of the wrapped
            exporter's class counts. None: every class becomes its marker.
        key: Makes the pseudonyms of `user.id` and the like; the one given to `configure()` gives the same ones, in any
            of the forms that are accepted there. None: `CONVQA_KEY`; without any, such identifiers are withheld.
        key_id: Names a key that comes without an id, inside each pseudonym; None: `CONVQA_KEY_ID`, else `k1`.

    Attributes:
        withheld: Spans that could not be redacted and left without texts and attributes.
        dropped: Spans that did not leave at all.

    Raises:
        ConfigurationError: The policy cannot be read, or the key or its id has another shape.
        ImportError: `CONVQA_PHONE_REGION` is set, and needs the extra `redaction`.
    """

    def __init__(
        self,
        exporter: SpanExporter,
        policy: RedactionPolicy | str | os.PathLike[str] | None = None,
        *,
        key: Key | None = None,
        key_id: str | None = None,
    ) -> None:
        self._exporter = exporter
        self._policy = _policy(policy).at(type(exporter).__name__)
        self._always = self._policy.with_content()  # names and labels leave with content off as well
        self._pseudonyms = _pseudonyms(key, key_id or os.environ.get("CONVQA_KEY_ID") or "k1")
        self._names: dict[str, str] = {}
        self._resources: dict[int, tuple[Resource, Resource]] = {}
        self.withheld = 0
        self.dropped = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand redacted copies to the wrapped exporter; give the interpreter away meanwhile."""
        pause = Pacer().pause
        redactor = Redactor(self._always, self._pseudonyms, pause=pause)
        screen = ForeignScreen(self._policy, self._pseudonyms, redactor, self._names)
        copies: list[ReadableSpan] = []
        for span in spans:
            pause()
            copy = self._isolated(span, screen)
            if copy is not None:
                copies.append(copy)
        return self._exporter.export(copies) if copies else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Shut the wrapped exporter down."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the wrapped exporter."""
        return self._exporter.force_flush(timeout_millis)

    def _isolated(self, span: ReadableSpan, screen: ForeignScreen) -> ReadableSpan | None:
        """Return the copy of a span, its bare frame when it cannot be redacted, None when there is not even that."""
        try:
            screen.begin()
            return self._copy(span, screen)
        except Exception as error:  # noqa: BLE001 - fail closed: the message may quote the value
            fault("redacting_exporter", error, effect="the span leaves without texts and attributes")
            self.withheld += 1
        try:
            return _frame(span)
        except Exception as error:  # noqa: BLE001 - nothing of it may leave
            fault("redacting_exporter_drop", error, effect="the span does not leave")
            self.dropped += 1
            return None

    def _copy(self, span: ReadableSpan, screen: ForeignScreen) -> ReadableSpan:
        into = Screened()
        given = dict(span.attributes or {})
        _add_earlier(given, into)
        attributes = screen.attributes({key: value for key, value in given.items() if key not in _OURS}, into)
        events = [
            Event(
                screen.name(event.name, into),
                counted(screen.attributes(event.attributes, into), event.dropped_attributes),
                event.timestamp,
            )
            for event in span.events
        ]
        links = [
            Link(_context(link.context, screen, into) or link.context, screen.attributes(link.attributes, into))
            for link in span.links
        ]
        description = span.status.description
        if description:
            description = screen.message(description, into)
        name = screen.name(span.name, into)
        context = _context(span.get_span_context(), screen, into)
        parent = _context(span.parent, screen, into)
        attributes[_STATUS] = into.status
        attributes[_POLICY] = f"{self._policy.version}:{self._policy.hash[:8]}"
        attributes[_DETECTOR] = DETECTOR_VERSION
        attributes.update(_stamped(given, screen))
        if into.count:
            attributes[_COUNT] = into.count
            attributes[_CLASSES] = sorted(into.classes)
        return ReadableSpan(
            name=name,
            context=context,
            parent=parent,
            resource=self._resource(span.resource, screen),
            attributes=counted(attributes, span.dropped_attributes),
            events=counted_items(events, span.dropped_events),
            links=counted_items(links, span.dropped_links),
            kind=span.kind,
            status=Status(span.status.status_code, description),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=_scope(span.instrumentation_scope, screen, into),
        )

    def _resource(self, resource: Resource, screen: ForeignScreen) -> Resource:
        """Return a resource, redacted once; there are few of them in a process."""
        known = self._resources.get(id(resource))
        if known is not None and known[0] is resource:
            return known[1]
        safe = Resource(screen.attributes(resource.attributes, Screened()), resource.schema_url)
        if len(self._resources) >= _MAX_RESOURCES:
            self._resources.clear()
        self._resources[id(resource)] = (resource, safe)
        return safe


def _add_earlier(attributes: dict[str, Any], into: Screened) -> None:
    """Take over what a span says of a redaction that came before this one, as each of our own does."""
    status, count, classes = (attributes.get(key) for key in (_STATUS, _COUNT, _CLASSES))
    if status in _STATUSES:
        named = cast("list[object]", classes) if isinstance(classes, (tuple, list)) else []
        known = [name for name in map(str, named) if _LABEL.fullmatch(name)]
        into.note(str(status), count if isinstance(count, int) else 0, tuple(known))


def _stamped(attributes: dict[str, Any], screen: ForeignScreen) -> dict[str, str]:
    """Return by which policy and detector a span was redacted before this: it names the first, which saw it raw."""
    if attributes.get(_STATUS) not in _STATUSES:
        return {}
    stamps = {key: attributes.get(key) for key in (_POLICY, _DETECTOR)}
    return {
        key: stamp
        for key, stamp in stamps.items()
        if isinstance(stamp, str) and len(stamp) <= _LONGEST_STAMP and screen.text(stamp, Screened()) == stamp
    }


def _policy(given: object) -> RedactionPolicy:
    policy = RedactionPolicy() if given is None else read_policy(given)
    if not isinstance(policy, RedactionPolicy):
        raise ConfigurationError(
            f"policy: give a RedactionPolicy, or the path of one in YAML, not {type(given).__name__}"
        )
    return policy


def _pseudonyms(given: Key | None, key_id: str) -> Pseudonyms:
    region = os.environ.get("CONVQA_PHONE_REGION") or None
    if given is not None:
        return Pseudonyms(given_keys(given, key_id), key_id, phone_region=region)
    text = os.environ.get("CONVQA_KEY", "").strip()
    return Pseudonyms(keys_in(text, key_id) if text else None, key_id, phone_region=region)


def _context(context: SpanContext | None, screen: ForeignScreen, into: Screened) -> SpanContext | None:
    """Return a span's context, without its trace state when something is found in that: it came from outside."""
    header = context.trace_state.to_header() if context is not None and context.trace_state else ""
    if context is None or not header or screen.text(header, into) == header:
        return context
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _scope(scope: InstrumentationScope | None, screen: ForeignScreen, into: Screened) -> InstrumentationScope | None:
    if scope is None:
        return None
    name, version, url = (
        screen.name(part, into) if part else part for part in (scope.name, scope.version, scope.schema_url)
    )
    return InstrumentationScope(str(name), version, url, screen.attributes(scope.attributes, into))


def _frame(span: ReadableSpan) -> ReadableSpan:
    """Return a span with nothing that people or models can have written."""
    context, parent = (
        None if each is None else SpanContext(each.trace_id, each.span_id, each.is_remote, each.trace_flags)
        for each in (span.get_span_context(), span.parent)
    )
    scope = span.instrumentation_scope
    service = span.resource.attributes.get("service.name")
    return ReadableSpan(
        name=WITHHELD,
        context=context,
        parent=parent,
        resource=Resource({"service.name": service} if isinstance(service, str) and service.isidentifier() else {}),
        attributes={_STATUS: "failed_closed", _DETECTOR: DETECTOR_VERSION},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=InstrumentationScope(scope.name, scope.version) if scope is not None else None,
    )
