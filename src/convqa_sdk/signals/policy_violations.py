"""What the check of an answer against a policy book finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Class = Literal["01", "02", "03", "04"]
Severity = Literal["P0", "P1", "P2"]

SEVERITIES: Final[dict[Class, Severity]] = {"01": "P0", "02": "P1", "03": "P2", "04": "P1"}
"""By class: refund and pricing, warranty and service level, process and contact, capability overreach."""


@dataclass(frozen=True)
class Violation:
    """One place where an answer disagrees with the book.

    Attributes:
        code: Class and fact, such as `01.refund_window`; `01.unsupported_term` where the term agrees with the book or
            the book says nothing of it, but no canonical passage supports it.
        policy_class: `01` refund and pricing, `02` warranty and service level, `03` process and contact, `04`
            capability overreach.
        severity: `P0` (gravest) to `P2`.
        fact: Name of the fact, capability or promise in the book.
        expected: What the book says, as a value such as `30 days`; None: it says nothing.
        found: What the answer says, as a value, never its wording.
        span: Offsets of the place in the answer.
    """

    code: str
    policy_class: Class
    severity: Severity
    fact: str
    expected: str | None
    found: str
    span: tuple[int, int]


def severity(policy_class: Class, regulated: bool) -> Severity:
    """Return how grave a violation of a class is; in a regulated sector class 02 is as grave as class 01."""
    return "P0" if policy_class == "02" and regulated else SEVERITIES[policy_class]


def gravity(violation: Violation) -> tuple[str, str]:
    """Return a key that sorts the gravest violation first."""
    return violation.severity, violation.policy_class
