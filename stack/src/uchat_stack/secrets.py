"""Every secret of the embedded product, made on the first start and private to its owner."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from uchat_stack import nkey
from uchat_stack.layout import Layout, write_json, write_private

KEY_BYTES: Final = 32
OWNER: Final = "owner"
VALKEY: Final = "valkey"
JETSTREAM: Final = "jetstream"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the servers are started with; `public_keys` are the nkeys {service: key}."""

    passwords: Mapping[str, str] = field(repr=False)
    public_keys: Mapping[str, str]
    kek_is_new: bool


def ensure(layout: Layout, services: Sequence[str], schemas: Sequence[str]) -> Secrets:
    """Make what is missing and return what the servers need.

    Raises:
        OSError: a file cannot be written.
    """
    if not layout.paper_secret.exists():
        write_private(layout.paper_secret, _random_key())
    if not layout.mandate_key.exists():
        write_private(layout.mandate_key, _random_key())
    if not layout.venue_key.exists():
        write_private(layout.venue_key, _random_key())
    return Secrets(
        passwords=_passwords(layout, [OWNER, VALKEY, JETSTREAM, *schemas]),
        public_keys=_service_keys(layout, services),
        kek_is_new=_kek(layout),
    )


def _passwords(layout: Layout, names: Sequence[str]) -> dict[str, str]:
    held: dict[str, str] = {}
    if layout.passwords.exists():
        held = cast("dict[str, str]", json.loads(layout.passwords.read_text()))
    missing = [name for name in names if name not in held]
    if missing:
        held |= {name: secrets.token_urlsafe(24) for name in missing}
        write_json(layout.passwords, held)
    return held


def _kek(layout: Layout) -> bool:
    if layout.kek.exists():
        return False
    write_private(layout.kek, _random_key())
    return True


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n"


def _service_keys(layout: Layout, services: Sequence[str]) -> dict[str, str]:
    held: dict[str, str] = {}
    if layout.service_keys.exists():
        held = cast("dict[str, str]", json.loads(layout.service_keys.read_text()))
    missing = [s for s in services if s not in held or not layout.seed(s).exists()]
    for service in missing:
        held[service] = _new_nkey(layout, service)
    if missing:
        write_json(layout.service_keys, held)
    if not layout.jwt_keys.exists():
        write_json(layout.jwt_keys, {"keys": [_new_jwk()]})
    return held


def _new_nkey(layout: Layout, service: str) -> str:
    private, public = _ed25519(secrets.token_bytes(KEY_BYTES))
    write_private(layout.seed(service), nkey.seed(private) + "\n")
    return nkey.public(public)


def _new_jwk() -> dict[str, object]:
    private, public = _ed25519(secrets.token_bytes(KEY_BYTES))
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "Ed25519",
        "use": "sig",
        "kid": secrets.token_hex(8),
        "x": _base64url(public),
        "d": _base64url(private),
    }


def _ed25519(seed: bytes) -> tuple[bytes, bytes]:
    # Imported on the first start only: nothing here needs a crypto library again.
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - see above

    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
