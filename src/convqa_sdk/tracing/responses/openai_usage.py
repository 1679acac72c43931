"""What OpenAI's two formats say of tokens and cost: alike but for the names."""

from __future__ import annotations

from convqa_sdk.tracing.responses.messages import put_cost
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import count, leaf, node, put

__all__ = ["put_usage"]


def put_usage(fields: Fields, stated: object, asked: str, answered: str) -> None:
    """Set the tokens and the cost that a response states.

    Args:
        fields: Where they are set.
        stated: The response's `usage`.
        asked: Name of the tokens that went in; cached ones are among them already.
        answered: Name of the tokens that came out.
    """
    usage = node(stated)
    put(fields, "input_tokens", count(usage.get(asked)))
    put(fields, "output_tokens", count(usage.get(answered)))
    details = usage.get(asked + "_details")
    if details is not None:
        put(fields, "cache_read_tokens", count(leaf(details, "cached_tokens")))
        put(fields, "cache_write_tokens", count(leaf(details, "cache_write_tokens")))
    details = usage.get(answered + "_details")
    if details is not None:
        put(fields, "reasoning_tokens", count(leaf(details, "reasoning_tokens")))
    put_cost(fields, usage.get("cost"))
