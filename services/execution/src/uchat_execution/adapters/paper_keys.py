"""The keys of paper accounts: derived from one secret, so that none needs to be stored."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from uchat_execution.adapters.binance_api import Credentials
from uchat_platform.errors import InvalidInputError

_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class PaperKeys:
    """Derives API key and secret of an account by HMAC-SHA256 over its id."""

    secret: bytes

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the secret: 32 bytes in base64.

        Raises:
            InvalidInputError: `paper_secret_unusable`, there is none or it is something else.
        """
        try:
            secret = base64.b64decode(path.read_bytes().strip(), validate=True)
        except (OSError, binascii.Error) as e:
            raise InvalidInputError(
                f"Cannot read 32 bytes in base64 from {path}", code="paper_secret_unusable"
            ) from e
        if len(secret) != _BYTES:
            raise InvalidInputError(
                f"Expected {_BYTES} bytes in {path}, found {len(secret)}",
                code="paper_secret_unusable",
            )
        return cls(secret)

    def of(self, account: str) -> Credentials:
        """Return the credentials of an account: the same ones every time."""
        return Credentials(self._derive(f"key:{account}"), self._derive(f"secret:{account}"))

    def _derive(self, name: str) -> str:
        return hmac.digest(self.secret, name.encode(), hashlib.sha256).hex()
