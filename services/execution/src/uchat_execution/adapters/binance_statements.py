"""What an exchange that speaks Binance's API tells of an account, whoever caused it.

Sources: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints and,
for transfers, https://developers.binance.com/docs/wallet/capital/deposite-history and
https://developers.binance.com/docs/wallet/capital/withdraw-history
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from uchat_execution.adapters.binance_api import Answer, BinanceApi, NoAnswerError
from uchat_execution.adapters.binance_words import UNKNOWN_KEYS, UNREADABLE, past_fill
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.statements import ToldOrder, ToldTrade, ToldTransfer
from uchat_execution.ports.reconciling import AccountLostError
from uchat_platform.errors import UnavailableError

_PAGE: Final = 1000
_PAGES: Final = 10
_NOT_SERVED: Final = 404
_DEPOSITED: Final = 1
_WITHDRAWN: Final = 6
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BinanceStatements:
    """`Statements` of one exchange."""

    api: BinanceApi
    listings: Listings
    keys: PaperKeys

    async def balances(self, account: Account) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset."""
        body = await self._read("/api/v3/account", {"omitZeroBalances": "true"}, account)
        held = _readable(
            lambda: {
                each["asset"]: (Decimal(each["free"]), Decimal(each["locked"]))
                for each in body["balances"]
            }
        )
        return {asset: units for asset, units in held.items() if any(units)}

    async def open_orders(self, account: Account) -> Sequence[ToldOrder]:
        """Return every order that rests."""
        body = await self._read("/api/v3/openOrders", {}, account)
        by_pair = {self.listings.pair(symbol): symbol for symbol in self.listings.instruments}
        return _readable(
            lambda: [
                ToldOrder(str(each["orderId"]), by_pair[each["symbol"]], str(each["clientOrderId"]))
                for each in body
                if each["symbol"] in by_pair
            ]
        )

    async def trades(
        self, account: Account, symbol: str, after: str | None, since: datetime
    ) -> tuple[Sequence[ToldTrade], bool]:
        """Return a page of trades, oldest first, and whether there are more."""
        params = {"symbol": self.listings.pair(symbol), "limit": str(_PAGE)}
        if after is None:
            params["startTime"] = _milliseconds(since)
        else:
            params["fromId"] = str(int(after) + 1)
        body = await self._read("/api/v3/myTrades", params, account)
        told = _readable(lambda: [_trade(symbol, each) for each in body])
        return sorted(told, key=lambda trade: int(trade.fill.trade_id)), len(told) >= _PAGE

    async def client_ids(
        self, account: Account, symbol: str, venue_order_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return what whoever placed these orders called them."""
        wanted, found = set(venue_order_ids), dict[str, str]()
        from_id = min(int(each) for each in wanted)
        for _ in range(_PAGES):
            params = {
                "symbol": self.listings.pair(symbol),
                "orderId": str(from_id),
                "limit": str(_PAGE),
            }
            rows: Any = await self._read("/api/v3/allOrders", params, account)
            told = _readable(
                lambda rows=rows: {
                    str(each["orderId"]): str(each["clientOrderId"]) for each in rows
                }
            )
            found |= {number: name for number, name in told.items() if number in wanted}
            if len(told) < _PAGE or found.keys() >= wanted:
                break
            from_id = max(int(number) for number in told) + 1
        return found

    async def transfers(self, account: Account, since: datetime) -> Sequence[ToldTransfer]:
        """Return deposits and withdrawals that are completed, oldest first."""
        came = await self._pages("/sapi/v1/capital/deposit/hisrec", account, since)
        went = await self._pages("/sapi/v1/capital/withdraw/history", account, since)
        told = _readable(
            lambda: [
                *(_deposit(each) for each in came if each["status"] == _DEPOSITED),
                *(_withdrawal(each) for each in went if each["status"] == _WITHDRAWN),
            ]
        )
        return sorted(told, key=lambda each: (each.at, each.transfer_id))

    async def _pages(self, path: str, account: Account, since: datetime) -> list[Any]:
        rows: list[Any] = []
        for _ in range(_PAGES):
            params = {
                "startTime": _milliseconds(since),
                "offset": str(len(rows)),
                "limit": str(_PAGE),
            }
            answer = await self._query(path, params, account)
            if answer.status == _NOT_SERVED:
                return rows
            page = _body(answer)
            rows += page
            if len(page) < _PAGE:
                break
        return rows

    async def _read(self, path: str, params: Mapping[str, str], account: Account) -> Any:
        return _body(await self._query(path, params, account))

    async def _query(self, path: str, params: Mapping[str, str], account: Account) -> Answer:
        try:
            return await self.api.signed("GET", path, params, self.keys.of(account.account))
        except NoAnswerError as e:
            raise _unavailable(f"no answer: {e}") from e


def _body(answer: Answer) -> Any:
    if answer.ok:
        return answer.body
    if answer.code in UNKNOWN_KEYS:
        raise AccountLostError("The exchange does not know this account, or refuses its key")
    raise _unavailable(f"HTTP {answer.status}, code {answer.code}")


def _trade(symbol: str, entry: Any) -> ToldTrade:
    return ToldTrade(
        venue_order_id=str(entry["orderId"]),
        symbol=symbol,
        side="buy" if entry["isBuyer"] else "sell",
        fill=past_fill(entry),
    )


def _deposit(entry: Any) -> ToldTransfer:
    return ToldTransfer(
        transfer_id=str(entry["id"]),
        kind="deposit",
        asset=entry["coin"],
        amount=Decimal(entry["amount"]),
        fee=Decimal(0),
        at=datetime.fromtimestamp(entry["insertTime"] / 1000, UTC),
    )


def _withdrawal(entry: Any) -> ToldTransfer:
    return ToldTransfer(
        transfer_id=str(entry["id"]),
        kind="withdrawal",
        asset=entry["coin"],
        amount=Decimal(entry["amount"]),
        fee=Decimal(entry.get("transactionFee", 0)),
        at=datetime.fromisoformat(entry.get("completeTime") or entry["applyTime"]).replace(
            tzinfo=UTC
        ),
    )


def _readable(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except UNREADABLE as e:
        raise _unavailable("its statement cannot be read") from e


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(f"The exchange: {why}", code="venue_unavailable")
