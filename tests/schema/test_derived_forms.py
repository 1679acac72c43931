"""What is derived from the declarations: columns, the reference page, requirement of events."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from convqa_sdk.schema.columns import columns
from convqa_sdk.schema.documents import json_schema, reference_page
from convqa_sdk.schema.events import EVENTS, GroundingOutcome
from convqa_sdk.schema.outcomes import BusinessOutcome, CsatOutcome
from convqa_sdk.schema.registry import EVENT_RECORDS, LOG_RECORDS, SPANS, all_attributes, fields_of, record_for
from convqa_sdk.schema.spans import GenerationSpan, RetrievalSpan, TurnSpan

TYPES = {"VARCHAR", "BOOLEAN", "BIGINT", "DOUBLE", "TIMESTAMP", "VARCHAR[]", "BOOLEAN[]", "BIGINT[]", "DOUBLE[]"}


@pytest.mark.parametrize("record", [*SPANS, *EVENTS], ids=lambda record: record.__name__)
def test_columns_are_unique_and_typed(record: type) -> None:
    """Each field is one column with a portable type, named in lower case, read from one attribute."""
    made = columns(record)
    assert len({column.name for column in made}) == len(made) == len(fields_of(record))
    assert {column.sql_type for column in made} <= TYPES
    assert all(re.fullmatch("[a-z][a-z0-9_]*", column.name) for column in made)
    assert [column.key for column in made] == [field.attribute.key for field in fields_of(record).values()]


def test_columns_by_example() -> None:
    """Money is integer micro-USD, times are timestamps, arrays stay arrays, JSON becomes text."""
    generation = {column.key: (column.name, column.sql_type) for column in columns(GenerationSpan)}
    assert generation["convqa.cost.usd"] == ("cost_micro_usd", "BIGINT")
    assert generation["gen_ai.usage.input_tokens"] == ("input_tokens", "BIGINT")
    assert generation["gen_ai.input.messages"] == ("messages", "VARCHAR")
    assert generation["gen_ai.response.finish_reasons"] == ("finish_reasons", "VARCHAR[]")
    assert generation["gen_ai.response.time_to_first_chunk"] == ("time_to_first_chunk", "DOUBLE")
    retrieval = {column.key: column.sql_type for column in columns(RetrievalSpan)}
    assert retrieval["convqa.retrieval.document.scores"] == "DOUBLE[]"
    assert retrieval["convqa.retrieval.document.canonical"] == "BOOLEAN[]"
    assert retrieval["convqa.retrieval.document.approval"] == "VARCHAR[]"
    assert retrieval["convqa.kb.built_at"] == "TIMESTAMP"
    money = {
        column.key: (column.name, column.sql_type) for column in (*columns(GroundingOutcome), *columns(BusinessOutcome))
    }
    assert money["llm_cost_usd"] == ("llm_cost_micro_usd", "BIGINT")
    assert money["convqa.outcome.business.amount"] == ("amount_micros", "BIGINT")


def test_the_reference_page_names_everything() -> None:
    """Every key, event, property and closed value stands on the page, which is the same each time."""
    page = reference_page()
    assert page == reference_page()
    for key, attribute in all_attributes().items():
        assert f"`{key}{'*' if attribute.encoding == 'prefix' else ''}`" in page
    for name, event in EVENT_RECORDS.items():
        assert f"## Event `{name}`" in page
        assert all(f"`{field.attribute.key}`" in page for field in fields_of(event).values())
    for name, event in LOG_RECORDS.items():
        assert f"## Log event `{name}`" in page
        assert all(f"`{field.attribute.key}`" in page for field in fields_of(event).values())
    for value in ("`self_resolved`", "`customer_confirmed`", "`out_of_scope`", "`price_table`", "`P0`"):
        assert value in page
    assert "`convqa.answer.type` | Kind of answer. One of `grounded`, " in page
    assert "**required unless** cancelled" in page


def test_tables_of_the_reference_page_are_whole() -> None:
    """Each row has five cells, whatever an example contains."""
    for line in reference_page().splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 6, line


def test_json_schema_maps_fields_to_attributes() -> None:
    """The JSON Schema says which attribute each field is on the wire."""
    schema = json_schema()
    assert schema["x-attributes"]["TurnSpan"]["answer_type"] == "convqa.answer.type"
    events = [*EVENTS, *LOG_RECORDS.values()]
    assert set(schema["x-attributes"]) == {*(r.__name__ for r in SPANS), *(e.__name__ for e in events), "Resource"}


def test_finds_records_by_stage_and_kind() -> None:
    """A stage leads to its record; unknown stages and kinds lead nowhere."""
    assert record_for("turn") is TurnSpan
    assert record_for("outcome", "csat") is CsatOutcome
    assert record_for("outcome") is None
    assert record_for("outcome", "weather") is None
    assert record_for("weather") is None
    assert record_for("") is None


def test_scores_lie_on_their_scale() -> None:
    """A score above the scale or below 1 is refused; a model may give 0; no answer is an outcome too."""
    common = {
        "conversation_id": "c",
        "session_id": "c",
        "status": "ok",
        "outcome_id": "o",
        "at": "2026-01-01T00:00:00Z",
    }
    for score, scale, kind in ((6, 5, "delayed"), (0, 5, "resolution"), (10.5, 10, "model")):
        with pytest.raises(ValueError, match="score must lie between"):
            CsatOutcome.model_validate({**common, "kind_of_ask": kind, "score": score, "scale": scale})
    assert CsatOutcome.model_validate({**common, "kind_of_ask": "model", "score": 0.0}).score == 0.0
    assert CsatOutcome.model_validate({**common, "kind_of_ask": "delayed"}).score is None


def test_importing_the_sdk_does_not_load_the_schema() -> None:
    """A bot that imports the SDK pays for no schema, no exporter and no structlog."""
    code = (
        "import sys, convqa_sdk, convqa_sdk.tracing.outcomes as o; "
        "heavy = ('convqa_sdk.schema', 'convqa_sdk.export', 'convqa_sdk.redaction', 'convqa_sdk.testing', 'pydantic', "
        "'structlog', 'opentelemetry.exporter'); "
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_validators_are_built_when_they_are_first_needed() -> None:
    """Importing every record builds no validator: that waits for the first record."""
    code = (
        "from convqa_sdk.schema import registry; "
        "from pydantic._internal._mock_val_ser import MockValSer; "
        "print(all(type(r.__pydantic_validator__).__name__.startswith('Mock') for r in registry.SPANS))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "True"
