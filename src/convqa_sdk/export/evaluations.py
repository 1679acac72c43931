"""Late feedback, CSAT and audits as `gen_ai.evaluation.result` log events, in the application's own logs pipeline.

A guest there as well: no logger provider is installed, none is made by looking it up, and nothing is added to one. What
is emitted is read off the outcome's finished span, so it is redacted, validated and bounded like that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from opentelemetry._logs import Logger, LoggerProvider, LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import INVALID_SPAN_CONTEXT, NonRecordingSpan, SpanContext, set_span_in_context

from convqa_sdk.export.flattening import Flat
from convqa_sdk.isolation import fault
from convqa_sdk.schema import SCHEMA_URL, SCOPE_NAME
from convqa_sdk.schema.evaluation import EvaluationResult, judgements
from convqa_sdk.schema.wire import attributes_of
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.stage import SAMPLED

KINDS = frozenset({"feedback", "csat", "audit"})
"""Kinds of outcome that judge an answer."""


class Evaluations:
    """Emits the judgements among outcomes, where there is a logger provider; never raises.

    Args:
        provider: The application's; None: the one that is set when an outcome arrives, if any.
        spans: Makes the spans of a unit under the policy of logs.
        version: Version of this package, for the instrumentation scope.
    """

    def __init__(
        self, provider: LoggerProvider | None, spans: Callable[[Flat], list[ReadableSpan]], version: str
    ) -> None:
        self._given = provider
        self._spans = spans
        self._version = version

    def emit(self, flat: Flat) -> None:
        """Emit what a late fact judges; other facts, and those of a process without logs, cost a look."""
        late = flat.unit.late
        if late is None or getattr(late.record, "kind_name", "") not in KINDS:
            return
        try:
            provider = self._given if self._given is not None else _application_provider()
            if provider is None:
                return
            logger = provider.get_logger(SCOPE_NAME, self._version, SCHEMA_URL)
            for span in self._spans(flat):
                for fields in judgements(span.attributes or {}):
                    _emit(logger, provider, late, attributes_of(EvaluationResult, fields))
        except BaseException as error:  # noqa: BLE001 - foreign processors run in there; the outcome leaves all the same
            fault("evaluation_event", error)


def _emit(logger: Logger, provider: LoggerProvider, late: Late, attributes: dict[str, Any]) -> None:
    judged = INVALID_SPAN_CONTEXT
    if late.link is not None:
        judged = SpanContext(*late.link, is_remote=True, trace_flags=SAMPLED)
    record: Any = _record_type()
    more = {"resource": getattr(provider, "resource", None)} if record is not LogRecord else {}
    logger.emit(
        record(
            timestamp=late.at_ns,
            context=set_span_in_context(NonRecordingSpan(judged), Context()),  # never the ambient one
            severity_number=SeverityNumber.INFO,
            attributes=attributes,
            event_name=EvaluationResult.event_name,
            **more,
        )
    )


def _application_provider() -> LoggerProvider | None:
    """Return the logger provider that the application has set; OpenTelemetry's own function may install one."""
    provider = getattr(sys.modules.get("opentelemetry._logs._internal"), "_LOGGER_PROVIDER", None)
    return provider if isinstance(provider, LoggerProvider) else None


@cache
def _record_type() -> type:
    """Return the class of log records that this release's loggers take: the SDK's own in old ones."""
    sdk = sys.modules.get("opentelemetry.sdk._logs")
    return getattr(sdk, "LogRecord", LogRecord)
