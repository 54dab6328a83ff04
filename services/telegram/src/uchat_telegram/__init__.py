"""The Telegram adapter: updates in; answers, streams and cards out. It decides nothing."""
