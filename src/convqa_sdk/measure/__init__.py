"""What became of conversations, measured from a store; pure functions over what was read."""
