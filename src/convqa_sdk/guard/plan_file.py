"""A plan in a file, as YAML or JSON: read again when it has changed, and written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from convqa_sdk import locks
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard.plan import GuardPlan
from convqa_sdk.schema.complaints import plainly
from convqa_sdk.schema.yaml_keys import repeated_key

MAX_BYTES: Final = 1_000_000
LOCK_WAIT_S: Final = 5.0
"""How long an edit waits for another one: a kill is not refused because somebody else is writing."""
_LOCK_LOOK_S: Final = 0.02
_MAX_TOLD: Final = 5
_Stamp = tuple[int, int, int]


class PlanFile:
    """The file of a plan.

    Args:
        path: The file; `.json` is JSON, anything else YAML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[_Stamp, GuardPlan] | None = None

    def read(self) -> GuardPlan:
        """Return the plan; the very same object while the file has not changed.

        Raises:
            ConfigurationError: It cannot be read, is neither YAML nor JSON, or no plan; says where, quotes nothing.
            ImportError: PyYAML is not installed; the message names the extra.
        """
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
                if self._known is not None and self._known[0] == stamp:
                    return self._known[1]
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            problem = (error.strerror or type(error).__name__).lower()
            raise ConfigurationError(f"{self.path}: cannot read the plan: {problem}") from None
        if len(content) > MAX_BYTES:
            raise ConfigurationError(f"{self.path}: a plan has at most {MAX_BYTES:,} bytes")
        plan = plan_from(content, str(self.path), is_json=self._is_json)
        self._known = (stamp, plan)
        return plan

    def change(self, edit: Callable[[GuardPlan], GuardPlan]) -> tuple[GuardPlan, GuardPlan]:
        """Read, edit and write the plan while nobody else does; return it as it was and as it is.

        A link stays one: the file that it leads to is changed, which other bots may watch by its own name.
        Comments of a YAML file are not kept.

        Raises:
            ConfigurationError: It cannot be read or written, somebody else is changing it for longer than
                `LOCK_WAIT_S`, or `edit` refuses.
        """
        target = self._target()
        with self._locked(target):
            before = self.read()
            after = edit(before)
            self._write(after, target)
        return before, after

    @property
    def _is_json(self) -> bool:
        return self.path.suffix.lower() == ".json"

    def _target(self) -> Path:
        try:
            return self.path.resolve()
        except (OSError, RuntimeError):  # links that lead to each other, as Python up to 3.12 tells it
            return self.path  # which reading refuses

    @contextmanager
    def _locked(self, target: Path) -> Generator[None]:
        """Hold a lock on a file of its own: the plan itself is replaced."""
        path = target.with_name(f".{target.name}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be written: {(error.strerror or '').lower()}") from None
        try:
            give_up_at = time.monotonic() + LOCK_WAIT_S
            while locks.lock(descriptor) == "taken":
                if time.monotonic() > give_up_at:
                    raise ConfigurationError(f"{self.path}: somebody else is changing the plan; try again")
                time.sleep(_LOCK_LOOK_S)
            yield
        finally:
            os.close(descriptor)

    def _write(self, plan: GuardPlan, target: Path) -> None:
        text = written(plan, is_json=self._is_json or target.suffix.lower() == ".json")  # JSON is read as YAML too
        temporary = ""
        try:
            mode = target.stat().st_mode & 0o777
            descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except OSError as error:
            with suppress(OSError):
                Path(temporary).unlink()
            problem = (error.strerror or type(error).__name__).lower()
            raise ConfigurationError(f"{self.path}: cannot write the plan: {problem}; nothing was changed") from None


def plan_from(content: bytes, name: str, *, is_json: bool) -> GuardPlan:
    """Return the plan in a file's content.

    Raises:
        ConfigurationError: It is none; says where, quotes nothing.
    """
    from pydantic import ValidationError

    data = _parsed(content, name, is_json=is_json)
    if not isinstance(data, dict):
        raise ConfigurationError(f"{name}: a plan is a mapping of settings, such as owner: ops-lead")
    try:
        return GuardPlan.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        told = [_told(each["loc"], plainly(each["type"], each["msg"])) for each in problems[:_MAX_TOLD]]
        more = [f"and {len(problems) - _MAX_TOLD} more"] if len(problems) > _MAX_TOLD else []
        raise ConfigurationError(f"{name}: {'; '.join((*told, *more))}") from None


def written(plan: GuardPlan, *, is_json: bool) -> str:
    """Return a plan as the text of a file."""
    if is_json:
        return json.dumps(plan.as_data(), indent=2) + "\n"
    text: str = _yaml().safe_dump(plan.as_data(), sort_keys=False, allow_unicode=True)
    return text


def _parsed(content: bytes, name: str, *, is_json: bool) -> Any:
    try:
        text = content.decode("utf-8")
        return json.loads(text, object_pairs_hook=_unique) if is_json else _from_yaml(text, name)
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name}: a plan is a text in UTF-8") from None
    except KeyError:
        raise ConfigurationError(f"{name}: a setting stands there twice") from None
    except (ValueError, TypeError, RecursionError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{name}: this is no {'JSON' if is_json else 'YAML'}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; of a setting that stands there twice, JSON would silently take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise KeyError
    return found


def _from_yaml(text: str, name: str) -> Any:
    yaml = _yaml()
    try:
        repeated = repeated_key(yaml.compose(text, Loader=yaml.SafeLoader))
        if repeated is not None:
            raise ConfigurationError(f"{name}, line {repeated.line}: this setting stands here twice")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{name}{place}: this is no YAML") from None


def _told(place: tuple[int | str, ...], message: str) -> str:
    path = ".".join(str(step) for step in place)
    return f"{path}: {message}" if path else message


def _yaml() -> Any:
    try:
        return import_module("yaml")
    except ImportError:
        raise ImportError("a plan in YAML needs PyYAML: pip install 'convqa-sdk[yaml]'") from None
