"""What a generation cost, from the price table of `genai-prices` (extra `prices`); runs on the export thread.

Only the table that the library brings along is used: its updater is never started, nothing is fetched, and a
snapshot that the application has installed for itself is not consulted, so the same turn has the same price everywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

__all__ = ["load", "price"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LISTED = {"azure.ai.inference": "azure", "gcp.gen_ai": "google", "x_ai": "xai"}
"""Providers by their names in the GenAI conventions, where the table knows them by another alone."""
_LONGEST_NAME = 256  # characters of a model or provider name; anything longer is not one


def price(
    model: str | None,
    provider: str | None,
    *,
    input_tokens: int | None,
    output_tokens: int | None,
    cache_read_tokens: int | None,
    cache_write_tokens: int | None,
    at_ns: int,
) -> float | None:
    """Return the cost in US dollars at the table's prices, or None when it is unknown.

    Args:
        model: Name of the model as the response states it.
        provider: Whose price list; None lets the table find the provider by the model's name.
        input_tokens: All input tokens, the cached ones included.
        output_tokens: All output tokens, the reasoning ones included.
        cache_read_tokens: How many input tokens came from the cache; None counts as none, the dearer assumption.
        cache_write_tokens: How many input tokens were written to the cache; None counts as none.
        at_ns: When the model was asked, in nanoseconds since the epoch: prices change.

    Returns:
        None without the library, for a model that the table does not know or has no price for, when input or
        output tokens are unknown, and for counts that contradict each other.
    """
    if model is None or input_tokens is None or output_tokens is None or not load():
        return None
    if len(model) > _LONGEST_NAME or len(provider or "") > _LONGEST_NAME:
        return None
    from genai_prices import Usage

    try:
        entry = _entry(model, provider)
        if entry is None:
            return None
        # the library's input count includes the cached tokens, like ours; it subtracts them itself
        usage = Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_read_tokens=cache_read_tokens,
            cache_write_tokens=cache_write_tokens,
        )
        found, owner = entry
        at = _EPOCH + timedelta(microseconds=at_ns // 1000)
        cost = found.calc_price(usage, owner, genai_request_timestamp=at)
    except (ValueError, ArithmeticError):
        return None
    listed = cost.model_price
    if (input_tokens and listed.input_mtok is None) or (output_tokens and listed.output_mtok is None):
        return None  # the library adds nothing for what has no price: unknown is not free
    return float(cost.total_price)


@cache
def load() -> bool:
    """Import the price table, once per process (0.1 s); return whether the library is installed.

    Call it where a pause does no harm, as in `configure()`; otherwise the first price does.
    """
    try:
        import_module("genai_prices.data")
    except ImportError:
        return False
    return True


@lru_cache(maxsize=256)
def _entry(model: str, provider: str | None) -> tuple[ModelInfo, Provider] | None:
    """Return the table's entry for a model, or None; remembered, because the search tries every model in turn.

    A snapshot is made for each search: its own memory of names has no bound.
    """
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    try:
        owner, found = DataSnapshot(providers=providers, from_auto_update=False).find_provider_model(
            model, None, _LISTED.get(provider or "", provider), None
        )
    except LookupError:
        return None
    return found, owner
