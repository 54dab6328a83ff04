"""Who signs policies, so that a row in a database alone allows nothing."""

from typing import Protocol


class PolicySigner(Protocol):
    """Signs and checks with a key that the database does not hold."""

    def sign(self, policy: bytes) -> tuple[str, str]:
        """Return the key's id and the signature."""
        ...

    def verifies(self, policy: bytes, key_id: str | None, signature: str | None) -> bool:
        """Tell whether the signature is of exactly this policy, by this key."""
        ...
