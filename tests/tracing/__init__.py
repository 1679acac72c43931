"""Tests of floor 7: what runs in the bot."""
