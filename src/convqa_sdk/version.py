"""The version of this package, for spans, vaults and the command line."""

from __future__ import annotations

from typing import Final

__version__: Final = "0.1.0"
