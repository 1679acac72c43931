"""Test your own bot: spans in memory, a fixed clock, fixed ids, and assertions about completeness and leaks.

The pytest plugin gives the fixture `convqa_spans`; `recording()` is the same without pytest.
"""

from convqa_sdk.testing.recording import RecordedSpan, RecordedTurn, Recording, recording

__all__ = ["RecordedSpan", "RecordedTurn", "Recording", "recording"]
