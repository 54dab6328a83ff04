"""The search finds the canary in every form in which it could leak."""

import base64
from pathlib import Path

import pytest

from tests.support.canary import CANARY, search


@pytest.mark.parametrize(
    "leak",
    [
        CANARY.encode(),
        CANARY.encode("utf-16-le"),
        CANARY.encode().hex().encode(),
        base64.b64encode(CANARY.encode()),
        base64.b64encode(b"x" + CANARY.encode()),
        base64.b64encode(b"xy" + CANARY.encode() + b"tail"),
    ],
)
def test_finds_a_leak_in_the_middle_of_a_file(tmp_path: Path, leak: bytes):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"\0" * 5000 + leak + b"\xff" * 5000)
    assert list(search(tmp_path))


def test_finds_nothing_where_there_is_nothing(tmp_path: Path):
    (tmp_path / "empty").touch()
    (tmp_path / "other").write_bytes(b"Zanzibar, canaries" * 1000)
    assert list(search(tmp_path)) == []
