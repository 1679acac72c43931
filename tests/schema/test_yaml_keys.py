"""Keys that stand twice in YAML."""

from __future__ import annotations

import pytest

from convqa_sdk.schema.yaml_keys import Repeated, repeated_key

yaml = pytest.importorskip("yaml", reason="the extra yaml is not installed")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("a: 1\nb: {a: 2}\nc: [{a: 3}, {a: 4}]", None),
        ("a: 1\nb: 2\na: 3", Repeated("a", 3)),
        ("x:\n  - {b: 1}\n  - c: 1\n    c: 2", Repeated("c", 4)),
        ("a: &it {b: 1}\nc: *it\nd: &own [*own]", None),
    ],
)
def test_the_second_of_two_equal_keys_is_found(text: str, found: Repeated | None) -> None:
    """In one mapping, at any depth, by its line; not in two mappings, and not through an alias."""
    assert repeated_key(yaml.compose(text, Loader=yaml.SafeLoader)) == found


def test_depth_is_no_obstacle() -> None:
    """A file is a person's, or an attacker's."""
    node = yaml.compose("{a: 1, a: 2}", Loader=yaml.SafeLoader)
    for _ in range(5_000):
        node = yaml.SequenceNode("tag:yaml.org,2002:seq", [node])
    assert repeated_key(node) == Repeated("a", 1)
