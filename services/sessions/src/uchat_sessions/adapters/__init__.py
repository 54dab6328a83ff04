"""What the service drives: Postgres, Valkey and the bus."""
