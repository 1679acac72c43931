"""Which engine is in use, and which rules it finds to try."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.anchors import VARIABLE, chosen_engine, present_by
from convqa_sdk.redaction.patterns import RULES
from convqa_sdk.redaction.rule import Engine
from convqa_sdk.redaction.telling import SIGNS

ENGINES: list[Engine] = ["re", "re2"] if importlib.util.find_spec("re2") else ["re"]


@pytest.fixture
def without_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make google-re2 look as if it were not installed."""
    monkeypatch.setattr("convqa_sdk.redaction.anchors.find_spec", lambda name: None)


@pytest.mark.skipif("re2" not in ENGINES, reason="the extra fast is not installed")
def test_the_fast_engine_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to ask for it, and the variable turns it off."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert chosen_engine() == "re2"
    monkeypatch.setenv(VARIABLE, " RE ")
    assert chosen_engine() == "re"


@pytest.mark.usefixtures("without_re2")
def test_without_the_extra_python_alone_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare install works; who asks for what is not installed is told what to install."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert chosen_engine() == "re"
    monkeypatch.setenv(VARIABLE, "re2")
    with pytest.raises(ConfigurationError, match=r"convqa-sdk\[fast\]"):
        chosen_engine()


def test_an_unknown_engine_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable, what it held, cut short, and what it may hold."""
    monkeypatch.setenv(VARIABLE, "hyperscan" * 20)
    with pytest.raises(ConfigurationError, match=f"{VARIABLE}: expected re or re2, not 'hyperscan") as caught:
        chosen_engine()
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.literals], ids=lambda rule: rule.name)
def test_each_literal_is_seen_by_each_engine(engine: Engine, rule: object) -> None:
    """A literal at the begin of a long token, in capitals too where case does not count, is an anchor of its rule."""
    present = present_by(engine, RULES)
    for literal in rule.literals:  # type: ignore[attr-defined] # reason: pytest passes objects
        for written in (literal, literal.upper()) if rule.folded else (literal,):  # type: ignore[attr-defined]
            text = f" {written}a1B2c3D4e5F6g7H8 "
            seen = [anchor.rule for anchor in present(text, text.lower(), text.encode("ascii", "replace"), SIGNS)]
            assert rule in seen, literal


def test_anchors_come_in_the_order_of_the_rules() -> None:
    """Both engines give them alike, so that findings do."""
    text = "token=gh" + "p_a1B2c3D4e5F6g7H8i9J0 +1 (a) x@y " + "sk" + "-a1B2c3D4e5F6g7H8"
    for engine in ENGINES:
        numbers = [a.number for a in present_by(engine, RULES)(text, text.lower(), text.encode(), SIGNS)]
        assert numbers == sorted(set(numbers))


@pytest.mark.skipif("re2" not in ENGINES, reason="the extra fast is not installed")
def test_importing_the_package_loads_no_engine() -> None:
    """google-re2 is loaded when the first text comes."""
    import subprocess

    code = "import sys, convqa_sdk.redaction; sys.exit('re2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
