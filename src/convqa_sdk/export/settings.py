"""Every setting in one table: argument, environment variable, default, one sentence; validated by pydantic.

An argument wins over its environment variable. `configure()`, the documentation and `convqa doctor` read this table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from annotated_types import Ge, Gt, Le
from opentelemetry._logs import LoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import TracerProvider
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PrivateAttr,
    ValidationError,
)

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.dialects import Dialect
from convqa_sdk.isolation import once
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.redaction.canonical import phone_library
from convqa_sdk.redaction.policy_errors import explained
from convqa_sdk.redaction.pseudonyms import Keys, keys_in
from convqa_sdk.redaction.vault import Vault
from convqa_sdk.schema.archetypes import ArchetypeMap
from convqa_sdk.schema.complaints import plainly
from convqa_sdk.signals.detectors import Detectors
from convqa_sdk.tracing.conversation_store import StateStore
from convqa_sdk.tracing.turn_facts import Watcher
from convqa_sdk.tracing.values import Versions

OneKey = bytes | str
Key = OneKey | Mapping[str, OneKey] | Callable[[], OneKey | Mapping[str, OneKey]]
CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
Switch = Literal["auto"] | bool


def _boolean(text: Any) -> Any:
    """Read the words that OpenTelemetry and people use for booleans."""
    if isinstance(text, str):
        word = text.strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off", ""):
            return False
    return text


def _switch(given: Any) -> Any:
    """Read the switch with three positions; pydantic would tell of each kind of value that it is not."""
    read = _boolean(given)
    if read in ("auto", 0, 1):
        return read
    raise ValueError("give auto, true or false")


def _key(given: Any) -> Any:
    if isinstance(given, str):
        return given.encode()
    if given is None or isinstance(given, (bytes, Mapping)) or callable(given):
        return given  # pyright: ignore[reportUnknownVariableType] # reason: `keys` looks at what is inside
    raise ValueError("give a text, bytes, a mapping of key ids to these, or a callable that returns either")


def read_policy(given: Any) -> Any:
    """Read a policy that is given as a file of YAML, or as its text."""
    if isinstance(given, (str, os.PathLike)):
        try:
            return RedactionPolicy.from_yaml(cast("str | os.PathLike[str]", given))
        except ImportError as error:
            raise ConfigurationError(str(error)) from None
    return given


def _archetypes(given: Any) -> Any:
    """Read an archetype map that is given as a file of YAML."""
    if isinstance(given, (str, os.PathLike)):
        try:
            return ArchetypeMap.load(cast("str | os.PathLike[str]", given))
        except ImportError as error:
            raise ConfigurationError(str(error)) from None
    if given is not None and not isinstance(given, ArchetypeMap):
        raise ValueError("give an ArchetypeMap, or the path of one in YAML")
    return given


def _recognizers(given: Any) -> Any:
    """Take one recognizer for a sequence of one, and refuse what cannot be called."""
    several = tuple(cast("list[Any]", given)) if isinstance(given, (list, tuple)) else (given,)
    if not all(callable(each) for each in several):
        raise ValueError("give callables that take a text and return (start, end, class) of each finding")
    return several


def _several(given: Any) -> Any:
    """Take one exporter or processor for a sequence of one."""
    return (given,) if isinstance(given, (SpanExporter, SpanProcessor)) else given


def _folder(given: Any) -> Any:
    if given == "":
        raise ValueError("give a folder; an empty path is none")
    return given


def _vault(given: Any) -> Any:
    """Take folder and public key, as the environment has them, for a vault with the defaults for the rest."""
    if isinstance(given, tuple):
        folder, public_key = cast("tuple[str, str]", given)
        return Vault(folder, public_key)
    return given


Bool = Annotated[bool, BeforeValidator(_boolean)]
Exporters = Annotated[tuple[SpanExporter, ...], BeforeValidator(_several)]
Processors = Annotated[tuple[SpanProcessor, ...], BeforeValidator(_several)]
Seconds = Annotated[float, Ge(0.0), Le(86_400.0)]


def _phone_region(region: str | None) -> str | None:
    if region is not None:
        try:
            phone_library()
        except ImportError as error:
            raise ConfigurationError(str(error)) from None
    return region


def _state_store(given: Any) -> Any:
    if given is None or isinstance(given, StateStore):
        return given
    raise ValueError("give an object with read(name) and advance(name, step), such as convqa.RedisState(...)")


def _watcher(given: Any) -> Any:
    if given is None or isinstance(given, Watcher):
        return given
    raise ValueError("give convqa.Guard(...), or an object with watch(facts) and suggested(accepted, at_ns)")


def _detectors(given: Any) -> Any:
    if not isinstance(given, Detectors):
        raise ValueError("give convqa.Detectors(...)")
    parts = {name: each for name, each in vars(given).items() if each is not None and not isinstance(each, bool)}
    wrong = [name for name, each in parts.items() if not callable(each)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: give callables")
    return given


class Settings(BaseModel):
    """The validated settings of one `configure()`; each field's description is its sentence in the documentation."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", frozen=True)

    service_name: str | None = Field(
        None, min_length=1, description="Name of the deployment; the resource's service.name."
    )
    versions: Versions = Field(Versions(), description="What the bot runs on; a turn may bring its own.")
    store: Annotated[Path, BeforeValidator(_folder)] | None = Field(None, description="Folder of the embedded store.")
    exporters: Exporters | None = Field(None, description="OpenTelemetry span exporters to send to.")
    forward_to: Processors | None = Field(None, description="Span processors that get our finished spans.")
    provider: TracerProvider | None = Field(
        None, description="The application's tracer provider; looked up at the first stage when not given."
    )
    meter_provider: MeterProvider | None = Field(
        None, description="The application's meter provider; looked up at the first turn when not given."
    )
    metrics: Annotated[Switch, BeforeValidator(_switch)] = Field(
        "auto",
        description="Measure turns: auto (where the application has a meter provider, or the environment names OTLP), "
        "true (else send to OTLP's default endpoint) or false.",
    )
    logger_provider: LoggerProvider | None = Field(
        None,
        description="The application's logger provider, which gets feedback, CSAT and audits as log events; when not "
        "given, the one that it has set.",
    )
    console: Bool = Field(False, description="Print finished turns to standard error, for development.")
    join: Annotated[Switch, BeforeValidator(_switch)] = Field(
        "auto", description="Make stages the current OpenTelemetry span: auto, true or false (how spans nest)."
    )
    trace_scope: Literal["conversation", "turn"] = Field(
        "conversation", description="One trace per conversation, or one per turn."
    )
    key: Annotated[Key | None, BeforeValidator(_key)] = Field(
        None,
        repr=False,
        description="Secret for pseudonyms and trace ids: a text, taken as it is, bytes, a mapping of key ids to these "
        "(the current one first), or a callable for any of them. The variable may hold several as JSON: "
        '`{"k2": "...", "k1": "..."}`.',
    )
    key_id: str = Field("k1", pattern="^[a-z0-9]{1,16}$", description="Name of the key, inside every pseudonym.")
    phone_region: Annotated[str | None, AfterValidator(_phone_region)] = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="Country whose telephone numbers are written without its code, such as US: their pseudonyms are "
        "made of E.164 (extra `redaction`).",
    )
    redaction: Annotated[RedactionPolicy, BeforeValidator(read_policy)] = Field(
        RedactionPolicy(), description="What happens to personal data that is found: a policy, or its YAML file."
    )
    known_values: Callable[[Any], Any] | None = Field(
        None, description="Looks up what is known of a customer (name, address), to be found in the texts of the turn."
    )
    recognizers: Annotated[tuple[Any, ...], BeforeValidator(_recognizers)] = Field(
        (), description="Engines of yours that find what patterns do not, such as names."
    )
    content: Bool = Field(True, description="Export texts (redacted); false exports none.")
    vault: Annotated[InstanceOf[Vault] | None, BeforeValidator(_vault)] = Field(
        None,
        description="Where exception cases are sealed, as `convqa.Vault(...)`; the variable names the folder, "
        "`CONVQA_VAULT_PUBLIC_KEY` the key.",
    )
    guard: Annotated[Any, AfterValidator(_watcher)] = Field(
        None, description="Who watches turns while the bot runs, as `convqa.Guard(...)`."
    )
    state: Annotated[Any, AfterValidator(_state_store)] = Field(
        None,
        description="Where the state of conversations is kept: this process's memory, or one that several workers "
        "share, such as `convqa.RedisState(...)`.",
    )
    detectors: Annotated[Any, AfterValidator(_detectors)] = Field(
        Detectors(), description="Detectors of yours in place of ours, as `convqa.Detectors(...)`."
    )
    dialect: Dialect = Field(
        "standard",
        description="Form of the attributes for backends: standard, tempo (long texts as arrays) or compat (with the "
        "names of Phoenix, MLflow and Langfuse). The store is always standard.",
    )
    segments: Mapping[str, Any] = Field({}, description="Segment fields of every turn, such as region or agent_id.")
    archetypes: Annotated[InstanceOf[ArchetypeMap] | None, BeforeValidator(_archetypes)] = Field(
        None,
        description="From intents to archetypes and tiers, for intents that state none: an ArchetypeMap, or its YAML "
        "file (extra `yaml`).",
    )
    sampling: Annotated[float, Ge(0.0), Le(1.0)] = Field(
        1.0,
        description="Share of customers (else conversations) whose turns are recorded, the same in every process; "
        "a turn that names neither is drawn by chance.",
    )
    disabled: Bool = Field(False, description="Record nothing; stages still run.")
    queue_bytes: int = Field(
        32 * 1024 * 1024, ge=64 * 1024, description="Memory that waiting turns may take, in bytes."
    )
    batch_spans: int = Field(256, ge=1, le=512, description="Spans per message.")
    batch_bytes: int = Field(
        1024 * 1024, ge=16 * 1024, le=3_500_000, description="Bytes per message; backends refuse more than 4 MB."
    )
    text_bytes: int = Field(65_536, ge=256, le=1_000_000, description="Bytes of one text that are exported.")
    span_bytes: int = Field(1_000_000, ge=4_096, le=3_000_000, description="Bytes of all texts of one span.")
    interval_s: Annotated[float, Gt(0.0), Le(60.0)] = Field(
        0.5, description="Longest time a turn waits for company, in seconds."
    )
    exit_timeout_s: Seconds = Field(5.0, description="Time for the last flush when the process ends, in seconds.")
    max_open_turns: int = Field(
        10_000, ge=1, description="Turns that may be open at once; the oldest is closed beyond."
    )
    segment_bytes: int = Field(16 * 1024 * 1024, ge=4_096, description="Size at which the store starts a new file.")
    segment_age_s: Annotated[float, Gt(0.0), Le(31_536_000.0)] = Field(
        3_600.0, description="Age at which the store starts a new file, in seconds."
    )
    segment_compression: Literal["none", "zstd"] = Field(
        "none", description="Compress files that the store has closed (extra `zstd`); the Collector does not read them."
    )

    _from_environment: frozenset[str] = PrivateAttr(frozenset())

    @property
    def explicit(self) -> frozenset[str]:
        """Names of the settings that were given as arguments."""
        return frozenset(self.model_fields_set) - self._from_environment

    def came_from(self, origin: Mapping[str, str]) -> None:
        """Note which settings came from the environment."""
        self._from_environment = frozenset(name for name, source in origin.items() if source != ARGUMENT)


ARGUMENT = "argument"


ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "service_name": ("OTEL_SERVICE_NAME",),
    "store": ("CONVQA_STORE",),
    "metrics": ("CONVQA_METRICS",),
    "console": ("CONVQA_CONSOLE",),
    "join": ("CONVQA_JOIN",),
    "trace_scope": ("CONVQA_TRACE_SCOPE",),
    "key": ("CONVQA_KEY",),
    "key_id": ("CONVQA_KEY_ID",),
    "phone_region": ("CONVQA_PHONE_REGION",),
    "redaction": ("CONVQA_REDACTION_POLICY",),
    "content": ("CONVQA_CONTENT", CAPTURE),
    "vault": ("CONVQA_VAULT",),
    "dialect": ("CONVQA_DIALECT",),
    "archetypes": ("CONVQA_ARCHETYPES",),
    "sampling": ("CONVQA_SAMPLING",),
    "disabled": ("CONVQA_DISABLED", "OTEL_SDK_DISABLED"),
    "queue_bytes": ("CONVQA_QUEUE_BYTES",),
    "batch_spans": ("CONVQA_BATCH_SPANS",),
    "batch_bytes": ("CONVQA_BATCH_BYTES",),
    "text_bytes": ("CONVQA_TEXT_BYTES",),
    "span_bytes": ("CONVQA_SPAN_BYTES",),
    "interval_s": ("CONVQA_INTERVAL_S",),
    "exit_timeout_s": ("CONVQA_EXIT_TIMEOUT_S",),
    "max_open_turns": ("CONVQA_MAX_OPEN_TURNS",),
    "segment_bytes": ("CONVQA_SEGMENT_BYTES",),
    "segment_age_s": ("CONVQA_SEGMENT_AGE_S",),
    "segment_compression": ("CONVQA_SEGMENT_COMPRESSION",),
}
"""Setting to environment variables, the first that is set and not empty counts; `disabled` is true if any is."""


def read_settings(given: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings for arguments and environment.

    Raises:
        ConfigurationError: Says which setting, where it came from, and what is accepted; never quotes a key.
    """
    environ = os.environ if environ is None else environ
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        raise ConfigurationError(
            f"configure() has no setting {', '.join(unknown)}; it has {', '.join(Settings.model_fields)}"
        )
    values = {name: value for name, value in given.items() if value is not None}
    origin = dict.fromkeys(values, ARGUMENT)
    for name, variables in ENVIRONMENT.items():
        found = [(v, environ[v].strip()) for v in variables if environ.get(v, "").strip()]
        if name == "disabled":
            found = [pair for pair in found if _switches_off(*pair)]
        if name not in values and found:
            origin[name], values[name] = found[0]
            if origin[name] == CAPTURE:
                values[name] = _captures_on_spans(found[0][1])
    if origin.get("key", ARGUMENT) != ARGUMENT:
        values["key"] = _keys_of_environment(values["key"])
    if origin.get("vault", ARGUMENT) != ARGUMENT:
        values["vault"] = (values["vault"], environ.get("CONVQA_VAULT_PUBLIC_KEY", ""))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(_told(problem, origin, values) for problem in problems)
        raise ConfigurationError(f"configure(): {told}") from None
    settings.came_from(origin)
    return settings


def _keys_of_environment(text: str) -> Keys | bytes:
    """Return the keys of a variable; the settings judge the id of one that stands alone."""
    try:
        return keys_in(text) if text.startswith("{") and text.endswith("}") else text.encode()
    except ConfigurationError as error:
        raise ConfigurationError(f"configure(): CONVQA_KEY: {str(error).removeprefix('key: ')}") from None


def _switches_off(variable: str, text: str) -> bool:
    """Tell whether a variable may switch recording off; OpenTelemetry's own counts no text it does not know."""
    read = _boolean(text)
    return read is True or (read is not False and variable.startswith("CONVQA_"))


def _captures_on_spans(text: str) -> bool:
    """Tell whether OpenTelemetry's variable for GenAI content wants texts on spans, which is where ours are.

    As in OpenTelemetry, a word that it does not know switches content off.
    """
    word = text.upper()
    if word in ("SPAN_ONLY", "SPAN_AND_EVENT"):
        return True
    if word in ("NO_CONTENT", "EVENT_ONLY"):
        return False
    read = _boolean(text)
    if not isinstance(read, bool):
        once(
            "unknown_capture_mode",
            variable=CAPTURE,
            effect="no texts are exported",
            do="give NO_CONTENT, SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, true or false",
        )
    return read is True


def _told(problem: Mapping[str, Any], origin: Mapping[str, str], values: Mapping[str, Any]) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else "settings"
    source = origin.get(name, ARGUMENT)
    variables = " or ".join(ENVIRONMENT.get(name, ()))
    hint = f" (set {name}= or {variables})" if variables else f" (set {name}=)"
    message = plainly(problem["type"], problem["msg"])
    if name == "redaction" and len(problem["loc"]) > 1:
        place = problem["loc"][1:]
        inner = ".".join(str(step) for step in place if isinstance(step, int) or step.isidentifier())
        message = f"{inner}: {explained(place, problem['type'], message)}"
    if problem["type"] == "bool_parsing":
        message = "give one of 1, true, yes, on, 0, false, no, off"
    given: object = values.get(name)
    short = name not in ("key", "redaction") and isinstance(given, (str, int, float)) and len(str(given)) <= 40
    said = f", not {given!r}" if short else ""
    return f"{name} from {source}: {message}{said}{hint}"


def table() -> Sequence[tuple[str, str, str, str]]:
    """Return (argument, environment variables, default, sentence) of every setting."""
    rows: list[tuple[str, str, str, str]] = []
    for name, info in Settings.model_fields.items():
        default = info.default
        plain = isinstance(default, (str, int, float, bool))
        shown = str(default) if plain else ""
        rows.append((name, " or ".join(ENVIRONMENT.get(name, ())), shown, info.description or ""))
    return rows
