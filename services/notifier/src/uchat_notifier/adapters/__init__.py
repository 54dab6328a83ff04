"""The ways out: the database, the sessions service and the bus."""
