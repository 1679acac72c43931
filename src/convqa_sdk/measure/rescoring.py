"""Signals worked out again from what a store holds: by today's detectors, over whole conversations.

What left the bot's process was judged with what that process knew. Here all turns of a conversation are at hand, from
whichever worker, so signals that were lost there are found, and a newer detector can be laid over old telemetry.
"""

from __future__ import annotations

