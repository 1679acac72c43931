"""What a text tells: pure detectors, text in, finding out; no model, no state, no import of the rest of the SDK."""
