"""Which rule found what."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import Finding, detect
from convqa_sdk.redaction.explaining import explain

from .planted import awkward_text, planted


@given(st.one_of(awkward_text, st.builds("about {} and {}".format, planted, planted)))
def test_the_findings_of_the_detector(text: str) -> None:
    """What is explained is what is redacted, no more and no less, and each finding has a rule with a name."""
    explained = explain(text)
    assert [Finding(*each[:3]) for each in explained] == detect(text)
    assert all(each.rule for each in explained)


def test_the_rule_says_more_than_the_class() -> None:
    """Two forms of one class are told apart."""
    secrets = [f"password: {'Tr0ub4dor' + '&3'}", "key " + "gh" + "p_" + "1a2B3c4D5e6F7g8H9i0J" * 2]
    rules = {each.rule for text in secrets for each in explain(text)}
    assert len(rules) == 2
