"""Tests of `convqa_sdk.redaction`."""
