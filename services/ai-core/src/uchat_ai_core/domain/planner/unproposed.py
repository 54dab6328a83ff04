"""Answers to what is not proposed: what an order leaves open, and why something cannot be done."""

# ruff: noqa: E501 - sentences are read whole
from uchat_ai_core.domain.planner.orders import Orders
from uchat_ai_core.domain.planner.prices import price_line
from uchat_ai_core.domain.planner.replies import Reply, Result, quotes_of, unavailable
from uchat_ai_core.domain.planner.words import listed


def incomplete_reply(orders: Orders, quotes: Result | None) -> Reply:
    """Ask for what an order leaves open; nothing is guessed."""
    name = orders.symbols[0] if orders.symbols else "BTC"
    side, found = orders.side, quotes_of(quotes)
    if orders.flaw:
        example = "" if "say “" in orders.flaw else f" Say for example “{side} $200 of {name}”."
        flaw = f"{orders.flaw}{example} Nothing was proposed."
        return Reply(flaw, price_line(found) if found else "")
    asked = {
        "asset": f"Which coin do you want to {side}? Say for example “{side} 0.01 BTC”.",
        "size": f"How much {name} do you want to {side}? Say for example “{side} $200 of {name}”"
        + (f" or “sell half my {name}”." if side == "sell" else f" or “buy 2 {name}”."),
        "price": f"At which price? Say for example “{side} $200 of {name} at …” with the price in USDT.",
        "trigger": f"At which price? Say for example “{_conditional(side, name)}” with the price in USDT.",
        "account": "On which account? Say “on paper”, or name the exchange, as “on Binance”.",
        "unit": "I can reckon in US dollars and USDT only. Please name the amount in one of them.",
        "side": "Do you want to buy or to sell? Please say it with the amount and the coin.",
    }[orders.lacks]
    return Reply(f"{asked} Nothing was proposed.", price_line(found) if found else "")


def _conditional(side: str, name: str) -> str:
    return (
        f"set a stop loss for my {name} at …"
        if side == "sell"
        else f"buy $200 of {name} if it falls to …"
    )


def unlisted_reply(orders: Orders, result: Result) -> Reply | None:
    """Answer an order for coins that are not listed, with those that are; None if all are."""
    if unavailable(result):
        return None
    names = [str(each["symbol"]) for each in result["instruments"]]
    asked = dict.fromkeys((*(wish.symbol for wish in orders.wishes), *orders.symbols))
    missing = [each for each in asked if each not in names]
    if not missing:
        return None
    are = "is not listed here, so it" if len(missing) == 1 else "are not listed here, so they"
    return Reply(
        f"{listed(missing)} {are} cannot be traded here. Nothing was proposed. What I can trade: {listed(names)}."
    )


def not_asked_reply(beyond: str, quotes: Result | None) -> Reply:
    """Answer a message that speaks of a trade without asking for one that can be proposed."""
    found = quotes_of(quotes)
    line = f"{price_line(found)} " if found else ""
    if beyond:
        return Reply(
            f"I cannot do that here ({beyond}): I can propose market and limit orders, stop losses and take profits, on your own money. Nothing was proposed.",
            f"{line}Say for example “buy 0.01 BTC” or “sell half my ETH at …” with a price.",
        )
    return Reply(
        "I read this as talk about a trade, not as an order, so nothing was proposed. If you want one: which coin, bought or sold, and how much?",
        f"{line}To have one prepared for your approval, say it plainly, as “buy 0.01 BTC”, “buy $200 of ETH” or “sell half my SOL”. An order can wait for a price (“sell 0.01 BTC if it falls to …”), but for no time and nothing else.",
    )


def foreign_reply(sentence: str, quotes: Result | None) -> Reply:
    """Answer an order in another language with the English sentence to send."""
    found = quotes_of(quotes)
    return Reply(
        f"I did not read every word or figure of this for certain. To have it prepared, send “{sentence}”. Nothing was proposed.",
        price_line(found) if found else "",
    )


def transfer_reply() -> Reply:
    """Answer who wants to move money in or out."""
    return Reply(
        "I can neither withdraw, deposit nor transfer: no tool for it exists here, and nothing was moved.",
        "What I can do is propose trades on your account, which you approve yourself.",
    )


def declined_reply() -> Reply:
    """Answer who takes back what they began to order."""
    return Reply(
        "All right, I propose nothing.",
        "A card that I made before waits until you reject it by its button, or until it expires.",
    )
