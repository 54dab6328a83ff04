"""In: updates of Telegram, by polling or webhook."""
