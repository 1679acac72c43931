"""The order system: a JSON file, with an order that it cannot read today."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "orders.json"


class OrderSystemDown(Exception):
    """The order system does not answer."""


@dataclass(frozen=True)
class Order:
    """What the bot may know of an order.

    Attributes:
        id: Number of the order.
        item: What was ordered.
        status: End of a sentence that begins with the order.
        delivered_days_ago: Days since delivery, None while it is on its way.
    """

    id: str
    item: str
    status: str
    delivered_days_ago: int | None

    @property
    def fact(self) -> str:
        """One sentence about the order."""
        return f"Your order {self.id} ({self.item}) {self.status}."


class OrderSystem:
    """Reads orders from a JSON file."""

    def __init__(self, file: Path = FILE) -> None:
        self._orders: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))

    def owner(self, order_id: str) -> str | None:
        """Return the account that an order belongs to, None when there is no such order."""
        order = self._orders.get(order_id)
        return None if order is None else str(order["account"])

    def read(self, order_id: str) -> Order:
        """Return an order.

        Raises:
            OrderSystemDown: The system does not answer.
        """
        order = self._orders[order_id]
        if order.get("unavailable"):
            raise OrderSystemDown("the order system did not answer within 2 seconds")
        return Order(order_id, order["item"], order["status"], order["delivered_days_ago"])
