"""Envelope encryption: data keys wrapped by a key-encryption key, AES-256-GCM throughout."""

import base64
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from uchat_platform.errors import UchatError

_NONCE = 12
_KEY = 32


class SealError(UchatError):
    """Something sealed cannot be opened: another key, another place, or it was changed."""

    default_code = "seal_broken"


def new_data_key() -> bytes:
    """Return 32 fresh random bytes."""
    return AESGCM.generate_key(bit_length=8 * _KEY)


def seal(cipher: AESGCM, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce (12 bytes) and ciphertext with tag; `aad` binds it to its place."""
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plaintext, aad)


def open_sealed(cipher: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext.

    Raises:
        SealError: wrong key, wrong place (`aad`) or changed bytes.
    """
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], aad)
    except (InvalidTag, ValueError) as e:
        raise SealError("The sealed bytes do not belong here or were changed") from e


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Wraps data keys by a key-encryption key, named by `kek_id`."""

    kek_id: str
    _cipher: AESGCM
    _marks: bytes = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read the key-encryption key: a file with 32 bytes as base64, for the owner's eyes only.

        Raises:
            SealError: the file is not a key, or others may read it.
        """
        if path.stat().st_mode & 0o077:
            raise SealError(f"Expected mode 0600 on {str(path)!r}, others may read it")
        key = base64.b64decode(path.read_text().strip())
        if len(key) != _KEY:
            raise SealError(f"Expected {_KEY} bytes in {str(path)!r}, found {len(key)}")
        return cls.from_key("k1", key)

    @classmethod
    def from_key(cls, kek_id: str, key: bytes) -> "KeyRing":
        """Make a ring of one key of 32 bytes."""
        return cls(kek_id, AESGCM(key), hmac.digest(key, b"marks", "sha256"))

    def wrap(self, data_key: bytes, owner: str) -> bytes:
        """Return the data key sealed for its owner (a log id)."""
        return seal(self._cipher, data_key, f"{self.kek_id}|{owner}".encode())

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """Return the data key.

        Raises:
            SealError: wrapped by another key or for another owner.
        """
        return open_sealed(self._cipher, wrapped, f"{self.kek_id}|{owner}".encode())

    def seal(self, plaintext: bytes, place: str) -> bytes:
        """Seal bytes that belong to no log, as a dead letter's body, bound to their place."""
        return seal(self._cipher, plaintext, f"{self.kek_id}|{place}".encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what `seal` sealed.

        Raises:
            SealError: another key, another place, or changed bytes.
        """
        return open_sealed(self._cipher, sealed, f"{self.kek_id}|{place}".encode())

    def mark(self, text: str, place: str) -> str:
        """Return what the same text has at the same place and nobody without the key can make.

        64 hexadecimal digits; the text cannot be told from them.
        """
        return hmac.digest(self._marks, f"{self.kek_id}|{place}|{text}".encode(), "sha256").hex()
