"""What is measured: ours in its installs and with its engines, and the peers, each as a function from text to findings.

The bare install is had by hiding the libraries of the extra, so that it needs no environment of its own.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.machinery import PathFinder
from typing import Any

Span = tuple[int, int, str]
Detect = Callable[[str], Iterable[Span]]

PRESIDIO_SCORE = 0.35
"""Below it, Presidio's patterns are guesses that its own context words did not support."""
NAMES = {
    "CRYPTO": "CRYPTO_WALLET",
    "DATEOFBIRTH": "DATE_OF_BIRTH",
    "DOB": "DATE_OF_BIRTH",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "IP": "IP_ADDRESS",
    "NATIONAL_INSURANCE_NUMBER": "NATIONAL_ID",
    "PHONE_NUMBER": "PHONE",
    "SOCIAL_SECURITY_NUMBER": "US_SSN",
    "CREDENTIAL": "SECRET",
    "SSN": "US_SSN",
    "UK_NHS": "NATIONAL_ID",
    "US_BANK_NUMBER": "BANK_ACCOUNT",
    "US_DRIVER_LICENSE": "DRIVER_LICENSE",
    "US_ITIN": "US_SSN",
    "US_PASSPORT": "PASSPORT",
}
"""The peers' names of classes, where they differ from ours."""


@dataclass(frozen=True)
class Detector:
    """A row of the tables.

    Attributes:
        label: Its name there; ours is bold.
        make: Loads it, and returns its function.
        environment: Where it is installed.
        engine: Ours alone: `re` or `re2`.
        hidden: Libraries that it must do without.
    """

    label: str
    make: Callable[[], Detect]
    environment: str = "own"
    engine: str = ""
    hidden: tuple[str, ...] = ()

    def load(self) -> Detect:
        """Hide what it must do without, and load it."""
        logging.disable(logging.CRITICAL)
        if self.hidden:
            sys.meta_path = [_Without(self.hidden) if finder is PathFinder else finder for finder in sys.meta_path]
        if self.engine:
            os.environ["CONVQA_REDACTION_ENGINE"] = self.engine
        return self.make()


class _Without:
    """Finds modules as ever, except some: these are not installed."""

    def __init__(self, hidden: tuple[str, ...]) -> None:
        self._hidden = hidden

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return where a module is, or None for a hidden one."""
        return None if name.partition(".")[0] in self._hidden else PathFinder.find_spec(name, path, target)


def _ours() -> Detect:
    from convqa_sdk.redaction import detect

    return detect


def _presidio() -> Detect:
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):  # type: ignore[misc]  # its types are in another environment
        """Splits into words, and takes a word itself for its lemma: no model is loaded, context words are seen."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
            pipeline = spacy.blank("en")
            pipeline.add_pipe("own_lemma")
            self.nlp = {"en": pipeline}

    @spacy.Language.component("own_lemma")
    def own_lemma(document: Any) -> Any:
        for token in document:
            token.lemma_ = token.lower_
        return document

    engine = Blank()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(nlp_engine=engine, languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, default_score_threshold=PRESIDIO_SCORE)
    return lambda text: [(f.start, f.end, _named(f.entity_type)) for f in analyzer.analyze(text, language="en")]


def _scrubadub() -> Detect:
    import scrubadub

    scrubber = scrubadub.Scrubber()
    return lambda text: [(found.beg, found.end, _named(found.type)) for found in scrubber.iter_filth(text)]


def _datafog() -> Detect:
    import datafog

    return lambda text: [(found.start, found.end, _named(found.type)) for found in datafog.scan(text).entities]


def _named(name: str) -> str:
    return NAMES.get(name.upper(), name.upper())


_EXTRA = ("phonenumbers", "stdnum")
_BARE = (*_EXTRA, "re2")

OURS = (
    Detector("**convqa-sdk[redaction,fast]**", _ours, engine="re2"),
    Detector("**convqa-sdk[redaction]**", _ours, engine="re", hidden=("re2",)),
    Detector("**convqa-sdk[fast]**", _ours, engine="re2", hidden=_EXTRA),
    Detector("**convqa-sdk**, bare", _ours, engine="re", hidden=_BARE),
)
PEERS = (
    Detector("Presidio, patterns", _presidio, "presidio"),
    Detector("scrubadub", _scrubadub, "scrubadub"),
    Detector("datafog", _datafog, "datafog"),
)
DETECTORS = {detector.label: detector for detector in (*OURS, *PEERS)}
