"""Small accounts with fixed prices, behind the brain's port; prices as in `brain_world.Market`."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from alert_world import AlertBook

from uchat_ai_core.ports.trading import Page, Preview, Rebalance
from uchat_contracts.trading import (
    PAPER,
    Allocation,
    AllocationLine,
    Card,
    Collar,
    DigestSettings,
    Effect,
    Holding,
    KillSwitch,
    Leg,
    Mandate,
    Order,
    Plan,
    PlanRequest,
    Pnl,
    Portfolio,
    Reason,
    RiskLimits,
    Trade,
    Trading,
    Worth,
)
from uchat_platform.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    UnavailableError,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PRICES = {"BTC": Decimal("10001.00"), "ETH": Decimal("20001.00"), "SOL": Decimal("30001.00")}
WEIGHTS = {"BTC": Decimal("0.4"), "ETH": Decimal("0.25"), "SOL": Decimal("0.15")}
MODES = ("emergency", "manual", "assisted", "autonomous")
PERSON = "user_01JD0000000000000000000000"


@dataclass(repr=False)
class Account(AlertBook):
    """`held`: units by symbol, bought at `cost`; `away` makes every call fail.

    At the exchanges of `connected_at` there is the same; `barred`: why nothing is sent there.
    """

    cash: Decimal = Decimal(10_000)
    held: dict = field(default_factory=dict)
    cost: dict = field(default_factory=dict)
    reserved: dict = field(default_factory=dict)
    open_orders: list = field(default_factory=list)
    fills: list = field(default_factory=list)
    moved: list = field(default_factory=list)
    signed: list = field(default_factory=list)
    cards: list = field(default_factory=list)
    kept: list = field(default_factory=list)
    daily: DigestSettings = field(default_factory=DigestSettings)
    stopped: bool = False
    mode: str = "assisted"
    state: str = "active"
    reason: Reason | None = None
    rebalancing: PlanRequest | None = None
    away: bool = False
    most_share: Decimal = Decimal("0.6")
    prices: dict = field(default_factory=lambda: dict(PRICES))
    asked: list = field(default_factory=list)
    actors: set = field(default_factory=set)
    connected_at: list = field(default_factory=list)
    barred: Reason | None = None

    def _asked(self, actor, what):
        self.asked.append(what)
        self.actors.add(actor)
        if self.away:
            raise UnavailableError("away")

    def _worth(self):
        return self.cash + sum(units * self.prices[s] for s, units in self.held.items())

    async def connected(self, actor):
        self._asked(actor, "connected")
        return self.connected_at

    def _at(self, venue):
        if venue and venue not in (*self.connected_at, PAPER):
            told = f"You have connected no account at {venue}"
            raise NotFoundError(told, code="venue_not_connected")
        return {"venue": venue or PAPER, "simulated": venue in ("", PAPER)}

    async def portfolio(self, actor, venue=""):
        self._asked(actor, f"portfolio {venue}".strip())
        total = self._worth()
        holdings = [self._holding(s, units, total) for s, units in self.held.items() if units]
        return Portfolio(
            account="acct_1", **self._at(venue), quote_currency="USDT", cash=self.cash,
            cash_reserved=Decimal(0), total=total, deposited=Decimal(10_000),
            realised=Decimal(0), unrealised=total - 10_000, change_today=Decimal("12.345"),
            holdings=sorted(holdings, key=lambda each: -each.value), as_of=NOW,
        )  # fmt: skip

    def _holding(self, symbol, units, total):
        value, cost = units * self.prices[symbol], self.cost.get(symbol, self.prices[symbol])
        reserved = self.reserved.get(symbol, Decimal(0))
        return Holding(
            symbol=symbol, name=symbol.title(), free=units - reserved, reserved=reserved,
            quantity=units, average_cost=cost, price=self.prices[symbol], value=value,
            share=(value / total).quantize(Decimal("0.000001")),
            unrealised=value - cost * units,
            unrealised_pct=((self.prices[symbol] - cost) / cost * 100).quantize(Decimal("0.0001")),
            realised=Decimal(0), change_24h_pct=Decimal("1.25"),
        )  # fmt: skip

    async def orders(self, actor, *, open_only, symbol, venue=""):
        self._asked(actor, f"orders {venue}".strip())
        return Page([each for each in self.open_orders if symbol in ("", each.symbol)])

    async def all_open(self, actor, symbol, venue=""):
        return (await self.orders(actor, open_only=True, symbol=symbol, venue=venue)).items

    async def trades(self, actor, symbol, venue=""):
        self._asked(actor, "trades")
        return Page([each for each in self.fills if symbol in ("", each.symbol)])

    async def movements(self, actor):
        self._asked(actor, "movements")
        return Page(self.moved)

    async def pnl(self, actor, period, venue=""):
        self._asked(actor, f"pnl {period}")
        return Pnl(
            since=NOW - timedelta(days=1), realised=Decimal("3.21"), unrealised=Decimal("-1.5"),
            fees=Decimal("0.75"), total_now=self._worth(), total_then=Decimal(10_000),
            change_pct=Decimal("1.2345"), points=[Worth(at=NOW, total=Decimal(77_777))],
        )  # fmt: skip

    async def allocation(self, actor, amount, profile):
        self._asked(actor, f"allocation {amount} {profile}")
        if amount > 10**9:
            raise InvalidInputError("An amount of up to 1000000000 USDT can be planned.")
        lines = [
            AllocationLine(
                symbol=symbol, name=symbol.title(), weight=weight, amount=amount * weight,
                quantity=(amount * weight / self.prices[symbol]).quantize(Decimal("0.00001")),
                price=self.prices[symbol], volatility_pct=Decimal("45.678"),
                why=f"{symbol} swings by about 45.7 % a year",
            )
            for symbol, weight in WEIGHTS.items()
        ]  # fmt: skip
        return Allocation(
            amount=amount, quote_currency="USDT", profile=profile, lines=lines,
            cash=amount * Decimal("0.2"), cash_weight=Decimal("0.2"),
            method="inverse volatility, capped", as_of=NOW, simulated=True,
        )  # fmt: skip

    async def preview(self, actor, request):
        self._asked(actor, "preview")
        for leg in request.legs:
            if leg.symbol not in self.prices:
                raise InvalidInputError(f"{leg.symbol} cannot be traded here.")
        legs = [self._leg(n, leg) for n, leg in enumerate(request.legs, 1)]
        plan = Plan(
            account="acct_1", **self._at(request.venue or ""), quote_currency="USDT", legs=legs,
            collar=Collar(max_deviation_bps=50, as_of=NOW),
            total=sum(leg.notional for leg in legs), fees=sum(leg.fee for leg in legs),
            expires_at=NOW + timedelta(minutes=2),
        )  # fmt: skip
        effect, denied = self._effect(plan), self._denied(plan)
        covering = [m.mandate_id for m in self.signed if m.used_today + plan.total <= m.per_day]
        return Preview(plan, effect, (), denied, covering[0] if covering and not denied else "")

    def _leg(self, n, leg):
        price = leg.limit_price or leg.trigger_price or self.prices[leg.symbol]
        if leg.all:
            units = self.held[leg.symbol] - self.reserved.get(leg.symbol, Decimal(0))
        else:
            units = leg.quantity or (leg.amount / price).quantize(Decimal("0.00001"), "ROUND_DOWN")
        return Leg(
            n=n, symbol=leg.symbol, side=leg.side, type=leg.type, quantity=units, price=price,
            limit_price=leg.limit_price, trigger_price=leg.trigger_price,
            time_in_force=leg.time_in_force, post_only=leg.post_only, notional=units * price,
            fee=units * price / 1000, fee_asset="USDT",
        )  # fmt: skip

    def _effect(self, plan):
        cash, after = self.cash, dict(self.held)
        for leg in plan.legs:
            sign = 1 if leg.side == "buy" else -1
            cash -= sign * leg.notional + leg.fee
            after[leg.symbol] = after.get(leg.symbol, Decimal(0)) + sign * leg.quantity
        total = cash + sum(units * self.prices[s] for s, units in after.items())
        touched = [leg.symbol for leg in plan.legs]
        shares = {
            s: (after[s] * self.prices[s] / total).quantize(Decimal("0.0001")) for s in touched
        }
        return Effect(
            cash_before=self.cash, cash_after=cash,
            holdings_before={s: self.held.get(s, Decimal(0)) for s in touched},
            holdings_after={s: after[s] for s in touched}, shares_after=shares,
        )  # fmt: skip

    def _denied(self, plan):
        effect = self._effect(plan)
        if not plan.simulated and self.barred is not None:
            return self.barred
        if self.stopped:
            return Reason(code="kill_switch_on", text="Trading is stopped.")
        if effect.cash_after < 0 or any(units < 0 for units in effect.holdings_after.values()):
            return Reason(code="insufficient_balance", text="You do not have that much.")
        if any(share > self.most_share for share in effect.shares_after.values()):
            return Reason(code="asset_share_exceeded", text="At most 60 % may be in one asset.")
        return None

    async def rebalance(self, actor, profile):
        self._asked(actor, f"rebalance {profile}")
        request = self.rebalancing
        seen = await self.preview(actor, request) if request is not None else Preview()
        return Rebalance(request, seen)

    async def trading(self, actor):
        self._asked(actor, "trading")
        return Trading(
            user_id=PERSON, mode=self.mode, rev=1, state=self.state, reason=self.reason,
            kill_switch=await self.kill_switch(actor), mandate=next(iter(self.signed), None),
        )  # fmt: skip

    async def set_mode(self, actor, mode):
        self._asked(actor, f"set_mode {mode}")
        if MODES.index(mode) > MODES.index(self.mode):
            raise NotPermittedError("Only a person may change the mode", code="person_needed")
        self.mode = mode
        return await self.trading(actor)

    async def decisions(self, actor, state):
        self._asked(actor, "decisions")
        return Page(self.cards)

    async def cancel(self, actor, order_ids, symbol, venue=""):
        self._asked(actor, f"cancel {symbol} {venue}".rstrip())
        gone = [each for each in self.open_orders if symbol in ("", each.symbol)]
        self.open_orders = [each for each in self.open_orders if each not in gone]
        return [each.model_copy(update={"status": "cancelled"}) for each in gone]

    async def limits(self, actor):
        self._asked(actor, "limits")
        return RiskLimits(
            per_order=Decimal(2500), per_asset_share=self.most_share,
            daily_loss_share=Decimal("0.05"), price_collar_bps=50, orders_per_minute=30,
        )  # fmt: skip

    async def mandates(self, actor):
        self._asked(actor, "mandates")
        return list(self.signed)

    async def revoke(self, actor, mandate_id):
        self._asked(actor, "revoke")
        (found,) = [each for each in self.signed if each.mandate_id == mandate_id]
        self.signed.remove(found)
        return found.model_copy(update={"state": "revoked"})

    async def kill_switch(self, actor):
        self._asked(actor, "kill_switch")
        return KillSwitch(on=self.stopped, rev=1, user_id=PERSON)

    async def stop_trading(self, actor):
        self._asked(actor, "stop_trading")
        self.stopped = True
        return KillSwitch(on=True, rev=2, user_id=PERSON, changed_at=NOW, effective_at=NOW)


def holding_btc():
    """Return an account that holds some of BTC and ETH."""
    return Account(
        cash=Decimal(9000),
        held={"BTC": Decimal("0.1"), "ETH": Decimal("0.02")},
        cost={"BTC": Decimal("9512.34"), "ETH": Decimal(21000)},
    )


def mandate(per_day="100", used="0", symbols=()):
    return Mandate(
        mandate_id="mandate_1", user_id=PERSON, state="active", per_day=Decimal(per_day),
        used_today=Decimal(used), symbols=list(symbols), granted_at=NOW, granted_via="web_ui",
        expires_at=NOW + timedelta(days=7),
    )  # fmt: skip


def open_order(symbol="BTC", price="9000"):
    return Order(
        order_id=f"order_{symbol}", client_order_id="c1", symbol=symbol, side="buy", type="limit",
        status="open", quantity=Decimal("0.05"), filled=Decimal(0), limit_price=Decimal(price),
        fee=Decimal(0), fee_asset="USDT", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def fill(symbol="BTC"):
    return Trade(
        trade_id="t1", order_id="o1", symbol=symbol, side="buy", quantity=Decimal("0.1"),
        price=Decimal("9502.84"), fee=Decimal("0.95"), fee_asset="USDT", at=NOW,
    )  # fmt: skip


def card(request, state="awaiting_approval"):
    return Card(
        decision_id="d1", rev=2, version=1, state=state,
        session_id="unified_01JD0000000000000000000000", user_id=PERSON, interface="telegram",
        proposed_at=NOW, updated_at=NOW, expires_at=NOW + timedelta(minutes=2), request=request,
    )  # fmt: skip
