"""Schemathesis sends what the OpenAPI allows, and what it forbids: never a server error."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.support.api import Api
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(150)]
BUDGET_S = 12
# A long poll that waits in vain finds nothing.
CONFIG = "[parameters]\nwait = 0\n"


async def test_schemathesis_finds_no_server_error(stack: Stack, person: Api, tmp_path: Path):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{stack.url}/api/v1/openapi.json",
        "--checks=not_a_server_error",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=12",
        f"--max-time={BUDGET_S}",
        "--request-timeout=5",
        "--workers=1",
        "--no-color",
        "--seed=1",
        "--continue-on-failure",
        "--warnings=off",
        f"--header=Authorization: Bearer {person.token}",
        r"--exclude-path-regex=/auth/logout|/events$",
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-6000:]
