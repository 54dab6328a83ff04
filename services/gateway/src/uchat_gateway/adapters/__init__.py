"""Postgres, Valkey, gRPC, argon2 and keys behind the gateway's ports."""
