"""A policy is frozen data that says no to what would leak."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import ValidationError

from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.redaction.classes import CLASSES
from convqa_sdk.redaction.patterns import LABELS


def test_everything_is_redacted_by_default() -> None:
    """A class that nobody listed is redacted, also one that does not exist yet."""
    assert RedactionPolicy().action("EMAIL") == RedactionPolicy().action("NEW_CLASS") == "redact"


@pytest.mark.parametrize("label", ["SECRET", "CVV"])
@pytest.mark.parametrize("action", ["keep", "pseudonymise"])
def test_a_secret_may_neither_pass_nor_become_a_pseudonym(label: str, action: str) -> None:
    """SECRET and CVV accept redact and withhold only."""
    with pytest.raises(ValidationError, match=label):
        RedactionPolicy(actions={label: action})
    assert RedactionPolicy(actions={label: "withhold"}).action(label) == "withhold"


def test_a_class_that_nobody_declared_is_refused_with_those_there_are() -> None:
    """A misspelt class would protect nothing; a class of one's own is declared, or has a word list."""
    with pytest.raises(ValidationError, match=r"actions: E_MAIL is no class; there are ACCOUNT_ID, .*EMAIL.*declare"):
        RedactionPolicy(actions={"E_MAIL": "keep"})
    mine = RedactionPolicy(classes=["NAME"], words=[{"label": "ILLNESS", "words": ["flu"]}])
    assert {"NAME", "ILLNESS", "EMAIL", "PERSON"} <= mine.labels
    assert RedactionPolicy(classes=["NAME"], actions={"NAME": "keep"}).action("NAME") == "keep"


def test_every_class_of_the_detector_is_built_in() -> None:
    """What the patterns report, every policy knows."""
    assert LABELS <= CLASSES


def test_capture_modes_are_found_by_key_and_by_the_longest_pattern() -> None:
    """An exact key beats a pattern, a longer pattern a shorter one, and nothing means full."""
    policy = RedactionPolicy(
        fields={"*": "none", "gen_ai.*": "hash_only", "gen_ai.input.messages": "full", "convqa.custom.note": "full"}
    )
    assert policy.capture("gen_ai.input.messages") == policy.capture("convqa.custom.note") == "full"
    assert policy.capture("gen_ai.output.messages") == "hash_only"
    assert policy.capture("convqa.answer.text") == "none"
    assert RedactionPolicy().capture("convqa.answer.text") == "full"


@pytest.mark.parametrize("key", ["convqa.anwser.text", "gen_ai.request.model", "gen_ay.*", "joe", "", "convqa.*.text"])
def test_a_capture_mode_for_no_content_is_refused(key: str) -> None:
    """A misspelt key would protect nothing; labels and ids are no content."""
    with pytest.raises(ValidationError, match="fields: name attributes that hold content") as caught:
        RedactionPolicy(fields={key: "none"})
    assert "joe" not in str(caught.value)


def test_a_destination_has_the_policy_around_it_and_what_it_says_itself() -> None:
    """Actions and fields are merged, everything else is replaced; who is not named gets the policy around."""
    policy = RedactionPolicy(
        version="acme",
        actions={"EMAIL": "pseudonymise", "CREDIT_CARD": "withhold"},
        fields={"convqa.answer.text": "none"},
        words=[{"label": "ILLNESS", "words": ["flu"]}],
        destinations={
            "store": {"actions": {"EMAIL": "keep", "ILLNESS": "keep"}, "fields": {"convqa.message.text": "none"}},
            "forward:*": {"content": False},
            "forward:Mine": {"version": "mine"},
        },
    )
    store, other = policy.at("store"), policy.at("otlp")
    assert store.actions == {"EMAIL": "keep", "CREDIT_CARD": "withhold", "ILLNESS": "keep"}
    assert store.fields == {"convqa.answer.text": "none", "convqa.message.text": "none"}
    assert (store.version, store.words) == ("acme", policy.words)
    assert other.actions == policy.actions
    assert other.destinations == {}
    assert policy.at("forward:Any").content is False
    assert (policy.at("forward:Mine").version, policy.at("forward:Mine").content) == ("mine", True)
    assert len({policy.hash, store.hash, other.hash, policy.at("forward:Any").hash}) == 4
    assert RedactionPolicy().at("otlp") is not None
    plain = RedactionPolicy()
    assert plain.at("otlp") is plain


def test_content_can_be_switched_in_a_copy() -> None:
    """The hash follows, and a policy that is as wanted is not copied."""
    policy = RedactionPolicy(actions={"EMAIL": "keep"})
    assert policy.hash
    off = policy.without_content()
    assert (off.content, off.hash == policy.hash, off.without_content() is off) == (False, False, True)
    assert off.with_content() == policy
    assert policy.with_content() is policy


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
        {"classes": ["joe"]},
        {"words": ["joe"]},
        {"allow": [{"cls": "EMAIL", "values": "joe"}]},
        {"allow": [{"cls": "EMAIL", "shape": "joe"}] * 65},
        {"fields": {"convqa.answer.text": "joe"}},
        {"destinations": {"joe@example.com": {}}},
        {"destinations": {"store": "joe"}},
        {"destinations": {"store": {"destinations": {"otlp": {}}}}},
        {"destinations": {"store": {"actions": {"SECRET": "keep"}}}},
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
        RedactionPolicy(classes=["NAME"]), RedactionPolicy(words=[{"label": "ILLNESS", "words": ["flu"]}]),
        RedactionPolicy(allow=[{"cls": "EMAIL", "value": "a@b.co"}]),
        RedactionPolicy(fields={"convqa.answer.text": "none"}), RedactionPolicy(destinations={"store": {}}),
    ]  # fmt: skip
    assert len({base.hash, *(other.hash for other in others)}) == 1 + len(others)
    assert {field for other in others for field in other.model_fields_set} == set(RedactionPolicy.model_fields)


def test_a_policy_cannot_be_changed() -> None:
    """Neither a field nor an action of an existing policy can be assigned."""
    policy = RedactionPolicy(actions={"EMAIL": "keep"})
    with pytest.raises(ValidationError):
        policy.content = False
    with pytest.raises(TypeError):
        policy.actions["SECRET"] = "keep"


def test_a_policy_survives_copies_pickle_and_json() -> None:
    """It can be sent to another process, used as a key, and read back from its JSON."""
    policy = RedactionPolicy(
        actions={"EMAIL": "keep"},
        allow_identifiers=["user.id"],
        classes=["NAME"],
        words=[{"label": "ILLNESS", "words": ["flu"]}],
        allow=[{"cls": "EMAIL", "value": "a@b.co"}],
        fields={"convqa.answer.text": "none"},
        destinations={"store": {"max_chars": 7}},
    )
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
