"""Zstandard as Python 3.14's standard library has it; before that its backport, behind the extra `zstd`."""

from __future__ import annotations

import importlib
from typing import Any

from convqa_sdk.errors import ConfigurationError

SUFFIX = ".zst"
INSTALL = "pip install 'convqa-sdk[zstd]'"


def codec() -> Any:
    """Return the module `compression.zstd`, or `backports.zstd`, which has the same interface.

    Raises:
        ConfigurationError: Neither is there; the message names the extra.
    """
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:  # noqa: PERF203 - two names
            continue
    raise ConfigurationError(f"zstd compression needs the extra: {INSTALL}")
