"""Detect once, render per policy, and fail closed: no text leaves unless every step on it succeeded.

Nothing that was matched is ever echoed: an exception of a detector is swallowed with its message, and the text it
concerned is replaced by `[WITHHELD]`, which the status says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter, thread_time
from typing import Final, Literal, NamedTuple

from convqa_sdk.redaction.detector import detect, is_label
from convqa_sdk.redaction.findings import Finding, checked
from convqa_sdk.redaction.policy import RedactionPolicy
from convqa_sdk.redaction.pseudonyms import WITHHELD, Pseudonyms
from convqa_sdk.redaction.structures import TOO_LONG, Summary, Walk

Status = Literal["clean", "redacted", "withheld", "failed_closed", "off"]

CUT_TAIL_CHARS: Final = 512
"""How much of a text is withheld before the place where capture had to cut it."""

_ROUNDS = 3
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
        detector: Gets a text, returns `(start, end, label)` triples. Whatever it does wrong withholds the text.
        pause: Called between slices of work, so that a worker thread can yield the interpreter.

    Attributes:
        policy: As given.
        searched: Characters that were given to search so far, for those who bound the work.
    """

    __slots__ = ("_detector", "_pause", "_pseudonyms", "policy", "searched")

    def __init__(
        self,
        policy: RedactionPolicy,
        pseudonyms: Pseudonyms | None = None,
        detector: Callable[[str], Iterable[tuple[int, int, str]]] = detect,
        *,
        pause: Callable[[], None] | None = None,
    ) -> None:
        self.policy = policy
        self._pseudonyms = pseudonyms
        self._detector = detector
        self._pause = pause
        self.searched = 0

    def text(self, value: str, *, cut: bool = False) -> Redacted:
        """Redact a text.

        Args:
            value: The text.
            cut: Whether capture had to cut its tail: what stands near the cut is withheld, because half a card number
                is no longer recognised.

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
        return self.render(value, findings, cut=cut)

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

    def render(self, text: str, findings: Sequence[Finding] | None, *, cut: bool = False) -> Redacted:
        """Write a text as this policy lets it leave.

        Args:
            text: The text.
            findings: What `find` returned for it, of this or another redactor.
            cut: As in `text`.

        Returns:
            The text that may leave, with its summary.
        """
        watch = self._watch()
        return self._render(text, findings, lambda changed: self._find(changed, watch), cut=cut)

    def structure(self, value: object) -> tuple[object, Summary]:
        """Redact a value made of dictionaries, lists, texts and numbers.

        Every text, key and number is looked at; the value under a key such as `password` becomes `[SECRET]`; what JSON
        cannot hold, or lies too deep, becomes `[WITHHELD]`. Size and time limits of the policy hold for the whole.

        Args:
            value: Any object; it is not changed.

        Returns:
            A copy that `json.dumps` accepts, and what was done to it. The copy is None when content is off.
        """
        if not self.policy.content:
            return None, Summary("off", 0, ())
        watch = self._watch()

        def find(text: str) -> list[Finding] | None:
            return self._find(text, watch)

        walk = Walk(
            find=find,
            render=self._render,
            check=watch.check,
            room=self.policy.max_chars,
            secret=self.policy.action("SECRET"),
            is_clean=is_label if self._detector is detect else _never,
        )
        try:
            return walk.run(value)
        except Exception:  # noqa: BLE001 - fail closed: whatever a hostile object raises, its value stays inside
            return WITHHELD, Summary("failed_closed", 0, ())
        finally:
            self.searched += self.policy.max_chars - walk.room

    def _watch(self) -> _Watch:
        return _Watch(self.policy.budget_ms, self._pause, at_once=self._detector is not detect)

    def _find(self, text: str, watch: _Watch) -> list[Finding] | None:
        try:
            found = detect(text, pause=watch.check) if self._detector is detect else self._detector(text)
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
    ) -> Redacted:
        if not self.policy.content:
            return Redacted("", "off", 0, ())
        if len(text) > self.policy.max_chars:
            return Redacted(TOO_LONG, "withheld", 0, ())
        if findings is None:
            return Redacted(WITHHELD, "failed_closed", 0, ())
        try:
            trusted = checked(findings, len(text), self.policy.labels)
            return self._written(text, trusted, find, cut=cut)
        except Exception:  # noqa: BLE001 - fail closed: nothing that could not be written completely may leave
            return Redacted(WITHHELD, "failed_closed", 0, ())

    def _written(
        self, text: str, findings: list[Finding], find: Callable[[str], list[Finding] | None], *, cut: bool
    ) -> Redacted:
        keep = _place_to_cut(text, findings) if cut else len(text)
        treated = [f for f in findings if f.end <= keep and self.policy.action(f.label) != "keep"]
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
                again = [found for found in again if self.policy.action(found.label) != "keep"]
                if not again:
                    break
                output = self._replaced(output, again)
            else:
                return Redacted(WITHHELD, "withheld", len(treated), classes)
        output = _encodable(output)
        if cut:
            return Redacted(output + TOO_LONG, "withheld", len(treated), classes)
        return Redacted(output, "redacted" if treated else "clean", len(treated), classes)

    def _replaced(self, text: str, findings: Iterable[Finding]) -> str:
        pieces: list[str] = []
        position = 0
        for start, end, label in findings:
            pieces.append(text[position:start])
            pieces.append(self._marker(label, text[start:end]))
            position = end
        pieces.append(text[position:])
        return "".join(pieces)

    def _marker(self, label: str, value: str) -> str:
        if self._pseudonyms is not None and self.policy.action(label) == "pseudonymise":
            return self._pseudonyms.token(label, value)
        return f"[{label}]"


def _never(text: str) -> bool:
    """Trust no text: a detector of the customer's may know any word."""
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
        return _SURROGATES.sub("\ufffd", text)
    return text
