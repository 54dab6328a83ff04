"""The rights of each service's NATS user, as the bus knows them."""

from uchat_platform.rights import SERVICES, Permissions, inbox_prefix, permissions

__all__ = ["SERVICES", "Permissions", "inbox_prefix", "permissions"]
