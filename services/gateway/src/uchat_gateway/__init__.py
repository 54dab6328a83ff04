"""The HTTP and WebSocket edge: accounts, roles, rate limits and one folder per door."""
