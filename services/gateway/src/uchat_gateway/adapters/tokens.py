"""Access tokens: JWT of type `at+jwt` (RFC 9068), signed with Ed25519 (RFC 9864)."""

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, OKPKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from uchat_contracts.ids import new_ulid
from uchat_gateway.ports.access import Principal
from uchat_platform.auth import Actor
from uchat_platform.clock import Clock
from uchat_platform.errors import UnauthenticatedError, UnavailableError

_ALGORITHMS: Final = ["Ed25519"]
_TYPE: Final = "at+jwt"
_LEEWAY_S: Final = 30
_MAX_TOKEN: Final = 4096
_Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """Private keys: the first signs, all of them verify, so that keys can be changed in use."""

    keys: list[OKPKey]

    @classmethod
    def load_or_make(cls, path: Path) -> "TokenKeys":
        """Read a private JWK set, or make one (two keys) at the first start.

        Raises:
            UnavailableError: `keys_unusable`: others may read the file, or it holds no such keys.
        """
        if not path.exists():
            _write_new(path)
        if path.stat().st_mode & 0o077:
            raise UnavailableError(
                f"Expected mode 0600 on {str(path)!r}, others may read it", code="keys_unusable"
            )
        try:
            entries: list[Any] = json.loads(path.read_text())["keys"]
            keys = [OKPKey.import_key(entry) for entry in entries]
        except (KeyError, TypeError, ValueError, JoseError) as e:
            raise UnavailableError(
                f"Expected a private JWK set in {str(path)!r}", code="keys_unusable"
            ) from e
        if not keys or not all(k.is_private and k.kid and k.curve_name == "Ed25519" for k in keys):
            raise UnavailableError(
                f"Expected private Ed25519 keys with a kid in {str(path)!r}", code="keys_unusable"
            )
        return cls(keys)

    def public(self) -> dict[str, Any]:
        """Return the public JWK set."""
        fields = {"use": "sig", "alg": _ALGORITHMS[0]}
        return {"keys": [{**key.as_dict(private=False), **fields} for key in self.keys]}


class _Claims(BaseModel):
    """The claims that say who it is, after the registered ones were checked."""

    model_config = ConfigDict(strict=True)

    sub: _Name
    sid: _Name
    roles: list[_Name] = Field(max_length=8)
    exp: int

    def principal(self) -> Principal:
        """Return whom the claims name."""
        return Principal(Actor(self.sub, frozenset(self.roles)), self.sid, self.exp)


class JoseTokens:
    """Issues and verifies access tokens."""

    def __init__(
        self, keys: TokenKeys, clock: Clock, *, issuer: str, audience: str, life: timedelta
    ) -> None:
        self._signing = keys.keys[0]
        self._verifying = KeySet([*keys.keys])
        self._kids = frozenset(key.kid for key in keys.keys)
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._life_s = int(life.total_seconds())

    def issue(self, person_id: str, role: str, sid: str) -> tuple[str, int]:
        """Return a token and the seconds until it ends."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": person_id,
            "client_id": "uchat",
            "roles": [role],
            "sid": sid,
            "jti": new_ulid(),
            "iat": now,
            "nbf": now,
            "exp": now + self._life_s,
        }
        header = {"alg": _ALGORITHMS[0], "typ": _TYPE, "kid": self._signing.kid}
        return jwt.encode(header, claims, self._signing, algorithms=_ALGORITHMS), self._life_s

    def verify(self, token: str) -> Principal:
        """Return who a token stands for.

        Raises:
            UnauthenticatedError: `token_invalid` or `token_expired`.
        """
        try:
            return self._check(token)
        except ExpiredTokenError as e:
            raise UnauthenticatedError("The token has expired", code="token_expired") from e
        except (JoseError, ValueError, TypeError, KeyError) as e:
            raise UnauthenticatedError("The token is not valid", code="token_invalid") from e

    def _check(self, token: str) -> Principal:
        if len(token) > _MAX_TOKEN:
            raise ValueError(f"Expected {_MAX_TOKEN} characters at most")
        decoded = jwt.decode(token, self._verifying, algorithms=_ALGORITHMS)
        header = decoded.header
        if header.get("typ") != _TYPE or header.get("kid") not in self._kids:
            raise ValueError("Expected an access token signed by a key of ours")
        self._registry().validate(decoded.claims)
        return _Claims.model_validate(decoded.claims).principal()

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            nbf={"essential": True},
            sub={"essential": True},
            jti={"essential": True},
            sid={"essential": True},
            roles={"essential": True},
        )


def _write_new(path: Path) -> None:
    keys = [
        OKPKey.generate_key("Ed25519", parameters={"kid": f"k_{new_ulid()}", "use": "sig"})
        for _ in range(2)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked: of two gateways that start together both use the one that won.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".jwt-keys-")
    with os.fdopen(handle, "w") as file:
        json.dump({"keys": [key.as_dict(private=True) for key in keys]}, file)
    try:
        path.hardlink_to(name)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
