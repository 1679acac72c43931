"""What a provider's module offers, and what it returns.

A provider is one module with a `ResponseReader` and one entry in `READERS` (see the package's `__init__`).
Nothing is imported from the provider: a response is recognised by its shape.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Accumulator", "Fields", "ResponseReader"]

Fields = dict[str, object]
"""Fields of the generation stage by name; a field that is unknown is absent, never 0 and never None.

`response_model`, `response_id`, `provider`, `text`: str. `input_tokens` (cached ones included), `output_tokens`,
`cache_read_tokens`, `cache_write_tokens`, `reasoning_tokens`: int. `finish_reasons`: tuple of str, one per choice
that finished. `output_messages`: tuple of dicts in the semantic conventions' JSON form. `cost_usd`: float > 0 in US
dollars, with `cost_source` "provider", only when the response itself states it.
"""


class Accumulator(Protocol):
    """What has been seen of one stream; fed on the request thread, so `add` only keeps references to strings."""

    def add(self, chunk: object) -> bool:
        """Take one chunk; return False when it is not of this provider's shape."""
        ...

    def fields(self) -> Fields:
        """Return what is known so far; a stream cut short gives what arrived."""
        ...


class ResponseReader(Protocol):
    """One provider's result format."""

    @property
    def name(self) -> str:
        """The reader's own name."""
        ...

    @property
    def snapshot(self) -> str | None:
        """Attribute under which the client's stream helper keeps the message so far; None: it keeps none."""
        ...

    def read(self, value: object) -> Fields | None:
        """Return the fields of a complete response, leaves copied; None when it is not of this shape."""
        ...

    def accumulator(self) -> Accumulator:
        """Return a fresh accumulator for one stream."""
        ...
