"""The product's story in short, through its public interfaces alone, wherever it runs."""

import uuid

import aiohttp
from tests.e2e.story.conftest import continued
from tests.support.telegram import TelegramUser, continue_code
from tests.support.trading import decide, eventually, held, journal, outcome, propose


async def tell(gateway: str, telegram: str, exchange: str) -> None:
    """Begin on Telegram, approve on the web, see it everywhere.

    Raises:
        AssertionError: something is not as it should be, and it says what.
    """
    async with aiohttp.ClientSession() as http:
        user = await TelegramUser.new(http, telegram)
        answer = await user.ask("I have $5000 to invest in crypto", timeout_s=60)
        web = await continued(http, gateway, continue_code(answer))
        before = len(await journal(http, exchange))
        card = await propose(web, "buy 0.01 BTC")
        shown = await user.card(timeout_s=30)
        approved = await decide(web, card, op_id=str(uuid.uuid4()))
        _expect(approved.body["status"] == "accepted", "an accepted approval", approved)
        final = await outcome(web, card["decision_id"], 60)
        _expect(final["state"] == "executed", "an executed decision", final)
        orders = (await journal(http, exchange))[before:]
        mine = [o for o in orders if o["symbol"] == "BTCUSDT" and o["quantity"] == "0.01"]
        _expect(len(mine) == 1, "one order at the exchange", orders)
        bitcoin = await held(web, "BTC")
        _expect(bitcoin > 0, "BTC in the portfolio", bitcoin)

        async def edited() -> bool:
            chat = await user.messages()
            return any(m["message_id"] == shown["message_id"] and m["edited"] for m in chat)

        await eventually("Telegram's card to change in place", edited, 60)
        position = await user.ask("How's my BTC position doing?", timeout_s=60)
        _expect("BTC" in position["text"], "the position", position)


def _expect(holds: bool, what: str, found: object) -> None:
    if not holds:
        raise AssertionError(f"Expected {what}, found {found!r}")
