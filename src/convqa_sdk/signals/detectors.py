"""The detectors that a configuration uses: ours, or callables of the application's in their place."""

from __future__ import annotations

from dataclasses import dataclass

from convqa_sdk.signals.groundedness import GroundingJudge
from convqa_sdk.signals.refusals import RefusalDetector
from convqa_sdk.signals.requests import Similarity
from convqa_sdk.signals.users import UserSignalDetector


@dataclass(frozen=True)
class Detectors:
    """What works out the events of a turn, on the export thread; a part that is None is ours.

    Attributes:
        user_signal: Tells what a message says of the answer before it, as `signals.user_signal` does.
        refusal: Tells how an answer refuses or falls back, as `signals.refusal` does.
        judge: Tells whether passages support a claim, better than the words that both share.
        similarity: Tells how alike two requests are, 0 to 1, from the hashes of their words; it decides on repeats, and
            rephrase loops, which a state carries through processes, are always found by ours.
        grounds_answers: Whether claims are looked for in the passages of the turn, which is most of what meaning costs
            the export thread; False leaves that to `convqa signals`, and what the bot states counts all the same.
    """

    user_signal: UserSignalDetector | None = None
    refusal: RefusalDetector | None = None
    judge: GroundingJudge | None = None
    similarity: Similarity | None = None
    grounds_answers: bool = True
