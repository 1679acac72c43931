"""Providers under the names of OpenTelemetry's GenAI conventions, whatever a library in between calls them."""

from __future__ import annotations

from typing import Final

__all__ = ["provider_name"]

_NAMES: Final = {
    "amazon_bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "azure_openai": "azure.ai.openai",
    "azure_text": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "cohere_chat": "cohere",
    "gemini": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "google_vertexai": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""LiteLLM's `custom_llm_provider` and LangChain's `model_provider`: the conventions' well-known value."""


def provider_name(given: str | None) -> str | None:
    """Return the conventions' name of a provider; one that they do not list keeps its own, None stays None."""
    return None if given is None else _NAMES.get(given, given)
