"""The local chat: a Bot API on loopback and its page, so that nobody needs a token to see the bot work."""
