"""The REST API: Binance's spot routes, and `/sim` for tests."""
