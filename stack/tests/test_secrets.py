import json
from pathlib import Path

import nkeys
import pytest
from joserfc.jwk import KeySet

from uchat_platform.auth import ActorSigner, ActorVerifier
from uchat_platform.crypto import KeyRing
from uchat_stack import secrets
from uchat_stack.layout import Layout
from uchat_stack.services import NKEY_USERS, SCHEMAS


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "data")
    layout.create()
    return layout


def ensure(layout: Layout) -> secrets.Secrets:
    return secrets.ensure(layout, NKEY_USERS, SCHEMAS)


def test_every_secret_is_its_owners_alone(layout: Layout) -> None:
    assert ensure(layout).kek_is_new
    modes = {path.name: path.stat().st_mode & 0o777 for path in layout.keys.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"kek", "jwt.json", "passwords.json", "sessions.nk", "provisioner.nk"} <= modes.keys()
    assert layout.keys.stat().st_mode & 0o777 == 0o700


def test_second_start_finds_the_secrets_of_the_first(layout: Layout) -> None:
    ensure(layout)
    before = {path.name: path.read_bytes() for path in layout.keys.iterdir()}
    assert not ensure(layout).kek_is_new
    assert {path.name: path.read_bytes() for path in layout.keys.iterdir()} == before


def test_new_service_gets_a_key_beside_the_others(layout: Layout) -> None:
    first = ensure(layout)
    second = secrets.ensure(layout, [*NKEY_USERS, "notifier"], [*SCHEMAS, "notifier"])
    assert second.public_keys == {**first.public_keys, "notifier": second.public_keys["notifier"]}
    assert second.passwords["sessions"] == first.passwords["sessions"]


def test_keys_are_what_those_who_read_them_expect(layout: Layout) -> None:
    held = ensure(layout)
    for service in NKEY_USERS:
        seed = layout.seed(service).read_bytes().strip()
        pair = nkeys.from_seed(bytearray(seed))
        assert pair.public_key.decode() == held.public_keys[service]
    verifier = ActorVerifier.load(layout.service_keys)
    assert verifier is not None
    assert ActorSigner.load("gateway", layout.seed("gateway")) is not None
    KeyRing.load(layout.kek)
    keys = KeySet.import_key_set(json.loads(layout.jwt_keys.read_text()))
    assert keys.keys[0].is_private
