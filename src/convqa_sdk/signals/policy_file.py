"""Read a policy book from YAML: a complaint names the file and the fact, and a key never stands twice."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema.yaml_keys import repeated_key
from convqa_sdk.signals.policy_book import Capability, Fact, PolicyBook, entries_of

_PARTS: Final[dict[str, type[BaseModel]]] = {"facts": Fact, "capabilities": Capability}
MAX_BYTES: Final = 4_000_000
_MAX_TOLD = 5


def read_file(path: str | os.PathLike[str]) -> PolicyBook:
    """Return the book in a file; see `PolicyBook.load`."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigurationError(f"{path}: a policy book has at most {MAX_BYTES:,} bytes")
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path}: cannot read the policy book ({type(error).__name__}); give the path of a YAML file in UTF-8"
        ) from None
    return _book(text, str(path))


def read_text(text: str) -> PolicyBook:
    """Return the book in a text; see `PolicyBook.from_yaml`."""
    return _book(text, "policy book")


def _book(text: str, name: str) -> PolicyBook:
    yaml = _library()
    try:
        repeated = repeated_key(yaml.compose(text, Loader=yaml.SafeLoader))
        given: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{name}{place}: this is no YAML") from None
    except (RecursionError, TypeError) as error:
        raise ConfigurationError(f"{name}: this is no YAML of a policy book ({type(error).__name__})") from None
    if repeated is not None:
        raise ConfigurationError(
            f"{name}, line {repeated.line}: {repeated.key} stands here twice; write several entries of a fact as a list"
        )
    if type(given) is not dict:
        raise ConfigurationError(f"{name}: a policy book is a mapping with version, facts and capabilities")
    try:
        return PolicyBook.model_validate(given)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        told = [_told(given, problem["loc"], _explained(problem)) for problem in problems[:_MAX_TOLD]]
        if len(problems) > _MAX_TOLD:
            told.append(f"and {len(problems) - _MAX_TOLD} more")
        raise ConfigurationError(f"{name}: {'; '.join(told)}") from None


def _explained(problem: Any) -> str:
    """Return a complaint in words that say what to do; of a key that is not known, which there are."""
    if problem["type"] != "extra_forbidden":
        return str(problem["msg"])
    *outer, key = problem["loc"]
    part = _PARTS.get(str(outer[0]), PolicyBook) if outer else PolicyBook
    known = [field.alias or name for name, field in part.model_fields.items()]
    meant = get_close_matches(str(key), known, 1)
    return f"there is no such key; {f'did you mean {meant[0]}? ' if meant else ''}there are {', '.join(known)}"


def _told(given: Any, place: tuple[int | str, ...], message: str) -> str:
    """Return a complaint with the place it is about; a fact is named, not numbered."""
    names = [str(step) for step in place]
    if len(place) > 1 and place[0] == "facts":
        try:
            names[1] = _names(given["facts"])[int(place[1])]
        except (LookupError, TypeError, ValueError):  # it has no name
            names[1] = str(place[1])
    message = message.removeprefix("Value error, ")
    return f"{'.'.join(names)}: {message}" if names and not message.startswith(names[-1]) else message


def _names(facts: Any) -> list[str]:
    """Return the names of facts, in the order in which the book holds them, whichever way they are written."""
    if hasattr(facts, "items"):
        return [str(name) for name, written in facts.items() for _ in entries_of(name, written)]
    return [str(fact["name"]) for fact in facts]


def _library() -> Any:
    try:
        return import_module("yaml")
    except ImportError:
        raise ImportError("policy books in YAML need PyYAML: pip install 'convqa-sdk[yaml]'") from None
