"""The story: one conversation over Telegram, web, widget and API, with trades executed once."""
