"""The pytest plugin under a name inside the package, for `-p convqa_sdk.testing.plugin` where entry points are off."""

from _convqa_pytest import convqa_spans

__all__ = ["convqa_spans"]
