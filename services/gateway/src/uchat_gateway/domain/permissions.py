"""Roles and what they may do. Deny by default: what is not listed is not permitted."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What an account is; everybody registers as a trader."""

    VIEWER = "viewer"
    TRADER = "trader"
    APPROVER = "approver"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route or frame may require."""

    CHAT_READ = "chat:read"
    CHAT_WRITE = "chat:write"
    DECISION_PROPOSE = "decision:propose"
    DECISION_APPROVE_OWN = "decision:approve_own"
    DECISION_APPROVE_OTHERS = "decision:approve_others"
    ADMIN_ALL = "admin:*"


_VIEWER = frozenset({Permission.CHAT_READ})
_TRADER = _VIEWER | {
    Permission.CHAT_WRITE,
    Permission.DECISION_PROPOSE,
    Permission.DECISION_APPROVE_OWN,
}
_APPROVER = _TRADER | {Permission.DECISION_APPROVE_OTHERS}
_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.TRADER: _TRADER,
    Role.APPROVER: _APPROVER,
    Role.ADMIN: frozenset(Permission),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what somebody with these roles may do; an unknown role adds nothing."""
    none: frozenset[Permission] = frozenset()
    return none.union(*(_PERMISSIONS.get(role, none) for role in roles))


def may(roles: Iterable[str], permission: Permission) -> bool:
    """Tell whether one of the roles has the permission."""
    return permission in permissions_of(roles)
