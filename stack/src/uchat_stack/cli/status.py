"""`uchat status`."""

import asyncio
import json
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import click

from uchat_stack import http
from uchat_stack.cli import running
from uchat_stack.cli.errors import told


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def status(as_json: bool) -> None:
    """Show what runs and whether it is ready.

    Lists every process with its pid and memory (PSS), and asks the gateway whether it takes work.
    Exits 1 if a process is missing or the gateway is not ready.
    """
    with told():
        endpoints = running.layout().read_endpoints()
    pids = cast("dict[str, int]", endpoints["pids"])
    gateway = cast("str", endpoints["gateway"])
    address = urlsplit(gateway)
    ready = asyncio.run(http.is_ready(address.port or 80, address.hostname or "127.0.0.1"))
    rows = {name: _row(pid) for name, pid in pids.items()}
    if as_json:
        click.echo(json.dumps({"gateway": gateway, "ready": ready, "processes": rows}, indent=2))
    else:
        for name, row in rows.items():
            click.echo(f"{name:<20} pid {row['pid']:<8} {row['state']:<8} {row['pss_mb']} MB")
        click.echo(f"{gateway} is {'ready' if ready else 'not ready'}")
    if not ready or any(row["state"] != "running" for row in rows.values()):
        raise click.exceptions.Exit(1)


def _row(pid: int) -> dict[str, object]:
    process = Path("/proc") / str(pid)
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return {"pid": pid, "state": "gone", "pss_mb": 0}
    word = {"T": "stopped", "Z": "gone"}.get(state, "running")
    pss = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return {"pid": pid, "state": word, "pss_mb": round(pss / 1024, 1)}
