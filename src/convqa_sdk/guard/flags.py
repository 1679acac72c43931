"""Kill switches: where one is asked, and what its answers mean.

A source is any callable without parameters. It may block, raise or answer nonsense: the guard asks it in a thread of
its own, and holds on to the last answer that it understood.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, cast

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard.plan import MAX_ARCHETYPES, STATES, State

Source = Callable[[], object]
MAX_BYTES: Final = 100_000

_WORDS: Final[Mapping[str, State]] = MappingProxyType(
    {
        **dict.fromkeys(("normal", "false", "off", "no", "0"), "normal"),
        "fallback": "fallback",
        **dict.fromkeys(("killed", "kill", "true", "on", "yes", "1"), "killed"),
    }
)
_ACCEPTED: Final = (
    "True or 1 (killed), False or 0 (normal), one of normal, fallback, killed, "
    'or a record such as {"state": "normal", "archetypes": {"refund_status": "fallback"}, "rule": "A6"}'
)


class FlagError(Exception):
    """A switch gave no answer, or one that means nothing; says its type and never its value."""


class Switch(NamedTuple):
    """What a kill switch says.

    Attributes:
        state: For all archetypes.
        archetypes: For some of them, where that is graver.
        rule: What decided it, in the words of whoever did.
    """

    state: State
    archetypes: Mapping[str, State] = MappingProxyType({})
    rule: str = "kill_switch"


def understood(answer: object) -> Switch:
    """Return what an answer means.

    Raises:
        FlagError: It means nothing.
    """
    if isinstance(answer, int) and answer in (0, 1):
        return Switch("killed" if answer else "normal")
    if isinstance(answer, str):
        state = _WORDS.get(answer.strip().lower())
        if state is not None:
            return Switch(state)
    if isinstance(answer, Mapping):
        return _record(cast("Mapping[object, object]", answer))
    raise FlagError(f"the switch answered with {type(answer).__name__} that means nothing; it takes {_ACCEPTED}")


def _record(record: Mapping[object, object]) -> Switch:
    """Return what a decision record means; what it says besides is for others."""
    state = record.get("state", "normal")
    archetypes = record.get("archetypes", {})
    rule = record.get("rule", "kill_switch")
    if state not in STATES or not isinstance(archetypes, Mapping) or not isinstance(rule, str):
        raise FlagError(f"the switch answered with a record that means nothing; it takes {_ACCEPTED}")
    if "state" not in record and "archetypes" not in record:
        raise FlagError(f"the switch answered with a record that says no state; it takes {_ACCEPTED}")
    given = dict(cast("Mapping[object, object]", archetypes))
    if len(given) > MAX_ARCHETYPES:
        raise FlagError(f"the switch names more than {MAX_ARCHETYPES:,} archetypes; stop all of them with `state`")
    if not all(isinstance(name, str) and each in STATES for name, each in given.items()):
        raise FlagError(f"the switch answered with archetypes in no state; it takes {_ACCEPTED}")
    return Switch(state, MappingProxyType(cast("dict[str, State]", given)), rule[:200] or "kill_switch")


def flag_file(path: str | os.PathLike[str]) -> Source:
    """Return a switch that is a file: absent is normal, empty is killed, else a word or a decision record in JSON.

    Args:
        path: The file. Its folder must exist: one that is not mounted says nothing.
    """
    file = Path(path)

    def ask() -> object:
        try:
            with file.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            if file.parent.is_dir():
                return False
            raise
        if len(content) > MAX_BYTES:
            raise FlagError(f"the switch is a file of more than {MAX_BYTES:,} bytes")
        text = content.decode("utf-8").strip()
        if not text:
            return True
        return json.loads(text) if text.startswith("{") else text

    return ask


def flag_variable(name: str) -> Source:
    """Return a switch that is a variable of this process's environment: unset or empty is normal.

    Args:
        name: The variable, such as `CONVQA_GUARD`.
    """
    return lambda: os.environ.get(name, "").strip() or False


def flag_provider(
    key: str,
    *,
    kind: Literal["boolean", "string", "object"] = "boolean",
    domain: str | None = None,
) -> Source:
    """Return a switch that is a flag of the OpenFeature provider in force.

    Args:
        key: The flag.
        kind: Its type.
        domain: Domain that the provider was set for; None: the default provider.

    Raises:
        ImportError: OpenFeature is not installed; the message names the extra.
        ConfigurationError: There is no such kind of flag.
    """
    try:
        from openfeature import api
        from openfeature.provider.no_op_provider import NoOpProvider
    except ImportError:
        raise ImportError("a flag provider needs OpenFeature: pip install 'convqa-sdk[flags]'") from None
    client = api.get_client(domain)
    asks: dict[str, Callable[[], Any]] = {
        "boolean": lambda: client.get_boolean_details(key, False),
        "string": lambda: client.get_string_details(key, ""),
        "object": lambda: client.get_object_details(key, {}),
    }
    if kind not in asks:
        raise ConfigurationError(f"flag_provider: kind is {kind!r}; give one of {', '.join(asks)}")
    details_of = asks[kind]

    def ask() -> object:
        if isinstance(client.provider, NoOpProvider):
            raise FlagError("no flag provider is set; call openfeature.api.set_provider")
        details = details_of()
        if details.error_code is not None:  # the value is the default that was passed, which says nothing
            raise FlagError(f"the flag provider answered {getattr(details.error_code, 'value', 'an error')}")
        return details.value

    return ask
