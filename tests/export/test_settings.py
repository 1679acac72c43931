"""One table of settings: arguments, environment variables, defaults, and errors that say what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import ConsoleExporter, MemoryExporter
from convqa_sdk.export.sdk import configure
from convqa_sdk.export.settings import CAPTURE, ENVIRONMENT, Settings, read_settings, table
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.redaction.vault import Vault

SECRET = "hunter2-hunter2-hunter2"
ARCHETYPES = Path(__file__).with_name("archetypes.yaml")
WORKS: dict[str, tuple[str, Any]] = {
    "service_name": ("bot", "bot"),
    "store": ("folder", Path("folder")),
    "console": ("yes", True),
    "join": ("false", False),
    "metrics": ("true", True),
    "trace_scope": ("turn", "turn"),
    "key": (SECRET, SECRET.encode()),
    "key_id": ("k2", "k2"),
    "phone_region": ("US", "US"),
    "redaction": ("version: acme-7", RedactionPolicy(version="acme-7")),
    "content": ("off", False),
    "dialect": ("tempo", "tempo"),
    "archetypes": (str(ARCHETYPES), convqa.ArchetypeMap.load(ARCHETYPES)),
    "disabled": ("true", True),
    "queue_bytes": ("100000", 100_000),
    "batch_spans": (" 32 ", 32),
    "batch_bytes": ("20000", 20_000),
    "text_bytes": ("300", 300),
    "span_bytes": ("5000", 5_000),
    "interval_s": ("0.25", 0.25),
    "exit_timeout_s": ("0", 0.0),
    "max_open_turns": ("1", 1),
    "sampling": ("0.25", 0.25),
    "segment_bytes": ("4096", 4_096),
    "segment_age_s": ("60", 60.0),
    "segment_compression": ("zstd", "zstd"),
}
WRONG: dict[str, Any] = {
    "service_name": "",
    "versions": 7,
    "store": "",
    "exporters": ["x"],
    "forward_to": object(),
    "provider": "provider",
    "logger_provider": "provider",
    "console": "perhaps",
    "join": "sometimes",
    "meter_provider": 7,
    "metrics": "sometimes",
    "trace_scope": "day",
    "key": 7,
    "key_id": "K 1",
    "phone_region": "usa",
    "known_values": 7,
    "recognizers": 7,
    "guard": 7,
    "state": {"a": "mapping"},
    "detectors": len,
    "redaction": {"actions": {"SECRET": "keep"}},
    "content": "perhaps",
    "dialect": "klingon",
    "segments": 7,
    "archetypes": "none.yaml",
    "vault": "a folder alone",
    "disabled": "perhaps",
    "queue_bytes": 10,
    "batch_spans": 513,
    "batch_bytes": 4_000_000,
    "text_bytes": 0,
    "span_bytes": 4_000_000,
    "interval_s": float("nan"),
    "exit_timeout_s": float("inf"),
    "max_open_turns": 0,
    "sampling": 1.5,
    "segment_bytes": 1,
    "segment_age_s": 0,
    "segment_compression": "gzip",
}


PUBLIC_KEY = "convqa-vault-public-" + "09" * 32
WORKS["vault"] = ("evidence", Vault("evidence", PUBLIC_KEY))
BESIDE = {"vault": {"CONVQA_VAULT_PUBLIC_KEY": PUBLIC_KEY}}
"""What other variables a setting's own needs."""


def test_the_table_is_complete() -> None:
    """Every setting has a sentence, an environment variable unless it is an object, and a place in `configure()`."""
    import inspect

    rows = {argument: (variables, default, sentence) for argument, variables, default, sentence in table()}
    assert list(rows) == list(Settings.model_fields)
    for argument, (variables, _, sentence) in rows.items():
        assert sentence.endswith("."), argument
        assert sentence[0].isupper(), argument
        assert variables == " or ".join(ENVIRONMENT.get(argument, ()))
    objects = {"versions", "exporters", "forward_to", "provider", "meter_provider", "segments", "known_values"}
    objects |= {"recognizers", "guard", "state", "detectors", "logger_provider"}
    assert set(rows) - set(ENVIRONMENT) == objects
    assert set(inspect.signature(configure).parameters) == set(rows)
    assert all(parameter.default is None for parameter in inspect.signature(configure).parameters.values())
    assert rows["batch_spans"][1] == "256"
    assert SECRET not in str(rows)


def test_the_examples_cover_every_variable() -> None:
    """The tests below try every setting that has a variable, and a wrong value of every setting."""
    assert set(WORKS) == set(ENVIRONMENT)
    assert set(WRONG) == set(Settings.model_fields)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_every_environment_variable_works(name: str) -> None:
    """Each variable sets its setting, an argument beats it, and an empty one is none."""
    text, value = WORKS[name]
    for variable in ENVIRONMENT[name]:
        settings = read_settings({}, {variable: text, **BESIDE.get(name, {})})
        assert getattr(settings, name) == value
        assert name not in settings.explicit
        assert getattr(read_settings({}, {variable: "  "}), name) == Settings.model_fields[name].default
    default = getattr(read_settings({}, {}), name)
    if default is not None:
        beaten = read_settings({name: default}, {ENVIRONMENT[name][0]: text})
        assert getattr(beaten, name) == default
        assert name in beaten.explicit


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_is_named_with_what_to_do(name: str) -> None:
    """The error names the setting, says that it was the argument, and what is accepted."""
    with pytest.raises(ConfigurationError) as caught:
        configure(**{name: WRONG[name]})
    message = str(caught.value)
    assert f"{name} from argument: " in message
    assert f"(set {name}=" in message
    assert message.count("\n") == 0


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if isinstance(WRONG[name], str) and WRONG[name]])
def test_a_wrong_variable_is_named(name: str) -> None:
    """The error names the variable that was wrong."""
    variable = ENVIRONMENT[name][0]
    with pytest.raises(ConfigurationError, match=f"{name} from {variable}: .*{variable}"):
        read_settings({}, {variable: WRONG[name]})


@pytest.mark.parametrize("given", [{"key": 7.5}, {"key": [SECRET]}, {"key": SECRET.encode(), "key_id": SECRET * 9}])
def test_no_error_and_no_repr_quotes_a_key(given: dict[str, Any]) -> None:
    """Whatever is wrong, the key itself is never shown, nor by the settings' own text."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings(given, {"CONVQA_KEY": SECRET})
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert "hunter2" not in repr(read_settings({"key": SECRET}, {}))


def test_unknown_settings_are_refused_by_name() -> None:
    """A setting that does not exist is named, with those that do."""
    with pytest.raises(ConfigurationError, match=r"no setting colour, shape; it has .*batch_spans"):
        read_settings({"colour": 1, "shape": 2, "store": "x"}, {})
    with pytest.raises(TypeError):
        configure(colour=1)  # type: ignore[call-arg] # reason: wrong on purpose


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "on", " On "])
def test_words_for_true(word: str) -> None:
    """The usual words switch something on."""
    assert read_settings({}, {"CONVQA_CONSOLE": word}).console is True
    assert read_settings({"console": word}, {}).console is True


@pytest.mark.parametrize("word", ["0", "false", "No", "OFF"])
def test_words_for_false(word: str) -> None:
    """The usual words switch something off."""
    assert read_settings({}, {"CONVQA_CONTENT": word}).content is False
    assert read_settings({}, {"CONVQA_DISABLED": word}).disabled is False


@pytest.mark.parametrize(
    ("environ", "disabled"),
    [
        ({"CONVQA_DISABLED": "1"}, True),
        ({"OTEL_SDK_DISABLED": "true"}, True),
        ({"OTEL_SDK_DISABLED": "TRUE", "CONVQA_DISABLED": "0"}, True),
        ({"OTEL_SDK_DISABLED": "false"}, False),
        ({"OTEL_SDK_DISABLED": "perhaps"}, False),
        ({"OTEL_SDK_DISABLED": "perhaps", "CONVQA_DISABLED": "1"}, True),
        ({}, False),
    ],
    ids=str,
)
def test_switching_off(environ: dict[str, str], disabled: bool) -> None:
    """Either variable switches recording off; a word that OpenTelemetry does not know is false, as it is there."""
    assert read_settings({}, environ).disabled is disabled


def test_an_argument_beats_the_switch_in_the_environment() -> None:
    """`disabled=False` in the code wins over the environment."""
    assert read_settings({"disabled": False}, {"CONVQA_DISABLED": "1", "OTEL_SDK_DISABLED": "true"}).disabled is False


@pytest.mark.parametrize("variable", ["CONVQA_DISABLED", "OTEL_SDK_DISABLED"])
def test_switched_off_nothing_is_recorded_and_stages_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """Off means: the bot runs as ever, no file, no key, no thread, no count."""
    monkeypatch.setenv(variable, "true")
    sdk = configure("bot", store=tmp_path / "s", console=True)
    with convqa.turn("c-1", "hi") as turn:
        assert convqa.tool(lambda: 7)() == 7
        assert turn.answer("x") == "x"
    assert sdk.flush(1)
    assert sdk.stats().recorded == 0
    sdk.shutdown(1)
    assert list(tmp_path.iterdir()) == []


def test_one_exporter_or_processor_needs_no_list() -> None:
    """A single exporter or processor may be given as it is."""
    exporter, processor = MemoryExporter(), SimpleSpanProcessor(ConsoleExporter())
    assert read_settings({"exporters": exporter}, {}).exporters == (exporter,)
    assert read_settings({"exporters": [exporter]}, {}).exporters == (exporter,)
    assert read_settings({"forward_to": processor}, {}).forward_to == (processor,)


def test_objects_are_taken_as_they_are() -> None:
    """Versions, policy, provider and segments are given as objects."""
    provider, policy = TracerProvider(), RedactionPolicy(version="mine")
    given = {
        "provider": provider,
        "redaction": policy,
        "versions": convqa.Versions("m"),
        "segments": {"region": "emea"},
    }
    settings = read_settings(given, {})
    assert (settings.provider, settings.redaction, settings.versions.model) == (provider, policy, "m")
    assert settings.segments == {"region": "emea"}
    assert settings.explicit == set(given)


def test_a_wrong_setting_leaves_the_configuration_in_force(tmp_path: Path) -> None:
    """A failing `configure()` changes nothing: what was configured before goes on."""
    exporter = MemoryExporter()
    sdk = configure("bot", exporters=exporter)
    with pytest.raises(ConfigurationError):
        configure("bot", batch_spans=0)
    with convqa.turn("c-1", "hi"):
        pass
    assert sdk.flush(5)
    assert len(exporter.spans) == 1


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_told_in_one_sentence(name: str) -> None:
    """A setting that takes several kinds of values says so once, and not of each kind that it was not given."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings({name: WRONG[name]}, {})
    assert str(caught.value).count(f"{name} from argument") == 1


@pytest.mark.parametrize("given", ["sometimes", 7, None, 2.5, [], object()])
def test_join_says_its_three_positions(given: object) -> None:
    """What is given, what is accepted, and where to set it."""
    if given is None:
        assert read_settings({"join": given}, {}).join == "auto"
        return
    with pytest.raises(ConfigurationError, match=r"join from argument: give auto, true or false.* CONVQA_JOIN"):
        read_settings({"join": given}, {})


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("NO_CONTENT", False),
        ("no_content", False),
        ("EVENT_ONLY", False),
        ("false", False),
        ("0", False),
        ("SPAN_ONLY", True),
        ("SPAN_AND_EVENT", True),
        ("span_and_event", True),
        ("true", True),
        ("", True),
    ],
)
def test_opentelemetrys_capture_mode_is_honoured(text: str, content: bool) -> None:
    """Our texts stand on spans: a mode without spans switches them off; one of our own settings beats it."""
    assert read_settings({}, {CAPTURE: text}).content is content
    assert read_settings({"content": not content}, {CAPTURE: text}).content is not content
    assert read_settings({}, {CAPTURE: text, "CONVQA_CONTENT": str(not content)}).content is not content


def test_an_unknown_capture_mode_switches_texts_off_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """As OpenTelemetry does; what is accepted is told once."""
    for _ in range(2):
        assert read_settings({}, {CAPTURE: "SPANS"}).content is False
    assert caplog.text.count("unknown_capture_mode") == 1
    assert "SPAN_AND_EVENT" in caplog.text


def test_a_wrong_policy_in_python_is_told_like_one_in_a_file() -> None:
    """The setting, the nearest that there is, and nothing of the content."""
    with pytest.raises(ConfigurationError, match=r"redaction from argument: action: .*did you mean actions\?"):
        read_settings({"redaction": {"action": {}}}, {})
    with pytest.raises(ConfigurationError, match=r"allow\.0: an entry looks like \{cls: EMAIL") as caught:
        read_settings({"redaction": {"allow": [SECRET]}}, {})
    assert SECRET not in str(caught.value)


def test_a_phone_region_without_its_extra_is_an_error_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the setting and the extra."""
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(ConfigurationError, match=r"phone_region from argument: .*convqa-sdk\[redaction\]"):
        configure(phone_region="US")


def test_a_policy_may_be_a_file(tmp_path: Path) -> None:
    """By argument as path or text, and by variable; an error has the place in the file and quotes nothing."""
    path = tmp_path / "policy.yaml"
    path.write_text("version: acme-9\nactions: {EMAIL: keep}\n")
    policy = RedactionPolicy(version="acme-9", actions={"EMAIL": "keep"})
    assert read_settings({"redaction": path}, {}).redaction == policy
    assert read_settings({"redaction": str(path)}, {}).redaction == policy
    assert read_settings({}, {"CONVQA_REDACTION_POLICY": str(path)}).redaction == policy
    path.write_text("version: acme-9\nactions: {EMAIL: hunter2}\n")
    with pytest.raises(
        ConfigurationError, match=r"redaction from CONVQA_REDACTION_POLICY: .*line 2: .*EMAIL"
    ) as caught:
        read_settings({}, {"CONVQA_REDACTION_POLICY": str(path)})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="line 1: setting: there is no such setting") as caught:
        read_settings({}, {"CONVQA_REDACTION_POLICY": "setting: hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_policy_in_a_file_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyYAML `configure()` says what to install."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ConfigurationError, match=r"redaction from argument: .*convqa-sdk\[redaction\]"):
        read_settings({"redaction": "version: a"}, {})


def test_one_recognizer_needs_no_list() -> None:
    """A single callable may be given as it is."""
    assert read_settings({"recognizers": len}, {}).recognizers == (len,)
    assert read_settings({"recognizers": [len, repr]}, {}).recognizers == (len, repr)


def test_keys_of_the_environment() -> None:
    """The variable may hold several keys as JSON; an argument is a key as it stands; braces around no keys are told."""
    several = '{"k2": "a new key", "k1": "an old key"}'
    assert read_settings({}, {"CONVQA_KEY": several}).key == {"k2": b"a new key", "k1": b"an old key"}
    assert read_settings({"key": several}, {}).key == several.encode()
    assert read_settings({}, {"CONVQA_KEY": "k2:a,k1:b"}).key == b"k2:a,k1:b"
    with pytest.raises(ConfigurationError, match="CONVQA_KEY: a text in braces"):
        read_settings({}, {"CONVQA_KEY": "{of a password manager}"})
