"""Reading telemetry back: `segments` needs nothing but Python."""
