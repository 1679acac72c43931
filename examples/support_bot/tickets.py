"""The ticket file: one JSON line per conversation that a person takes over."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

from convqa_sdk import Handoff


class TicketFile:
    """Appends handoff packets as tickets.

    The file belongs to the shop's own ticket system: it holds what the customer wrote, as the people there need it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, conversation_id: str, turn: str, packet: Handoff) -> Handoff:
        """Write a ticket and return the packet with the ticket's number.

        Args:
            conversation_id: The conversation that is handed over.
            turn: Reference of the turn, with which the ticket system records outcomes later.
            packet: What the person needs to go on without asking again.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        numbered = replace(packet, id=f"t-{1 + self._count():03d}")
        line = json.dumps({"conversation": conversation_id, "turn": turn, **asdict(numbered)})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        return numbered

    def _count(self) -> int:
        return len(self._path.read_text(encoding="utf-8").splitlines()) if self._path.exists() else 0
