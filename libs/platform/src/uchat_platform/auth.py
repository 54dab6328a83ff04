"""Who acts: carried with every gRPC call, signed by the calling service's own key.

A service has one key pair, the nkey that NATS knows it by. Servers hold the public keys of all
services, so that nobody without a key of ours can name an actor.
"""

import base64
import binascii
import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from uchat_platform.errors import UnauthenticatedError

_LIFE_S = 60
_LEEWAY_S = 30
_CACHE = 4096
_SERVICE_ROLE = "service"
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something, in which roles and on which interface."""

    person_id: str
    roles: frozenset[str]
    interface: str = "api"

    @property
    def is_service(self) -> bool:
        """Tell whether a service acts on its own behalf, for nobody."""
        return _SERVICE_ROLE in self.roles


SERVICE_ACTOR = Actor("", frozenset({_SERVICE_ROLE}), "internal")
"""A service on its own behalf."""


@dataclass(frozen=True, slots=True)
class SignedActor:
    """An actor and the service that vouches for them."""

    actor: Actor
    service: str


@dataclass(slots=True)
class ActorSigner:
    """Signs actors as one service; a signature is reused for half of its life of 60 s."""

    service: str
    _key: Ed25519PrivateKey
    _cache: OrderedDict[Actor, tuple[float, str]] = field(
        default_factory=OrderedDict[Actor, tuple[float, str]]
    )

    @classmethod
    def load(cls, service: str, seed_file: Path) -> "ActorSigner":
        """Read the service's nkey seed."""
        return cls(service, private_key(seed_file.read_text().strip()))

    def sign(self, actor: Actor) -> str:
        """Return the token that vouches for an actor."""
        now = time.time()
        held = self._cache.get(actor)
        if held is not None and held[0] - now > _LIFE_S / 2:
            return held[1]
        expires = now + _LIFE_S
        claims = {
            "svc": self.service,
            "sub": actor.person_id,
            "roles": sorted(actor.roles),
            "if": actor.interface,
            "exp": int(expires),
        }
        body = base64.urlsafe_b64encode(orjson.dumps(claims))
        signature = base64.urlsafe_b64encode(self._key.sign(body))
        token = f"{body.decode()}.{signature.decode()}"
        _remember(self._cache, actor, (expires, token))
        return token


@dataclass(slots=True)
class ActorVerifier:
    """Checks what `ActorSigner` signs, by the public keys of all services."""

    _keys: Mapping[str, Ed25519PublicKey]
    _cache: OrderedDict[str, tuple[float, SignedActor]] = field(
        default_factory=OrderedDict[str, tuple[float, SignedActor]]
    )

    @classmethod
    def load(cls, keys_file: Path) -> "ActorVerifier":
        """Read the public nkeys of all services: a JSON object {service: key}."""
        keys: dict[str, str] = json.loads(keys_file.read_text())
        return cls({service: public_key(key) for service, key in keys.items()})

    def verify(self, token: str) -> SignedActor:
        """Return the actor that a token vouches for.

        Raises:
            UnauthenticatedError: malformed, unknown service, bad signature or expired.
        """
        held = self._cache.get(token)
        if held is None:
            held = self._check(token)
            _remember(self._cache, token, held)
        expires, signed = held
        if expires + _LEEWAY_S < time.time():
            raise UnauthenticatedError("The actor's signature has expired", code="actor_expired")
        return signed

    def _check(self, token: str) -> tuple[float, SignedActor]:
        try:
            body, _, signature = token.partition(".")
            claims = orjson.loads(base64.urlsafe_b64decode(body))
            service = str(claims["svc"])
            self._keys[service].verify(base64.urlsafe_b64decode(signature), body.encode())
            actor = Actor(str(claims["sub"]), frozenset(claims["roles"]), str(claims["if"]))
            return float(claims["exp"]), SignedActor(actor, service)
        except (KeyError, TypeError, ValueError, InvalidSignature) as e:
            raise UnauthenticatedError(
                "The call carries no valid actor", code="actor_invalid"
            ) from e


def private_key(seed: str) -> Ed25519PrivateKey:
    """Return the Ed25519 key of an nkey seed (https://docs.nats.io, nkeys: prefix, key, CRC-16)."""
    return Ed25519PrivateKey.from_private_bytes(_unbase32(seed)[2:34])


def public_key(nkey: str) -> Ed25519PublicKey:
    """Return the Ed25519 key of a public nkey."""
    return Ed25519PublicKey.from_public_bytes(_unbase32(nkey)[1:33])


def _unbase32(text: str) -> bytes:
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as e:
        raise UnauthenticatedError("Expected an nkey in base32", code="key_invalid") from e


def _remember(cache: "OrderedDict[_K, _V]", key: _K, value: _V) -> None:
    cache[key] = value
    if len(cache) > _CACHE:
        cache.popitem(last=False)
