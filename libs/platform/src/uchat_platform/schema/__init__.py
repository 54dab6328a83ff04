"""The database schemas: migrated by Alembic with plain SQL, one version table per schema."""
