"""Brakes and limits from the command line, beside nothing but a database."""

import asyncio
import json

import asyncpg
import pytest
from click.testing import CliRunner, Result
from stack.tests.test_organisations import account as registered
from stack.tests.test_organisations import layout

from uchat_contracts.ids import new_person_id
from uchat_platform.embedded.roles import service_dsn
from uchat_stack.cli import main
from uchat_stack.layout import Layout

pytestmark = pytest.mark.integration
__all__ = ["layout"]


async def uchat(layout: Layout, *arguments: str) -> Result:
    env = {"UCHAT_DATA_DIR": str(layout.data)}
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=env)


async def account(layout: Layout, person: str = "") -> str:
    person = person or new_person_id()
    owner = json.loads(layout.endpoints.read_text())["postgres"]
    connection = await asyncpg.connect(service_dsn(owner, "execution", "secret"))
    await connection.execute(
        "INSERT INTO account (account, person, venue, simulated, quote_currency, opening)"
        " VALUES ('acct', $1, 'paper', true, 'USDT', 10000)",
        person,
    )
    await connection.close()
    return person


async def test_trading_is_stopped_and_let_go_on_for_each_scope(layout: Layout) -> None:
    person = await account(layout)
    assert (await uchat(layout, "org", "create", "acme")).exit_code == 0
    nothing = await uchat(layout, "kill", "show")
    assert (nothing.exit_code, nothing.output) == (0, "nothing is stopped\n")
    for scope in ("everybody", "org:acme", person):
        stopped = await uchat(layout, "kill", "on", "--scope", scope)
        assert stopped.exit_code == 0, stopped.output
        assert stopped.output.startswith(f"{scope}: stopped at ")
        assert "nothing is sent after" in stopped.output
        assert "nothing was on its way" in stopped.output
    shown = await uchat(layout, "kill", "show")
    assert (shown.exit_code, len(shown.output.splitlines())) == (1, 3)
    released = await uchat(layout, "kill", "off", "--scope", "org:acme")
    assert "org:acme: trading goes on" in released.output
    unknown = await uchat(layout, "kill", "on", "--scope", "org:none")
    assert (unknown.exit_code, "no person or organisation" in unknown.output) == (1, True)


async def test_a_person_is_named_by_e_mail_address_too(layout: Layout) -> None:
    email = "ada@example.com"
    person = await account(layout, await registered(layout, email))
    stopped = await uchat(layout, "kill", "on", "--scope", email)
    assert stopped.output.startswith(f"{person}: stopped at "), stopped.output
    await uchat(layout, "limits", "set", email, "per_order=1000")
    assert f"{person} (change 1" in (await uchat(layout, "limits", "show")).output
    halted = await uchat(layout, "trading", "set", email, "halted", "--why", "We look into it.")
    assert (await uchat(layout, "trading", "show", person)).output == halted.output
    unknown = await uchat(layout, "kill", "on", "--scope", "eve@example.com")
    assert (unknown.exit_code, "Nobody has the e-mail address" in unknown.output) == (1, True)
    elsewhere = await uchat(layout, "kill", "on", "--scope", email, "--dsn", "postgresql://nowhere")
    assert "With --dsn a person is named by id" in elsewhere.output


async def test_limits_and_states_are_kept_from_the_command_line(layout: Layout) -> None:
    person = await account(layout)
    made = await uchat(layout, "limits", "set", "everybody", "per_order=1000", "symbols=btc,eth")
    assert made.exit_code == 0, made.output
    assert "per_order = 1000" in made.output
    await uchat(layout, "limits", "set", "everybody", "drawdown_share=none")
    shown = (await uchat(layout, "limits", "show")).output
    assert "everybody (change 2 by " in shown
    for line in ("per_order = 1000", "symbols = BTC,ETH", "drawdown_share = none"):
        assert line in shown
    for wrong in ("per_order=-1", "nothing=1", "cooldown_s=soon", "per_order"):
        refused = await uchat(layout, "limits", "set", person, wrong)
        assert refused.exit_code == 1, refused.output
    assert (await uchat(layout, "limits", "set", "everybody")).exit_code == 2
    cleared = await uchat(layout, "limits", "set", "everybody", "--clear")
    assert cleared.output == "everybody: as the wider scope has it\n"
    halted = await uchat(layout, "trading", "set", person, "halted", "--why", "We look into it.")
    assert halted.output == f"{person}: mode assisted, paper account halted: We look into it.\n"
    assert (await uchat(layout, "trading", "show", person)).output == halted.output
    active = await uchat(layout, "trading", "set", person, "active")
    assert active.output == f"{person}: mode assisted, paper account active\n"


async def test_real_orders_are_off_until_somebody_says_otherwise(layout: Layout) -> None:
    shown = (await uchat(layout, "live", "show")).output.splitlines()
    assert shown[0] == "binance    off"
    assert shown[1].startswith("okx        off, untested")
    asked = await uchat(layout, "live", "on", "binance")
    assert (asked.exit_code, "Aborted" in asked.output) == (1, True)
    assert (await uchat(layout, "live", "on", "binance", "--yes")).exit_code == 0
    assert (await uchat(layout, "live", "show")).output.splitlines()[0] == "binance    on"
    for wrong, why in (("okx", "not tested"), ("mtgox", "Expected one of")):
        refused = await uchat(layout, "live", "on", wrong, "--yes")
        assert (refused.exit_code, why in refused.output) == (1, True)
    off = await uchat(layout, "live", "off", "binance")
    assert off.output == "binance: orders with real money are off\n"
