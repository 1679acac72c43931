"""Whether an answer is grounded in the passages that were retrieved for it, claim by claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from convqa_sdk.signals.citations import CitationProblem, has_marks, is_telling, marks, resolved
from convqa_sdk.signals.claims import MOST_CHARACTERS, MOST_CLAIMS, Claim, Passage, claims_of
from convqa_sdk.signals.glance import Glances, glances
from convqa_sdk.signals.sentences import sentences
from convqa_sdk.signals.support import SUPPORTED, ClaimSentence, SeenPassage, support

MOST_PASSAGE_CHARACTERS: Final = 80_000
"""Of all passages together, so much is read, the first ones first."""

JUDGED_SUPPORTED: Final = 0.5
"""Score of a judge from which a claim is supported."""


class PassageLike(Protocol):
    """What was retrieved: a `Passage`, a `Document`, or anything else with an id and a text."""

    @property
    def id(self) -> str:
        """Its identifier, as the bot cites it."""
        ...

    @property
    def text(self) -> str | None:
        """What it says; None if that was not kept."""
        ...


class GroundingJudge(Protocol):
    """A better judge than the words of a claim: an entailment model, or a language model."""

    def __call__(self, claim: str, passages: Sequence[Passage]) -> float | bool:
        """Return whether the passages support a claim, or how likely they do, 0 to 1.

        One that raises, or returns anything else, is replaced by the built-in floor for that claim, and counted.
        """
        ...


class ClaimVerdict(NamedTuple):
    """What was found about one claim.

    Attributes:
        text: The claim.
        supported: A passage supports it.
        score: How well, 0 to 1.
        passage: Id of the passage that supports it best; None if none supports any of it.
        judged: A judge decided, and not the built-in floor.
    """

    text: str
    supported: bool
    score: float
    passage: str | None
    judged: bool


@dataclass(frozen=True)
class Grounding:
    """How an answer stands to the passages that were retrieved for it.

    Attributes:
        grounded: It claims something, and all that it claims is supported.
        score: Score of its weakest claim, 0 to 1; 0 if it claims nothing.
        claims: The verdict on each claim; empty for an answer that claims nothing, such as a greeting.
        citation_problems: Citations of passages that were not retrieved or do not support their claim.
        judge_failures: How many claims the judge failed on, so that the built-in floor decided.
        is_cut: The answer is longer, or claims more, than what is read: it is not called grounded.
    """

    grounded: bool
    score: float
    claims: tuple[ClaimVerdict, ...]
    citation_problems: tuple[CitationProblem, ...]
    judge_failures: int = 0
    is_cut: bool = False

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The claims that no passage supports."""
        return tuple(claim.text for claim in self.claims if not claim.supported)


def grounding(
    answer: str,
    passages: Iterable[str | PassageLike],
    *,
    claims: Iterable[str | Claim] | None = None,
    citations: Iterable[str] = (),
    judge: GroundingJudge | None = None,
    language: str = "en",
    pause: Callable[[], None] | None = None,
) -> Grounding:
    """Compare what an answer claims with the passages that were retrieved for it.

    Measured on BEGIN dev (English, all rows read while the rules were written), by domain: wow precision 159 of 180,
    recall 159 of 180; cmu precision 51 of 65, recall 51 of 59. docs/explanation/grounding.md has intervals, and what
    the built-in floor cannot do.

    Args:
        answer: What the bot said.
        passages: What was retrieved; plain texts have their position from 1 as id.
        claims: What the answer claims, where the bot knows; None finds the claims in the answer (`claims_of`).
        citations: Ids that the bot cites for the whole answer, besides the marks in its text.
        judge: Decides instead of the built-in floor.
        language: ISO 639-1, or a tag that begins with it; without tables for it, words are compared as they are.
        pause: Called behind each sentence and each comparison, so that a thread that shares its interpreter can yield.
    """
    reader = _Reader(passages, glances(language), pause or _go_on)
    stated = _stated(answer, claims, language, pause)
    failures = 0
    verdicts: list[ClaimVerdict] = []
    for claim in stated[:MOST_CLAIMS]:
        score = None if judge is None else _judged(judge, claim.text, reader.passages)
        failures += judge is not None and score is None
        verdicts.append(reader.verdict(claim.text, score))
    is_cut = len(answer) > MOST_CHARACTERS or len(stated) > MOST_CLAIMS
    return Grounding(
        grounded=bool(verdicts) and all(verdict.supported for verdict in verdicts) and not is_cut,
        score=min((verdict.score for verdict in verdicts), default=0.0),
        claims=tuple(verdicts),
        citation_problems=reader.citation_problems(answer, stated[:MOST_CLAIMS], citations),
        judge_failures=failures,
        is_cut=is_cut,
    )


class Held(NamedTuple):
    """Which claims of an answer its passages hold.

    Attributes:
        claims: Each claim, and whether it is supported.
        citation_problems: As in `Grounding`.
        judge_failures: As in `Grounding`.
    """

    claims: tuple[tuple[str, bool], ...]
    citation_problems: tuple[CitationProblem, ...]
    judge_failures: int


def held(
    answer: str,
    passages: Iterable[str | PassageLike],
    *,
    claims: Iterable[str | Claim] | None = None,
    citations: Iterable[str] = (),
    judge: GroundingJudge | None = None,
    language: str = "en",
    pause: Callable[[], None] | None = None,
) -> Held:
    """Return which claims `grounding` calls supported, at a fraction of its cost: nothing is scored.

    A passage that lacks too many of a claim's words to support it is not read for it.

    Args:
        answer: What the bot said.
        passages: As in `grounding`.
        claims: As in `grounding`.
        citations: As in `grounding`.
        judge: As in `grounding`.
        language: As in `grounding`.
        pause: As in `grounding`.
    """
    reader = _Reader(passages, glances(language), pause or _go_on)
    stated = _stated(answer, claims, language, pause)[:MOST_CLAIMS]
    failures = 0
    found: list[tuple[str, bool]] = []
    for claim in stated:
        score = None if judge is None else _judged(judge, claim.text, reader.passages)
        failures += judge is not None and score is None
        found.append((claim.text, reader.holds(claim.text) if score is None else score >= JUDGED_SUPPORTED))
    return Held(tuple(found), reader.citation_problems(answer, stated, citations), failures)


def citation_problems(
    answer: str,
    passages: Iterable[str | PassageLike],
    *,
    claims: Iterable[str | Claim] | None = None,
    citations: Iterable[str] = (),
    language: str = "en",
    pause: Callable[[], None] | None = None,
) -> tuple[CitationProblem, ...]:
    """Return citations of passages that were not retrieved, and of passages that do not say what they are cited for.

    Args:
        answer: What the bot said, with its marks.
        passages: What was retrieved, as in `grounding`; a mark cites by id, or by position from 1.
        claims: Claims with their sources, where the bot knows; None finds claims and marks in the answer.
        citations: Ids that the bot cites for the whole answer.
        language: As in `grounding`.
        pause: As in `grounding`.
    """
    reader = _Reader(passages, glances(language), pause or _go_on)
    stated = _stated(answer, claims, language, pause)
    return reader.citation_problems(answer, stated[:MOST_CLAIMS], citations)


class _Reader:
    """The passages, each of which is read once, if at all."""

    def __init__(self, passages: Iterable[str | PassageLike], look: Glances, pause: Callable[[], None]) -> None:
        self._look = look
        self._pause = pause
        self.passages = [_passage(number, passage) for number, passage in enumerate(passages, 1)]
        self._seen: dict[str, list[SeenPassage]] = {}
        left = MOST_PASSAGE_CHARACTERS
        for passage in self.passages:
            self._seen.setdefault(passage.id, []).append(SeenPassage(passage.text[:left], look, pause))
            left -= min(left, len(passage.text))

    def verdict(self, text: str, judged: float | None) -> ClaimVerdict:
        """Return the verdict on a claim: the judge's score where there is one, else the floor's."""
        pieces = self._pieces(text)
        best, found = 0.0, None
        for name in self._seen:
            score = self._support(pieces, name, best)
            if score > best:
                best, found = score, name
        if judged is not None:
            return ClaimVerdict(text, judged >= JUDGED_SUPPORTED, judged, found, judged=True)
        return ClaimVerdict(text, best >= SUPPORTED, best, found, judged=False)

    def holds(self, text: str) -> bool:
        """Tell whether the floor's verdict on a claim is that it is supported."""
        return self._is_supported(self._pieces(text), self._seen)

    def citation_problems(
        self, answer: str, claims: Sequence[Claim], citations: Iterable[str]
    ) -> tuple[CitationProblem, ...]:
        """Return what is wrong with the citations, each problem once."""
        problems: dict[CitationProblem, None] = {}
        for citation in citations:
            if resolved(citation, self._seen) is None:
                problems[CitationProblem(citation, "not_retrieved", None)] = None
        for claim in claims:
            if claim.source:
                problems |= dict.fromkeys(self._of_claim(claim))
        told = {problem.citation for problem in problems} | {cited for claim in claims for cited in claim.sources}
        for citation in _marked(answer):
            if citation not in told and is_telling(citation) and resolved(citation, self._seen) is None:
                problems[CitationProblem(citation, "not_retrieved", None)] = None
        return tuple(problems)

    def _of_claim(self, claim: Claim) -> list[CitationProblem]:
        """Return the problems of one claim's citations; where one of several passages supports it, all is well."""
        names = {cited: resolved(cited, self._seen) for cited in claim.sources}
        problems = [
            CitationProblem(cited, "not_retrieved", claim.text)
            for cited, name in names.items()
            if name is None and (isinstance(claim.source, str) or is_telling(cited))
        ]
        known = {cited: name for cited, name in names.items() if name is not None}
        if known and not self._is_supported(self._pieces(claim.text), known.values()):
            problems += [CitationProblem(cited, "not_supported", claim.text) for cited in known]
        return problems

    def _pieces(self, text: str) -> list[ClaimSentence]:
        """Return the sentences of a claim that state anything, without marks."""
        pieces = [ClaimSentence(marks(sentence)[0], self._look) for sentence in sentences(text[:MOST_CHARACTERS])]
        return [piece for piece in pieces if not piece.is_empty]

    def _support(self, pieces: list[ClaimSentence], name: str, beyond: float = 0.0) -> float:
        """Return how well the passage, or the best of several with one id, supports the weakest sentence of a claim."""
        self._pause()
        return max(
            min((support(piece.terms, passage.indexed, beyond) for piece in pieces), default=0.0)
            for passage in self._seen[name]
        )

    def _is_supported(self, pieces: list[ClaimSentence], names: Iterable[str]) -> bool:
        """Tell whether one of these passages supports every sentence of a claim; it is read only if it may."""
        wanted = [piece.wanted() for piece in pieces]
        for name in names if pieces else ():
            for passage in self._seen[name]:
                self._pause()
                if passage.may_support(wanted) and all(map(passage.supports, pieces)):
                    return True
        return False


def _stated(
    answer: str, claims: Iterable[str | Claim] | None, language: str, pause: Callable[[], None] | None
) -> Sequence[Claim]:
    return claims_of(answer, language=language, pause=pause) if claims is None else list(map(_claim, claims))


def _claim(claim: str | Claim) -> Claim:
    return Claim(claim) if isinstance(claim, str) else claim


def _passage(number: int, passage: str | PassageLike) -> Passage:
    if isinstance(passage, str):
        return Passage(str(number), passage)
    return Passage(passage.id, passage.text or "")


def _judged(judge: GroundingJudge, claim: str, passages: Sequence[Passage]) -> float | None:
    """Return a judge's score; None where it raises, or returns no share."""
    try:
        score = float(judge(claim, passages))
    except Exception:  # noqa: BLE001 - the caller's judge may raise anything; that is counted in the result
        return None
    return score if 0.0 <= score <= 1.0 else None


def _marked(answer: str) -> list[str]:
    """Return all that the marks of an answer cite."""
    if not has_marks(answer):
        return []
    return [name for sentence in sentences(answer[:MOST_CHARACTERS]) for name in marks(sentence)[1]]


def _go_on() -> None:
    """Do not pause."""
