"""Roles, passwords and addresses: rules without I/O."""
