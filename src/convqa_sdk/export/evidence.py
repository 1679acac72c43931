"""What an answer rested on: as the bot said, else by its claims, and the passages and tools of its turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from convqa_sdk.export.flatten import Fields
from convqa_sdk.export.flattening import Flat
from convqa_sdk.isolation import fault
from convqa_sdk.signals.capability import HANDED_OVER
from convqa_sdk.signals.claims import Passage
from convqa_sdk.signals.groundedness import GroundingJudge, Held, held
from convqa_sdk.signals.policy_confirmed import lacking
from convqa_sdk.signals.structured import readable
from convqa_sdk.tracing.evidence import Evidence
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage

_NEEDS_NONE = frozenset({"template", "clarification", "fallback", "refusal", "handoff"})
"""Kinds of answer that state nothing that passages could support; a template was approved as it is."""
_ASKED = ("retrieval", "rerank")
MAX_PASSAGES = 40
MAX_NAME = 180
MAX_PASSAGE = 8_192
"""Passages of a turn, and characters of each, that claims are looked for in."""


class Rested(NamedTuple):
    """How much evidence an answer needed and had.

    Attributes:
        required: Evidence that it needed.
        grounded: What was found of that.
        missing: What was not.
        names: Names of what was not: as the bot gave them, or `claim:2` for its second claim, and for a passage that
            was not retrieved `citation:kb-9` where the bot named it, `mark:1` for the first such mark in the text: what
            stands there may be anything.
    """

    required: int = 0
    grounded: int = 0
    missing: int = 0
    names: tuple[str, ...] = ()


def rested(
    flat: Flat,
    said: Evidence | None,
    judge: GroundingJudge | None,
    language: str,
    pause: Callable[[], None],
    *,
    derive: bool = True,
) -> Rested:
    """Return what an answer rested on.

    A turn that retrieved nothing and does not say what it needed is one of which nothing is known: it needs nothing
    then, and stays out of every rate.

    Args:
        flat: The turn.
        said: What the bot said of its evidence.
        judge: Tells whether passages support a claim; None: the words that both share.
        language: Of the answer.
        pause: Called between pieces of work.
        derive: Whether claims are looked for that the bot does not state.
    """
    counts = said.counts() if said is not None else None
    if counts is not None:
        return Rested(*counts)
    if flat.unit.turn is not None and flat.unit.turn.spilled:
        return Rested()  # passages and tools may have left before the turn ended
    claims = said.claims if said is not None else None
    answer: Any = flat.fields.get("answer")
    cited: Any = flat.fields.get("citations")
    kind = flat.fields.get("answer_type")
    if not is_a(answer, str) or not (claims or (derive and kind not in _NEEDS_NONE and _retrieved(flat))):
        return Rested()
    citations = [name for name in cited if is_a(name, str)] if is_a(cited, tuple, list) else []
    citations += [claim.source for claim in claims or () if claim.source is not None]
    found = held(
        answer,
        passages_of(flat.stages),
        claims=claims,
        citations=citations,
        judge=judge,
        language=language,
        pause=pause,
    )
    if found.judge_failures:
        fault("detector.judge")
    unsupported = [claim for claim, supported in found.claims if not supported]
    proved = frozenset(unsupported).difference(_lacking(unsupported, flat.stages, language))
    return _counted(found, frozenset(citations), proved)


def _lacking(unsupported: list[str], stages: Sequence[tuple[Stage, Fields]], language: str) -> tuple[str, ...]:
    """Return the claims that no successful tool of the turn proves: `I have cancelled your order` needs no passage."""
    ran = [fields for stage, fields in stages if stage.kind == "tool" and fields.get("result") == "ok"]
    tools = [str(fields.get("name", "")) for fields in ran]
    tools += [HANDED_OVER for stage, _ in stages if stage.kind == "escalation" and stage.status == "ok"]
    if not unsupported or not tools:
        return tuple(unsupported)

    def given() -> list[str]:
        both = (fields.get(part) for fields in ran for part in ("arguments", "output"))
        return [readable(each)[:MAX_PASSAGE] for each in both if each is not None]

    return lacking(unsupported, tools, given, language)


def _counted(found: Held, named: frozenset[str], proved: frozenset[str]) -> Rested:
    """Count each claim, and each passage that is cited and was not retrieved, as evidence that was needed.

    Args:
        found: What the passages hold.
        named: Citations that the bot named.
        proved: Claims that a tool proves.
    """
    astray = {problem.claim for problem in found.citation_problems if problem.problem == "not_supported"}
    lacking = [
        f"claim:{place}"
        for place, (claim, supported) in enumerate(found.claims, 1)
        if (not supported and claim not in proved) or claim in astray
    ]
    cited = (problem.citation for problem in found.citation_problems if problem.problem == "not_retrieved")
    strays = [
        f"citation:{name[:MAX_NAME]}" if name in named else f"mark:{place}"
        for place, name in enumerate(dict.fromkeys(cited), 1)
    ]
    required, missing = len(found.claims) + len(strays), len(lacking) + len(strays)
    return Rested(required, required - missing, missing, (*lacking, *strays))


def _retrieved(flat: Flat) -> bool:
    """Tell whether the turn has passages that can be read, or asked for some and found none at all."""
    asked = [fields for stage, fields in flat.stages if stage.kind in _ASKED and "document_ids" in fields]
    read = any("document_passages" in fields for fields in asked)
    return read or (bool(asked) and not any(fields["document_ids"] for fields in asked))


def passages_of(stages: Sequence[tuple[Stage, Fields]]) -> list[Passage]:
    """Return what claims may rest on: the passages that were retrieved, and what tools gave."""
    passages: dict[Passage, None] = {}
    given: list[Passage] = []
    for stage, fields in stages:
        if stage.kind in _ASKED:
            ids, texts = fields.get("document_ids", ()), fields.get("document_passages", ())
            for name, text in zip(ids, texts, strict=False):
                if is_a(name, str) and is_a(text, str):
                    passages[Passage(name, text[:MAX_PASSAGE])] = None  # a document may come in several pieces
        elif stage.kind == "tool" and fields.get("result") == "ok" and fields.get("output") is not None:
            name = f"tool:{fields.get('name')}:{len(given)}"
            given.append(Passage(name, readable(fields["output"])[:MAX_PASSAGE]))
    return [*list(passages)[:MAX_PASSAGES], *given[:MAX_PASSAGES]]
