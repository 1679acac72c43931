"""Everything that looks into a text: our patterns, a customer's known values, and recognizers of the application.

One `Detection` serves all policies, so that a text is searched once whatever number of destinations it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from time import monotonic
from typing import Any, Final, Protocol

from convqa_sdk.redaction.classes import CLASSES
from convqa_sdk.redaction.detector import detect, is_label
from convqa_sdk.redaction.findings import checked
from convqa_sdk.redaction.markers import in_marker
from convqa_sdk.redaction.words import Lexicon

MAX_REMEMBERED_CHARS = 4_000_000
MAX_FINDINGS = 100_000
"""Of one recognizer in one text; whoever yields more never ends."""

MAX_OVERRUNS: Final = 3
"""Texts in a row for which a recognizer may take too long; then it is asked no more."""

Triples = list[tuple[int, int, str]]


class Recognizer(Protocol):
    """An engine of yours that finds what patterns do not, such as names: any callable of this form.

    It runs on the export thread, and is asked for content that has a letter; not for labels, names and keys. One that
    raises, returns anything but offsets inside the text and classes that the policy declares, or takes longer than the
    policy's `budget_ms`, has the text withheld. Nobody can interrupt it: after three texts in a row for which it took
    too long it is asked no more, and everything that it should have searched is withheld.
    """

    def __call__(self, text: str, /) -> Iterable[tuple[int, int, str]]:
        """Return (start, end, class) of each finding, with offsets in code points."""
        ...


class RecognizerError(Exception):
    """A recognizer raised or returned nonsense, so what it should have found is not known; quotes nothing."""


class RecognizerOverrunError(RecognizerError):
    """A recognizer took longer than the budget of a text."""


class RecognizerLeftOutError(RecognizerError):
    """A recognizer took too long too often, and is asked no more."""


class Detection:
    """Find in one text after another; holds what is known of the customer in hand.

    Args:
        detector: Our patterns, or what a test puts in their place.
        recognizers: Engines of the application.
        labels: The classes that there are, and that these may report.
        on_fault: Told a cause, which names the recognizer, and what it raised.
        remember: Keep what was found, until `forget`: several policies will ask.
        budget_ms: How long one recognizer may take for one text, in milliseconds by the clock: while it waits, nothing
            leaves.

    Attributes:
        labels: As given.
        foreign: Whether code that is not ours takes part: it does not ask for the time by itself.
        simple: Whether our patterns are all there is, so that `detect` finds the same.
        particular: Whether findings hold for the customer in hand only, so that nothing of them may be kept for others.
        blind: Whether what is known of the customer could not be found out: content is withheld then.
    """

    __slots__ = (
        "_budget_s",
        "_detector",
        "_known",
        "_memory",
        "_on_fault",
        "_overruns",
        "_recognizers",
        "_room",
        "blind",
        "foreign",
        "labels",
        "particular",
        "simple",
    )

    def __init__(
        self,
        detector: Recognizer = detect,
        recognizers: Sequence[Recognizer] = (),
        *,
        labels: frozenset[str] = CLASSES,
        on_fault: Callable[[str, BaseException], None] | None = None,
        remember: bool = False,
        budget_ms: float = 250.0,
    ) -> None:
        self._detector = detector
        self._recognizers = tuple((_name(each), each) for each in recognizers)
        self._on_fault = on_fault
        self._budget_s = budget_ms / 1000
        self._overruns = [0] * len(self._recognizers)
        self._memory: dict[tuple[str, bool, bool], Triples] | None = {} if remember else None
        self.labels = labels
        self.foreign = detector is not detect or bool(recognizers)
        self.forget()

    def know(self, known: Lexicon | None, *, blind: bool = False) -> None:
        """Look for what is known of the customer in hand, until `forget`.

        Args:
            known: Finds it; None: nothing is known.
            blind: It could not be found out, not all of it.
        """
        self._known = known
        self.blind = blind
        self.particular = blind or known is not None
        self.simple = not self.particular and not self.foreign and self._memory is None

    def forget(self) -> None:
        """Forget the texts and the customer in hand."""
        if self._memory is not None:
            self._memory = {}
        self._room = MAX_REMEMBERED_CHARS
        self.know(None)

    @property
    def is_clean(self) -> Callable[[str], object]:
        """What tells quickly of most short words that nothing can be found in them, whatever stands before them."""
        return _never if self.foreign or self._known is not None else is_label

    def find(self, text: str, check: Callable[[], None], *, message: bool = True, ask: bool = True) -> Any:
        """Return what was found, as (start, end, class); not looked at yet whether the classes are a policy's.

        Args:
            text: The text.
            check: Called now and then; raises when the time is used up.
            message: Whether the text may be a message, as in `detect`; recognizers are asked for these only.
            ask: Whether recognizers are asked: not about keys, and not again about what was written for a text.

        Raises:
            Exception: Something went wrong; the text cannot be trusted.
        """
        ask = ask and message and bool(self._recognizers) and any(map(str.isalpha, text))
        if self._memory is None:
            return self._search(text, check, message, ask)
        found = self._memory.get((text, message, ask))
        if found is None:
            found = self._search(text, check, message, ask)
            self._room -= len(text)
            if self._room >= 0:
                self._memory[text, message, ask] = found
        return found

    def _search(self, text: str, check: Callable[[], None], message: bool, ask: bool) -> Triples:
        found = detect(text, pause=check, message=message) if self._detector is detect else self._detector(text)
        triples: Triples = list(islice(found, MAX_FINDINGS)) if self.foreign else list(found)
        if self._known is not None:
            triples += self._known.find(text, check)
        if ask:
            for place in range(len(self._recognizers)):
                triples += self._recognized(place, text)
                check()
        return triples

    def _recognized(self, place: int, text: str) -> Triples:
        """Return what a recognizer, by its place, finds in a text within its time."""
        name, recognizer = self._recognizers[place]
        try:
            if self._overruns[place] >= MAX_OVERRUNS:
                raise RecognizerLeftOutError
            started = monotonic()
            found = checked(islice(recognizer(text), MAX_FINDINGS), len(text), self.labels)
            if monotonic() - started > self._budget_s:
                self._overruns[place] += 1
                raise RecognizerOverrunError
        except BaseException as error:  # noqa: BLE001 - not our code: it may raise even SystemExit
            if self._on_fault is not None:
                self._on_fault(f"recognizer {name}", error)
            raise RecognizerError(name) from None
        self._overruns[place] = 0
        return [each for each in found if not in_marker(text, each.start, each.end, self.labels)]


def _never(text: str) -> bool:
    """Trust no text: what is listed or known may be any word."""
    return False


def _name(recognizer: object) -> str:
    """Return the name of a recognizer's class, of a function its own."""
    kind = type(recognizer)
    return str(getattr(recognizer, "__name__", "function")) if kind.__module__ == "builtins" else kind.__name__
