"""What tools give, as sentences."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import Passage, grounding
from convqa_sdk.signals.structured import readable

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("Order o1: shipped", "Order o1: shipped"),
        ({"ship_date": "4 May", "paid": True, "note": None}, "ship date: 4 May, paid: yes, note: none."),
        ('{"order": {"id": "o1", "status": "shipped"}}', "order: id: o1, status: shipped."),
        ({"items": ["lamp", "cable"]}, "items: lamp.\nitems: cable."),
        ("{not JSON", "{not JSON"),
        (object(), ""),
    ],
)
def test_fields_and_values_become_sentences(output: object, text: str) -> None:
    """An object's plain values stand in one sentence, because they are about one thing."""
    assert readable(output) == text


def test_a_claim_rests_on_what_a_tool_gave() -> None:
    """Also where that was JSON."""
    passage = Passage("t", readable('{"id": "o1", "status": "shipped", "item": "order"}'))
    assert grounding("Your order o1 has shipped.", [passage]).grounded
    assert not grounding("Your order o2 has shipped.", [passage]).grounded


@given(values)
def test_whatever_json_holds_is_read(value: object) -> None:
    """As a structure and as text, and nothing raises."""
    assert readable(json.dumps(value)) is not None
    assert isinstance(readable(value), str)
