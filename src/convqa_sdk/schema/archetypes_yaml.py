"""An archetype map's file: YAML in UTF-8, in which no key stands twice; every complaint has its place in the file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema.yaml_keys import repeated_key

MAX_BYTES: Final = 4_000_000
_WANTED: Final = "a mapping such as {version: archetypes-1, archetypes: {order_status: {tier: 1, intents: [order_*]}}}"


def read(path: Path) -> dict[object, object]:
    """Return what stands in a file, not validated yet.

    Raises:
        ConfigurationError: It cannot be read, is no YAML, no mapping, or has a key twice.
        ImportError: PyYAML is not installed.
    """
    try:
        yaml: Any = import_module("yaml")
    except ImportError:
        raise ImportError("archetype maps in YAML need PyYAML: pip install 'convqa-sdk[yaml]'") from None
    text = _text(path)
    try:
        repeated = repeated_key(yaml.compose(text, Loader=yaml.SafeLoader))
        if repeated is not None:
            raise ConfigurationError(f"{path}, line {repeated.line}: this key stands here twice")
        given: object = yaml.safe_load(text)
    except ConfigurationError:
        raise
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{path}{place}: this is no YAML; give {_WANTED}") from None
    if not isinstance(given, dict):
        raise ConfigurationError(f"{path}: this is no archetype map; give {_WANTED}")
    return cast("dict[object, object]", given)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:  # what a device or a pipe gives has no size
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: cannot read the archetype map ({type(error).__name__})") from None
    if len(content) > MAX_BYTES:
        raise ConfigurationError(f"{path}: an archetype map has at most {MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: an archetype map is a text in UTF-8") from None
