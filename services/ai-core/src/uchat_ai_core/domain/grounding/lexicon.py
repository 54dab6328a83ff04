"""Word lists of the guard."""

# ruff: noqa: E501 - lists of words

from typing import Final

from uchat_ai_core.domain.planner.lexicon import FIATS, NOT_ASSETS, ORDINARY
from uchat_ai_core.domain.planner.symbols import ALIASES


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASSETS: Final = frozenset(ALIASES.values())
NAMES: Final = {name: symbol for name, symbol in ALIASES.items() if name not in ORDINARY}
"""Names that mean an asset in lower case too; others do in capitals only."""

MONEY: Final = FIATS | _words("$ € £ pound pounds cent cents bucks dólares euros")
PERCENT: Final = _words("% percent pct bps basis prozent porcentaje percentage")
COUNTED: Final = _words(
    """
    order orders position positions trade trades fill fills holding holdings asset assets coin
    coins decision decisions card cards mandate mandates alert alerts token tokens unit units
    auftrag aufträge position positionen münzen orden órdenes ordenes posición posiciones moneda
    monedas
    """
)
"""What an account has a number of: how many is a claim, be the number ever so small."""

UNCOUNTED: Final = _words(
    """
    option options step steps thing things way ways question questions sentence sentences point
    points reason reasons example examples idea ideas part parts tip tips word words line lines
    factor factors kind kinds type types choice choices approach approaches
    """
)
"""What an answer may number itself."""

BEFORE_UNCOUNTED: Final = _words("step option point part number no. question tip")

NO_SYMBOLS: Final = (
    NOT_ASSETS
    | {word.upper() for word in FIATS}
    | _words(
        """
        RSI MACD SMA EMA VAR CVAR HRP VWAP TWAP ATR ADX OBV OCO GTC IOC FOK LTD SMS AML PIN TOTP REST
        URL HTML JSON CSV PDF FOMO FUD HODL DEFI DAO ICO DEX CEX AMM TVL APR UI UX ID IDS KYC PL P&L
        USA US UK EU SEC CFTC IRS FED GDP CPI PIPS BPS YTD MTD QTD AM PM CET EST PST GMT BST MFA NFC
        NOT NEVER MUST ONLY ALWAYS ANY NO YES OR AND IF THIS THAT WITH WITHOUT VERY MORE LESS HIGH LOW
        NOTE WARNING IMPORTANT BUT CANNOT WILL WOULD SHOULD DOES DID HAS HAVE WAS WERE ARE BE BEEN
        OHLC OHLCV NAV PNL ROE ROI CAGR MDD WIN LOSS LONG SHORT LIMIT MARKET OPEN CLOSED FILLED SIDE
        QTY TOTAL CASH FEE FEES ASSET VALUE PRICE SHARE STATE FROM YOUR OUR THEIR ITS WHY HOW WHAT DD
        WHEN WHO WHERE TWO ONE TEN LTS TLS HTTP HTTPS SSE API GB MB KB CPU SQL NATS GRPC QR PWA IOS II
        III IV OS TV PC IP DM FAQS ETA TBD ETFS NFTS DAPP DAPPS POW POS TPS GAS PAPER LIVE DEMO TEST
        """
    )
)
"""Words in capitals that are no symbols of assets."""

NOT_COINS: Final = _words(
    """
    telegram settings unified chat web approve deny api english spanish german monday tuesday
    wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec sharpe sortino bollinger markowitz fibonacci monte carlo
    europe america asia google apple i usd crypto trading quick analysis support help assisted manual
    autonomous emergency portfolio account limits mandate card cards money manager
    """
)
"""Names within a sentence that are no names of coins."""

ENGLISH: Final = _words("the is are of you your and to a it in for this that should could")
COINISH: Final = _words(
    """
    coin coins token tokens crypto cryptocurrency altcoin altcoins buy buying sell selling hold
    holding invest investing investment price priced trades trading rally moon gain gains listed
    project protocol chain blockchain staking consider accumulate undervalued
    """
)

SUSPECT: Final = (
    _words(
        """
        you your yours you've i i've we we've du dein deine deinen sie ihr ihre ihren tú tu tus tienes
        posees su usted order orders trade trades purchase sale transaction account portfolio wallet
        positions position doubled tripled halved verdoppelt halbiert duplicado purchased bought sold
        trading stop funds auftrag orden ich he third thirds quarter quarters fifth half drittel
        seed phrase password passphrase key pin mnemonic passwort contraseña both hxxp
        tercio coin token altcoin moneda criptomoneda kryptowährung
        """
    )
    | frozenset(NAMES)
    | FIATS
)
"""A sentence with one of these may claim something: it is told as a whole, once it is checked."""
