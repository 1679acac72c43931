"""What a text tells: pure detectors, text in, finding out; no model, no state, no import of the rest of the SDK."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convqa_sdk.signals.answers import AnswerTraits
    from convqa_sdk.signals.capability import Claimed, claimed_actions, overreach
    from convqa_sdk.signals.citations import CitationProblem
    from convqa_sdk.signals.claims import Claim, Passage, claims_of
    from convqa_sdk.signals.detectors import Detectors
    from convqa_sdk.signals.groundedness import ClaimVerdict, Grounding, GroundingJudge, citation_problems, grounding
    from convqa_sdk.signals.loops import LoopState, rephrase_loops
    from convqa_sdk.signals.measured import MEASURED, Measured
    from convqa_sdk.signals.policy_book import PolicyBook
    from convqa_sdk.signals.policy_violations import Violation
    from convqa_sdk.signals.refusals import Refusal, RefusalDetector, refusal
    from convqa_sdk.signals.requests import SIMILAR, Similarity, request_tokens, similarity
    from convqa_sdk.signals.told_before import repeat_state
    from convqa_sdk.signals.users import UserSignal, UserSignalDetector, user_signal

_LATER = {
    "answers": ("AnswerTraits",),
    "capability": ("Claimed", "claimed_actions", "overreach"),
    "citations": ("CitationProblem",),
    "claims": ("Claim", "Passage", "claims_of"),
    "detectors": ("Detectors",),
    "groundedness": ("ClaimVerdict", "Grounding", "GroundingJudge", "citation_problems", "grounding"),
    "loops": ("LoopState", "rephrase_loops"),
    "measured": ("MEASURED", "Measured"),
    "policy_book": ("PolicyBook",),
    "policy_violations": ("Violation",),
    "refusals": ("Refusal", "RefusalDetector", "refusal"),
    "requests": ("SIMILAR", "Similarity", "request_tokens", "similarity"),
    "told_before": ("repeat_state",),
    "users": ("UserSignal", "UserSignalDetector", "user_signal"),
}
_HOME = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "MEASURED",
    "SIMILAR",
    "AnswerTraits",
    "CitationProblem",
    "Claim",
    "ClaimVerdict",
    "Claimed",
    "Detectors",
    "Grounding",
    "GroundingJudge",
    "LoopState",
    "Measured",
    "Passage",
    "PolicyBook",
    "Refusal",
    "RefusalDetector",
    "Similarity",
    "UserSignal",
    "UserSignalDetector",
    "Violation",
    "citation_problems",
    "claimed_actions",
    "claims_of",
    "grounding",
    "overreach",
    "refusal",
    "repeat_state",
    "rephrase_loops",
    "request_tokens",
    "similarity",
    "user_signal",
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
