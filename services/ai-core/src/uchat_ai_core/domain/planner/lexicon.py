"""Word lists of the grammar."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS: Final = _words(
    """
    against alert allocation analyse analysis approve autonomous autopilot balance cancel
    capabilities coins compare conversation crypto currently deposit diversify emergency
    gainers goodbye hello holdings instruments invest investing losers market markets notify
    opportunities opportunity performance portfolio position positions price prices profit
    quote quotes rebalance rebalancing reject remember strategies strategy summarise summary please
    symbols telegram thank thanks tokens tolerance trading withdraw worth
    """
)
"""Words of the grammar that typing errors are mended to."""

NEVER_CORRECTED: Final = _words(
    """
    again against balanced bounce cans clams cones corns counts forth hallo hell help hullo
    invent invite making marked north people pieces places please points price priced prices
    pleased pricey pride prime prize quiet quite quoted really replace reply south stack stock
    stocks strange stranger taken takes than thank thing things think thinks tokes trade
    trader traders trades trailing treading trial word words works world worry wroth
    """
)
"""Plain words that lie one edit from a keyword."""

ORDINARY: Final = _words(
    """
    ada apt arb atom avalanche cosmos dot fil link near op optimism polygon stellar uni
    """
)
"""Names of assets that are ordinary words too."""

RARE: Final = _words("ada apt arb avalanche dot polygon uni")
"""Those of them that hardly ever mean anything else where markets are spoken of."""

NOT_ASSETS: Final = _words(
    """
    A AI ALL AND API APY ASAP ATH BTW BUY CAN CEO DCA DO ETF EUR FAQ FOR FYI GBP GO GPT
    HELLO HELP HEY HI HOW I ID IN IS IT KYC LLM LOL ME MY NFT NO NOT NOW OF OK ON OR PLEASE
    PNL PWA ROI SELL STOP TA THE TO USD USDC USDT UTC WE WHAT WHEN WHO WHY WTF YES YOU
    """
)
"""Words in capitals that name no asset."""

FIATS: Final = _words(
    """
    dollar dollars eur euro euros gbp usd usdc usdt
    """
)
"""Names of currencies."""

NOT_SOUGHT: Final = _words(
    """
    all any asset assets coin coins crypto cryptos each every everything it market me my now
    one some that the them these this those today token tokens you your
    """
)
"""What may follow "price of" without naming an asset."""

NO_NAMES: Final = _words(
    """
    a an back bearish bullish crazy curious done english fine french german going good happy
    here if interested it just late later long looking maybe my new not ok okay poor ready
    rich sad short sorry sure that the thinking tomorrow trying very when worried your
    """
)
"""What may follow "I am" without being a name."""

FILLERS: Final = _words(
    """
    a about again an and any anything are at be before by did do does earlier first for had
    has have how i in is it its last many me mention mentioned much my of on or our please
    regarding said say so something tell that the this to today told us was we were what
    when where which who with yesterday you your
    """
)
"""Words that say nothing about a topic."""
