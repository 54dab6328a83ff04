"""A plain client for the tests: signs as Binance's documentation says, by nothing of ours."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

KEY, SECRET = "key_of_the_tests", "secret_of_the_tests"


@dataclass(repr=False)
class Client:
    http: httpx.AsyncClient
    key: str = KEY
    secret: str = SECRET

    async def open(self, **balances):
        body = {"api_key": self.key, "secret": self.secret, "balances": balances}
        answer = await self.http.post("/sim/accounts", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path, **params):
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def signed(self, method, path, **params):
        params.setdefault("timestamp", int(time.time() * 1000))
        query = urlencode(params)
        signature = hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return await self.http.request(
            method, f"{path}?{query}&signature={signature}", headers={"X-MBX-APIKEY": self.key}
        )

    async def ask(self, path, **params):
        answer = await self.signed("GET", f"/api/v3/{path}", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def order(self, side="BUY", kind="MARKET", **params):
        params.setdefault("symbol", "BTCUSDT")
        return await self.signed("POST", "/api/v3/order", side=side, type=kind, **params)

    async def placed(self, side="BUY", kind="MARKET", **params):
        answer = await self.order(side, kind, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def limit(self, side, quantity, price, time_in_force="GTC", **params):
        return await self.placed(
            side, "LIMIT", quantity=quantity, price=price, timeInForce=time_in_force, **params
        )

    async def pin(self, symbol, price):
        answer = await self.http.post("/sim/prices", json={"symbol": symbol, "price": price})
        assert answer.status_code == 200, answer.text

    async def fault(self, kind, **more):
        answer = await self.http.post("/sim/faults", json={"kind": kind, **more})
        assert answer.status_code == 200, answer.text

    async def balances(self):
        account = await self.ask("account")
        return {each["asset"]: (each["free"], each["locked"]) for each in account["balances"]}
