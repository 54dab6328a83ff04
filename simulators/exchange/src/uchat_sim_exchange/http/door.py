"""What every request passes: limits, faults, signature, window, latency, journal."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from uchat_sim_exchange.access import Signed, authenticate
from uchat_sim_exchange.errors import ExchangeError, may_not
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Fault, Faults, On
from uchat_sim_exchange.http.mishaps import after, before
from uchat_sim_exchange.limits import Limits

Endpoint = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Signed, Fault | None], Awaitable[Response]]
Right = Literal["reading", "trading"]


@dataclass(frozen=True, slots=True)
class Door:
    """Wraps the handlers of routes."""

    exchange: Exchange
    faults: Faults
    limits: Limits

    def now_ms(self, account: str | None = None) -> int:
        """Return the exchange's time as it tells it and as it judges an account by."""
        return self.exchange.market.now_ms() + self.faults.skew_ms(account)

    def public(self, weight: int, handler: Endpoint) -> Endpoint:
        """Return the endpoint of a route that anybody may ask."""

        async def endpoint(request: Request) -> Response:
            used = self._weigh(request, weight)
            fault = self.faults.next("market")
            instead = await before(fault, self.now_ms())
            if instead is not None:
                return instead
            if fault is not None and fault.kind == "delay_ms":
                await asyncio.sleep(fault.ms / 1000)
            response = await after(fault, await handler(request))
            response.headers["X-MBX-USED-WEIGHT-1M"] = str(used)
            return response

        return endpoint

    def signed(
        self, on: On | None, weight: int, handler: Handler, right: Right = "reading"
    ) -> Endpoint:
        """Return the endpoint of a route that an account asks; `on`: which faults are for it."""

        async def endpoint(request: Request) -> Response:
            used = self._weigh(request, weight)
            key = self.exchange.ledger.keys.get(request.headers.get("x-mbx-apikey", ""))
            account = key.account if key else None
            fault = self.faults.next(on, account) if on else None
            instead = await before(fault, self.now_ms(account))
            if instead is not None:
                return instead
            signed = await self._authenticated(request)
            try:
                await self._until_matching(on, signed, right, fault)
                response = await handler(signed, fault)
            except ExchangeError as e:
                if on == "place":
                    self._reject(signed, e)
                raise
            await self.exchange.journal.settled()
            response = await after(fault, response)
            response.headers["X-MBX-USED-WEIGHT-1M"] = str(used)
            return response

        return endpoint

    async def _authenticated(self, request: Request) -> Signed:
        body = (await request.body()).decode("latin-1")
        api_key = request.headers.get("x-mbx-apikey", "")
        return authenticate(self.exchange.ledger, api_key, request.url.query, body)

    # The window is asked at receipt and, as Binance does, again right before matching: an order
    # that comes late is no order.
    async def _until_matching(
        self, on: On | None, signed: Signed, right: Right, fault: Fault | None
    ) -> None:
        account, may = signed.account.api_key, signed.key.permissions
        if not (may.reading if right == "reading" else may.spot_trading):
            raise may_not()
        signed.window.check(self.now_ms(account))
        if on == "place":
            self.limits.count_order(account, self.exchange.market.now_ms())
        rules = self.exchange.rules
        wait_s = rules.delay_s(
            {"place": rules.place_ms, "cancel": rules.cancel_ms}.get(on or "", 0)
        )
        if fault is not None and fault.kind == "delay_ms":
            wait_s += fault.ms / 1000
        if wait_s:
            await asyncio.sleep(wait_s)
            signed.window.check(self.now_ms(account))

    def _reject(self, signed: Signed, error: ExchangeError) -> None:
        now = self.exchange.market.now_ms()
        self.exchange.ledger.reject(signed.account.api_key, signed.params, error, now)

    def _weigh(self, request: Request, weight: int) -> int:
        address = request.client.host if request.client else ""
        return self.limits.weigh(address, weight, self.exchange.market.now_ms())
