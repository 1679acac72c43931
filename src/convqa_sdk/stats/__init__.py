"""Pure numbers: intervals and aggregates, from counts and never from connections."""
