"""Decisions, orders, the ledger and market data."""
