"""Answers on prices. Every figure is one that a tool returned in this turn."""

# ruff: noqa: E501 - sentences are read whole
from collections.abc import Sequence
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.replies import Reply, Result, unavailable
from uchat_ai_core.domain.planner.words import clock, figure, listed, money, signed_pct

_AWAY: Final = Reply(
    "I cannot quote a price right now: the market data service does not answer.",
    "I would rather give no figure than a made-up one. Ask again in a moment.",
)
_SHOWN: Final = 5

Quote = dict[str, Any]


def quotes_reply(understood: Understanding, result: Result) -> Reply:
    """Answer a question for prices, a comparison or an overview."""
    if unavailable(result):
        return _AWAY
    quotes: list[Quote] = result["quotes"]
    unknown: list[str] = result["unknown"]
    if not quotes:
        return _nothing_listed(unknown)
    if understood.ask is Ask.MOVERS:
        return _movers(quotes)
    if understood.ask is Ask.MARKET:
        return _overview(quotes)
    if understood.ask is Ask.COMPARE and len(quotes) > 1:
        return _comparison(quotes, unknown)
    return _prices(quotes, unknown, understood)


def price_line(quotes: Sequence[Quote]) -> str:
    """Return the prices as one sentence, with what they are and of when."""
    prices = [f"{each['symbol']} at {_price(each)}" for each in quotes]
    return f"{_source(quotes)}: {listed(prices)}."


def conversion_reply(result: Result) -> Reply:
    """Answer how much of an asset an amount of money would buy."""
    if unavailable(result):
        return _AWAY
    done: list[dict[str, Any]] = result["conversions"]
    if not done:
        return _nothing_listed(list(result.get("unknown", [])))
    if "worth" in done[0]:
        return _worth(done[0])
    bought = [f"{figure(each['quantity'])} {each['symbol']}" for each in done]
    amount = done[0]["amount"]
    counted = f"{figure(str(amount['value']))} {amount['unit']}"
    asks = [f"{each['symbol']} {figure(each['ask'])} {each['quote_currency']}" for each in done]
    detail = (
        f"Reckoned at the asking price ({listed(asks)}), without fees, "
        f"as of {clock(done[0]['as_of'])}. {_simulated(done)}"
    )
    if amount["unit"] == "USD":
        detail += " I counted one US dollar as one USDT."
    summary = f"{counted} would buy {listed(bought, 'or')}{_aside(done)}."
    return Reply(summary, detail.strip() + " Nothing was ordered.")


def _worth(done: dict[str, Any]) -> Reply:
    currency = done["quote_currency"]
    return Reply(
        f"{figure(done['quantity'])} {done['symbol']} would bring {money(done['worth'])} {currency}{_aside([done])}.",
        f"Reckoned at the bid of {figure(done['bid'])} {currency}, without fees, as of {clock(done['as_of'])}. {_simulated([done])} Nothing was ordered.",
    )


def instruments_reply(result: Result) -> Reply:
    """Answer what can be quoted."""
    if unavailable(result):
        return Reply("I cannot read the list of coins right now: market data does not answer.")
    instruments: list[dict[str, str]] = result["instruments"]
    names = [f"{each['name']} ({each['symbol']})" for each in instruments]
    symbols = [each["symbol"] for each in instruments]
    return Reply(
        f"I can quote {len(names)} coins: {listed(symbols)}.",
        "By name: " + listed(names) + ". Ask for one or for several at once, "
        "as “price of BTC and ether”.",
    )


def _prices(quotes: Sequence[Quote], unknown: Sequence[str], understood: Understanding) -> Reply:
    if len(quotes) == 1:
        only = quotes[0]
        summary = (
            f"{_named(only)} is at {_price(only)}, {signed_pct(only['change_24h_pct'])} in 24 hours"
            f"{_aside(quotes)}."
        )
    else:
        each = [f"{q['symbol']} {_price(q)} ({signed_pct(q['change_24h_pct'])})" for q in quotes]
        summary = f"{'; '.join(each)}; changes over 24 hours{_aside(quotes)}."
    if unknown:
        summary += f" {_not_listed(unknown)}"
    detail = [_spread(quote) for quote in quotes[:_SHOWN]]
    detail.append(
        f"As of {clock(quotes[0]['as_of'])}, source: {quotes[0]['source']}. {_simulated(quotes)}".strip()
    )
    if understood.mentions.guessed:
        read = [f"“{typed}” as {name}" for typed, name in understood.mentions.guessed.items()]
        detail.append(f"I read {listed(read)}.")
    return Reply(summary, " ".join(detail))


def _comparison(quotes: Sequence[Quote], unknown: Sequence[str]) -> Reply:
    ranked = sorted(quotes, key=lambda q: float(q["change_24h_pct"]), reverse=True)
    best, worst = ranked[0], ranked[-1]
    each = [f"{q['symbol']} {_price(q)} ({signed_pct(q['change_24h_pct'])})" for q in ranked]
    summary = (
        f"Over 24 hours {best['symbol']} did better than {listed([q['symbol'] for q in ranked[1:]])}: "
        f"{listed(each)}{_aside(quotes)}."
        if best["change_24h_pct"] != worst["change_24h_pct"]
        else f"Over 24 hours they moved alike: {listed(each)}{_aside(quotes)}."
    )
    if unknown:
        summary += f" {_not_listed(unknown)}"
    detail = " ".join(_spread(quote) for quote in ranked[:_SHOWN])
    return Reply(summary, f"{detail} As of {clock(best['as_of'])}. {_simulated(quotes)}".strip())


def _overview(quotes: Sequence[Quote]) -> Reply:
    up = [quote for quote in quotes if float(quote["change_24h_pct"]) > 0]
    first = [f"{q['symbol']} {_price(q)} ({signed_pct(q['change_24h_pct'])})" for q in quotes[:3]]
    summary = f"{len(up)} of {len(quotes)} coins are up over 24 hours. {'; '.join(first)}{_aside(quotes)}."
    rest = [f"{q['symbol']} {_price(q)} ({signed_pct(q['change_24h_pct'])})" for q in quotes[3:]]
    detail = f"The others: {'; '.join(rest)}. " if rest else ""
    return Reply(
        summary, f"{detail}As of {clock(quotes[0]['as_of'])}. {_simulated(quotes)}".strip()
    )


def _movers(quotes: Sequence[Quote]) -> Reply:
    ranked = sorted(quotes, key=lambda q: float(q["change_24h_pct"]), reverse=True)
    top = [f"{q['symbol']} {signed_pct(q['change_24h_pct'])}" for q in ranked[:3]]
    bottom = [f"{q['symbol']} {signed_pct(q['change_24h_pct'])}" for q in ranked[3:][:-4:-1]]
    summary = f"Strongest in 24 hours: {listed(top)}. Weakest: {listed(bottom)}{_aside(quotes)}."
    prices = listed([f"{q['symbol']} {_price(q)}" for q in (*ranked[:3], *ranked[-3:])])
    return Reply(
        summary,
        f"Their prices: {prices}. As of {clock(ranked[0]['as_of'])}. {_simulated(quotes)}".strip(),
    )


def _nothing_listed(unknown: Sequence[str]) -> Reply:
    if not unknown:
        return Reply("Tell me which coin you mean, as “price of BTC” or “how much is ether”.")
    return Reply(
        _not_listed(unknown),
        "So I have no price to give. Ask “which coins can you quote?” for the list.",
    )


def _not_listed(unknown: Sequence[str]) -> str:
    return f"{listed(unknown)} {'is' if len(unknown) == 1 else 'are'} not listed here."


def _named(quote: Quote) -> str:
    name = quote.get("name") or quote["symbol"]
    return name if name == quote["symbol"] else f"{name} ({quote['symbol']})"


def _price(quote: Quote) -> str:
    return f"{figure(quote['price'])} {quote['quote_currency']}"


def _spread(quote: Quote) -> str:
    return f"{quote['symbol']}: bid {figure(quote['bid'])}, ask {figure(quote['ask'])}."


def _aside(quotes: Sequence[Quote]) -> str:
    when = clock(quotes[0]["as_of"])
    if any(quote["simulated"] for quote in quotes):
        return f" (simulated prices, {when})"
    return f" ({when})"


def _simulated(quotes: Sequence[Quote]) -> str:
    if any(quote["simulated"] for quote in quotes):
        return "These prices are simulated, not those of a real market."
    return ""


def _source(quotes: Sequence[Quote]) -> str:
    kind = "Simulated prices" if any(q["simulated"] for q in quotes) else "Prices"
    return f"{kind} as of {clock(quotes[0]['as_of'])}"
