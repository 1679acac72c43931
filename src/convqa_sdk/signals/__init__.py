"""What a text tells: pure detectors, text in, finding out; no model, no state, no import of the rest of the SDK."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convqa_sdk.signals.capability import Claimed, claimed_actions, overreach
    from convqa_sdk.signals.policy_book import PolicyBook
    from convqa_sdk.signals.policy_violations import Violation

_LATER = {
    "capability": ("Claimed", "claimed_actions", "overreach"),
    "policy_book": ("PolicyBook",),
    "policy_violations": ("Violation",),
}
_HOME = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "Claimed",
    "PolicyBook",
    "Violation",
    "claimed_actions",
    "overreach",
]


def __getattr__(name: str) -> Any:
    """Load a detector when it is first used: most processes use few, and importing the package stays cheap."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]
