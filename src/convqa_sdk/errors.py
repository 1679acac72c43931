"""The exception tree. Nothing here is ever raised into a running bot: only at the caller's own boundary."""

# ConvqaError
# ├── ConfigurationError      configure(), environment variables, policies, keys
# ├── InstrumentationError    a decorator or handle used in a way that can never work (raised at decoration)
# ├── RecordError             a record_* call with invalid input
# ├── TranscriptError         a transcript file that cannot be replayed
# ├── InputError              a file that cannot be redacted
# ├── StateError              a store of conversation states that does not answer (isolated in the bot's process)
# ├── StoreError              a store that cannot be read
# ├── RefusedError            a change of a guard's plan that its rules do not allow
# └── VaultError              a vault, its key or a record that cannot be used


class ConvqaError(Exception):
    """Base of everything this package raises on purpose."""


class ConfigurationError(ConvqaError, ValueError):
    """A setting is invalid; the message names the setting, what was given and what is accepted."""


class InstrumentationError(ConvqaError, TypeError):
    """A decorator cannot be applied as written; raised when the module is imported, never during a turn."""


class RecordError(ConvqaError, ValueError):
    """A `record_*` call was given a value that the schema refuses; names field and rule, never the value."""


class TranscriptError(ConvqaError, ValueError):
    """A transcript is not in the stated format; names file, line and rule, never the content."""


class InputError(ConvqaError, ValueError):
    """A file to redact is no text; names the file, what is wrong and where, never the content."""


class StateError(ConvqaError, OSError):
    """A store of conversation states does not answer, or holds what is none; turns go on without it."""


class StoreError(ConvqaError, OSError):
    """A telemetry store is missing or unreadable."""


class RefusedError(ConvqaError, ValueError):
    """A change of a guard's plan is refused: somebody else owns it, or a promotion lacks what it has to show."""


class VaultError(ConvqaError, ValueError):
    """A vault, its key or a record cannot be used: missing, wrong, cut short or tampered with; never quotes content."""
