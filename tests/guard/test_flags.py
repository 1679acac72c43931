"""Kill switches: a file, a variable, an OpenFeature provider, a callable; and what their answers mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard import FlagError, Switch, flag_file, flag_provider, flag_variable
from convqa_sdk.guard.flags import MAX_BYTES, understood
from strategies_guard import anything


@pytest.fixture(autouse=True)
def no_provider() -> Iterator[None]:
    """Leave OpenFeature as it was."""
    yield
    api.shutdown()


@pytest.mark.parametrize(
    ("answer", "switch"),
    [
        (True, Switch("killed")),
        (False, Switch("normal")),
        ("killed", Switch("killed")),
        (" Fallback\n", Switch("fallback")),
        ("normal", Switch("normal")),
        ("on", Switch("killed")),
        ("0", Switch("normal")),
        (1, Switch("killed")),
        (0, Switch("normal")),
        ({"state": "fallback"}, Switch("fallback")),
        (
            {"archetypes": {"order": "killed"}, "rule": "A6", "evidence": [1]},
            Switch("normal", {"order": "killed"}, "A6"),
        ),
    ],
)
def test_answers(answer: Any, switch: Switch) -> None:
    """Whether the switch is thrown, in which state, or a decision record, of which the rest is for others."""
    assert understood(answer) == switch


@pytest.mark.parametrize(
    "answer",
    [
        *(None, 2, -1, 0.0, 1.0, "", "maybe", "jane@example.com", b"killed", [], {}, {"decision": "rollback"}),
        *({"state": "off"}, {"killed": True}),
        *({"archetypes": ["order"]}, {"archetypes": {"order": "off"}}, {"state": "killed", "rule": 7}),
    ],
)
def test_what_means_nothing(answer: Any) -> None:
    """It is an error that names the type and what is accepted, never the value."""
    with pytest.raises(FlagError, match=r"means nothing|says no state|in no state") as caught:
        understood(answer)
    assert "jane" not in str(caught.value)


def test_a_record_names_so_many_archetypes() -> None:
    """As many as a plan may have; for more there is one state for all."""
    assert len(understood({"archetypes": {f"a{n}": "killed" for n in range(1_000)}}).archetypes) == 1_000
    with pytest.raises(FlagError, match="more than 1,000 archetypes; stop all of them with `state`"):
        understood({"archetypes": {f"a{n}": "killed" for n in range(1_001)}})


@given(anything)
def test_every_answer_is_understood_or_refused(answer: Any) -> None:
    """Nothing else happens, whatever a provider says."""
    with suppress(FlagError):
        assert understood(answer).state in ("normal", "fallback", "killed")


class TestFile:
    @pytest.mark.parametrize(
        ("content", "state"),
        [("", "killed"), ("fallback\n", "fallback"), ("normal", "normal"), ('{"state": "killed"}', "killed")],
    )
    def test_content(self, tmp_path: Path, content: str, state: str) -> None:
        """An empty file is a switch that was thrown by `touch`."""
        (tmp_path / "kill").write_text(content)
        assert understood(flag_file(tmp_path / "kill")()).state == state

    def test_absent(self, tmp_path: Path) -> None:
        """No file is normal; no folder is a disk that is not there, which says nothing."""
        assert understood(flag_file(tmp_path / "kill")()).state == "normal"
        with pytest.raises(FileNotFoundError):
            flag_file(tmp_path / "not-mounted" / "kill")()

    @pytest.mark.parametrize("content", [b"\xff", b"{", b"x" * (MAX_BYTES + 1), b'{"state": 1}', b"maybe"])
    def test_garbage(self, tmp_path: Path, content: bytes) -> None:
        """It is an error, so that the last known state is held."""
        (tmp_path / "kill").write_bytes(content)
        with pytest.raises((FlagError, ValueError)):
            understood(flag_file(tmp_path / "kill")())

    def test_a_decision_record_of_a_trigger(self, tmp_path: Path) -> None:
        """A trigger does not call the guard: it writes down what it has decided."""
        record = {"state": "normal", "archetypes": {"refund_status": "fallback"}, "rule": "A6", "window": "4 weeks"}
        (tmp_path / "decision.json").write_text(json.dumps(record))
        switch = understood(flag_file(tmp_path / "decision.json")())
        assert (switch.archetypes["refund_status"], switch.rule) == ("fallback", "A6")


def test_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset and empty are normal; it is read each time."""
    ask = flag_variable("CONVQA_TEST_GUARD")
    states: list[str] = []
    for value in (None, "", " ", "killed", "fallback"):
        if value is not None:
            monkeypatch.setenv("CONVQA_TEST_GUARD", value)
        states.append(understood(ask()).state)
    assert states == ["normal", "normal", "normal", "killed", "fallback"]


def provider(**flags: Any) -> InMemoryProvider:
    """OpenFeature's own provider in memory, with flags that have one value each."""
    return InMemoryProvider({key: InMemoryFlag("it", {"it": value}) for key, value in flags.items()})


class TestProvider:
    def test_values(self) -> None:
        """A flag of each kind; what is set later is seen at the next question."""
        api.set_provider_and_wait(provider(kill=True, state="fallback", record={"archetypes": {"a": "killed"}}))
        kill = flag_provider("kill")
        assert understood(kill()) == Switch("killed")
        assert understood(flag_provider("state", kind="string")()) == Switch("fallback")
        assert understood(flag_provider("record", kind="object")()).archetypes == {"a": "killed"}
        api.set_provider_and_wait(provider(kill=False))
        assert understood(kill()) == Switch("normal")

    def test_a_domain_has_a_provider_of_its_own(self) -> None:
        """The default provider's flags are others'."""
        api.set_provider_and_wait(provider(kill=False))
        api.set_provider_and_wait(provider(kill=True), domain="bots")
        assert [flag_provider("kill", domain=domain)() for domain in (None, "bots")] == [False, True]

    def test_no_provider(self) -> None:
        """OpenFeature would answer with the default that it was given, which says nothing."""
        with pytest.raises(FlagError, match="no flag provider is set"):
            flag_provider("kill")()

    @pytest.mark.parametrize(("key", "told"), [("missing", "FLAG_NOT_FOUND"), ("state", "TYPE_MISMATCH")])
    def test_errors(self, key: str, told: str) -> None:
        """A flag that is not there, or of another kind, is no answer; nor is one of a provider that fails."""
        api.set_provider_and_wait(provider(state="fallback"))
        with pytest.raises(FlagError, match=told):
            flag_provider(key)()

    def test_a_provider_that_raises(self) -> None:
        """OpenFeature catches it, and says so in the details."""
        broken = provider(kill=True)

        def fail(*_: Any) -> Any:
            raise ConnectionError("flags.example.com")

        broken.resolve_boolean_details = fail  # type: ignore[method-assign]
        api.set_provider_and_wait(broken)
        with pytest.raises(FlagError, match="GENERAL"):
            flag_provider("kill")()

    def test_what_cannot_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A kind that there is not, and the library that is not there: at the caller's own boundary."""
        with pytest.raises(ConfigurationError, match="boolean, string, object"):
            flag_provider("kill", kind="float")  # type: ignore[arg-type]
        monkeypatch.setitem(sys.modules, "openfeature", None)
        with pytest.raises(ImportError, match=r"convqa-sdk\[flags\]"):
            flag_provider("kill")
