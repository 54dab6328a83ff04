"""The key that mandates are signed with: Ed25519, from a file that only execution may read."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from uchat_platform.errors import InvalidInputError

_BYTES: Final = 32
_ID_BYTES: Final = 9


@dataclass(frozen=True, slots=True)
class MandateKey:
    """Signs and checks policies. `key_id`: the first bytes of SHA-256 of the public key."""

    key_id: str
    _key: Ed25519PrivateKey

    @classmethod
    def of(cls, seed: bytes) -> Self:
        """Return the key of 32 bytes."""
        key = Ed25519PrivateKey.from_private_bytes(seed)
        digest = hashlib.sha256(key.public_key().public_bytes_raw()).digest()
        return cls(_text(digest[:_ID_BYTES]), key)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key: 32 bytes in base64.

        Raises:
            InvalidInputError: `mandate_key_unusable`, there is none or it is something else.
        """
        try:
            seed = base64.b64decode(path.read_bytes().strip(), validate=True)
        except (OSError, binascii.Error) as e:
            raise InvalidInputError(
                f"Cannot read 32 bytes in base64 from {path}", code="mandate_key_unusable"
            ) from e
        if len(seed) != _BYTES:
            raise InvalidInputError(
                f"Expected {_BYTES} bytes in {path}, found {len(seed)}",
                code="mandate_key_unusable",
            )
        return cls.of(seed)

    def sign(self, policy: bytes) -> tuple[str, str]:
        """Return the key's id and the signature, base64url without padding."""
        return self.key_id, _text(self._key.sign(policy))

    def verifies(self, policy: bytes, key_id: str | None, signature: str | None) -> bool:
        """Tell whether the signature is of exactly this policy, by this key."""
        if key_id != self.key_id or signature is None:
            return False
        try:
            raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
            self._key.public_key().verify(raw, policy)
        except (binascii.Error, ValueError, InvalidSignature):
            return False
        return True


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
