"""A policy from YAML says exactly what the same policy in Python says, and its errors have a place and no content."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction import Allow, RedactionPolicy, WordList, policy_yaml

TEXT = """
version: acme-3
classes: [ORGANISATION]
words:
  - label: HEALTH_TERM
    words: [diabetes, blood pressure]
actions:
  EMAIL: pseudonymise
  ORGANISATION: keep
allow:
  - {cls: EMAIL, value: support@acme.com}
  - cls: "*"
    shape: ORD-[0-9]{8}
fields:
  gen_ai.*: hash_only
  convqa.message.text: none
allow_identifiers: [account.id]
destinations:
  store:
    actions: {EMAIL: keep}
  "forward:*":
    content: false
"""


def test_yaml_and_python_say_the_same(tmp_path: Path) -> None:
    """As text, as a path, and as a path in a text."""
    same = RedactionPolicy(
        version="acme-3",
        classes=["ORGANISATION"],
        words=[WordList(label="HEALTH_TERM", words=["diabetes", "blood pressure"])],
        actions={"EMAIL": "pseudonymise", "ORGANISATION": "keep"},
        allow=[Allow(cls="EMAIL", value="support@acme.com"), Allow(cls="*", shape="ORD-[0-9]{8}")],
        fields={"gen_ai.*": "hash_only", "convqa.message.text": "none"},
        allow_identifiers=["account.id"],
        destinations={"store": {"actions": {"EMAIL": "keep"}}, "forward:*": RedactionPolicy(content=False)},
    )
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT)
    for source in (TEXT, path, str(path)):
        assert RedactionPolicy.from_yaml(source) == same
    assert RedactionPolicy.from_yaml("version: acme-3") == RedactionPolicy(version="acme-3")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version: a\nactions:\n  EMAIL: joe", "line 3: actions.EMAIL: Input should be 'redact'"),
        ("version: a\nactions:\n  joe@example.com: keep\n", "line 3: actions: a class is named"),
        (
            "version: a\nallow:\n - cls: EMAIL\n   joe@example.com: 1\n",
            r"line 4: allow\.0\.\[\?\]: there is no such setting \(there are cls, value, ",
        ),
        (
            "a: 1\njoe@example.com: 2\n",
            r"line 2: \[\?\]: there is no such setting \(there are version, classes, words, actions, ",
        ),
        ("version: a\naction: {}\n", r"line 2: action: there is no such setting; did you mean actions\? \(there are "),
        ("destinations:\n store:\n  contents: no\n", "line 3: destinations.store.contents: .* did you mean content"),
        ("allow:\n- EMAIL\n- joe\n", "line 2: allow.0: an entry looks like {cls: EMAIL, .*line 3: allow.1: an entry"),
        ("words: [joe]\n", "line 1: words.0: an entry looks like {label: HEALTH_TERM, words: "),
        ("content: true\nversion: 3\n", 'line 2: version: a version is a text: put it in quotes, such as version: "3"'),
        ("version: a\nactions:\n  EMAIL: keep\n  NO_SUCH: keep\n", "line 4: actions: NO_SUCH is no class"),
        ("version: a\nactions:\n  EMAIL: keep\n  SECRET: keep\n", "line 4: actions: SECRET is set to"),
        ("fields:\n  gen_ai.*: none\n  joe: none\n", "line 3: fields: name attributes"),
        ("words:\n- label: X_Y\n  words:\n  - joe\n  - '@'\n", "line 5: words.0.words: number 2"),
        (
            "version: a\nclasses: [A_B\nmax_chars: 7\n",
            r"line 3, column [0-9]+ \(in what begins in line 2\): this is no",
        ),
        ("words:\n- label: X_Y\n  words: [joe, '@']\n", "line 3: words.0.words: number 2 is no word"),
        ("destinations:\n  store:\n    max_chars: joe\n", "line 3: destinations.store.max_chars: "),
        ("destinations:\n  joe@example.com: {}\n", "line 2: destinations: name store, otlp"),
        ("version: a\nactions: {EMAIL: keep,\n EMAIL: redact}", "line 3: this key stands here twice"),
        ("version: a\n  joe: [", "line 2, column [0-9]+: this is no YAML"),
        ("joe: *joe", "line 1, column [0-9]+: this is no YAML"),
        ("joe: !!python/object:joe {}", "this is no YAML"),
        ("version: \x00joe", "no YAML"),
        ("- joe\n- joe", "line 1: a policy is a mapping"),
        ("\n", "line 1: a policy is a mapping"),
        ("joe\n", "line 1: a policy is a mapping"),
        ("a: " + "[" * 5_000, "no YAML"),
        ("a: &a [*a, joe]\nb: &b {x: *b}", "line 1: a: there is no such setting"),
        ("destinations: &a\n  store: &b\n    destinations: {joe: *b}\n", "no destinations of its own"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_without_its_content(text: str, says: str) -> None:
    """Settings, values, keys, the YAML itself, and what is no mapping at all."""
    with pytest.raises(ConfigurationError, match=f"^policy.*{says}") as caught:
        RedactionPolicy.from_yaml(text)
    assert "joe" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_long_list_of_complaints_is_cut() -> None:
    """Five are told, the rest is counted."""
    with pytest.raises(ConfigurationError, match=r"and 15 more$"):
        RedactionPolicy.from_yaml("".join(f"setting{number}: 1\n" for number in range(20)))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not there, a folder, no UTF-8, and one that is too large."""
    with pytest.raises(ConfigurationError, match=r"gone\.yaml: cannot read the policy \(FileNotFoundError\)"):
        RedactionPolicy.from_yaml(tmp_path / "gone.yaml")
    with pytest.raises(ConfigurationError, match="IsADirectoryError"):
        RedactionPolicy.from_yaml(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"version: \xe9\n")
    with pytest.raises(ConfigurationError, match="UnicodeDecodeError"):
        RedactionPolicy.from_yaml(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_text("version: acme\n")
    monkeypatch.setattr(policy_yaml, "MAX_BYTES", 4)
    with pytest.raises(ConfigurationError, match="at most 4 bytes"):
        RedactionPolicy.from_yaml(tmp_path / "large.yaml")
    with pytest.raises(ConfigurationError, match="ValueError"):
        RedactionPolicy.from_yaml("\0")


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "policy: it is empty"), (" ", "is empty"), ("- a", "cannot read"), ("version:a", "cannot read")],
)
def test_what_is_neither_a_file_nor_a_mapping_is_told_so(text: str, says: str) -> None:
    """Both are named, because nobody can tell which was meant."""
    with pytest.raises(ConfigurationError, match=f"{says}.*give the path of a file in UTF-8, or a mapping of settings"):
        RedactionPolicy.from_yaml(text)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare install has no YAML."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ImportError, match=r"convqa-sdk\[redaction\]"):
        RedactionPolicy.from_yaml("version: a")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless device")
def test_a_file_that_never_ends_is_refused() -> None:
    """A device has no size, so no more is read than a policy may have."""
    with pytest.raises(ConfigurationError, match="at most"):
        RedactionPolicy.from_yaml("/dev/zero")
