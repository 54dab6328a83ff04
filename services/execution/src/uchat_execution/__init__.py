"""Market data today; decisions, orders and the ledger next."""
