"""The policy book: its YAML, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import convqa_sdk
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.signals.policy_book import REGULATED, PolicyBook

from .books import LARKSPUR, larkspur


def book(text: str) -> PolicyBook:
    """Return a book of some version."""
    return PolicyBook.from_yaml(f"version: test-1\n{text}")


def test_the_example_is_a_book() -> None:
    """The example has facts that hold for most and for some, capabilities, and promises that are never made."""
    assert larkspur().version == "larkspur-2026-05"
    assert [fact.value for fact in larkspur().facts if fact.name == "refund_window"] == [
        "30 days",
        "14 days",
        "60 days",
    ]
    assert larkspur().capabilities["refund"].tool == ("issue_refund",)
    assert set(larkspur().never) == {"compensation", "delivery_guarantee"}


def test_it_is_a_name_of_the_package() -> None:
    """`convqa_sdk.PolicyBook` is the book, and loading it is left until then."""
    assert convqa_sdk.PolicyBook is PolicyBook
    code = "import sys, convqa_sdk; print('pydantic' in sys.modules, 'convqa_sdk.signals' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_facts_may_be_written_short() -> None:
    """A mapping of names to values, lists or entries says the same as a list of facts."""
    short = book(
        "facts:\n"
        "  refund_window:\n"
        "    - 30 days\n"
        "    - {value: 14 days, applies_to: electronics}\n"
        "  restocking_fee: no\n"
        "  contact_email: [a@acme.example, b@acme.example]\n"
        "capabilities: {refund: issue_refund, cancel: [cancel_order, void_order], look: }\n"
    )
    long = book(
        "facts:\n"
        "  - {name: refund_window, value: 30 days}\n"
        "  - {name: refund_window, value: 14 days, applies_to: [electronics]}\n"
        "  - {name: restocking_fee, value: none}\n"
        "  - {name: contact_email, values: [a@acme.example, b@acme.example]}\n"
        "capabilities: {refund: {tool: [issue_refund]}, cancel: {tool: [cancel_order, void_order]}, look: {}}\n"
    )
    assert short == long


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("facts: [{name: refund_window, value: 30 days}, {name: refund_window, value: 60 days}]",
         "the book contradicts itself: refund_window is 30 days and 60 days"),
        ("facts: [{name: warranty_term, value: 1 year, applies_to: [Laptop]}, "
         "{name: warranty_term, value: 2 years, applies_to: [phone, laptop]}]",
         "warranty_term for laptop is 1 year and 2 years"),
        ("facts: [{name: restocking_fee, value: none}, {name: restocking_fee, value: 15%}]",
         "restocking_fee is none and 15%"),
        ("facts: [{name: contact_phone, value: 800 555 0142}, {name: contact_phone, value: 800 555 0199}]",
         "contact_phone is 800 555 0142 and 800 555 0199"),
        ("capabilities: {refund: {tool: pay_back}}\nnever: {refund: [refund]}",
         "capability refund is allowed under capabilities and forbidden under never"),
        ("capabilities: {gift: {tool: send, terms: [goodwill credit]}}\nnever: {credit: [Goodwill Credit]}",
         "capability gift is allowed under capabilities and forbidden under never"),
    ],
)  # fmt: skip
def test_a_book_that_contradicts_itself_is_refused(text: str, told: str) -> None:
    """Two values of one fact for the same, or a capability that is both allowed and forbidden: the names are told."""
    with pytest.raises(ConfigurationError, match="policy book: the book contradicts itself") as caught:
        book(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "facts: [{name: refund_window, value: 30 days}, {name: refund_window, value: one month}]",
        "facts: [{name: refund_window, value: 14 days}, {name: refund_window, value: two weeks}]",
        "facts: [{name: warranty_term, value: 24 months}, {name: warranty_term, value: 2 years}]",
    ],
)
def test_the_same_value_in_other_words_is_no_contradiction(text: str) -> None:
    """A fact that is stated twice with values that agree is stated once too often, but not wrongly."""
    assert len(book(text).facts) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("facts: [{name: refund_window, value: 30 moons}]", "policy book: refund_window: '30 moons' is no value"),
        ("facts: [{name: refund_window, value: 15%}]", "refund_window: '15%' is no duration or none or unlimited"),
        ("facts: [{name: refund_windw, value: 30 days}]", "refund_windw is no fact that every book knows"),
        ("facts: [{name: refund_window}]", "refund_window: give it one value"),
        ("facts: [{name: contact_phone, values: [ask us]}]", "contact_phone: 'ask us' is no telephone number"),
        ("facts: [{name: contact_email, values: [acme.example]}]", "'acme.example' is no email"),
        ("facts: [{name: opening_hours, values: [mornings]}]", "'mornings' are no opening hours"),
        ("facts: [{name: refund_window, value: 30 days, until: 5}]", "until: there is no such key; there are name,"),
        ("capabilities: {refund: {tools: [pay_back]}}",
         "capabilities.refund.tools: there is no such key; did you mean tool? there are tool, terms"),
        ("fact: {refund_window: 30 days}", "fact: there is no such key; did you mean facts? there are version, "),
        ("facts: {contact_phone: 0305550142}", 'contact_phone: YAML read a number; quote it, such as contact_phone: '
         '"+1 800 555 0142"'),
        ("facts: {contact_phone: +49305550142}", "quote it"),
        ("facts: {contact_phone: [+49305550142, 0305550142]}", "quote it"),
        ("facts: [{name: contact_phone, values: [0305550142]}]", "quote it"),
        ("facts: {opening_hours: 8:30}", 'quote it, such as opening_hours: "Mon-Fri 08:00-20:00"'),
        ('facts: {gift: {class: 01, terms: [gift card], value: 2 years}}', 'gift.class: YAML read a number; quote it, '
         'such as "01"'),
        ("min_confidence: 2", "less than or equal to 1"),
        ("facts: {refund_window: 30 days, refund_window: 60 days}", "line 2: refund_window stands here twice"),
        ("- a\n- b", "line 2"),
    ],
)
def test_a_mistake_is_told_with_its_fact(text: str, told: str) -> None:
    """The message names the fact, what was given and what is accepted."""
    with pytest.raises(ConfigurationError) as caught:
        book(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("written", "version"),
    [("2026-05-01", "2026-05-01"), ("7", "7"), ('"1.10"', "1.10"), ("acme-2026-05", "acme-2026-05")],
)
def test_a_version_is_taken_as_it_was_written(written: str, version: str) -> None:
    """A day and a whole number need no quotes."""
    assert PolicyBook.from_yaml(f"version: {written}").version == version


@pytest.mark.parametrize("written", ["1.10", "2026-05-01 10:00:00"])
def test_a_version_that_yaml_would_change_is_refused(written: str) -> None:
    """`1.10` would be read as 1.1; the message says how to write it."""
    with pytest.raises(ConfigurationError, match=r'version: YAML read a (number|time); quote it, such as "2026-05"'):
        PolicyBook.from_yaml(f"version: {written}")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """The message names the file."""
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot read the policy book"):
            PolicyBook.load(path)
    (tmp_path / "list.yaml").write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"list\.yaml: a policy book is a mapping"):
        PolicyBook.load(tmp_path / "list.yaml")


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book in YAML needs the extra `yaml`, and the error says so."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ImportError, match=r"pip install 'convqa-sdk\[yaml\]'"):
        PolicyBook.load(LARKSPUR)


@pytest.mark.parametrize(("given", "severity"), [("sector: retail", "P1"), ("sector: Banking", "P0"), ("", "P1"),
                                                 ("sector: banking\nregulated: false", "P1"),
                                                 ("sector: retail\nregulated: true", "P0")])  # fmt: skip
def test_a_regulated_sector_makes_class_02_as_grave_as_class_01(given: str, severity: str) -> None:
    """A wrong warranty is P0 where the sector is regulated, else P1."""
    checked = book(f"{given}\nfacts: [{{name: warranty_term, value: 2 years}}]").check("The warranty is 5 years.")
    assert [(each.code, each.severity) for each in checked] == [("02.warranty_term", severity)]
    assert "banking" in REGULATED
