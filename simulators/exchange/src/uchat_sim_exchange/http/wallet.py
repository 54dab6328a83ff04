"""Signed routes of the wallet: deposits, withdrawals, what a key may do.

Source: https://developers.binance.com/docs/wallet/capital and
https://developers.binance.com/docs/wallet/account/api-key-permission
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.access import Signed, number
from uchat_sim_exchange.domain.accounts import Movement
from uchat_sim_exchange.domain.instruments import BY_PAIR
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Fault
from uchat_sim_exchange.history import History
from uchat_sim_exchange.http.answers import answer
from uchat_sim_exchange.http.asked import limit_of, pair_of
from uchat_sim_exchange.http.door import Door, Handler

_SPAN_MS: Final = 90 * 24 * 3600 * 1000
_PAGE: Final = 1000
_CREDITED: Final = "1"
_COMPLETED: Final = "6"


@dataclass(frozen=True, slots=True)
class WalletRoutes:
    """What Binance serves under `/sapi`."""

    exchange: Exchange
    history: History
    door: Door

    def routes(self) -> list[Route]:
        """Return the routes."""
        routes: tuple[tuple[str, Handler], ...] = (
            ("/capital/deposit/hisrec", self.deposits),
            ("/capital/withdraw/history", self.withdrawals),
            ("/account/apiRestrictions", self.restrictions),
            ("/asset/tradeFee", self.fees),
        )
        return [
            Route("/sapi/v1/system/status", self.door.public(1, self.status)),
            *(
                Route(f"/sapi/v1{path}", self.door.signed("query", 1, handler), methods=["GET"])
                for path, handler in routes
            ),
        ]

    async def status(self, _request: Request) -> Response:
        """Say that all is well."""
        return answer({"status": 0, "msg": "normal"})

    async def fees(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer the commissions of one symbol or of all, as shares."""
        pair = pair_of(signed) if signed.params.get("symbol") else None
        fees = self.exchange.rules.fees
        rates = {
            "makerCommission": format(fees.maker_bps / 10_000, "f"),
            "takerCommission": format(fees.taker_bps / 10_000, "f"),
        }
        return answer([{"symbol": each, **rates} for each in BY_PAIR if pair in (None, each)])

    async def deposits(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer deposits of the last 90 days or of a given time, newest first."""
        if signed.params.get("status", _CREDITED) != _CREDITED:
            return answer([])
        found = await self._movements(signed, deposits=True)
        return answer([_deposit_body(movement) for movement in found])

    async def withdrawals(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer withdrawals of the last 90 days or of a given time, newest first."""
        if signed.params.get("status", _COMPLETED) != _COMPLETED:
            return answer([])
        found = await self._movements(signed, deposits=False)
        return answer([_withdrawal_body(movement) for movement in found])

    async def restrictions(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer what the key may do that asks."""
        may = signed.key.permissions
        return answer(
            {
                "ipRestrict": may.ip_restrict,
                "createTime": signed.key.created_ms,
                "enableReading": may.reading,
                "enableWithdrawals": may.withdrawals,
                "enableInternalTransfer": False,
                "enableMargin": False,
                "enableFutures": False,
                "permitsUniversalTransfer": False,
                "enableVanillaOptions": False,
                "enableFixApiTrade": False,
                "enableFixReadOnly": False,
                "enableSpotAndMarginTrading": may.spot_trading,
                "enablePortfolioMarginTrading": False,
            }
        )

    async def _movements(self, signed: Signed, *, deposits: bool) -> list[Movement]:
        now = self.exchange.market.now_ms()
        until = number(signed.params, "endTime", now)
        return await self.history.movements(
            signed.account.api_key,
            deposits=deposits,
            asset=signed.params.get("coin") or None,
            since_ms=number(signed.params, "startTime", until - _SPAN_MS),
            until_ms=until,
            limit=limit_of(signed, _PAGE),
            offset=number(signed.params, "offset", 0),
        )


def _deposit_body(movement: Movement) -> dict[str, Any]:
    return {
        "id": str(movement.number),
        "amount": format(movement.amount, "f"),
        "coin": movement.asset,
        "network": movement.asset,
        "status": int(_CREDITED),
        "address": "simulated",
        "addressTag": "",
        "txId": f"simulated-deposit-{movement.number}",
        "insertTime": movement.at_ms,
        "completeTime": movement.at_ms,
        "transferType": 0,
        "confirmTimes": "1/1",
        "unlockConfirm": 0,
        "walletType": 0,
    }


def _withdrawal_body(movement: Movement) -> dict[str, Any]:
    at = datetime.fromtimestamp(movement.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "id": str(movement.number),
        "amount": format(movement.amount, "f"),
        "transactionFee": format(movement.fee, "f"),
        "coin": movement.asset,
        "network": movement.asset,
        "status": int(_COMPLETED),
        "address": "simulated",
        "txId": f"simulated-withdrawal-{movement.number}",
        "applyTime": at,
        "completeTime": at,
        "transferType": 0,
        "info": "",
        "confirmNo": 1,
        "walletType": 0,
        "txKey": "",
    }
