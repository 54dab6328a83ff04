"""Limits and brakes: mandates, risk limits, the kill switch."""

from typing import Literal

from pydantic import AwareDatetime

from uchat_contracts.ids import InterfaceName, PersonId
from uchat_contracts.model import Model
from uchat_contracts.money import Amount
from uchat_contracts.trading.plan import Symbol


class Mandate(Model):
    """A limit signed beforehand: inside it decisions approve themselves, and are marked so.

    `per_day` is the most that may be bought and sold a UTC day, in quote currency; `used_today`
    what is used up of it. No `symbols`: every tradable one.
    """

    mandate_id: str
    user_id: PersonId
    state: Literal["active", "revoked", "expired"]
    per_day: Amount
    used_today: Amount
    quote_currency: Symbol = "USDT"
    symbols: list[Symbol] = []
    granted_at: AwareDatetime
    granted_via: InterfaceName
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    revoked_via: InterfaceName | None = None


class LegInFlight(Model):
    """A leg that was claimed before the switch and may still reach the venue until `until`."""

    decision_id: str
    leg: int
    client_order_id: str
    symbol: Symbol
    until: AwareDatetime


class KillSwitch(Model):
    """Whether trading is stopped.

    No leg is claimed after the switch was thrown; none is sent after `effective_at`.
    """

    on: bool
    rev: int
    user_id: PersonId
    changed_at: AwareDatetime | None = None
    changed_via: InterfaceName | None = None
    effective_at: AwareDatetime | None = None
    in_flight: list[LegInFlight] = []


class RiskLimits(Model):
    """What a plan must keep to; money in quote currency, shares 0 to 1."""

    per_order: Amount
    per_asset_share: Amount
    daily_loss_share: Amount
    price_collar_bps: int
    orders_per_minute: int
    quote_currency: Symbol = "USDT"
