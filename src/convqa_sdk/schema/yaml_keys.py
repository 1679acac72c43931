"""Keys that stand twice in a YAML mapping, of which every loader would silently take the last."""

from __future__ import annotations

from typing import Any, NamedTuple


class Repeated(NamedTuple):
    """A key that stands in its mapping for the second time.

    Attributes:
        key: The key.
        line: Where, from 1.
    """

    key: str
    line: int


def repeated_key(root: Any) -> Repeated | None:
    """Return a key that stands twice in a mapping, None where none does; aliases are looked at once.

    Args:
        root: What `yaml.compose` gives; None: an empty document.
    """
    nodes: list[Any] = [root]
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        if node is None or id(node) in seen or isinstance(node.value, str):
            continue
        seen.add(id(node))
        keys: set[str] = set()
        children: list[Any] = node.value
        nodes += [each for each in children if not isinstance(each, tuple)]
        pairs: list[Any] = [each for each in children if isinstance(each, tuple)]
        for key, value in pairs:
            nodes.append(value)
            if not isinstance(key.value, str):
                continue
            if key.value in keys:
                return Repeated(key.value, key.start_mark.line + 1)
            keys.add(key.value)
    return None
