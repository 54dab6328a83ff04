"""Schemathesis over the OpenAPI document: no server error, no status that it does not name."""

import asyncio
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


async def test_nothing_undocumented_happens(gateway, tmp_path):
    tokens = await gateway.guest()
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{gateway.url}/api/v1/openapi.json",
        f"--checks={','.join(CHECKS)}",
        "--phases=examples,coverage,fuzzing",
        # Doors that need other services are tried with the whole stack.
        "--include-path-regex=/auth/|/health$|^/livez|^/readyz|^/metrics|^/.well-known/",
        # It would end the sign-in that the others need.
        "--exclude-path-regex=/auth/logout",
        f"--header=Authorization: Bearer {tokens['access_token']}",
        "--max-examples=10",
        "--max-time=15",
        "--workers=1",
        "--seed=1",
        "--no-color",
        "--continue-on-failure",
        "--warnings=off",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-6000:]
    assert (await gateway.me(tokens)).status_code == 200
