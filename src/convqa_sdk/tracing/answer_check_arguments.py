"""What an `AnswerCheck` is made with: refused at once, with what is accepted, where it can never work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from string import Formatter

from convqa_sdk.errors import ConfigurationError

Template = str | Callable[[str, tuple[str, ...]], str]


def brand_terms_of(given: Iterable[str | re.Pattern[str]]) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    """Return words in small letters, and patterns."""
    terms = (given,) if isinstance(given, str) else tuple(given)
    for each in terms:
        if not isinstance(each, (str, re.Pattern)) or (isinstance(each, str) and not each.strip()):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ConfigurationError(
                f"brand_terms: got {type(each).__name__}; give words, phrases or compiled patterns"
            )
    words = tuple(each.strip().lower() for each in terms if isinstance(each, str))
    return words, tuple(each for each in terms if isinstance(each, re.Pattern))


def classes_of(given: Iterable[str] | None) -> frozenset[str]:
    """Return classes of the redactor."""
    if given is None:
        return frozenset()
    from convqa_sdk.redaction.classes import CLASSES

    asked = frozenset((given,) if isinstance(given, str) else given)
    unknown = sorted(asked - CLASSES)
    if unknown:
        raise ConfigurationError(
            f"disallowed_personal_data: there is no class {', '.join(unknown)}; there are {', '.join(sorted(CLASSES))}"
        )
    return asked


def check_book(given: object) -> None:
    """Refuse what is no policy book, such as the path of one."""
    if given is None:
        return
    from convqa_sdk.signals.policy_book import PolicyBook

    if not isinstance(given, PolicyBook):
        raise ConfigurationError(
            f'book: got {type(given).__name__}; give a PolicyBook, such as PolicyBook.load("policy.yaml"), or None'
        )


def check_choice(name: str, given: object, accepted: tuple[str, ...]) -> None:
    """Refuse what is none of the accepted."""
    if given not in accepted:
        raise ConfigurationError(f"{name}: got {given!r}; give one of {', '.join(accepted)}")


def check_share(name: str, given: float | None) -> None:
    """Refuse what is no number from 0 to 1, also one that is no number at all."""
    if given is not None and not (isinstance(given, (int, float)) and 0 <= given <= 1):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise ConfigurationError(f"{name}: got {given!r}; give a number from 0 to 1, or None")


def check_template(template: Template | None, on_violation: str) -> None:
    """Refuse a template that is missing, not needed, or names what it does not get."""
    if (template is None) == (on_violation == "rewrite"):
        raise ConfigurationError('template: give one with on_violation="rewrite", and only then')
    if isinstance(template, str):
        try:
            names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
            template.format(answer="", violations="")
        except (ValueError, LookupError, AttributeError):
            names = {""}
        if not names <= {"answer", "violations"}:
            raise ConfigurationError("template: it may name {answer} and {violations}; write other braces twice")
    elif template is not None and not callable(template):
        raise ConfigurationError(f"template: got {type(template).__name__}; give a text or a callable")
