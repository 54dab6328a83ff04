"""What an exchange says that a key may do, and of which account it is.

Sources: https://developers.binance.com/docs/wallet/account/api-key-permission,
https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints,
https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration and
https://bybit-exchange.github.io/docs/v5/user/apikey-info
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from uchat_execution.domain.venues import Rights


async def _binance(api: Any) -> Rights:
    told = await api.sapi_get_account_apirestrictions()
    # Only a key that may read is told of which account it is.
    account = await api.private_get_account() if _is(told["enableReading"]) else {}
    # Between a main account and its sub-accounts is out of this account, too.
    leaves = ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer")
    return Rights(
        read=_is(told["enableReading"]),
        trade=_is(told["enableSpotAndMarginTrading"]),
        withdraw=_is(told["enableWithdrawals"]) or any(_is(told.get(name)) for name in leaves),
        account=_named(account.get("uid")),
    )


async def _okx(api: Any) -> Rights:
    told = (await api.private_get_account_config())["data"][0]
    may = {each.strip() for each in told["perm"].split(",")}
    return Rights(
        read="read_only" in may,
        trade="trade" in may,
        withdraw="withdraw" in may,
        account=_named(told.get("uid")),
    )


async def _bybit(api: Any) -> Rights:
    told = (await api.private_get_v5_user_query_api())["result"]
    may, writes = told["permissions"], not int(told["readOnly"])
    # Whatever a key may do with the wallet moves funds.
    return Rights(
        read=True,
        trade=writes and "SpotTrade" in (may.get("Spot") or ()),
        withdraw=writes and bool(may.get("Wallet")),
        account=_named(told.get("userID")),
    )


def _named(number: object) -> str:
    return "" if number is None else str(number)


def _is(said: object) -> bool:
    return str(said).lower() == "true"


ASK: Final[Mapping[str, Callable[[Any], Awaitable[Rights]]]] = {
    "binance": _binance,
    "okx": _okx,
    "bybit": _bybit,
}
"""By venue, for every one that is `readable`."""
