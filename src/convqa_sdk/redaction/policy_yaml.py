"""A policy from YAML: every complaint has its place in the file, and none quotes what stands there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.policy import RedactionPolicy
from convqa_sdk.redaction.policy_errors import PlacedError, explained
from convqa_sdk.schema.yaml_keys import repeated_key

MAX_BYTES: Final = 4_000_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:*-]{0,63}")
_MAX_TOLD = 5
_WANTED = "the path of a file in UTF-8, or a mapping of settings, such as version: acme-1"


def read(source: str | os.PathLike[str]) -> RedactionPolicy:
    """Return the policy in a file or a text; see `RedactionPolicy.from_yaml`."""
    if isinstance(source, str) and ("\n" in source or ": " in source):
        return _policy(source, "policy")
    if not str(source).strip():
        raise ConfigurationError(f"policy: it is empty; give {_WANTED}")
    path = Path(source)
    try:
        with path.open("rb") as file:  # what a device or a pipe gives has no size
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigurationError(f"{path}: a policy has at most {MAX_BYTES:,} bytes")
        text = content.decode("utf-8")
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{path}: cannot read the policy ({type(error).__name__}); give {_WANTED}") from None
    return _policy(text, str(path))


def _policy(text: str, name: str) -> RedactionPolicy:
    yaml = _library()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        repeated = repeated_key(node)
        if repeated is not None:
            raise ConfigurationError(f"{name}, line {repeated.line}: this key stands here twice")
        settings = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{name}{_place(error)}: this is no YAML") from None
    except (RecursionError, ValueError, TypeError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{name}: this is no YAML of a policy ({type(error).__name__})") from None
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{name}, line 1: a policy is a mapping of settings, such as version: acme-1")
    try:
        return RedactionPolicy.model_validate(settings)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        told = [_told(node, each) for each in problems[:_MAX_TOLD]]
        if len(problems) > _MAX_TOLD:
            told.append(f"and {len(problems) - _MAX_TOLD} more")
        raise ConfigurationError(f"{name}: {'; '.join(told)}") from None
    except (RecursionError, TypeError) as error:
        raise ConfigurationError(f"{name}: this is no policy ({type(error).__name__})") from None


def _place(error: Exception) -> str:
    """Return where YAML cannot be read, and where that began which it stands in: a bracket may be left open there."""
    mark, begin = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if mark is None:
        return ""
    within = f" (in what begins in line {begin.line + 1})" if begin is not None and begin.line < mark.line else ""
    return f", line {mark.line + 1}, column {mark.column + 1}{within}"


def _told(node: Any, problem: Mapping[str, Any]) -> str:
    """Return a complaint with its line and the names that lead there."""
    place: tuple[int | str, ...] = problem["loc"]
    cause = problem.get("ctx", {}).get("error")
    inner = cause.place if isinstance(cause, PlacedError) else ()
    line, names = _line(node, (*place, *inner)), [_shown(each) for each in place]
    message = explained(place, problem["type"], problem["msg"])
    if names:
        message = message.removeprefix(f"{names[-1]}: ")
        message = f"{'.'.join(names)}: {message}"
    return f"line {line}: {message}"


def _shown(name: int | str) -> str:
    """Return a name of the path to a setting, unless it may be content: a customer's address is no name."""
    return str(name) if isinstance(name, int) or _NAME.fullmatch(name) else "[?]"


def _line(node: Any, place: Sequence[int | str]) -> int:
    """Return the line of the innermost setting on the path that the file has."""
    line = int(node.start_mark.line) + 1
    for step in place:
        found = _below(node, step)
        if found is None:
            break
        mark, node = found
        line = int(mark.line) + 1
    return line


def _below(node: Any, step: int | str) -> tuple[Any, Any] | None:
    """Return where a step of a path is written, and the node that it leads to; None where the file has none."""
    inside: Any = node.value
    if isinstance(inside, str):
        return None
    if isinstance(step, int):
        items: list[Any] = inside[step : step + 1]
        return (items[0].start_mark, items[0]) if items and not isinstance(items[0], tuple) else None
    pairs: list[Any] = [each for each in inside if isinstance(each, tuple)]
    return next(((key.start_mark, value) for key, value in pairs if key.value == step), None)


def _library() -> Any:
    try:
        return import_module("yaml")
    except ImportError:
        raise ImportError("policies in YAML need PyYAML: pip install 'convqa-sdk[redaction]'") from None
