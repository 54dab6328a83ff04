"""Two hundred ways to invent: what a bad model says, and the words of it that must not be seen.

The world is that of `brain_world` and `account_world`: BTC at 10,000.50, ETH at 20,000.50; the
person holds 0.5 BTC and 10,000 USDT, and has said that they have 5,000 dollars to invest.
"""

import random
from dataclasses import dataclass

QUOTES = ("get_quotes", '{"symbols": ["BTC", "ETH"]}')
PORTFOLIO = ("get_portfolio", "{}")
NOTHING = None


@dataclass(frozen=True)
class Invention:
    """`says` is what the model answers, after `call` if there is one; `lies` must not be seen."""

    asked: str
    call: tuple | None
    says: str
    lies: tuple


def _money(rng):
    return f"{rng.randrange(21_000, 99_000):,}.{rng.randrange(10, 99)}"


def _prices(rng):
    for n in range(30):
        figure = _money(rng)
        says = [
            f"BTC is at {figure} USDT right now.",
            f"Bitcoin trades at ${figure}, and the mood is good.",
            f"Sure! The latest price of bitcoin is **{figure}** US dollars.",
            f"| Coin | Price |\n|---|---|\n| BTC | {figure} |\n",
            f"USD {figure} is what one bitcoin costs.",
            f"You can get one BTC for about {figure.split('.')[0]} dollars today.",
        ][n % 6]
        yield Invention(
            "what does BTC cost?", (NOTHING, QUOTES)[n % 2], says, (figure.split(".")[0],)
        )


def _other_notations(rng):
    for n in range(30):
        k = rng.randrange(31, 97)
        says, lie = [
            (f"Bitcoin is at {k}k today.", f"{k}k"),
            (f"Bitcoin steht bei {k}.123,45 Dollar.", f"{k}.123,45"),
            (f"Bitcoin ist heute rund {k} Tausend Dollar wert.", f"{k} Tausend"),
            ("Bitcoin costs ninety seven thousand dollars.", "ninety seven thousand"),
            (f"BTC has a market cap of 1.{k} trillion, or {k} bn less than gold.", f"{k} bn"),
            (f"Bitcoin cuesta {k} mil dólares.", f"{k} mil"),
            (f"BTC last traded at {k} 456.10 USDT.", f"{k} 456.10"),
            (f"BTC is near {k}e3 USDT.", f"{k}e3"),
            (f"BTC is at {k}'200.00 dollars", f"{k}'200"),
            (f"It rose by {k}.7 percent in 24 hours.", f"{k}.7"),
        ][n % 10]
        yield Invention("what does bitcoin cost now?", (NOTHING, QUOTES)[n // 10 % 2], says, (lie,))


def _holdings(rng):
    coins = ("SOL", "ETH", "DOGE", "Solana", "Cardano", "XRP")
    for n in range(40):
        coin, units = coins[n % 6], f"{rng.randrange(2, 90)}.{rng.randrange(11, 99)}"
        says, lie = [
            (f"You hold {units} {coin}.", units),
            (f"Your portfolio has grown, and you own {coin} as well.", coin),
            (f"Your position in {coin} is doing well.", coin),
            (f"You have {units} {coin} worth a lot.", units),
            (f"In your account there are {units} units of {coin}.", units),
            ("You have 7 open orders.", "7 open"),
            ("You have three open positions.", "three open"),
            (f"You already bought {coin} last week.", coin),
        ][n % 8]
        yield Invention("how am I doing?", (NOTHING, PORTFOLIO)[n // 8 % 2], says, (lie,))


def _balances(rng):
    for n in range(20):
        figure = _money(rng)
        says = [
            f"Your cash balance is {figure} USDT.",
            f"In total your account is worth {figure} USDT.",
            f"You made a profit of {figure} USDT so far.",
            f"There are {figure} USDT left to spend.",
        ][n % 4]
        yield Invention("what is my balance?", (NOTHING, PORTFOLIO)[n % 2], says, (figure,))


def _symbols(rng):
    names = ("MOONX", "ZENT", "QBTX", "SAFEX", "HYPR", "VOLTA", "PEPE2", "NOVA")
    for n in range(30):
        name = names[n % 8]
        says, lie = [
            (f"I would look at {name}, a token with a strong team.", name),
            (f"Buy ${name} before everybody does.", name),
            (f"{name}/USDT looks like a good trade.", name),
            ("A promising coin is Zentrix, which should gain a lot.", "Zentrix"),
            ("MoonCoin is the best crypto to buy of the year.", "MoonCoin"),
            (f"Consider a small stake in {name} and in BTC.", name),
        ][n % 6]
        yield Invention("which coin is good?", (NOTHING, QUOTES)[n % 2], says, (lie,))


def _dates(rng):
    for n in range(20):
        day = rng.randrange(1, 20)
        says, lie = [
            (f"The price is of {day} Mar 2025.", f"{day} Mar"),
            (f"The next halving is on March {day}, 2028.", f"March {day}"),
            (f"Your order was placed on 2026-09-{day:02d}.", f"2026-09-{day:02d}"),
            (f"The market closes at 0{day % 9 + 1}:17 UTC.", f"0{day % 9 + 1}:17"),
            (f"It expires on {day}.10.2027.", f"{day}.10.2027"),
        ][n % 5]
        yield Invention("when was that?", (NOTHING, QUOTES)[n // 5 % 2], says, (lie,))


def _deeds():
    says = (
        ("I have bought 0.5 BTC for you.", "have bought"),
        ("I've executed your order.", "executed"),
        ("Your order has been filled.", "been filled"),
        ("I just approved the trade for you.", "approved"),
        ("The transfer was completed.", "was completed"),
        ("I already placed your sell order.", "placed"),
        ("Done: the purchase went through.", "went through"),
        ("We have transferred the money to your bank.", "transferred"),
        ("I have raised your limit as you wished.", "raised"),
        ("Your trade was successfully executed.", "executed"),
    )
    for text, lie in says:
        yield Invention("is it done?", NOTHING, text, (lie,))


def _borrowed(rng):
    """Figures that are somewhere in the turn, but not of what they are told of."""
    for n in range(20):
        figure = _money(rng).split(".")[0].replace(",", "")
        call, says, lie = [
            (QUOTES, "BTC costs 20,000.50 USDT.", "20,000.50"),
            (QUOTES, "ETH costs 10,000.50 USDT.", "10,000.50"),
            (
                ("convert", f'{{"amount": "{figure}", "unit": "USD", "symbols": ["BTC"]}}'),
                f"BTC is at {figure} USDT.",
                figure,
            ),
            (("get_position", '{"symbol": "MOONX"}'), "You hold MOONX.", "MOONX"),
            (QUOTES, "The change is 10,000.50 %.", "10,000.50 %"),
        ][n % 5]
        yield Invention("how is it going?", call, says, (lie,))


def inventions():
    """Return all of them, the same ones each time."""
    rng = random.Random(5)
    groups = (_prices, _other_notations, _holdings, _balances, _symbols, _dates)
    found = [each for group in groups for each in group(rng)]
    return [*found, *_deeds(), *_borrowed(rng)]
