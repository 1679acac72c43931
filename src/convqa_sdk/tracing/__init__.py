"""What runs in the bot: turns, stages, decorators, streams, context, and outcomes that arrive later."""
