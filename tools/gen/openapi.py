"""Writes docs/api/openapi.json: the gateway's routes, described without anything running."""

import json
from pathlib import Path
from unittest.mock import MagicMock

from uchat_gateway.doors.accounts.door import build as build_accounts
from uchat_gateway.doors.application import build_app
from uchat_gateway.doors.chat import build as build_chat
from uchat_gateway.doors.decisions import build as build_decisions
from uchat_gateway.doors.edge import Deps
from uchat_gateway.doors.links import build as build_links
from uchat_gateway.doors.memory import build as build_memory
from uchat_gateway.doors.status.door import build as build_status
from uchat_gateway.doors.trading import build as build_trading
from uchat_gateway.settings import GatewaySettings

TARGET = Path(__file__).parents[2] / "docs/api/openapi.json"


def documents() -> dict[Path, str]:
    """Return the document by its path. Routes are read, never called: what they need is a mock."""
    nothing = MagicMock()
    settings = GatewaySettings(_env_file=None)
    deps = Deps(
        settings=settings,
        clock=nothing,
        health=nothing,
        bus=nothing,
        valkey=nothing,
        sessions=nothing,
        signer=nothing,
        guards=nothing,
    )
    doors = [
        build_accounts(nothing, nothing, nothing, nothing, public_keys={"keys": []}, watch=nothing),
        build_chat(deps, nothing, nothing),
        build_decisions(nothing, nothing, nothing, nothing),
        build_memory(nothing),
        build_trading(
            nothing, nothing, nothing, nothing, alerts=nothing, venues=nothing, limiter=nothing
        ),
        build_links(nothing, nothing, nothing, nothing, ""),
        build_status(nothing, nothing, lambda: 0, docs=False),
    ]
    document = build_app(deps, doors).openapi()
    return {TARGET: json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"}
