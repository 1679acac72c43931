"""Our traces in real backends, and under the measured rules of those that do not run here."""
