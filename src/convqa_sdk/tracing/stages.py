"""The eight kinds of stage, with their typed setters and what each understands of a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import Self, Unpack

from convqa_sdk.tracing import fields as f
from convqa_sdk.tracing.responses import read_response
from convqa_sdk.tracing.snapshot import Snapshot, is_a, items_of, type_of
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Document, PolicyResult
from convqa_sdk.tracing.values import Handoff as HandoffPacket
from convqa_sdk.tracing.values import Intent as IntentResult

__all__ = [
    "AccessCheck",
    "Escalation",
    "Generation",
    "Intent",
    "PolicyCheck",
    "Rerank",
    "Retrieval",
    "Stage",
    "Tool",
    "Turn",
]


MAX_DOCUMENTS = 1_000
_ONLY_DOCUMENTS = frozenset({Document})


class Intent(Stage):
    """Intent detection: understands an `Intent`."""

    kind = "intent_detection"

    def set(self, **fields: Unpack[f.IntentFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills, None when it is not understood."""
        if not is_a(result, IntentResult):
            return None
        return {
            "intent": result.name,
            "confidence": result.confidence,
            "risk": result.risk,
            "archetype": result.archetype,
            "archetype_tier": result.tier,
            "candidates": result.candidates or None,
        }


class _Documents(Stage):
    def keep(self, name: str, value: Any, snapshot: Snapshot) -> Any:
        """Keep documents without what the bot could still change in them, everything else as a snapshot."""
        if name != "documents" or not is_a(value, list, tuple):
            return super().keep(name, value, snapshot)
        kept = value if type_of(value) is tuple else items_of(value, MAX_DOCUMENTS + 1)
        if len(kept) <= MAX_DOCUMENTS and _ONLY_DOCUMENTS.issuperset(map(type, kept)):
            return snapshot.settle_all(kept, Document)
        snapshot.lossy = len(kept) > MAX_DOCUMENTS
        return tuple(snapshot.settle(item, Document) if is_a(item, Document) else None for item in kept[:MAX_DOCUMENTS])

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills: a list or tuple of `Document`, also an empty one."""
        if is_a(result, list, tuple):
            items = tuple(items_of(result, MAX_DOCUMENTS + 1))
            if _ONLY_DOCUMENTS.issuperset(map(type, items)) or all(is_a(item, Document) for item in items):
                return {"documents": items}
        return None


class Retrieval(_Documents):
    """Retrieval: understands a list or tuple of `Document`."""

    kind = "retrieval"

    def set(self, **fields: Unpack[f.RetrievalFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self


class Rerank(_Documents):
    """Rerank: understands a list or tuple of `Document`."""

    kind = "rerank"

    def set(self, **fields: Unpack[f.RerankFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self


class Generation(Stage):
    """Generation: understands a plain string, and answers by OpenAI, Anthropic, Bedrock, Gemini, LiteLLM, LangChain."""

    kind = "generation"

    def set(self, **fields: Unpack[f.GenerationFields]) -> Self:
        """Set fields of the stage; `response=` takes a provider's response."""
        given: dict[str, Any] = dict(fields)
        response = given.pop("response", None)
        if response is not None:
            understood = self.understand(response)
            if understood is None:
                self.mark("response")
            else:
                self.record(understood)
        self.record(given)
        return self

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills: a provider's response, or the text of the answer."""
        if is_a(result, str):
            return {"output_text": result}
        fields = read_response(result)
        if fields is not None:
            fields.pop("text", None)  # stands in output_messages already
            if self.values.get("provider") is not None:
                fields.pop("provider", None)  # the shape tells the wire format; the bot knows the vendor
        return fields


class Tool(Stage):
    """Tool call: takes any result as output."""

    kind = "tool"

    def set(self, **fields: Unpack[f.ToolFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills: the output, and success unless the bot said otherwise."""
        return {"output": result, "result": self.values.get("result", "ok")}


class AccessCheck(Stage):
    """Access check: understands True and False."""

    kind = "access_check"

    def set(self, **fields: Unpack[f.AccessCheckFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills."""
        return {"decision": "allow" if result else "deny"} if type(result) is bool else None


class PolicyCheck(Stage):
    """Policy check: understands a `PolicyResult`."""

    kind = "policy_check"

    def set(self, **fields: Unpack[f.PolicyCheckFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills."""
        if not is_a(result, PolicyResult):
            return None
        return {
            "result": result.result,
            "violations": result.violations or None,
            "severity": result.severity,
            "policy_class": result.policy_class,
        }


class Escalation(Stage):
    """Escalation: understands a `Handoff`."""

    kind = "escalation"

    def set(self, **fields: Unpack[f.EscalationFields]) -> Self:
        """Set fields of the stage."""
        self.record(fields)
        return self

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result fills."""
        if not is_a(result, HandoffPacket):
            return None
        return {
            "queue": result.queue or self.values.get("queue"),
            "handoff_id": result.id,
            "summary": result.summary,
            "packet_fields": result.filled,
            "completeness": result.completeness,
        }


class Outside(Stage):
    """What `current_stage()` gives where no stage runs: takes every field and records nothing."""

    def set(self, **fields: Any) -> Self:
        """Ignore fields."""
        return self
