"""What a text tells: pure detectors, text in, finding out; no model, no state, no import of the rest of the SDK."""

from __future__ import annotations

from convqa_sdk.signals.citations import CitationProblem
from convqa_sdk.signals.claims import Claim, Passage, claims_of
from convqa_sdk.signals.groundedness import ClaimVerdict, Grounding, GroundingJudge, citation_problems, grounding
from convqa_sdk.signals.refusals import Refusal, refusal

__all__ = [
    "CitationProblem",
    "Claim",
    "ClaimVerdict",
    "Grounding",
    "GroundingJudge",
    "Passage",
    "Refusal",
    "citation_problems",
    "claims_of",
    "grounding",
    "refusal",
]
