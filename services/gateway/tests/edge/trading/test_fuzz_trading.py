"""Schemathesis over the doors to trading: no server error, nothing that OpenAPI does not name."""

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
DOORS = (
    "/decision|/run/|/portfolio|/positions|/orders|/trades|/pnl|/allocation|/risk/"
    "|/equity|/ledger|/preferences|/export/|/mandates|/kill-switch|/venues|/alerts|/digest|/links|/deliveries|/memories|/auth/upgrade"
)


async def test_nothing_undocumented_happens(gateway, execution, tmp_path):
    tokens = await gateway.guest()
    execution.put(tokens["user_id"])
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{gateway.url}/api/v1/openapi.json",
        f"--checks={','.join(CHECKS)}",
        "--phases=examples,coverage,fuzzing",
        f"--include-path-regex={DOORS}",
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
