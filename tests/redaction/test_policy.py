"""A policy is frozen data that says no to what would leak."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import ValidationError

from convqa_sdk.redaction import RedactionPolicy


def test_everything_is_redacted_by_default() -> None:
    """A class that nobody listed is redacted, also one that does not exist yet."""
    assert RedactionPolicy().action("EMAIL") == RedactionPolicy().action("NEW_CLASS") == "redact"


@pytest.mark.parametrize("action", ["keep", "pseudonymise"])
def test_a_secret_may_neither_pass_nor_become_a_pseudonym(action: str) -> None:
    """SECRET accepts redact and withhold only."""
    with pytest.raises(ValidationError, match="SECRET"):
        RedactionPolicy(actions={"SECRET": action})
    assert RedactionPolicy(actions={"SECRET": "withhold"}).action("SECRET") == "withhold"


@pytest.mark.parametrize(
    "settings",
    [
        {"actions": {"EMAIL": "drop"}},
        {"actions": {"joe@example.com": "keep"}},
        {"max_chars": 0},
        {"budget_ms": 0},
        {"budget_ms": float("nan")},
        {"version": ""},
        {"unknown": 1},
        {"allow_identifiers": ["joe@example.com"]},
    ],
)
def test_invalid_settings_are_refused_without_quoting_them(settings: dict[str, object]) -> None:
    """Each bad setting raises, and the message does not echo values."""
    with pytest.raises(ValidationError) as caught:
        RedactionPolicy(**settings)
    assert "joe" not in str(caught.value)


def test_the_hash_is_stable_and_tells_policies_apart() -> None:
    """Equal policies share a hash however they are spelled; any change changes it; the value is pinned."""
    base = RedactionPolicy()
    assert base.hash == RedactionPolicy(actions={"EMAIL": "redact"}).hash == "aca63e996f8ee3ff"
    others = [
        RedactionPolicy(version="2"), RedactionPolicy(actions={"EMAIL": "keep"}), RedactionPolicy(content=False),
        RedactionPolicy(max_chars=7), RedactionPolicy(budget_ms=7), RedactionPolicy(allow_identifiers=True),
    ]  # fmt: skip
    assert len({base.hash, *(other.hash for other in others)}) == 7


def test_a_policy_cannot_be_changed() -> None:
    """Neither a field nor an action of an existing policy can be assigned."""
    policy = RedactionPolicy(actions={"EMAIL": "keep"})
    with pytest.raises(ValidationError):
        policy.content = False
    with pytest.raises(TypeError):
        policy.actions["SECRET"] = "keep"


def test_a_policy_survives_copies_pickle_and_json() -> None:
    """It can be sent to another process, used as a key, and read back from its JSON."""
    policy = RedactionPolicy(actions={"EMAIL": "keep"}, allow_identifiers=["user.id"])
    assert pickle.loads(pickle.dumps(policy)) == copy.deepcopy(policy) == policy
    assert RedactionPolicy.model_validate_json(policy.model_dump_json()) == policy
    assert {policy: 1}[RedactionPolicy.model_validate(policy.model_dump())] == 1


def test_identifiers_are_allowed_by_name_or_all_at_once() -> None:
    """True allows both, False none, a list what it names."""
    assert RedactionPolicy(allow_identifiers=True).allows_identifier("account.id")
    assert not RedactionPolicy(allow_identifiers=False).allows_identifier("user.id")
    only = RedactionPolicy(allow_identifiers=["user.id"])
    assert only.allows_identifier("user.id")
    assert not only.allows_identifier("account.id")
