"""What lets a text pass without a search, and what each bit stands for."""

from __future__ import annotations

import importlib.util

import pytest

from convqa_sdk.redaction.rule import Engine
from convqa_sdk.redaction.telling import DIGITS, POINTS, SECRETS, SIGNS, TOKEN, tell_by

SECRET = 1 << 60
ENGINES: list[Engine] = ["re", "re2"] if importlib.util.find_spec("re2") else ["re"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "I would like to return my shoes, please. Can you help?", "Ich hätte gern mein Geld zurück!",
        "well-known internationalisation", "Thanks!\n\nBest wishes,\tAnna", "don't; won't; can't", "SHOUTING OUT LOUD",
    ],
)  # fmt: skip
def test_ordinary_words_are_quiet(engine: Engine, text: str) -> None:
    """Letters, blanks and the signs of sentences cost no search, unless a word tells something."""
    assert not tell_by(engine)(text, text.encode("ascii", "replace"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        "my pass is hunter", "PASSWORD letmein", "das Kennwort lautet Sonne", "la contraseña es sol", "hasło słońce",
        "one three five", "joe at example dot com", "room 5", "a@b", "key=value", "-----BEGIN", "abCDefGHijKLmn",
        "eine fünf, bitte", "пароль солнце", "密码太阳", "pwd sun",
    ],
)  # fmt: skip
def test_what_may_tell_something_is_searched(engine: Engine, text: str) -> None:
    """Words for secrets and digits, digits, signs and long mixed tokens are not quiet."""
    assert tell_by(engine)(text, text.encode("ascii", "replace"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("room 5", SIGNS), ("abCDefGHijKLmn", TOKEN), ("pwd sun", SECRET), ("joe at example dot com", POINTS),
        ("one three one", DIGITS),
        ("my password has three points, see point four: 5", SIGNS | SECRET | POINTS | DIGITS),
    ],
)  # fmt: skip
def test_each_bit_stands_for_one_reason_to_search(engine: Engine, text: str, bits: int) -> None:
    """Searches that need another reason are left out."""
    told = tell_by(engine)(text, text.encode("ascii", "replace"))
    assert (told & ~SECRETS) | (SECRET if told & SECRETS else 0) == bits
