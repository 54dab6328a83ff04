"""The venue worker: the process that reaches live exchanges, and the only one with ccxt."""
