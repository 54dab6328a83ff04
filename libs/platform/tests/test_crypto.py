import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from uchat_platform import crypto


def test_what_is_sealed_opens_only_in_its_place():
    cipher = AESGCM(crypto.new_data_key())
    sealed = crypto.seal(cipher, b"hello", b"log|msg|message")
    assert crypto.open_sealed(cipher, sealed, b"log|msg|message") == b"hello"
    with pytest.raises(crypto.SealError):
        crypto.open_sealed(cipher, sealed, b"other|msg|message")


def test_a_data_key_unwraps_only_for_its_owner_and_by_its_key():
    ring = crypto.KeyRing.from_key("k1", crypto.new_data_key())
    key = crypto.new_data_key()
    wrapped = ring.wrap(key, "unified_a")
    assert ring.unwrap(wrapped, "unified_a") == key
    with pytest.raises(crypto.SealError):
        ring.unwrap(wrapped, "unified_b")
    with pytest.raises(crypto.SealError):
        crypto.KeyRing.from_key("k1", crypto.new_data_key()).unwrap(wrapped, "unified_a")


def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "kek"
    path.write_text(base64.b64encode(crypto.new_data_key()).decode())
    path.chmod(0o644)
    with pytest.raises(crypto.SealError, match="0600"):
        crypto.KeyRing.load(path)
    path.chmod(0o600)
    assert crypto.KeyRing.load(path).kek_id == "k1"


def test_a_mark_is_the_same_for_the_same_text_at_the_same_place_under_the_same_key():
    key = crypto.new_data_key()
    mark = crypto.KeyRing.from_key("k1", key).mark("12345", "binance")
    assert crypto.KeyRing.from_key("k1", key).mark("12345", "binance") == mark
    other = crypto.KeyRing.from_key("k1", crypto.new_data_key())
    ring = crypto.KeyRing.from_key("k1", key)
    others = {other.mark("12345", "binance"), ring.mark("12345", "okx"), ring.mark("1", "binance")}
    assert len({mark, *others}) == 4
