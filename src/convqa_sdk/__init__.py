"""Instrument a customer-support bot: complete, already-redacted OpenTelemetry traces, and what they are worth.

Importing this package loads no exporter, no schema and no analysis; `configure()` and `record_*` load what they need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from convqa_sdk.tracing import stages
from convqa_sdk.tracing.decorators import (
    access_check,
    current_stage,
    current_turn,
    escalation,
    generation,
    intent_detection,
    policy_check,
    rerank,
    retrieval,
    tool,
    turn,
)
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.values import Document, Handoff, Intent, PolicyResult, Versions
from convqa_sdk.version import __version__ as __version__

if TYPE_CHECKING:
    from convqa_sdk.export.redacting import RedactingExporter
    from convqa_sdk.export.sdk import Sdk, configure, flush_after
    from convqa_sdk.guard import Guard, GuardPlan
    from convqa_sdk.integrations.logging_ids import TraceIds
    from convqa_sdk.integrations.redis_state import RedisState
    from convqa_sdk.integrations.structlog_ids import add_trace_ids
    from convqa_sdk.redaction.vault import Vault
    from convqa_sdk.schema.archetypes import ArchetypeMap
    from convqa_sdk.signals.claims import Claim
    from convqa_sdk.signals.detectors import Detectors
    from convqa_sdk.signals.policy_book import PolicyBook
    from convqa_sdk.tracing.answer_check import AnswerCheck
    from convqa_sdk.tracing.carry import Executor, carry
    from convqa_sdk.tracing.conversation_store import MemoryState, StateStore
    from convqa_sdk.tracing.exposure import expose
    from convqa_sdk.tracing.outcomes import (
        end_session,
        record_agent_flag,
        record_agent_message,
        record_audit,
        record_business,
        record_change,
        record_csat,
        record_feedback,
        record_incident,
        record_recontact,
        record_reopen,
        record_resolution,
        record_suggestion,
        record_ticket,
    )
    from convqa_sdk.tracing.propagation import extract, inject

_LATER = {
    "convqa_sdk.export.redacting": ("RedactingExporter",),
    "convqa_sdk.export.sdk": ("Sdk", "configure", "flush_after"),
    "convqa_sdk.integrations.redis_state": ("RedisState",),
    "convqa_sdk.guard": ("Guard", "GuardPlan"),
    "convqa_sdk.integrations.logging_ids": ("TraceIds",),
    "convqa_sdk.integrations.structlog_ids": ("add_trace_ids",),
    "convqa_sdk.redaction.vault": ("Vault",),
    "convqa_sdk.signals.claims": ("Claim",),
    "convqa_sdk.signals.detectors": ("Detectors",),
    "convqa_sdk.signals.policy_book": ("PolicyBook",),
    "convqa_sdk.tracing.answer_check": ("AnswerCheck",),
    "convqa_sdk.schema.archetypes": ("ArchetypeMap",),
    "convqa_sdk.tracing.carry": ("Executor", "carry"),
    "convqa_sdk.tracing.conversation_store": ("MemoryState", "StateStore"),
    "convqa_sdk.tracing.exposure": ("expose",),
    "convqa_sdk.tracing.propagation": ("extract", "inject"),
    "convqa_sdk.tracing.outcomes": (
        "end_session",
        "record_agent_flag",
        "record_agent_message",
        "record_audit",
        "record_business",
        "record_change",
        "record_csat",
        "record_feedback",
        "record_incident",
        "record_recontact",
        "record_reopen",
        "record_resolution",
        "record_suggestion",
        "record_ticket",
    ),
}
_HOME = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "AnswerCheck",
    "ArchetypeMap",
    "Claim",
    "Detectors",
    "Document",
    "Executor",
    "Guard",
    "GuardPlan",
    "Handoff",
    "Intent",
    "MemoryState",
    "PolicyBook",
    "PolicyResult",
    "RedactingExporter",
    "RedisState",
    "Sdk",
    "StateStore",
    "TraceIds",
    "TurnRef",
    "Vault",
    "Versions",
    "access_check",
    "add_trace_ids",
    "carry",
    "configure",
    "current_stage",
    "current_turn",
    "end_session",
    "escalation",
    "expose",
    "extract",
    "flush_after",
    "generation",
    "inject",
    "intent_detection",
    "policy_check",
    "record_agent_flag",
    "record_agent_message",
    "record_audit",
    "record_business",
    "record_change",
    "record_csat",
    "record_feedback",
    "record_incident",
    "record_recontact",
    "record_reopen",
    "record_resolution",
    "record_suggestion",
    "record_ticket",
    "rerank",
    "retrieval",
    "stages",
    "tool",
    "turn",
]


def __getattr__(name: str) -> Any:
    """Load the rarer names when they are first used, so that importing the package stays cheap."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
