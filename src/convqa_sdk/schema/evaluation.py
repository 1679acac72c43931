"""The log event of a judgement: what customers and reviewers said of an answer, as OpenTelemetry's GenAI names it.

A log record beside the spans, on the trace and span id of the turn that it judges, for tools that read evaluations
there; the outcome itself is a span of its own all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from convqa_sdk.schema import vocabulary as v
from convqa_sdk.schema.attribute import Attribute
from convqa_sdk.schema.outcomes import CsatScale, OutcomeId, OutcomeSource
from convqa_sdk.schema.records import Record

GRADES: Final = ("claim_accuracy", "policy_alignment", "source_grounding", "completeness", "actionability")
_GRADE_LABELS: Final = ("wrong", "partly", "right")
_THUMBS: Final = {"up": (1.0, "thumbs_up"), "down": (0.0, "thumbs_down")}
_OF_CSAT, _OF_FEEDBACK, _OF_AUDIT = (f"convqa.outcome.{kind}." for kind in ("csat", "feedback", "audit"))


class EvaluationResult(Record):
    """One judgement of an answer: a survey's score, thumbs, or one grade of a reviewer's scorecard."""

    event_name: ClassVar[str] = "gen_ai.evaluation.result"

    conversation_id: v.ConversationId
    outcome_id: OutcomeId
    name: Annotated[
        v.Identifier,
        Attribute(
            "gen_ai.evaluation.name",
            "What was judged: `feedback`, `csat.<kind>` or `audit.<grade>`.",
            sensitivity="label",
            examples=("csat.delayed",),
        ),
    ]
    score: (
        Annotated[float, Attribute("gen_ai.evaluation.score.value", "The score, on its own scale.", examples=(4.0,))]
        | None
    ) = None
    label: (
        Annotated[
            v.Label,
            Attribute(
                "gen_ai.evaluation.score.label",
                "The judgement in a word.",
                sensitivity="label",
                examples=("thumbs_down",),
            ),
        ]
        | None
    ) = None
    explanation: (
        Annotated[
            str,
            Attribute(
                "gen_ai.evaluation.explanation",
                "What was written with it.",
                sensitivity="content",
                examples=("that is not our plan",),
            ),
        ]
        | None
    ) = None
    scale: CsatScale | None = None
    source: OutcomeSource | None = None
    redaction_status: v.RedactionStatus | None = None


LOG_EVENTS: tuple[type[EvaluationResult], ...] = (EvaluationResult,)


def judgements(attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the fields of the results in an outcome's attributes, as they left: redacted.

    A survey that was not answered is no result, nor is any other kind of outcome than feedback, CSAT and audit. A
    scorecard is a result for each of its grades, its user impact and its category.
    """
    common = {
        "conversation_id": attributes.get("gen_ai.conversation.id"),
        "outcome_id": attributes.get("convqa.outcome.id"),
        "source": attributes.get("convqa.outcome.source"),
        "redaction_status": attributes.get("convqa.redaction.status"),
    }
    judged = _JUDGED.get(str(attributes.get("convqa.outcome.kind")))
    for fields in judged(attributes) if judged is not None else ():
        yield {name: value for name, value in {**common, **fields}.items() if value is not None}


def _csat(a: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    score = a.get(f"{_OF_CSAT}score")
    if score is not None:
        yield {"name": f"csat.{a.get(f'{_OF_CSAT}kind')}", "score": score, "scale": a.get(f"{_OF_CSAT}scale")}


def _feedback(a: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    thumbs, comment = a.get(f"{_OF_FEEDBACK}thumbs"), a.get(f"{_OF_FEEDBACK}comment")
    if thumbs is None and comment is None:  # the comment stayed away, with all content
        return
    score, label = _THUMBS.get(str(thumbs), (None, None))
    yield {"name": "feedback", "score": score, "label": label, "explanation": comment}


def _audit(a: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in GRADES:
        grade = a.get(f"{_OF_AUDIT}{name}")
        if grade is not None:
            yield {"name": f"audit.{name}", "score": float(grade), "label": _GRADE_LABELS[grade]}
    for name in ("user_impact", "category"):
        if a.get(f"{_OF_AUDIT}{name}") is not None:
            yield {"name": f"audit.{name}", "label": a[f"{_OF_AUDIT}{name}"]}


_JUDGED: Final = {"csat": _csat, "feedback": _feedback, "audit": _audit}
