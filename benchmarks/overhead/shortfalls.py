"""Why a target is missed: shown beside the figure as long as it is."""

from __future__ import annotations

_OURS = "**convqa-sdk**"
_OFF = (
    "0.7 µs are the bot's functions and 0.5 µs the `Intent` that it makes; "
    "a decorated call adds 0.15 µs to a plain one, a turn's block takes 1.6 µs"
)
_SEARCHED = (
    "it was 1.9 with six classes; eighteen, spelled and encoded forms among them, take half of the export's time, "
    "and by hand nothing is searched"
)
_LOST = (
    "since the search is for eighteen classes, the export of one process keeps up with about 1,200 turns/s; "
    "1,000/s are delivered whole, and what is lost is counted"
)
_STALL = "by hand it is 5 ms; which steps of the export are longer than a pause was not traced further"

SHORTFALLS: dict[tuple[str, str, str], str] = {
    ("cost", _OURS, "request"): (
        "0.37 in instructions; what is left are the small steps that start, fill and end five decorated stages, "
        "as the page of decisions tells"
    ),
    ("cost", _OURS, "process"): _SEARCHED,
    ("cost", f"{_OURS}, google-re2", "process"): _SEARCHED,
    ("loss", f"{_OURS}, 1,500/s", "lost"): _LOST,
    ("loss", f"{_OURS}, google-re2, 2,500/s", "lost"): _LOST,
    ("meaning", _OURS, "share"): (
        "it was 2.0 before passages were looked at for what they lack; half of the rest splits the answer and its "
        "claims into words, the other half hashes the customer's words and keeps the conversation's state"
    ),
    ("off", f"{_OURS}, CONVQA_DISABLED=1", "request"): _OFF,
    ("off", f"{_OURS}, not configured", "request"): _OFF,
    ("off", f"{_OURS}, thinned out", "request"): (
        "as when off, and 2.3 µs for drawing the customer and for carrying the turn in OpenTelemetry's context"
    ),
    ("stall", f"{_OURS}, 200 turns/s", "p999"): _STALL,
    ("stall", f"{_OURS}, 200 turns/s into the store", "p999"): _STALL,
    (
        "stall",
        f"{_OURS}, 10 hostile texts of 50 KB/s",
        "p999",
    ): "0.61 and 0.72 in two runs; by hand nothing is searched",
    ("saturation", f"{_OURS}, 8 threads", "delivered"): (
        "threads that never wait leave the export a ninth of the interpreter; by hand even less arrives"
    ),
    ("saturation", f"{_OURS}, 100 tasks", "delivered"): (
        "no turn is lost: recording gives way to the export, which is the bound"
    ),
}
"""Measure, row and column of a target to a sentence without a full stop."""
