"""Exchanges by ccxt. Only the venue worker imports this: ccxt is big and slow to import."""
