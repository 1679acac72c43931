"""Tests of `convqa_sdk.export`."""
