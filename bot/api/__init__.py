"""The way to Telegram's Bot API: connection, proxies, pace."""
