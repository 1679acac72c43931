"""Read the values that a policy book states, such as `30 days`, `5 to 7 business days`, `4.99 USD`, `15%`, `none`."""

from __future__ import annotations

from typing import Final

from convqa_sdk.signals.policy_quantities import quantities
from convqa_sdk.signals.policy_values import NONE, UNLIMITED, Value
from convqa_sdk.signals.policy_words import ENGLISH
from convqa_sdk.signals.wording import sentences

ACCEPTED: Final = (
    "a duration such as 30 days, 24 months or 5 to 7 business days, money such as 4.99 USD, a share such as 15%, "
    "none, or unlimited"
)
_NONE: Final = frozenset({"none", "no", "free", "never", "not offered", "false"})
_UNLIMITED: Final = frozenset({"unlimited", "lifetime", "forever"})


def parse_value(text: str) -> Value:
    """Return a value as a book writes it.

    Raises:
        ValueError: It is no value that can be compared: the message says what is accepted.
    """
    plain = text.strip().lower()
    if plain in _NONE:
        return NONE
    if plain in _UNLIMITED:
        return UNLIMITED
    for sentence in sentences(text):
        found = quantities(sentence.tokens, sentence.words, ENGLISH, comma_decimals=False)
        if len(found) == 1 and found[0].first == 0 and found[0].last == len(sentence.words):
            return found[0].value
        break
    raise ValueError(f"{text!r} is no value with a known unit; give {ACCEPTED}")
