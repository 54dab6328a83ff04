"""Run NATS, Postgres and Valkey from their wheels: used by the stack and by the test fixtures."""
