"""Names under which the id of a customer, an account or a user stands: `customer_id`, `account.id`, `x-user-id`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

PersonKind = Literal["USER_ID", "ACCOUNT_ID"]

MAX_KEY: Final = 128
"""Characters of a name that are looked at."""
_WORDS: Final = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IDS: Final = frozenset({"id", "ids", "uuid", "guid"})
_KINDS: Final[dict[str, PersonKind]] = {
    "user": "USER_ID",
    "enduser": "USER_ID",
    "account": "ACCOUNT_ID",
    "customer": "ACCOUNT_ID",
    "member": "ACCOUNT_ID",
    "patient": "ACCOUNT_ID",
    "subscriber": "ACCOUNT_ID",
}
_MACHINES: Final = frozenset(
    {"aws", "azure", "cloud", "container", "db", "device", "gcp", "host", "os", "process", "service", "k"}
)
"""First words of keys whose users and accounts are those of machines, such as `cloud.account.id`; `k` is of `k8s`."""


@lru_cache(2_048)
def person_kind(key: str) -> PersonKind | None:
    """Return whose id stands under a name, None when the name says nothing of it.

    Args:
        key: Of an attribute, or of a parameter in a URL.
    """
    if len(key) > MAX_KEY:
        return None
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words or words[0] in _MACHINES:
        return None
    if len(words) > 1 and words[-1] in _IDS:
        return _KINDS.get(words[-2])
    return next(
        (_KINDS[last] for end in _IDS if (last := words[-1].removesuffix(end)) in _KINDS and last != words[-1]), None
    )
