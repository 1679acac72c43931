"""The reading helpers."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from convqa_sdk.tracing.responses.shapes import leaf, node, text


def test_a_leaf_is_found_through_attributes_and_keys_alike() -> None:
    """A path may change between objects and mappings at every step."""
    assert leaf(SimpleNamespace(usage={"details": SimpleNamespace(n=3)}), "usage", "details", "n") == 3


@pytest.mark.parametrize("value", [None, True, [], {}, "", object(), MagicMock()])
def test_a_leaf_of_another_type_is_unknown(value: object) -> None:
    """Only a non-empty text, an int or a float is a leaf; a bool is none of them."""
    assert leaf({"x": value}, "x") is None


def test_a_missing_step_is_unknown() -> None:
    """A path that leads nowhere gives None."""
    assert leaf({"a": None}, "a", "b", "c") is None


def test_pydantic_models_give_declared_and_undeclared_values() -> None:
    """A model that allows extra values gives them like declared ones; the declared one wins."""
    pydantic = pytest.importorskip("pydantic", reason="pydantic models are what is read")
    model = pydantic.create_model("Usage", __config__={"extra": "allow"}, tokens=(int, 0))(tokens=1, cost=0.5)
    assert (leaf(model, "tokens"), leaf(model, "cost"), leaf(model, "other")) == (1, 0.5, None)


def test_a_text_is_an_exact_str() -> None:
    """A subclass that disguises itself is read as the text that it holds."""

    class Disguised(str):
        def __str__(self) -> str:
            raise RuntimeError

    assert type(text(Disguised("x"))) is str
    assert text(Disguised("x")) == "x"


def test_a_plain_value_has_no_children() -> None:
    """Strings, numbers and lists have attributes of their own, which are not children."""
    assert node("x").get("index") is None
    assert node([1]).get("count") is None
