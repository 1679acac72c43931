"""The pytest plugin in a fresh test run of somebody else's project."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

BOT = """
import convqa_sdk as convqa

convqa.configure(service_name="acme")


@convqa.retrieval(data_source="help-center")
def search(question):
    return [convqa.Document("kb-22", "Refunds within 30 days", 0.83)]


@convqa.escalation
def hand_over(reason):
    return convqa.Handoff("wants money")


def reply(conversation_id, message):
    convqa.configure(service_name="again")
    with convqa.turn(conversation_id, message) as turn:
        search(message)
        hand_over("policy")
        return turn.fallback("I am handing you to a colleague.")
"""
TESTS = """
import bot


def test_refund_is_escalated(convqa_spans):
    bot.reply("c-1", "I want my money back, jane@example.com")
    turn = convqa_spans.turn("c-1")
    assert turn.stages == ["retrieval", "escalation"]
    assert turn["convqa.escalation.reason"] == "policy"
    convqa_spans.assert_no_leak("jane@example.com")
    convqa_spans.assert_complete()


def test_the_next_test_starts_empty(convqa_spans):
    assert convqa_spans.spans == []
    assert convqa_spans.stats().recorded == 0
    bot.reply("c-2", "hello")
    assert [turn["gen_ai.conversation.id"] for turn in convqa_spans.turns()] == ["c-2"]
    assert convqa_spans.turn("c-2").span.context.span_id == 1


def test_a_leak_is_found(convqa_spans):
    bot.reply("c-3", "the codeword is swordfish")
    convqa_spans.assert_no_leak("swordfish")
"""
UNUSED = """
import sys


def test_something_else():
    assert [name for name in sys.modules if name.split(".")[0] in ("convqa_sdk", "opentelemetry", "pydantic")] == []
"""


def run(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Run pytest there as its owner would."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("CONVQA_", "OTEL_", "PYTEST_", "COV_"))
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--rootdir", str(folder), *words]
    done = subprocess.run(
        command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=100, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A bot with its tests, in a folder of its own."""
    (tmp_path / "bot.py").write_text(BOT)
    (tmp_path / "test_bot.py").write_text(TESTS)
    return tmp_path


def test_the_fixture_is_there_without_configuration(project: Path) -> None:
    """Installed is enough; the failing test fails for its leak, does not quote it, and no file was written."""
    status, output = run(project)
    assert "1 failed, 2 passed" in output, output
    assert status == 1
    assert "value 1 in span" in output
    told = [line for line in output.splitlines() if line.startswith("E ")]
    assert told
    assert not any("swordfish" in line for line in told)
    assert list(project.glob("convqa-telemetry*")) == []  # neither a store nor a key, although `bot` configures


def test_tests_may_run_in_any_order(project: Path) -> None:
    """Nothing of one test is seen by another."""
    (project / "test_bot.py").write_text(TESTS.split("def test_a_leak_is_found", maxsplit=1)[0])
    status, output = run(
        project, "test_bot.py::test_the_next_test_starts_empty", "test_bot.py::test_refund_is_escalated"
    )
    assert (status, "2 passed" in output) == (0, True), output


@pytest.mark.parametrize("plugin", ["_convqa_pytest", "convqa_sdk.testing.plugin"])
def test_where_entry_points_are_off(project: Path, plugin: str) -> None:
    """The plugin can be named on the command line."""
    status, output = run(project, "-p", plugin, "-k", "refund", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert (status, "1 passed" in output) == (0, True), output


def test_costs_nothing_when_unused(tmp_path: Path) -> None:
    """A test run that does not ask for the fixture imports neither the SDK nor what it needs."""
    (tmp_path / "test_other.py").write_text(UNUSED)
    status, output = run(tmp_path, "-p", "_convqa_pytest", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert (status, "1 passed" in output) == (0, True), output


def test_the_entry_point_of_the_project_names_the_light_module() -> None:
    """What is registered is the module outside the package."""
    declared = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'convqa_sdk = "_convqa_pytest"' in declared
    assert [
        point.name for point in entry_points(group="pytest11") if point.value.startswith(("convqa", "_convqa"))
    ] == ["convqa_sdk"]
