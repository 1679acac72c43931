"""The transcript format that `convqa replay` reads: one JSON object per conversation.

Only ids, roles and texts are required. `read_transcripts` also reads result files of tau2-bench and tau-bench.
What the format does not name (a benchmark's expected actions, a simulated customer's brief) is not read at all, so it
can never reach a stage.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from convqa_sdk.errors import TranscriptError
from convqa_sdk.integrations.tau2 import transcripts_of

TranscriptFormat = Literal["auto", "transcript", "tau2"]
Time = str | float | int
"""ISO 8601, or Unix seconds; without a zone it means the zone that the replay is told (default UTC)."""
Tokens = Annotated[int, Field(ge=0, le=10**12)]
Dollars = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(min_length=1, max_length=1000)]
_TOLD = 3


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True, protected_namespaces=())


class TokenUsage(_Part):
    """Tokens of one call of a model."""

    prompt_tokens: Tokens | None = Field(None, description="Input tokens, cached ones included.")
    completion_tokens: Tokens | None = Field(None, description="Output tokens.")


class TranscriptCall(_Part):
    """A call of a tool."""

    id: str | None = Field(None, description="Id that the tool's answer names in `tool_call_id`.")
    name: Name = Field(description="Name of the tool.")
    args: Any = Field(None, description="Arguments of the call, any JSON value.")
    requestor: Literal["assistant", "user"] | None = Field(
        None, description="Who calls; default: the role of the entry. `user` is something the customer does himself."
    )


class TranscriptIntent(_Part):
    """What the bot's own classifier said about a customer's message."""

    name: Name = Field(description="Class of the intent.")
    confidence: Share | None = Field(None, description="Confidence from 0 to 1; a complete trace needs it.")
    risk: Literal["low", "medium", "high"] | None = Field(None, description="Risk of answering wrongly.")
    archetype: Name | None = Field(None, description="Archetype of the issue.")


class TranscriptTurn(_Part):
    """One entry: somebody says something, calls tools, or a tool answers."""

    i: int | None = Field(None, description="Position of the entry, from 0; default: where it stands.")
    role: str = Field(description="`user`, `assistant` or `tool`; entries of other roles are kept out and counted.")
    text: str | None = Field(description="What was said or what the tool answered; null when only tools are called.")
    ts: Time | None = Field(None, description="When the entry was complete; it began when the one before was complete.")
    tool_calls: tuple[TranscriptCall, ...] | None = Field(None, description="Tools that the entry calls.")
    tool_call_id: str | None = Field(None, description="Call that a `tool` entry answers.")
    requestor: Literal["assistant", "user"] | None = Field(None, description="Who had called, on a `tool` entry.")
    error: bool | None = Field(None, description="Whether the tool failed.")
    usage: TokenUsage | None = Field(None, description="Tokens of the model call; counted for `assistant` only.")
    cost_usd: Dollars | None = Field(
        None, description="Cost as the provider billed it; 0 means unknown; absent: a price table may tell."
    )
    finish_reason: Name | None = Field(None, description="Why the model stopped.")
    intent: TranscriptIntent | None = Field(None, description="Intent the bot itself found, on a `user` entry.")


class TranscriptArm(_Part):
    """What the bot ran on."""

    name: Name | None = Field(None, description="Release name of the set-up, and arm of the experiment.")
    agent_model: Name | None = Field(None, description="Model that was asked.")
    agent_impl: Name | None = Field(None, description="The bot or persona.")
    policy_id: Name | None = Field(None, description="Version of the support policy.")
    experiment: Name | None = Field(None, description="Id of the experiment; default: the domain.")


class TranscriptEscalation(_Part):
    """A handover that shows in no call of `transfer_to_human_agents`."""

    turn: int | None = Field(None, description="Entry (`i`) at which it happened; default: the last.")
    summary: str | None = Field(None, description="The note for the human agent.")


class TranscriptOutcome(_Part):
    """How somebody or something judged the end."""

    resolved: bool | None = Field(None, description="Whether the issue was resolved; absent: no outcome is recorded.")
    escalated: bool | None = Field(None, description="Whether it was handed over to a human.")
    escalation: TranscriptEscalation | None = Field(None, description="When, and with which note.")


class Transcript(_Part):
    """One conversation."""

    id: str = Field(min_length=1, description="Id of the conversation, unique.")
    turns: tuple[TranscriptTurn, ...] = Field(description="Entries in their order.")
    source: str | None = Field(None, description="Where it comes from.")
    domain: Name | None = Field(None, description="Sector the bot works in.")
    account_id: str | None = Field(None, description="The customer's account; leaves as a keyed pseudonym.")
    channel: Name | None = Field(None, description="Channel the customer wrote on.")
    language: Name | None = Field(None, description="Language (BCP 47).")
    arm: TranscriptArm | None = Field(None, description="What the bot ran on.")
    started_at: Time | None = Field(None, description="When the conversation began.")
    ended_at: Time | None = Field(None, description="When it ended; default: with its last entry.")
    outcome: TranscriptOutcome | None = Field(None, description="How the end was judged.")


def transcript_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one line of a transcript file."""
    schema = Transcript.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "convqa-sdk transcript",
        "description": "One conversation per line. Keys that are not listed are ignored.",
    }


def read_transcripts(path: str | Path, format: TranscriptFormat = "auto") -> Iterator[Transcript]:  # noqa: A002 - the command line's name
    """Read a file of transcripts, one at a time.

    Args:
        path: `.json` (one document) or anything else (one JSON object per line); either may end in `.gz`.
        format: `transcript`, `tau2` (results of tau2-bench or tau-bench), or `auto`: by the keys of each object.

    Yields:
        Transcripts in the file's order.

    Raises:
        TranscriptError: The file cannot be read or breaks the format; names file, line and rule, never the content.
    """
    path = Path(path)
    for place, value in _documents(path):
        for position, found in transcripts_of(value, path.name.split(".")[0], format):
            where = f"{_named(path)}, {place}{position}"
            if found is None:
                raise TranscriptError(f"{where}: {_expected(format)}")
            yield _validated(found, where)


def _documents(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each JSON value of the file with the place where it begins."""
    if path.name.removesuffix(".gz").endswith(".json"):
        raw = b"".join(_lines(path))
        yield "document", _parsed(raw, path, 1)
        return
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            yield f"line {number}", _parsed(line.rstrip(b"\r\n"), path, number)


def _named(path: Path) -> str:
    return path.name or str(path)


def _lines(path: Path) -> Iterator[bytes]:
    number = 0
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            for number, line in enumerate(file, 1):  # noqa: B007 - the message says how far it could be read
                yield line
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TranscriptError(f"{_named(path)}: not a complete gzip file, broken after line {number}") from error
    except OSError as error:
        raise TranscriptError(f"{_named(path)}: cannot be read ({error.strerror or type(error).__name__})") from error


def _parsed(raw: bytes, path: Path, first_line: int) -> Any:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = first_line + raw.count(b"\n", 0, error.start)
        raise TranscriptError(f"{_named(path)}: line {line} is not UTF-8") from None
    try:
        value = json.loads(text)
        return _encodable(value) if "\\ud" in text or "\\uD" in text else value
    except json.JSONDecodeError as error:  # its message may quote the content
        line = first_line + error.lineno - 1
        raise TranscriptError(f"{_named(path)}: broken JSON in line {line}, column {error.colno}") from None
    except RecursionError:
        raise TranscriptError(f"{_named(path)}: broken JSON in line {first_line}: nested too deeply") from None
    except ValueError:
        raise TranscriptError(f"{_named(path)}: broken JSON in line {first_line}: a number is too long") from None


def _encodable(value: object) -> Any:
    """Replace half surrogate pairs, which JSON can spell and UTF-8 cannot."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in cast("dict[str, object]", value).items()}
    return value


def _validated(found: Any, where: str) -> Transcript:
    try:
        return Transcript.model_validate(found)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        told = [f"{'.'.join(map(str, p['loc'])) or 'object'}: {p['msg']}" for p in problems[:_TOLD]]
        more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise TranscriptError(f"{where}: {'; '.join(told)}{more}") from None


def _expected(format: TranscriptFormat) -> str:  # noqa: A002 - as in read_transcripts
    forms = {
        "transcript": "expected an object with id and turns",
        "tau2": "expected a tau2-bench result (simulations) or a list of tau-bench trajectories (traj)",
    }
    return forms.get(format, "expected an object with id and turns, or a result file of tau2-bench or tau-bench")
