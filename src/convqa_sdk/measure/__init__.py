"""What a store says of conversations: read from spans and outcomes, never from the bot's process."""
