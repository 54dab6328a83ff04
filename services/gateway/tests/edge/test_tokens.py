import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from uchat_gateway.adapters.tokens import JoseTokens, TokenKeys
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.ports.access import Revoked
from uchat_gateway.service.access import Access
from uchat_platform.errors import NotPermittedError, UnauthenticatedError, UnavailableError
from uchat_platform.testing import FixedClock

LIFE = timedelta(minutes=10)


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def keys(tmp_path):
    return TokenKeys.load_or_make(tmp_path / "run" / "keys.json")


@pytest.fixture
def tokens(keys, clock):
    return JoseTokens(keys, clock, issuer="uchat", audience="uchat-api", life=LIFE)


@pytest.fixture
def access(tokens, clock):
    return Access(tokens, clock)


def parts(token):
    return [json.loads(unb64(part)) for part in token.split(".")[:2]]


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_says_who_it_is_of_what_type_and_until_when(tokens, clock):
    token, expires_in = tokens.issue("user_1", "trader", "sid_1")
    header, claims = parts(token)
    assert header["alg"] == "Ed25519"
    assert header["typ"] == "at+jwt"
    assert {"iss", "aud", "exp", "nbf", "iat", "jti", "sub", "sid", "roles", "client_id"} == set(
        claims
    )
    assert expires_in == 600
    principal = tokens.verify(token)
    assert (principal.actor.person_id, principal.sid) == ("user_1", "sid_1")
    assert principal.actor.roles == {"trader"}
    assert principal.expires_at == int(clock.now().timestamp()) + 600


def forge(keys, token, *, header=None, claims=None, key=None, algorithms=("Ed25519",)):
    old_header, old_claims = parts(token)
    new_header = {**old_header, **(header or {})}
    new_claims = {**old_claims, **(claims or {})}
    kept = {name: value for name, value in new_claims.items() if value is not None}
    return jwt.encode(new_header, kept, key or keys.keys[0], algorithms=list(algorithms))


def unsigned(token, alg="none"):
    header, claims = parts(token)
    return f"{b64({**header, 'alg': alg})}.{b64(claims)}."


def signed_with_public_key(keys, token):
    header, claims = parts(token)
    signing_input = f"{b64({**header, 'alg': 'HS256'})}.{b64(claims)}"
    for secret in (keys.keys[0].as_pem(private=False), unb64(keys.public()["keys"][0]["x"])):
        mac = hmac.digest(secret, signing_input.encode(), hashlib.sha256)
        yield f"{signing_input}.{b64(mac)}"


def attacks(keys, token):
    head, body, signature = token.split(".")
    mallory = OKPKey.generate_key("Ed25519", parameters={"kid": keys.keys[0].kid})
    rsa = RSAKey.generate_key(2048, parameters={"kid": keys.keys[0].kid})
    admin = {**parts(token)[1], "roles": ["admin"]}
    yield "alg none", unsigned(token)
    yield "alg None", unsigned(token, "None")
    yield "signature stripped", f"{head}.{body}."
    yield "signature left out", f"{head}.{body}"
    yield "claims changed", f"{head}.{b64(admin)}.{signature}"
    for number, forged in enumerate(signed_with_public_key(keys, token)):
        yield f"HS256 with the public key {number}", forged
    yield "another key under our kid", forge(keys, token, key=mallory)
    yield "RS256", forge(keys, token, header={"alg": "RS256"}, key=rsa, algorithms=["RS256"])
    yield "unknown kid", forge(keys, token, header={"kid": "k2"})
    yield "kid as a path", forge(keys, token, header={"kid": "../../dev/null"})
    yield "kid as SQL", forge(keys, token, header={"kid": "' OR 1=1 --"})
    yield (
        "its own key",
        forge(keys, token, header={"jwk": mallory.as_dict(private=False)}, key=mallory),
    )
    yield "key by address", forge(keys, token, header={"jku": "http://127.0.0.1/k"}, key=mallory)
    yield "typ JWT", forge(keys, token, header={"typ": "JWT"})
    yield "typ of an ID token", forge(keys, token, header={"typ": "id_token+jwt"})
    yield "wrong issuer", forge(keys, token, claims={"iss": "mallory"})
    yield "wrong audience", forge(keys, token, claims={"aud": "other"})
    for claim in ("iss", "aud", "exp", "nbf", "sub", "jti", "sid", "roles"):
        yield f"without {claim}", forge(keys, token, claims={claim: None})
    yield "roles as text", forge(keys, token, claims={"roles": "admin"})
    yield "sub as number", forge(keys, token, claims={"sub": 1})
    yield "exp as text", forge(keys, token, claims={"exp": "tomorrow"})
    yield "not yet valid", forge(keys, token, claims={"nbf": parts(token)[1]["nbf"] + 3600})
    yield "empty", ""
    yield "dots", ".."
    yield "no token", "not-a-token"
    yield "huge", f"{head}.{'a' * 100_000}.{signature}"
    yield "not ASCII", f"{head}.{body}.é\ud800"


def test_no_attack_gets_in(keys, tokens, access):
    token, _ = tokens.issue("user_1", "trader", "sid_1")
    assert access.authenticate(token).actor.person_id == "user_1"
    tried = 0
    for name, forged in attacks(keys, token):
        with pytest.raises(UnauthenticatedError) as refused:
            access.authenticate(forged)
        assert refused.value.code == "token_invalid", name
        tried += 1
    assert tried > 30


def test_a_token_ends_after_its_time_also_when_it_is_cached(tokens, access, clock):
    token, _ = tokens.issue("user_1", "trader", "sid_1")
    clock.advance(LIFE - timedelta(seconds=1))
    access.authenticate(token)
    clock.advance(timedelta(seconds=32))
    with pytest.raises(UnauthenticatedError) as refused:
        access.authenticate(token)
    assert refused.value.code == "token_expired"


def test_the_next_key_verifies_before_it_signs(keys, clock, tmp_path):
    now = JoseTokens(keys, clock, issuer="uchat", audience="uchat-api", life=LIFE)
    turned = TokenKeys(keys.keys[::-1])
    later = JoseTokens(turned, clock, issuer="uchat", audience="uchat-api", life=LIFE)
    for issuer, verifier in ((now, later), (later, now)):
        assert verifier.verify(issuer.issue("user_1", "viewer", "sid_1")[0]).sid == "sid_1"


def test_keys_are_made_once_and_are_private(tmp_path):
    path = tmp_path / "keys.json"
    made = TokenKeys.load_or_make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert TokenKeys.load_or_make(path).public() == made.public()
    assert all("d" not in key for key in made.public()["keys"])
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]
    path.chmod(0o644)
    with pytest.raises(UnavailableError, match="0600"):
        TokenKeys.load_or_make(path)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "aa"}]}']
)
def test_a_file_without_usable_keys_is_said_to_be_so(tmp_path, text):
    path = tmp_path / "keys.json"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(UnavailableError) as refused:
        TokenKeys.load_or_make(path)
    assert refused.value.code == "keys_unusable"


def test_a_revoked_sign_in_is_refused_at_once_and_told_once(tokens, access, clock):
    token, _ = tokens.issue("user_1", "trader", "sid_1")
    other, _ = tokens.issue("user_1", "trader", "sid_2")
    told = []
    access.on_revoked(told.append)
    principal = access.authenticate(token)
    for _ in range(2):
        access.revoke([Revoked("user_1", "sid_1")], forget_after_s=600)
    assert told == [Revoked("user_1", "sid_1")]
    for attempt in (lambda: access.authenticate(token), lambda: access.still_valid(principal)):
        with pytest.raises(UnauthenticatedError) as refused:
            attempt()
        assert refused.value.code == "token_revoked"
    assert access.authenticate(other).sid == "sid_2"


def test_who_may_not_is_told_what_is_missing(tokens, access):
    viewer = access.authenticate(tokens.issue("user_1", "viewer", "sid_1")[0])
    access.allow(viewer, Permission.CHAT_READ)
    with pytest.raises(NotPermittedError, match="chat:write"):
        access.allow(viewer, Permission.CHAT_WRITE)
