"""Processor time of a turn that is not recorded."""

from __future__ import annotations

import variants
from measure import Case, Column, Measure, Target

from measures import cost

OURS = "**convqa-sdk**"

MEASURE = Measure(
    title="Off, and thinned out",
    explanation="The same turn, not recorded: each SDK with its own switch, and with a sampling rate of zero.\n"
    "The bot's own functions are part of every figure; they stand alone in the last row.",
    cases=(
        Case("OpenTelemetry by hand, no provider", "by_hand", "off"),
        Case("OpenTelemetry by hand, sampled out", "by_hand", "thinned"),
        Case(f"{OURS}, CONVQA_DISABLED=1", "convqa", "off"),
        Case(f"{OURS}, not configured", "convqa", "unconfigured"),
        Case(f"{OURS}, thinned out", "convqa", "thinned"),
        Case(f"{OURS}, thinned out and measured", "convqa_metrics", "thinned"),
        *(
            Case(f"{variants.SOURCES[peer].label}, {word}", peer, mode)
            for peer in variants.PEERS
            if peer != "logfire_unscrubbed"
            for mode, word in (("off", "off"), ("thinned", "sampled out"))
        ),
        Case("the bot's functions alone", "bare", "off"),
    ),
    columns=(Column("request", "request µs", ratio=True),),
    run=cost.run,
    effort=(20, 5),
    targets=(
        Target(f"{OURS}, CONVQA_DISABLED=1", "request", 2.0),
        Target(f"{OURS}, not configured", "request", 2.0),
        Target(f"{OURS}, thinned out", "request", 5.0),
    ),
)
