"""Finds out what is known of the customer of a unit, and makes of it what is looked for in its texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from convqa_sdk.isolation import fault
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.redaction.words import Entry, Lexicon, address_entries, name_entries
from convqa_sdk.tracing.known import KINDS, MAX_CHARS, KnownValues
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.unit import Unit

_FIELD = re.compile("[a-z][a-z_]{0,39}")


class Customer(NamedTuple):
    """Whose values are looked up.

    Attributes:
        conversation_id: As the bot gave it; None for a stage outside any turn.
        account_id: As the bot gave it, None: unknown, as with outcomes that come later.
        user_id: The same.
    """

    conversation_id: str | None
    account_id: str | None
    user_id: str | None


Lookup = Callable[[Customer], Any]


def prepare(detection: Detection, unit: Unit, lookup: Lookup | None) -> None:
    """Have a detection look for what is known of a unit's customer.

    What cannot be found out, or used, withholds the content of the unit: nobody can tell what stands in it.

    Args:
        detection: Shared by all policies.
        unit: The unit in hand.
        lookup: The application's; None: there is none.
    """
    known = unit.turn.known_values if unit.turn is not None else None
    if known is None and lookup is None:
        return
    found = KnownValues()
    if known is not None:
        found.values.extend(known.values)
        found.complete = known.complete
    if lookup is not None:
        try:
            given = lookup(_customer(unit))
            looked_up = KnownValues()
            looked_up.add(dict(given) if isinstance(given, Mapping) else given)  # pyright: ignore[reportUnknownArgumentType] # reason: looked at there
            if not looked_up.complete:
                _tell(looked_up.refused)
            found.values.extend(looked_up.values)
            found.complete = found.complete and looked_up.complete
        except BaseException as error:  # noqa: BLE001 - the application's own code
            fault("known_values", error)
            found.complete = False
    lexicon = Lexicon(_entries(found), detection.labels) if found.values else None
    detection.know(lexicon, blind=not found.complete)


def _tell(refused: object) -> None:
    """Count, by its field, that what the lookup returned cannot be used, and say what is accepted."""
    accepted = f"a mapping of {', '.join(KINDS)} to a text or several, of at most {MAX_CHARS} characters, or None"
    if refused is None:
        fault("known_values", accepted=accepted)
    elif type(refused) is str and refused in KINDS:
        fault(f"known_values.{refused}", accepted=accepted)
    else:
        named = refused if type(refused) is str and _FIELD.fullmatch(refused) else "[?]"
        fault("known_values.unknown", field=named, accepted=accepted)


def _entries(known: KnownValues) -> Iterator[Entry]:
    for kind, value in known.values:
        if kind == "name":
            yield from name_entries(value)
        elif kind == "address":
            yield from address_entries(value)
        else:
            yield Entry(value, "KNOWN")


def _customer(unit: Unit) -> Customer:
    turn, late = unit.turn, unit.late
    if turn is None:
        return Customer(late.conversation_id if late is not None else None, None, None)
    account, user = (turn.values.get(name) for name in ("account_id", "user_id"))
    return Customer(
        turn.conversation_id,
        account if is_a(account, str) else None,
        user if is_a(user, str) else None,
    )
