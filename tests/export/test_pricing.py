"""Costs from the price table."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from convqa_sdk.export import pricing
from convqa_sdk.export.pricing import price

NOW_NS = 1_764_547_200_000_000_000  # 2025-12-01


@pytest.fixture
def table() -> Any:
    """The providers of the bundled table."""
    return pytest.importorskip("genai_prices.data", reason="genai-prices is not installed (extra `prices`)").providers


@pytest.fixture
def fresh() -> Iterator[None]:
    """Forget what was loaded and looked up, before and after."""
    pricing.load.cache_clear()
    pricing._entry.cache_clear()
    yield
    pricing.load.cache_clear()
    pricing._entry.cache_clear()


def listed(table: Any, provider: str, model: str) -> Any:
    """The table's entry, found by its own id."""
    return next(m for p in table if p.id == provider for m in p.models if m.id == model)


def dollars(price: Any) -> float:
    """Dollars per million tokens, of a tiered price the first tier."""
    return float(getattr(price, "base", price))


def cost(model: str | None, provider: str | None, at_ns: int = NOW_NS, **tokens: Any) -> float | None:
    """The price with every count unknown that is not given."""
    counts = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")) | tokens
    return price(model, provider, at_ns=at_ns, **counts)


def test_openai_cached_tokens_are_part_of_the_input(table: Any) -> None:
    """1,117 input tokens of which 1,024 cached cost 93 at the full and 1,024 at the cached price."""
    prices = listed(table, "openai", "gpt-4.1").prices
    fresh, cached, output = map(dollars, (prices.input_mtok, prices.cache_read_mtok, prices.output_mtok))
    by_hand = 93 * fresh + 1024 * cached + 46 * output
    found = cost("gpt-4.1-2025-04-14", "openai", input_tokens=1117, output_tokens=46, cache_read_tokens=1024)
    assert found == pytest.approx(by_hand / 1e6, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "entry"),
    [("claude-opus-4-5-20251101", "claude-opus-4-5"), ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5")],
)
def test_anthropic_cache_reads_and_writes_have_their_own_prices(table: Any, model: str, entry: str) -> None:
    """1,233 input tokens, 1,024 read and 188 written, leave 21 at the full price."""
    prices = listed(table, "anthropic", entry).prices
    by_hand = (
        21 * dollars(prices.input_mtok)
        + 1024 * dollars(prices.cache_read_mtok)
        + 188 * dollars(prices.cache_write_mtok)
        + 93 * dollars(prices.output_mtok)
    )
    found = cost(
        model, "anthropic", input_tokens=1233, output_tokens=93, cache_read_tokens=1024, cache_write_tokens=188
    )
    assert found == pytest.approx(by_hand / 1e6, rel=1e-12)


def test_the_published_price_list(table: Any) -> None:
    """GPT-4.1 costs 2 dollars per million input and 8 per million output tokens (OpenAI's price list, 2025)."""
    assert cost("gpt-4.1", "openai", input_tokens=1_000_000, output_tokens=1_000_000) == pytest.approx(10.0)


def test_the_price_of_the_time_is_taken(table: Any) -> None:
    """A model whose price changed costs what the table says for the day of the request."""
    entry = listed(table, "openai", "o3").prices
    changed = entry[1].constraint.start_date
    midnight = int(datetime(changed.year, changed.month, changed.day, tzinfo=timezone.utc).timestamp()) * 10**9
    before = cost("o3", "openai", midnight - 1, input_tokens=1_000_000, output_tokens=0)
    after = cost("o3", "openai", midnight, input_tokens=1_000_000, output_tokens=0)
    assert before == pytest.approx(dollars(entry[0].prices.input_mtok))
    assert after == pytest.approx(dollars(entry[1].prices.input_mtok))
    assert before != after


@pytest.mark.parametrize(
    ("model", "provider", "tokens"),
    [
        (None, "openai", {"input_tokens": 1, "output_tokens": 1}),
        ("gpt-4.1", "openai", {"output_tokens": 1}),
        ("gpt-4.1", "openai", {"input_tokens": 1}),
        ("no-such-model", "openai", {"input_tokens": 1, "output_tokens": 1}),
        ("no-such-model", None, {"input_tokens": 1, "output_tokens": 1}),
        ("deepseek-chat", "openai", {"input_tokens": 1, "output_tokens": 1}),
        ("gpt-4.1", "no-such-provider", {"input_tokens": 1, "output_tokens": 1}),
        ("gpt-4.1" + "x" * 9999, "openai", {"input_tokens": 1, "output_tokens": 1}),
        ("gpt-4.1", "openai", {"input_tokens": 5, "output_tokens": 1, "cache_read_tokens": 6}),
        ("gpt-4.1", "openai", {"input_tokens": -5, "output_tokens": 1}),
        ("gpt-4.1", "openai", {"input_tokens": 1, "output_tokens": 1, "at_ns": 10**30}),
        ("text-embedding-3-small", "openai", {"input_tokens": 1, "output_tokens": 1}),
    ],
    ids=[
        "no model",
        "no input",
        "no output",
        "model",
        "model alone",
        "another's model",
        "provider",
        "long name",
        "more cached than input",
        "negative",
        "no such time",
        "no output price",
    ],
)
def test_what_is_unknown_has_no_price(table: Any, model: Any, provider: Any, tokens: Any) -> None:
    """Missing or contradictory counts, unknown names and unpriced tokens give None, never 0."""
    assert cost(model, provider, **tokens) is None


def test_without_a_provider_the_models_name_finds_it(table: Any) -> None:
    """The provider is found by the model's name when it is not known."""
    tokens = {"input_tokens": 10, "output_tokens": 10}
    assert cost("gpt-4.1", None, **tokens) == cost("gpt-4.1", "openai", **tokens) is not None


def test_without_the_library_nothing_has_a_price_and_it_is_looked_for_once(
    fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra the cost is unknown, and the import is tried once."""
    tried = list[str]()

    def missing(name: str) -> Any:
        tried.append(name)
        raise ImportError(name)

    monkeypatch.setattr(pricing, "import_module", missing)
    assert [cost("gpt-4.1", "openai", input_tokens=1, output_tokens=1) for _ in range(3)] == [None] * 3
    assert tried == ["genai_prices.data"]
    assert pricing.load() is False


def test_pricing_starts_no_thread_and_opens_no_connection(
    table: Any, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundled table is enough: no updater, no network."""

    def refuse(*args: Any) -> Any:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    before = threading.active_count()
    assert cost("gpt-4.1", "openai", input_tokens=1, output_tokens=1) is not None
    assert threading.active_count() == before


def test_an_applications_own_snapshot_is_not_consulted(table: Any, fresh: None) -> None:
    """What the application installs in the library does not change our prices."""
    from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot

    set_custom_snapshot(DataSnapshot(providers=[], from_auto_update=True))
    try:
        assert cost("gpt-4.1", "openai", input_tokens=1, output_tokens=1) is not None
    finally:
        set_custom_snapshot(None)


def test_the_memory_of_names_is_bounded(table: Any, fresh: None) -> None:
    """Any number of unknown names keeps at most 256 of them."""
    for number in range(300):
        assert cost(f"unknown-{number}", "openai", input_tokens=1, output_tokens=1) is None
    assert pricing._entry.cache_info().currsize <= 256


def test_importing_the_module_does_not_import_the_library() -> None:
    """The table is loaded by the first price, not by the import."""
    assert "genai_prices" not in vars(pricing)
    assert sys.modules[pricing.__name__] is pricing
