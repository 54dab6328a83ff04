"""Terms of trading that the planner can explain. Definitions hold no figures."""

# ruff: noqa: E501 - sentences are read whole
import re
from typing import Final

TERMS: Final[dict[str, str]] = {
    "stop loss": "A stop loss is an order that sells once the price falls to a level that you set, to limit a loss. In a fast fall it can fill below that level. To set one, say “set a stop loss for my BTC at …” with the price.",
    "take profit": "A take profit is an order that sells once the price rises to a level that you set. To set one, say “take profit on my BTC at …” with the price.",
    "limit order": "A limit order buys or sells only at your price or better. It may never fill.",
    "market order": "A market order buys or sells at once at the best prices on offer. It fills, but you do not choose the price.",
    "stop order": "A stop order waits until the market reaches its trigger, then it becomes a market order, or a limit order if it has a limit price. A stop loss is one that sells.",
    "trailing stop": "A trailing stop follows the market at a distance. It is not possible here; a stop loss at a fixed price is.",
    "post only": "A post-only order is a limit order that never takes from the book: it rests there as a maker, or is refused.",
    "immediate or cancel": "An immediate-or-cancel order (IOC) fills at once what it can within its limit; the rest is cancelled.",
    "fill or kill": "A fill-or-kill order (FOK) fills at once as a whole, or not at all.",
    "rebalancing": "Rebalancing brings a portfolio back to the weights that it should have: what has grown too large is sold, what has become too small is bought. Say “should I rebalance” to see how far off yours is.",
    "sharpe ratio": "The Sharpe ratio is return divided by volatility, a year: how much was earned for each unit of swing. Above one is good. Ask “my Sharpe ratio” for your portfolio's.",
    "sortino ratio": "The Sortino ratio is like the Sharpe ratio, but only swings downwards count against the return.",
    "value at risk": "Value at risk is the loss that nearly all days stay below. It says nothing about how bad the few others are; expected shortfall does.",
    "beta": "Beta says how strongly something moves with the market: one is as much, two twice as much, below one less.",
    "correlation": "Correlation says how much two prices move together: one is always, zero not at all, minus one in opposite ways.",
    "rsi": "The relative strength index (RSI) compares the gains and losses of the last two weeks. Near the top of its scale a coin counts as overbought, near the bottom as oversold. Ask “RSI of …” with a coin for its own.",
    "macd": "MACD is the gap between a fast and a slow average of the price; crossing its own average, the signal, counts as a change of trend.",
    "bollinger bands": "Bollinger bands lie on both sides of a moving average, as far off as prices usually swing: wide in wild times, narrow in calm ones.",
    "moving average": "A moving average is the mean price of the last so many days: it shows the direction without the noise.",
    "staking": "Staking locks up coins to help secure a blockchain that works by proof of stake, for a reward. It is not possible here.",
    "bull market": "A bull market is a long rise of most prices; a bear market is a long fall.",
    "halving": "A halving cuts what miners get for each new block to a fraction, every few years, so that fewer new coins come to the market.",
    "wallet": "A wallet holds the keys that move coins. Who has the key has the coins.",
    "order book": "The order book lists what others offer to buy and to sell, by price. A market order takes from it.",
    "arbitrage": "Arbitrage buys where something is cheaper and sells where it is dearer at the same time.",
    "altcoin": "An altcoin is any coin but the oldest and largest of them all.",
    "hodl": "To hodl is to hold through every swing: a misspelling that became a strategy.",
    "bid": "The bid is the highest price that somebody offers to pay now; the ask is the lowest at which somebody sells. You sell at the bid and buy at the ask.",
    "spread": "The spread is the gap between bid and ask: what crossing the market costs before fees.",
    "slippage": "Slippage is the difference between the price that you expected and the one that you got, usually because the order was large or the market moved.",
    "volatility": "Volatility says how strongly a price moves about. Higher volatility means larger swings either way.",
    "dca": "Dollar-cost averaging means buying for the same amount at regular times, whatever the price, so that no single moment decides the result.",
    "diversification": "Diversification spreads money over assets that do not move alike, so that one bad one does not decide the whole.",
    "drawdown": "A drawdown is the fall from a high to the low that follows it.",
    "leverage": "Leverage trades with borrowed money. It multiplies gains and losses, and a small move against you can take everything.",
    "stablecoin": "A stablecoin is a token meant to keep the value of a currency, as USDT follows the US dollar. It keeps it only as long as its issuer can.",
    "market cap": "Market capitalisation is the price of a coin times the number of coins in circulation.",
    "short": "Going short means selling something borrowed, hoping to buy it back cheaper. The loss has no natural limit.",
    "fee": "The fee is what the exchange takes for each trade. I name it with each preview and proposal, before you approve, and your profit is always shown net of it.",
    "kill switch": "The kill switch stops all trading of your account at once: nothing new is executed until you release it. Say “stop all trading”, or use it on the web or on Telegram.",
    "mandate": "A mandate is a limit that you sign beforehand, an amount a day and an end. Inside it decisions approve themselves and are marked so everywhere; you can revoke it at any time.",
    "paper trading": "Paper trading is trading with play money at quoted prices: it shows what would have happened without any risk.",
    "blockchain": "A blockchain is a ledger that many computers keep together, each new block naming the one before, so that nobody can change the past unseen.",
    "crypto": "Crypto is short for cryptocurrencies: units of account kept on shared ledgers secured by cryptography, whose prices swing strongly.",
}  # fmt: skip
_NAMES: Final[dict[str, str]] = {
    "stop-loss": "stop loss", "relative strength index": "rsi", "cost averaging": "dca", "stops": "stop order", "stop limit": "stop order", "stop limit order": "stop order", "stop limit orders": "stop order", "take-profit": "take profit", "take profits": "take profit", "stop losses": "stop loss", "stop orders": "stop order", "post-only": "post only", "ioc": "immediate or cancel", "fok": "fill or kill", "trailing stops": "trailing stop", "killswitch": "kill switch", "mandates": "mandate", "fees": "fee", "trading fees": "fee", "dollar cost averaging": "dca", "dollar-cost averaging": "dca",
    "sharpe": "sharpe ratio", "sortino": "sortino ratio", "var": "value at risk", "bollinger": "bollinger bands",
    "bear market": "bull market", "moving averages": "moving average", "ema": "moving average", "altcoins": "altcoin",
    "rebalance": "rebalancing", "drawdowns": "drawdown", "hodling": "hodl", "wallets": "wallet",
    "diversify": "diversification", "ask": "bid", "ask price": "bid", "bid price": "bid",
    "market capitalisation": "market cap", "market capitalization": "market cap",
    "go short": "short", "going short": "short", "shorting": "short", "short selling": "short", "paper trade": "paper trading",
    "stable coin": "stablecoin", "cryptocurrency": "crypto", "cryptocurrencies": "crypto",
    "limit orders": "limit order", "market orders": "market order", "stablecoins": "stablecoin",
}  # fmt: skip


_ASKS: Final = re.compile(
    r"^(?:(?:please|can you|could you|hey|so|and) )*(?:what (?:exactly )?(?:is|are|does|do you mean by)|explain|define|describe|meaning of|what is meant by|tell me what)(?: to me)?(?: an?| the| is| are)* "
    r"(?P<term>.+?)(?: (?:mean|means|is|are|please|exactly|for me|to me|in simple (?:terms|words)|simply|for beginners|to (?:an? )?(?:total |complete |absolute )?(?:beginner|newbie|child|noob)\w*))*$"
)


def defines(text: str) -> bool:
    """Tell whether a plain form asks for the meaning of a term, and of nothing else."""
    match = _ASKS.search(text)
    term = match.group("term") if match is not None else ""
    if term in TERMS or term in _NAMES:
        return True
    return (
        _WONDERS.search(text) is not None and _OWN.search(text) is None and bool(definition(text))
    )


# Whoever asks so about a term wants it explained, unless it is about what is theirs.
_WONDERS: Final = re.compile(
    r"^(?:(?:please|so|and|hey|hi|can you|could you|would you) )*(?:"
    r"(?:how|when|why) (?:do|does|did|would|should|is|are) (?:an? |the )?(?!i\b|we\b|it\b).*\b(?:works?|differ\w*|used?|uses?|matters?|important|good for|set|placed?|calculated|computed|measured|help\w*)\b|"
    r"(?:what|which) (?:is|are) (?:the )?(?:difference|point|purpose|use|idea|meaning|definition|downside|benefit|advantage)s?\b|"
    r"(?:explain|define|describe)\b|(?:tell|teach) me (?:about|what|how)\b|(?:the )?(?:meaning|definition) of\b|"
    r"what (?:does|do) (?:it mean|one mean|people mean|they mean|\w+(?: \w+)? (?:mean|stand for|do|tell))\b|"
    r"i (?:keep|kept|always|often) (?:hearing|reading|seeing)\b.*\bwhat\b|i (?:do not|never) (?:get|understand|understood|know what)\b)"
)
_OWN: Final = re.compile(
    r"\bmy\b|\bmine\b|\d|@|\b(?:tell|show|give) me (?:about )?(?:the )?(?:market|price)|"
    r"\b(?:bitcoin|btc|eth|ethereum|ether|sol|solana|here|today|now)\b"
)


def definition(text: str) -> str:
    """Return what a term in the text means, or an empty string."""
    padded = f" {text} "
    names = {**{term: term for term in TERMS}, **_NAMES}
    found = [name for name in names if f" {name} " in padded]
    return TERMS[names[max(found, key=len)]] if found else ""
