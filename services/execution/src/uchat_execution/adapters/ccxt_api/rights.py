"""What an exchange says that a key may do.

Sources: https://developers.binance.com/docs/wallet/account/api-key-permission,
https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration and
https://bybit-exchange.github.io/docs/v5/user/apikey-info
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from uchat_execution.domain.venues import Rights


async def _binance(api: Any) -> Rights:
    told = await api.sapi_get_account_apirestrictions()
    # Between a main account and its sub-accounts is out of this account, too.
    leaves = ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer")
    return Rights(
        read=_is(told["enableReading"]),
        trade=_is(told["enableSpotAndMarginTrading"]),
        withdraw=_is(told["enableWithdrawals"]) or any(_is(told.get(name)) for name in leaves),
    )


async def _okx(api: Any) -> Rights:
    told = await api.private_get_account_config()
    may = {each.strip() for each in told["data"][0]["perm"].split(",")}
    return Rights(read="read_only" in may, trade="trade" in may, withdraw="withdraw" in may)


async def _bybit(api: Any) -> Rights:
    told = (await api.private_get_v5_user_query_api())["result"]
    may, writes = told["permissions"], not int(told["readOnly"])
    # Whatever a key may do with the wallet moves funds.
    return Rights(
        read=True,
        trade=writes and "SpotTrade" in (may.get("Spot") or ()),
        withdraw=writes and bool(may.get("Wallet")),
    )


def _is(said: object) -> bool:
    return str(said).lower() == "true"


ASK: Final[Mapping[str, Callable[[Any], Awaitable[Rights]]]] = {
    "binance": _binance,
    "okx": _okx,
    "bybit": _bybit,
}
"""By venue, for every one that is `readable`."""
