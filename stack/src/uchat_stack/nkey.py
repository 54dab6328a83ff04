"""Write Ed25519 keys as NATS writes them: prefix, key, CRC-16, in base32 (docs.nats.io, NKeys)."""

import base64
import binascii
from typing import Final

USER: Final = 20 << 3
SEED: Final = 18 << 3


def public(key: bytes) -> str:
    """Return the public key of a user, as `U…`."""
    return _encode(bytes([USER]) + key)


def seed(private: bytes) -> str:
    """Return the seed of a user, as `SU…`; a secret."""
    # Five bits of the kind follow the three that say "seed".
    return _encode(bytes([SEED | USER >> 5, (USER & 31) << 3]) + private)


def _encode(raw: bytes) -> str:
    checksum = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + checksum).rstrip(b"=").decode()
