"""Data keys of logs: made, wrapped, and kept open in memory for the busy ones."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from uchat_platform.crypto import KeyRing, new_data_key, open_sealed, seal

_KEPT: Final = 5_000


@dataclass(frozen=True, slots=True)
class LogKey:
    """The open data key of a log."""

    wrapped: bytes
    cipher: AESGCM
    mac_key: bytes

    def seal(self, plaintext: bytes, log: str, message_id: str, kind: str) -> bytes:
        """Return ciphertext bound to its log, message and kind."""
        return seal(self.cipher, plaintext, _aad(log, message_id, kind))

    def open(self, body: bytes, log: str, message_id: str, kind: str) -> bytes:
        """Return the plaintext.

        Raises:
            SealError: it does not belong there or was changed.
        """
        return open_sealed(self.cipher, body, _aad(log, message_id, kind))

    def mac(self, body_hash: str) -> bytes:
        """Return what a body is recognised by, which says nothing of it once the key is gone.

        A plain hash of a short text could be found again by trying texts.
        """
        return hashlib.blake2b(body_hash.encode(), key=self.mac_key, digest_size=16).digest()


@dataclass(slots=True)
class LogKeys:
    """Opens wrapped keys, remembering the latest used."""

    ring: KeyRing
    _open: OrderedDict[str, LogKey] = field(default_factory=OrderedDict[str, LogKey])

    def make(self, log: str) -> LogKey:
        """Return a fresh key for a new log."""
        key = new_data_key()
        return self._keep(log, self.ring.wrap(key, log), key)

    def open(self, log: str, wrapped: bytes) -> LogKey:
        """Return the key of a log."""
        held = self._open.get(log)
        if held is not None and held.wrapped == wrapped:
            self._open.move_to_end(log)
            return held
        return self._keep(log, wrapped, self.ring.unwrap(wrapped, log))

    def open_all(self, wrapped: Mapping[str, bytes]) -> dict[str, LogKey]:
        """Return the keys of many logs."""
        return {log: self.open(log, key) for log, key in wrapped.items()}

    def forget(self, log: str) -> None:
        """Drop the key of an erased log."""
        self._open.pop(log, None)

    def _keep(self, log: str, wrapped: bytes, key: bytes) -> LogKey:
        mac_key = hashlib.blake2b(key, person=b"uchat body").digest()
        made = self._open[log] = LogKey(wrapped, AESGCM(key), mac_key)
        if len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return made


def _aad(log: str, message_id: str, kind: str) -> bytes:
    return f"{log}|{message_id}|{kind}".encode()
