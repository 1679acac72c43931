"""Detect once, render per policy, and fail closed: no text leaves unless every step on it succeeded.

Nothing that was matched is ever echoed: an exception of a detector is swallowed with its message, and the text it
concerned is replaced by `[WITHHELD]`, which the status says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from time import perf_counter, thread_time
from typing import Final, Literal, NamedTuple

from convqa_sdk.redaction.allow import AllowList
from convqa_sdk.redaction.detection import Detection, Recognizer
from convqa_sdk.redaction.detector import detect
from convqa_sdk.redaction.findings import Finding, checked
from convqa_sdk.redaction.policy import Action, RedactionPolicy
from convqa_sdk.redaction.pseudonyms import WITHHELD, Pseudonyms
from convqa_sdk.redaction.structures import TOO_LONG, Summary, Walk
from convqa_sdk.redaction.views import PIECE
from convqa_sdk.redaction.words import Entry, Lexicon

Status = Literal["clean", "redacted", "withheld", "failed_closed", "off"]

CUT_TAIL_CHARS: Final = 512
"""How much of a text is withheld before the place where capture had to cut it."""

_ROUNDS = 3
_PAUSE_EVERY = 64  # pieces of a text: as many as a worker may make of pseudonyms in 0.2 ms
_SURROGATES = re.compile("[\ud800-\udfff]")


class Redacted(NamedTuple):
    """A text that may leave, and what was done to it.

    Attributes:
        text: Encodable as UTF-8; empty when the status is `off`.
        status: `clean`, `redacted`, `withheld` (by policy or size, whole or in part), `failed_closed` or `off`.
        count: How many findings were replaced or led to withholding.
        classes: Their classes, sorted.
    """

    text: str
    status: Status
    count: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride] - hides tuple.count
    classes: tuple[str, ...]

    @property
    def summary(self) -> Summary:
        """The same without the text."""
        return Summary(self.status, self.count, self.classes)


class _OverrunError(Exception):
    """The time budget of a text is used up."""


class _Watch:
    """Measures the work on one value in processor time: a busy machine withholds nothing that a quiet one lets pass.

    To ask for processor time costs as much as to search a short text, so the clock is asked first, which is cheap:
    measuring begins when half of the budget has passed by it. A detector of the customer's is measured from the start,
    since nobody asks while it works.
    """

    __slots__ = ("_budget_s", "_pause", "_spent_before", "_started")

    def __init__(self, budget_ms: float, pause: Callable[[], None] | None, *, at_once: bool) -> None:
        self._budget_s = budget_ms / 1000
        self._pause = pause
        self._started = perf_counter()
        self._spent_before = thread_time() if at_once else None

    def check(self) -> None:
        """Give way to others, then raise if the budget is used up."""
        if perf_counter() - self._started > self._budget_s / 2:
            if self._spent_before is None:
                self._spent_before = thread_time()
            elif thread_time() - self._spent_before > self._budget_s / 2:
                raise _OverrunError
        if self._pause is not None:
            self._pause()


class Redactor:
    """Make texts and structures fit to leave under one policy.

    Args:
        policy: What happens to each class of finding.
        pseudonyms: Makes the tokens of classes that the policy pseudonymises; without it they get plain markers.
        detector: Gets a text, returns `(start, end, label)` triples; or a `Detection`, which other redactors share.
            Whatever it does wrong withholds the text.
        pause: Called between slices of work, so that a worker thread can yield the interpreter.
        labels: Texts are names and labels, not messages: a number alone answers no question, and patterns are trusted
            where what is known of the customer could not be found out.

    Attributes:
        policy: As given.
        searched: Characters that were given to search so far, for those who bound the work.
    """

    __slots__ = (
        "_allowed",
        "_clean_names",
        "_detection",
        "_labels",
        "_pause",
        "_pseudonyms",
        "_words",
        "policy",
        "searched",
    )

    def __init__(
        self,
        policy: RedactionPolicy,
        pseudonyms: Pseudonyms | None = None,
        detector: Recognizer | Detection = detect,
        *,
        pause: Callable[[], None] | None = None,
        labels: bool = False,
    ) -> None:
        self.policy = policy
        self._pseudonyms = pseudonyms
        self._detection = detector if isinstance(detector, Detection) else Detection(detector)
        self._pause = pause
        self._labels = labels
        self._allowed = AllowList(policy.allow, pseudonyms) if policy.allow else None
        self._words = _lexicon(policy)
        self._clean_names: set[str] = set()
        self.searched = 0

    @property
    def by_field(self) -> bool:
        """Whether the same text may leave differently in another field."""
        return self._allowed is not None and self._allowed.by_field

    def text(self, value: str, *, cut: bool = False, field: str | None = None) -> Redacted:
        """Redact a text.

        Args:
            value: The text.
            cut: Whether capture had to cut its tail: what stands near the cut is withheld, because half a card number
                is no longer recognised.
            field: Key of the attribute that holds it, for the policy's allow-list.

        Returns:
            The text that may leave, with its summary.

        Raises:
            TypeError: `value` is no `str`.
        """
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise TypeError(f"redaction takes a str, not {type(value).__name__}; use structure() for other values")
        if not self.policy.content:
            return Redacted("", "off", 0, ())
        findings = self.find(value)
        if findings is not None and not findings and not cut:
            return Redacted(_encodable(value), "clean", 0, ())
        return self.render(value, findings, cut=cut, field=field)

    def find(self, text: str) -> list[Finding] | None:
        """Detect once, for any number of policies to render.

        Args:
            text: The text.

        Returns:
            Findings, sorted and without overlap; None when detection failed, overran its budget, or the text is
            longer than this policy allows. `render` withholds the text then.
        """
        if len(text) > self.policy.max_chars:
            return None
        self.searched += len(text)
        return self._find(text, self._watch())

    def listed(self, text: str) -> list[Finding]:
        """Return what the policy's word lists find in a text, in any order."""
        return [] if self._words is None else list(self._words.find(text, _no_check))

    def action(self, text: str, finding: Finding, field: str | None = None) -> Action:
        """Return what happens to a finding: what the policy says of its class, or `keep` where it is allowed.

        Args:
            text: What it was found in.
            finding: One of `find`.
            field: As in `text`.
        """
        return self.policy.action(finding.label) if self._treated(text, (finding,), field) else "keep"

    def render(
        self, text: str, findings: Sequence[Finding] | None, *, cut: bool = False, field: str | None = None
    ) -> Redacted:
        """Write a text as this policy lets it leave.

        Args:
            text: The text.
            findings: What `find` returned for it, of this or another redactor.
            cut: As in `text`.
            field: As in `text`.

        Returns:
            The text that may leave, with its summary.
        """
        watch = self._watch()
        return self._render(text, findings, lambda changed: self._find(changed, watch, ask=False), cut=cut, field=field)

    def structure(self, value: object, *, field: str | None = None) -> tuple[object, Summary]:
        """Redact a value made of dictionaries, lists, texts and numbers.

        Every text, key and number is looked at; the value under a key such as `password` becomes `[SECRET]`; what JSON
        cannot hold, or lies too deep, becomes `[WITHHELD]`. Size and time limits of the policy hold for the whole.

        Args:
            value: Any object; it is not changed.
            field: As in `text`.

        Returns:
            A copy that `json.dumps` accepts, and what was done to it. The copy is None when content is off.
        """
        if not self.policy.content:
            return None, Summary("off", 0, ())
        watch = self._watch()

        def find(text: str) -> list[Finding] | None:
            return self._find(text, watch)

        def find_alone(text: str) -> list[Finding] | None:
            return self._find(text, watch, ask=False)

        walk = Walk(
            find=find,
            find_alone=find_alone,
            render=self._render if field is None or self._allowed is None else partial(self._render, field=field),
            check=watch.check,
            room=self.policy.max_chars,
            secret=self.policy.action("SECRET"),
            is_clean=self._detection.is_clean if self._words is None else _never,
            names=self._clean_names if self._remembers_names() else None,
        )
        try:
            return walk.run(value)
        except Exception:  # noqa: BLE001 - fail closed: whatever a hostile object raises, its value stays inside
            return WITHHELD, Summary("failed_closed", 0, ())
        finally:
            self.searched += self.policy.max_chars - walk.room

    def _remembers_names(self) -> bool:
        """Tell whether what holds for a name now holds for it in every structure."""
        return not (self._detection.particular or self._detection.foreign or self._allowed)

    def _watch(self) -> _Watch:
        return _Watch(self.policy.budget_ms, self._pause, at_once=self._detection.foreign)

    def _find(self, text: str, watch: _Watch, *, ask: bool = True) -> list[Finding] | None:
        detection = self._detection
        if detection.blind and not self._labels:
            return None
        try:
            message = not self._labels
            if detection.simple:
                found = detect(text, pause=watch.check, message=message)
            else:
                found = detection.find(text, watch.check, message=message, ask=ask)
            if self._words is not None:
                found = [*found, *self._words.find(text, watch.check)]
            watch.check()
            if found == []:
                return []
            return checked(found, len(text), self.policy.labels)
        except Exception:  # noqa: BLE001 - fail closed: None makes render withhold the text; the message may quote it
            return None

    def _render(
        self,
        text: str,
        findings: Sequence[Finding] | None,
        find: Callable[[str], list[Finding] | None],
        *,
        cut: bool = False,
        field: str | None = None,
    ) -> Redacted:
        if not self.policy.content:
            return Redacted("", "off", 0, ())
        if len(text) > self.policy.max_chars:
            return Redacted(TOO_LONG, "withheld", 0, ())
        if findings is None:
            return Redacted(WITHHELD, "failed_closed", 0, ())
        try:
            trusted = checked(findings, len(text), self.policy.labels)
            return self._written(text, trusted, find, cut=cut, field=field)
        except Exception:  # noqa: BLE001 - fail closed: nothing that could not be written completely may leave
            return Redacted(WITHHELD, "failed_closed", 0, ())

    def _written(
        self,
        text: str,
        findings: list[Finding],
        find: Callable[[str], list[Finding] | None],
        *,
        cut: bool,
        field: str | None,
    ) -> Redacted:
        keep = _place_to_cut(text, findings) if cut else len(text)
        treated = [found for found in self._treated(text, findings, field) if found.end <= keep]
        classes = tuple(sorted({found.label for found in treated}))
        if any(self.policy.action(found.label) == "withhold" for found in treated):
            return Redacted(WITHHELD, "withheld", len(treated), classes)
        output = self._replaced(text[:keep], treated)
        if treated or cut:
            # What is now side by side may read as something new: a word that names a number came nearer to it.
            for _ in range(_ROUNDS):
                again = find(output)
                if again is None:
                    return Redacted(WITHHELD, "failed_closed", len(treated), classes)
                again = self._treated(output, again, field)
                if not again:
                    break
                output = self._replaced(output, again)
            else:
                return Redacted(WITHHELD, "withheld", len(treated), classes)
        output = _encodable(output)
        if cut:
            return Redacted(output + TOO_LONG, "withheld", len(treated), classes)
        return Redacted(output, "redacted" if treated else "clean", len(treated), classes)

    def _treated(self, text: str, findings: Iterable[Finding], field: str | None) -> list[Finding]:
        """Return the findings that may not stay as they are."""
        action, allowed = self.policy.action, self._allowed
        treated = [found for found in findings if action(found.label) != "keep"]
        if allowed is not None and treated:
            remaining: list[Finding] = []
            for found in treated:
                if self._pause is not None:
                    self._pause()
                if not allowed.allows(text, found.start, found.end, found.label, field):
                    remaining.append(found)
            return remaining
        return treated

    def _replaced(self, text: str, findings: Iterable[Finding]) -> str:
        pieces: list[str] = []
        position = 0
        for start, end, label in findings:
            pieces.append(text[position:start])
            pieces.append(self._marker(label, text[start:end]))
            position = end
            if self._pause is not None and len(pieces) % _PAUSE_EVERY == 0:
                self._pause()
        pieces.append(text[position:])
        return "".join(pieces)

    def _marker(self, label: str, value: str) -> str:
        if self._pseudonyms is not None and self.policy.action(label) == "pseudonymise":
            return self._pseudonyms.token(label, value)
        return f"[{label}]"


def _lexicon(policy: RedactionPolicy) -> Lexicon | None:
    entries = [Entry(word, words.label) for words in policy.words for word in words.words]
    return Lexicon(entries, policy.labels) if entries else None


def _no_check() -> None:
    """Ask for no time."""


def _never(text: str) -> bool:
    """Trust no text: any word may be listed."""
    return False


def _place_to_cut(text: str, findings: Sequence[Finding]) -> int:
    """Return how much of a cut text may stay: no finding is split; an open secret block reaches the tail."""
    keep = max(0, len(text) - CUT_TAIL_CHARS)
    for found in findings:
        if found.start < keep < found.end:
            return found.start
    return keep


def _encodable(text: str) -> str:
    """Return the text with lone surrogates replaced, so that it can be written as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_SURROGATES.sub("\ufffd", text[low : low + PIECE]) for low in range(0, len(text), PIECE))
    return text
