"""The schema declares the names of the telemetry contract, exactly; `written_names` is the second source.

They are stable: a name may be added there, never renamed. What differs from this list is a defect of the schema.
"""

from __future__ import annotations

import inspect
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from convqa_sdk.schema import SCHEMA_URL, SCOPE_NAME
from convqa_sdk.schema.registry import (
    EVENT_RECORDS,
    OUTCOME_RECORDS,
    SPANS,
    STAGE_RECORDS,
    all_attributes,
    fields_of,
    record_for,
)
from convqa_sdk.schema.wire import missing
from convqa_sdk.tracing import fields as typed
from convqa_sdk.tracing import outcomes as recording
from written_names import (
    ARRAYS,
    ATTRIBUTES,
    CONTENT,
    EVENTS,
    EVERYWHERE,
    GOVERNANCE,
    OUTCOMES,
    REQUIRED,
    SEGMENTS,
    VALUES,
    VERSIONS,
)


def keys(record: Any) -> set[str]:
    """Return the attribute keys of a record."""
    return {field.attribute.key for field in fields_of(record).values()}


def closed_values(kind: Any) -> set[str]:
    """The values of a closed vocabulary or of an array of them, without the empty one that means unknown."""
    inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
    assert get_origin(inner) is Literal, kind
    return set(get_args(inner)) - {""}


@pytest.mark.parametrize("stage", ATTRIBUTES)
def test_every_attribute_of_the_page_is_declared(stage: str) -> None:
    """A span of each kind can carry every attribute that the contract names for it."""
    wanted = set(f"{EVERYWHERE} {SEGMENTS} {GOVERNANCE} {ATTRIBUTES[stage]}".split())
    assert wanted <= keys(STAGE_RECORDS[stage])


def test_nothing_else_is_declared_without_being_written_down() -> None:
    """A new key is a decision: it is added here, so that nobody publishes a name by accident."""
    page = {key for stage in ATTRIBUTES for key in ATTRIBUTES[stage].split()}
    page |= set(f"{EVERYWHERE} {SEGMENTS} {GOVERNANCE}".split())
    page |= {f"convqa.outcome.{kind}.{field}" for kind, fields in OUTCOMES.items() for field in fields.split()}
    page |= {f"convqa.outcome.{name}" for name in ("id", "kind", "at", "source")}
    page |= {"convqa.change.kind", "convqa.change.version", "service.name", "deployment.environment.name"}
    added = {
        "gen_ai.response.id",
        "convqa.custom.",
        "convqa.outcome.observed_at",
        "convqa.outcome.ticket.ticket_id",
        "convqa.archetype.map_version",
        "convqa.change.id",
        "convqa.change.previous_version",
        "convqa.change.note",
        "convqa.change.owner",
        "convqa.change.archetype",
        "convqa.change.state",
        "convqa.change.previous_state",
        "convqa.change.tier",
        "convqa.change.previous_tier",
        "convqa.change.rule",
        "convqa.change.metric",
        "convqa.change.value",
        "convqa.change.threshold",
        "convqa.change.window_s",
        "convqa.change.samples",
        "convqa.loss.turns",
        "convqa.loss.records",
        "convqa.loss.cause",
        "convqa.loss.destinations",
    }
    assert set(all_attributes()) - page == added
    assert page - set(all_attributes()) == set()


@pytest.mark.parametrize("key", VALUES)
def test_closed_vocabularies_have_exactly_the_values_of_the_page(key: str) -> None:
    """Wherever a key is declared, it takes the values of the contract and no others."""
    found = [field for record in SPANS for field in fields_of(record).values() if field.attribute.key == key]
    assert found
    for field in found:
        assert closed_values(field.type) == set(VALUES[key].split())


def test_closed_vocabularies_of_events() -> None:
    """Risk and kind of signal are closed in events as well."""
    signal = fields_of(EVENT_RECORDS["convqa.user_correction_signal"])
    assert closed_values(signal["signal_kind"].type) == {"correction", "complaint", "clarification_request", "repeat"}
    assert closed_values(signal["prior_risk_level"].type) == {"low", "medium", "high"}


@pytest.mark.parametrize("event", EVENTS)
def test_events_have_exactly_the_properties_of_the_page(event: str) -> None:
    """Properties are bare names, arrays without brackets, in the order of the contract's list or any other."""
    declared = fields_of(EVENT_RECORDS[event])
    assert {field.attribute.key for field in declared.values()} == set(EVENTS[event].split())
    assert {name for name, field in declared.items() if get_origin(field.type) is tuple} == ARRAYS & set(declared)
    assert all(name == field.attribute.key for name, field in declared.items())


def test_the_events_besides_the_page() -> None:
    """What customers do outside the chat, and what of their data was shown to the model, are events of their own."""
    assert set(EVENT_RECORDS) == {*EVENTS, "convqa.customer_action", "convqa.access_exposed"}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_outcomes_have_the_fields_of_the_page(kind: str) -> None:
    """Fields are `convqa.outcome.<kind>.<field>`, beside id, kind, time and source."""
    record = OUTCOME_RECORDS[kind]
    prefix = f"convqa.outcome.{kind}."
    extra = {"ticket": {"ticket_id"}}.get(kind, set())
    own = {key.removeprefix(prefix) for key in keys(record) if key.startswith(prefix)}
    assert own == set(OUTCOMES[kind].split()) | extra
    assert {f"convqa.outcome.{name}" for name in ("id", "kind", "at", "source")} <= keys(record)
    assert record_for("outcome", kind) is record


@pytest.mark.parametrize("kind", OUTCOMES)
def test_outcome_fields_are_named_like_the_parameters(kind: str) -> None:
    """What `record_<kind>` takes as `x` stands on the wire as `convqa.outcome.<kind>.x`."""
    function = getattr(recording, f"record_{kind}")
    given = set(inspect.signature(function).parameters) - {"ref", "common"}
    prefix = f"convqa.outcome.{kind}."
    assert given == {key.removeprefix(prefix) for key in keys(OUTCOME_RECORDS[kind]) if key.startswith(prefix)}
    assert set(get_type_hints(recording.Common)) == {"id", "at", "source", "observed_at", "time_zone_assumed"}


def test_kinds_of_outcome_are_complete() -> None:
    """Every kind of the contract and no other."""
    assert set(OUTCOME_RECORDS) == set(OUTCOMES)


def test_changes_have_no_conversation() -> None:
    """A change belongs to the service; its fields are `convqa.change.<field>`."""
    assert "gen_ai.conversation.id" not in keys(STAGE_RECORDS["change"])
    assert {"convqa.change.kind", "convqa.change.version"} <= keys(STAGE_RECORDS["change"])


@pytest.mark.parametrize(
    ("stage", "fields", "name", "operation", "kind"),
    [
        ("turn", {}, "turn", "invoke_agent", "INTERNAL"),
        ("intent_detection", {}, "intent_detection", None, "INTERNAL"),
        ("retrieval", {"data_source": "help"}, "retrieval help", "retrieval", "CLIENT"),
        ("rerank", {}, "rerank", None, "INTERNAL"),
        ("generation", {"model": "m"}, "chat m", "chat", "CLIENT"),
        ("tool", {"name": "t"}, "execute_tool t", "execute_tool", "INTERNAL"),
        ("access_check", {"resource": "r"}, "access_check r", None, "INTERNAL"),
        ("policy_check", {"name": "p"}, "policy_check p", None, "INTERNAL"),
        ("escalation", {}, "escalation", None, "INTERNAL"),
        ("change", {"change_kind": "model"}, "change model", None, "INTERNAL"),
    ],
)
def test_span_names_operations_and_kinds(
    stage: str, fields: dict[str, str], name: str, operation: str | None, kind: str
) -> None:
    """The table of spans of the contract."""
    record: Any = STAGE_RECORDS[stage]
    assert record.span_name({"stage": stage, **fields}) == name
    info = record.model_fields.get("operation_name")
    assert (info.default if info else None) == operation
    assert record.kind == kind


@pytest.mark.parametrize("kind", OUTCOMES)
def test_span_name_of_outcomes(kind: str) -> None:
    """`outcome {kind}`, INTERNAL."""
    record = OUTCOME_RECORDS[kind]
    assert (record.span_name({}), record.kind) == (f"outcome {kind}", "INTERNAL")


@pytest.mark.parametrize("stage", REQUIRED)
def test_required_fields(stage: str) -> None:
    """Exactly the contract's fields are required of a span that ended well; a cancelled turn needs no answer type."""
    wanted = set(f"{EVERYWHERE} {REQUIRED[stage]}".split())
    declared = fields_of(STAGE_RECORDS[stage]).values()
    assert {field.attribute.key for field in declared if field.required_for("ok")} == wanted
    assert {field.attribute.key for field in declared if field.required_for("error")} == wanted
    cancelled = {field.attribute.key for field in declared if field.required_for("cancelled")}
    assert cancelled == wanted - {"convqa.answer.type"}


def test_required_of_outcomes_and_changes() -> None:
    """An outcome has id, kind and time; a change has kind and version."""
    for record in OUTCOME_RECORDS.values():
        required = {field.attribute.key for field in fields_of(record).values() if field.level == "required"}
        assert required >= set(EVERYWHERE.split()) | {f"convqa.outcome.{name}" for name in ("id", "kind", "at")}
    change = {f.attribute.key for f in fields_of(STAGE_RECORDS["change"]).values() if f.level == "required"}
    service = set(EVERYWHERE.split()) - {"gen_ai.conversation.id", "session.id"}
    assert change == service | {"convqa.change.kind", "convqa.change.version"}


def test_versions_are_required_once_configured() -> None:
    """A version that the bot configured must be on the turn; one that it did not need not."""
    turn = STAGE_RECORDS["turn"]
    have = {"stage": "turn", "conversation_id": "c", "session_id": "c", "status": "ok", "schema_version": "1.0.0"}
    have |= {"redaction_status": "clean", "answer_type": "grounded"}
    assert missing(turn, have) == []
    assert missing(turn, have, frozenset({"policy_version", "kb_snapshot"})) == ["policy_version", "kb_snapshot"]
    configured = {field.attribute.key for field in fields_of(turn).values() if field.when_configured}
    assert configured == set(VERSIONS.split())


def test_content_is_what_people_and_models_wrote() -> None:
    """Content is opt-out and redacted; customers and accounts are identifiers."""
    declared = all_attributes()
    content = {key for key, attribute in declared.items() if attribute.sensitivity == "content"}
    assert content == set(CONTENT.split()) | {"convqa.change.note"}
    identifiers = {key for key, attribute in declared.items() if attribute.sensitivity == "identifier"}
    assert identifiers == {"user.id", "convqa.account.id", "convqa.outcome.resolution.closed_by"}
    assert declared["gen_ai.conversation.id"].sensitivity == "reference"
    levels = {f.attribute.key: f.level for record in SPANS for f in fields_of(record).values()}
    assert {key for key, level in levels.items() if level == "opt_out"} == content


def test_keys_are_unique_within_a_record() -> None:
    """No two fields of a record write the same attribute."""
    for record in (*SPANS, *EVENT_RECORDS.values()):
        declared = [field.attribute.key for field in fields_of(record).values()]
        assert len(declared) == len(set(declared)), record


def test_a_key_means_the_same_everywhere() -> None:
    """A key that several records carry is declared once: same meaning, unit, privacy and type."""
    seen: dict[str, Any] = {}
    constants = {"convqa.stage", "convqa.outcome.kind"}
    for record in SPANS:
        for field in fields_of(record).values():
            key = field.attribute.key
            what = (field.attribute, None if key in constants else field.type)
            assert seen.setdefault(key, what) == what, (record, key)


def test_every_span_attribute_has_a_standard_or_our_prefix() -> None:
    """Standard names where OpenTelemetry has them, everything else below `convqa.`."""
    standard = ("gen_ai.", "user.id", "session.id", "error.type", "service.name", "deployment.environment.name")
    assert [key for key in all_attributes() if not key.startswith(("convqa.", *standard))] == []
    assert (SCOPE_NAME, SCHEMA_URL.rpartition("/")[2]) == ("convqa_sdk", "1.0.0")


RICH = {"retrieval": {"documents"}, "rerank": {"documents"}, "generation": {"response", "prompt", "usage"}}
TYPED: dict[str, Any] = {
    "turn": typed.TurnFields,
    "intent_detection": typed.IntentFields,
    "retrieval": typed.RetrievalFields,
    "rerank": typed.RerankFields,
    "generation": typed.GenerationFields,
    "tool": typed.ToolFields,
    "access_check": typed.AccessCheckFields,
    "policy_check": typed.PolicyCheckFields,
    "escalation": typed.EscalationFields,
}
FILLED_BY_THE_SDK = {
    "": "stage conversation_id session_id status schema_version error_type operation_name time_zone_assumed "
    "sampling_probability redaction_status redaction_count redaction_classes redaction_policy_version "
    "redaction_detector_version vault_ref instrumentation_violations custom",
    "turn": "model response_model provider model_version prompt_name prompt_version policy_version kb_snapshot "
    "kb_built_at index_version taxonomy_version feature_flags experiment_id experiment_arm experiment_unit intent "
    "archetype archetype_tier archetype_map risk escalated escalation_reason retrieval_ms rerank_ms generation_ms "
    "total_ms input_tokens output_tokens cost_usd tool_calls",
    "intent_detection": "archetype_map",
    "generation": "child_input_tokens child_output_tokens child_cache_read_tokens child_cache_write_tokens "
    "child_reasoning_tokens",
    "escalation": "escalated",
}


@pytest.mark.parametrize("stage", TYPED)
def test_typed_setters_have_the_names_of_the_schema(stage: str) -> None:
    """What a type checker lets a bot set is what the schema declares, besides what the SDK fills in itself."""
    names = set(get_type_hints(TYPED[stage]))
    declared = set(fields_of(STAGE_RECORDS[stage]))
    segments = set(get_type_hints(typed.SegmentFields))
    assert names - RICH.get(stage, set()) <= declared
    filled = set(f"{FILLED_BY_THE_SDK['']} {FILLED_BY_THE_SDK.get(stage, '')}".split())
    parts = {name for name in declared if name.startswith("document_")}
    assert declared - names - segments - parts == filled - names


def test_segment_fields_are_the_same_in_both_places() -> None:
    """What a turn takes for who and where is what it copies to its stages."""
    from convqa_sdk.schema.records import SEGMENT_FIELDS

    assert set(get_type_hints(typed.SegmentFields)) == set(SEGMENT_FIELDS)
    declared = fields_of(STAGE_RECORDS["turn"])
    assert {declared[name].attribute.key for name in SEGMENT_FIELDS} == set(SEGMENTS.split())
