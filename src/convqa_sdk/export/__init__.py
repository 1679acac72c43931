"""The way out: configuration, the worker, redaction and materialisation, and the destinations."""
