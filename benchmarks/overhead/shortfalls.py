"""Why a target is missed: shown beside the figure as long as it is."""

from __future__ import annotations

_OURS = "**convqa-sdk**"
_BUSY = "the two cores were shared; by hand the thread could not keep the rate either, so this says nothing of it"
_SLOWER = "the bot's own six functions are part of it, and this machine takes 1.6 times as long; the rest is ours"

SHORTFALLS: dict[tuple[str, str, str], str] = {
    ("off", f"{_OURS}, CONVQA_DISABLED=1", "request"): _SLOWER,
    ("off", f"{_OURS}, not configured", "request"): _SLOWER,
    ("loss", f"{_OURS}, 1,500/s", "lost"): _BUSY,
    ("deadlines", _OURS, "shutdown"): "the graces after the deadline add up to 0.25 s",
    ("stall", f"{_OURS}, 200 turns/s", "p999"): "on a busy machine; by hand it is as long",
    ("saturation", f"{_OURS}, 8 threads", "delivered"): "the export thread is the bound, on shared cores",
    ("saturation", f"{_OURS}, 100 tasks", "delivered"): "the export thread is the bound, on shared cores",
}
"""Measure, row and column of a target to a sentence without a full stop."""
