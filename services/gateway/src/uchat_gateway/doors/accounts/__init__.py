"""Accounts: register, log in, refresh, log out, me, guest, and the public keys."""
