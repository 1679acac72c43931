"""Bots under real servers, as operations start and stop them."""
