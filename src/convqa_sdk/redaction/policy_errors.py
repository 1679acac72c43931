"""What is wrong with a policy, in words that help: the setting that was meant, what there is, what is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel

from convqa_sdk.errors import ConfigurationError

_ENTRIES: Final = {
    "allow": "an entry looks like {cls: EMAIL, value: support@acme.com}, with one of value, hmac and shape",
    "words": "an entry looks like {label: HEALTH_TERM, words: [diabetes]}",
}
_NO_MAPPING: Final = ("model_type", "model_attributes_type", "dict_type")


class PlacedError(ConfigurationError):
    """A complaint about one entry of a setting.

    Args:
        message: What is wrong.
        *place: The names or numbers that lead from the setting to the entry; they may be content, and are not shown.
    """

    def __init__(self, message: str, *place: int | str) -> None:
        super().__init__(message)
        self.place = place


def explained(place: Sequence[int | str], kind: str, message: str) -> str:
    """Return pydantic's complaint about a policy in words that help.

    Args:
        place: The names and numbers that lead to the setting.
        kind: Pydantic's name for the complaint.
        message: Pydantic's text.
    """
    if kind == "extra_forbidden":
        return _no_setting(str(place[-1]), _settings(place[:-1]))
    if kind in _NO_MAPPING and len(place) > 1 and place[-2] in _ENTRIES:
        return _ENTRIES[str(place[-2])]
    if kind == "string_type" and place[-1:] == ("version",):
        return 'a version is a text: put it in quotes, such as version: "3"'
    return message.removeprefix("Value error, ")


def _settings(place: Sequence[int | str]) -> list[str]:
    """Return the settings that there are at a place in a policy."""
    from convqa_sdk.redaction.allow import Allow
    from convqa_sdk.redaction.policy import RedactionPolicy
    from convqa_sdk.redaction.words import WordList

    kinds: dict[int | str, type[BaseModel]] = {"allow": Allow, "words": WordList}
    inner = [kinds[step] for step in place if step in kinds]
    return list((inner[-1] if inner else RedactionPolicy).model_fields)


def _no_setting(given: str, settings: list[str]) -> str:
    nearest = get_close_matches(given, settings, 1)
    meant = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"there is no such setting{meant} (there are {', '.join(settings)})"
