"""How one attribute is declared: its key on the wire and everything that is derived from it.

A declaration is metadata of an `Annotated` alias (see `vocabulary`), so a field of a record *is* its documentation,
its JSON Schema, its storage column, its redaction default and its requirement level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = "1.0.0"
SCHEMA_URL = f"https://convqa-sdk.dev/schema/{SCHEMA_VERSION}"
SCOPE_NAME = "convqa_sdk"

Sensitivity = Literal["none", "label", "reference", "identifier", "content"]
"""What may stand in a value, which decides how it leaves the process.

- `none`: numbers and closed vocabularies; leave as they are.
- `label`: short free text chosen by the bot's author; scanned, what is found is redacted.
- `reference`: an id that others join on; replaced by a keyed pseudonym only if personal data is found in it.
- `identifier`: names a person or account; always a keyed pseudonym unless allow-listed.
- `content`: what people or models wrote; redacted, bounded, and can be switched off.
"""

Stability = Literal["stable", "development"]

SEMCONV = "OpenTelemetry semantic conventions"
OURS = "convqa-sdk"


@dataclass(frozen=True)
class Attribute:
    """The declaration of one attribute.

    Args:
        key: Name on the wire.
        brief: One sentence for people.
        unit: UCUM unit of a number, None for anything else.
        sensitivity: See `Sensitivity`.
        examples: Values as they appear on the wire.
        encoding: `value`: as it is; `json`: a structure written as one JSON string; `time`: RFC 3339 in UTC;
            `prefix`: a mapping whose items become attributes of their own under `key`.
    """

    key: str
    brief: str
    unit: str | None = None
    sensitivity: Sensitivity = "none"
    examples: tuple[object, ...] = ()
    encoding: Literal["value", "json", "time", "prefix"] = "value"

    @property
    def source(self) -> str:
        """Who defines the name: the OpenTelemetry semantic conventions, or this package."""
        return OURS if self.key.startswith("convqa.") or "." not in self.key else SEMCONV

    @property
    def stability(self) -> Stability:
        """`stable` is our promise for our own names; the `gen_ai` conventions are still in development upstream."""
        return "development" if self.key.startswith("gen_ai.") else "stable"


@dataclass(frozen=True)
class RequiredUnless:
    """Marks an optional field that is required except where the span's status is one of `statuses`."""

    statuses: tuple[str, ...]


@dataclass(frozen=True)
class RequiredWhenConfigured:
    """Marks an optional field that is required on every turn once the bot has configured a value for it."""
