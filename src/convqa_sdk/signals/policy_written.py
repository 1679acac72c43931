"""What a policy book may be written like: what YAML makes of its texts, and what it has lost of them by then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

CONTACT_EXAMPLES: Final = {
    "contact_phone": "+1 800 555 0142",
    "contact_email": "help@acme.example",
    "contact_url": "acme.example/help",
    "opening_hours": "Mon-Fri 08:00-20:00",
}
"""How contact routes and hours are written, by fact."""


def is_list(given: Any) -> bool:
    """Tell whether several things were written."""
    return isinstance(given, list)


def several(given: Any) -> Iterable[Any]:
    """Return what was written, as several things."""
    return given if type(given) in (list, tuple) else (given,)


def listed(given: Any) -> Any:
    """Take one text where several may stand."""
    return (given,) if isinstance(given, str) else given


def as_text(given: Any) -> Any:
    """Take what YAML reads from `no` and `0`, and numbers, as they were written."""
    if given is False:
        return "none"
    return str(given) if type(given) in (int, float) else given


def version_as_text(given: Any) -> Any:
    """Take a whole number or a day as it was written; of `1.10`, which YAML reads as 1.1, that is lost.

    Raises:
        ValueError: It is lost; the message says how to write it.
    """
    if type(given) is date:
        return given.isoformat()
    return str(given) if type(given) is int else quoted(given)


def quoted(given: Any, example: str = '"2026-05"') -> Any:
    """Refuse what YAML has made a number or a time of: `0305550142` is another number then, and `01` is 1.

    Args:
        given: What YAML has read.
        example: How it is written.

    Raises:
        ValueError: It is one; the message says how to write it.
    """
    if type(given) in (int, float, datetime):
        raise ValueError(f"YAML read a {'time' if type(given) is datetime else 'number'}; quote it, such as {example}")
    return given


def quoted_class(given: Any) -> Any:
    """Refuse a class that YAML has made a number of; see `quoted`."""
    return quoted(given, '"01"')
