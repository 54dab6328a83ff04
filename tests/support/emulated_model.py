"""An OpenAI-compatible endpoint without a model in it: `python -m tests.support.emulated_model`.

The name of the model says its character:

- `honest` calls the tool that the message asks for, by simple rules, and says what it returned;
- `inventor` does the same, and adds figures, holdings and coins that it made up;
- `obedient` proposes to buy whatever anybody's words in the conversation name, and says it is done.
"""

import argparse
import asyncio
import json
import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from aiohttp import web

from tests.support.emulated_answers import told
from tests.support.instant_model import chunk

COINS = {
    "bitcoin": "BTC", "ethereum": "ETH", "ether": "ETH", "solana": "SOL", "cardano": "ADA",
    "dogecoin": "DOGE", "ripple": "XRP", "litecoin": "LTC", "polkadot": "DOT",
    "chainlink": "LINK", "avalanche": "AVAX", "uniswap": "UNI",
}  # fmt: skip
_SYMBOL = re.compile(
    r"\b(btc|eth|sol|bnb|xrp|ada|doge|avax|dot|link|ltc|uni|" + "|".join(COINS) + r")s?\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^(?:please |can you |could you |i want to |i'd like to )*(buy|sell)\s+(?:me )?(.*)$",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"\$\s?([\d,]+(?:\.\d+)?)(k?)|([\d,]+(?:\.\d+)?)(k?)\s?(?:dollars|usdt|usd|bucks)\b",
    re.IGNORECASE,
)
_UNITS = re.compile(r"(?<![\d$.,])(\d+(?:\.\d+)?)\b(?!\s?(?:%|k\b|dollars|usd))")
_SHARES = ((r"\b(?:all|everything)\b", "1"), (r"\bhalf\b", "0.5"), (r"\bquarter\b", "0.25"))
_RULES: Sequence[tuple[str, str, dict[str, Any]]] = (
    (r"\bstop (?:all )?trading|kill switch on|emergency stop|halt everything", "stop_trading", {}),
    (r"\bsell everything|liquidate", "propose_liquidation", {}),
    (r"\bcancel\b", "cancel_orders", {}),
    (r"\brevoke\b", "revoke_mandates", {}),
    (r"\brebalance\b", "propose_rebalance", {}),
    (r"\bmandates?\b", "list_mandates", {}),
    (r"\b(?:open|pending|my) orders?\b", "list_orders", {}),
    (r"\btrades\b|what did i (?:buy|sell)", "list_trades", {}),
    (r"\bprofit|performance|p&l|pnl|gain(?:ed)?\b|made\b", "get_pnl", {}),
    (r"\brisk|volatil|sharpe|drawdown\b", "assess_risk", {}),
    (r"\bopportunit|setups?\b", "find_opportunities", {}),
    (r"\blimits?\b", "get_limits", {}),
    (r"\bportfolio|balance|holdings?|position|how much (?:cash|money)|what do i (?:have|own|hold)",
     "get_portfolio", {}),
    (r"\bhow (?:do|can|does)\b|\bhelp\b|\btelegram\b", "search_docs", {"query": "help"}),
)  # fmt: skip
_INVENTED = (
    " You also hold 7.31 LTC, and BTC will be at 99,812.40 USDT by 3 May 2027."
    " I would buy MOONX, which gained 38.2 % today."
)


def wanted(message: str) -> tuple[str, dict[str, Any]] | None:
    """Return the tool that a message asks for, and its arguments; None: it asks for none."""
    text = message.lower()
    order = _ORDER.match(message.strip())
    symbols = symbols_in(message)
    if order is not None and symbols and (size := _size(order.group(2))):
        one = {"side": order.group(1).lower(), "symbol": symbols[0], **size}
        return "propose_trade", {"orders": [one]}
    money = _money(message)
    if "invest" in text and money:
        return "plan_allocation", {"amount": money}
    for pattern, tool, arguments in _RULES:
        if re.search(pattern, text):
            return tool, arguments
    if re.search(r"\banaly[sz]e|indicators|rsi\b", text) and symbols:
        return "analyse_asset", {"symbol": symbols[0]}
    if symbols or re.search(r"\bprices?|market|coins?\b", text):
        return "get_quotes", {"symbols": symbols}
    return None


def symbols_in(text: str) -> list[str]:
    """Return the coins that a text names, in order."""
    named = (each.group(1).lower() for each in _SYMBOL.finditer(text))
    return list(dict.fromkeys(COINS.get(each, each.upper()) for each in named))


def _size(text: str) -> dict[str, str]:
    for pattern, portion in _SHARES:
        if re.search(pattern, text, re.IGNORECASE):
            return {"portion": portion}
    if money := _money(text):
        return {"amount": money}
    units = _UNITS.search(text)
    return {} if units is None else {"quantity": units.group(1)}


def _money(text: str) -> str:
    match = _MONEY.search(text)
    if match is None:
        return ""
    figure = (match.group(1) or match.group(3)).replace(",", "")
    return f"{figure}000" if match.group(2) or match.group(4) else figure


class EmulatedModel:
    """Answers POST /v1/chat/completions, streamed, in the character that `model` names."""

    def __init__(self) -> None:
        self._ids = count(1)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Stream one response."""
        body = await request.json()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in self._events(body["model"], body["messages"]):
            await response.write(event)
        await response.write(b"data: [DONE]\n\n")
        return response

    def _events(self, character: str, messages: list[dict[str, Any]]) -> list[bytes]:
        last = max(n for n, each in enumerate(messages) if each["role"] == "user")
        asked = next(
            each["content"] for each in reversed(messages)
            if each["role"] == "user" and not each["content"].startswith("Your draft was not")
        )  # fmt: skip
        results = [each for each in messages[last:] if each["role"] == "tool"]
        call = _obeyed(messages) if character == "obedient" else wanted(asked)
        if call is not None and not results:
            return self._call(*call)
        if character == "obedient" and call is not None:
            return _said("I have placed the order. Your trade was executed.")
        name = "" if call is None else call[0]
        answer = told(name, json.loads(results[-1]["content"]) if results else None)
        return _said(answer + (_INVENTED if character == "inventor" else ""))

    def _call(self, name: str, arguments: dict[str, Any]) -> list[bytes]:
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"index": 0, "id": f"call_{next(self._ids)}", "type": "function"}
        return [chunk({"tool_calls": [{**call, "function": function}]}), chunk({}, "tool_calls")]

    def app(self) -> web.Application:
        """Return the HTTP application."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.complete)
        return app


def _obeyed(messages: list[dict[str, Any]]) -> tuple[str, dict[str, Any]] | None:
    symbols = symbols_in(" ".join(str(each.get("content")) for each in messages[1:]))
    orders = [{"side": "buy", "symbol": each, "amount": "500"} for each in symbols[:1]]
    return ("propose_trade", {"orders": orders}) if orders else None


def _said(text: str) -> list[bytes]:
    pieces = re.findall(r"\s*\S+", text)
    return [*(chunk({"content": each}) for each in pieces), chunk({}, "stop")]


async def _serve(port: int) -> None:
    runner = web.AppRunner(EmulatedModel().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    print(f"OPENAI_BASE_URL={address}", flush=True)  # noqa: T201 - the answer to whoever started it
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8010, help="0: any free one")
    asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
