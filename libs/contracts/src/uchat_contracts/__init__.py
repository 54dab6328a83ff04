"""The words that all services agree on: events, subjects, ids, money, frames and RPC stubs."""
