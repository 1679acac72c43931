"""What the detectors find of what is there, by source: every rate of a signal is published with its recall.

The table is written by `python benchmarks/signals --write`; docs/explanation/signals.md tells how to read it.
"""

from __future__ import annotations

from typing import NamedTuple


class Measured(NamedTuple):
    """A share that was measured on one source; `convqa_sdk.stats.intervals.wilson` gives its interval.

    Attributes:
        source: Data set and part; sources are never pooled.
        measure: `recall`: found of those that are there. `precision`: right of those found. `false alarms`: found where
            nothing is there.
        successes: Numerator.
        trials: Denominator.
    """

    source: str
    measure: str
    successes: int
    trials: int


MEASURED: dict[str, tuple[Measured, ...]] = {
    "user_signal, correction or complaint": (
        Measured("correction_labels, BABI, half the phrases were written from", "recall", 0, 1),
        Measured("correction_labels, MWoZ, half the phrases were written from", "recall", 0, 1),
        Measured("correction_labels, MWoZ, half the phrases were written from", "precision", 0, 1),
        Measured("correction_labels, MWoZ, unseen half", "recall", 0, 1),
        Measured("correction_labels, Personachat, half the phrases were written from", "precision", 0, 2),
        Measured("correction_labels, SelfFeeding, half the phrases were written from", "recall", 3, 4),
        Measured("correction_labels, SelfFeeding, half the phrases were written from", "precision", 3, 6),
        Measured("correction_labels, SelfFeeding, unseen half", "recall", 1, 5),
        Measured("correction_labels, SelfFeeding, unseen half", "precision", 1, 3),
        Measured("correction_labels, WoW, half the phrases were written from", "recall", 1, 1),
        Measured("correction_labels, WoW, half the phrases were written from", "precision", 1, 1),
        Measured("correction_labels, WoW, unseen half", "recall", 0, 2),
    ),
    "user_signal, any of the three": (
        Measured("correction_labels, BABI, half the phrases were written from", "recall", 0, 1),
        Measured("correction_labels, MWoZ, half the phrases were written from", "recall", 1, 2),
        Measured("correction_labels, MWoZ, half the phrases were written from", "precision", 1, 2),
        Measured("correction_labels, MWoZ, unseen half", "recall", 1, 2),
        Measured("correction_labels, MWoZ, unseen half", "precision", 1, 1),
        Measured("correction_labels, Personachat, half the phrases were written from", "recall", 1, 1),
        Measured("correction_labels, Personachat, half the phrases were written from", "precision", 1, 3),
        Measured("correction_labels, Personachat, unseen half", "precision", 0, 1),
        Measured("correction_labels, SelfFeeding, half the phrases were written from", "recall", 11, 13),
        Measured("correction_labels, SelfFeeding, half the phrases were written from", "precision", 11, 11),
        Measured("correction_labels, SelfFeeding, unseen half", "recall", 14, 19),
        Measured("correction_labels, SelfFeeding, unseen half", "precision", 14, 15),
        Measured("correction_labels, WoW, half the phrases were written from", "recall", 3, 3),
        Measured("correction_labels, WoW, half the phrases were written from", "precision", 3, 5),
        Measured("correction_labels, WoW, unseen half", "recall", 2, 5),
        Measured("correction_labels, WoW, unseen half", "precision", 2, 5),
    ),
    "user_signal, clarification_request": (
        Measured("correction_labels, MWoZ, half the phrases were written from", "recall", 1, 1),
        Measured("correction_labels, MWoZ, half the phrases were written from", "precision", 1, 1),
        Measured("correction_labels, MWoZ, unseen half", "recall", 1, 1),
        Measured("correction_labels, MWoZ, unseen half", "precision", 1, 1),
        Measured("correction_labels, Personachat, half the phrases were written from", "recall", 1, 1),
        Measured("correction_labels, Personachat, half the phrases were written from", "precision", 1, 1),
        Measured("correction_labels, Personachat, unseen half", "precision", 0, 1),
        Measured("correction_labels, SelfFeeding, half the phrases were written from", "recall", 5, 9),
        Measured("correction_labels, SelfFeeding, half the phrases were written from", "precision", 5, 5),
        Measured("correction_labels, SelfFeeding, unseen half", "recall", 9, 14),
        Measured("correction_labels, SelfFeeding, unseen half", "precision", 9, 12),
        Measured("correction_labels, WoW, half the phrases were written from", "recall", 2, 2),
        Measured("correction_labels, WoW, half the phrases were written from", "precision", 2, 4),
        Measured("correction_labels, WoW, unseen half", "recall", 2, 3),
        Measured("correction_labels, WoW, unseen half", "precision", 2, 5),
    ),
    "user_signal": (
        Measured("plain no, MultiDoGO-airline", "false alarms", 0, 73),
        Measured("plain no, MultiDoGO-finance", "false alarms", 0, 65),
        Measured("plain no, MultiDoGO-media", "false alarms", 0, 89),
        Measured("banking77, as first messages", "false alarms", 1, 2310),
        Measured("banking77, as if they followed an answer", "false alarms", 15, 2310),
        Measured("conv_airline_2models_audited", "precision, read by hand", 17, 21),
        Measured("conv_airline_4trials", "precision, read by hand", 23, 25),
        Measured("conv_airline_ab", "precision, read by hand", 6, 7),
        Measured("conv_telecom_ab", "precision, read by hand", 1, 1),
    ),
    "grounding": (
        Measured("grounding_begin, domain cmu", "precision", 51, 65),
        Measured("grounding_begin, domain cmu", "recall", 51, 59),
        Measured("grounding_begin, domain wow", "precision", 159, 180),
        Measured("grounding_begin, domain wow", "recall", 159, 180),
        Measured("grounding_begin, model ctrl", "precision", 126, 141),
        Measured("grounding_begin, model ctrl", "recall", 126, 143),
        Measured("grounding_begin, model doha", "precision", 31, 39),
        Measured("grounding_begin, model doha", "recall", 31, 34),
        Measured("grounding_begin, model gpt2", "precision", 11, 14),
        Measured("grounding_begin, model gpt2", "recall", 11, 14),
        Measured("grounding_begin, model t5", "precision", 42, 51),
        Measured("grounding_begin, model t5", "recall", 42, 48),
        Measured("policies, figure of the sentence beside", "false alarms", 11, 24),
        Measured("kb_banking, figure of the sentence beside", "false alarms", 36, 880),
    ),
    "PolicyBook.check": (
        Measured("invented sentences, dev", "precision", 60, 60),
        Measured("invented sentences, dev", "recall", 60, 60),
        Measured("invented sentences, sealed", "precision", 55, 57),
        Measured("invented sentences, sealed", "recall", 55, 56),
    ),
    "claimed_actions": (
        Measured("tau2 runs, read by hand", "precision", 40, 40),
    ),
    "refusal": (
        Measured("refusal_xstest, gpt4", "precision", 215, 219),
        Measured("refusal_xstest, gpt4", "recall", 215, 220),
        Measured("refusal_xstest, llama2new", "precision", 261, 273),
        Measured("refusal_xstest, llama2new", "recall", 261, 274),
        Measured("refusal_xstest, mistralguard", "precision", 219, 231),
        Measured("refusal_xstest, mistralguard", "recall", 219, 240),
    ),
    "refusal, hard": (
        Measured("refusal_xstest, gpt4", "precision", 205, 213),
        Measured("refusal_xstest, gpt4", "recall", 205, 211),
        Measured("refusal_xstest, llama2new", "precision", 222, 271),
        Measured("refusal_xstest, llama2new", "recall", 222, 230),
        Measured("refusal_xstest, mistralguard", "precision", 191, 224),
        Measured("refusal_xstest, mistralguard", "recall", 191, 199),
    ),
    "refusal.is_hard_refusal": (
        Measured("conv_airline_2models_audited", "precision, read by hand", 13, 13),
        Measured("conv_airline_4trials", "precision, read by hand", 18, 19),
        Measured("conv_airline_ab", "precision, read by hand", 7, 8),
    ),
    "refusal.is_partial_refusal": (
        Measured("conv_airline_2models_audited", "precision, read by hand", 18, 18),
        Measured("conv_airline_4trials", "precision, read by hand", 3, 3),
        Measured("conv_airline_ab", "precision, read by hand", 4, 4),
    ),
    "refusal.is_uncertainty_fallback": (
        Measured("conv_airline_2models_audited", "precision, read by hand", 5, 5),
        Measured("conv_airline_4trials", "precision, read by hand", 6, 6),
        Measured("conv_airline_ab", "precision, read by hand", 3, 3),
    ),
}
