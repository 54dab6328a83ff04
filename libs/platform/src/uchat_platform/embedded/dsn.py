"""Names and addresses of the services' own roles; apart from what connects, to load nothing."""


def role_of(schema: str) -> str:
    """Return the name of the role that owns nothing and uses one schema."""
    return f"uchat_{schema}"


def service_dsn(owner_dsn: str, schema: str, password: str) -> str:
    """Return the address with which a service connects as its own role."""
    _, _, place = owner_dsn.rpartition("@")
    return f"postgresql://{role_of(schema)}:{password}@{place}"
