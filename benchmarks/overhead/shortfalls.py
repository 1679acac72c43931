"""Why a target is missed: shown beside the figure as long as it is."""

SHORTFALLS: dict[tuple[str, str, str], str] = {}
"""Measure, row and column of a target to a sentence without a full stop."""
