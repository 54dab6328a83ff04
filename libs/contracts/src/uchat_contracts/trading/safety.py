"""Limits and brakes: mandates, risk limits, the kill switch."""

from typing import Literal

from pydantic import AwareDatetime

from uchat_contracts.ids import InterfaceName, PersonId
from uchat_contracts.model import Model
from uchat_contracts.money import Amount
from uchat_contracts.trading.decision import Reason
from uchat_contracts.trading.plan import Symbol


class Mandate(Model):
    """A policy signed beforehand: inside it decisions approve themselves, and are marked so.

    `per_day` is the most that may be bought and sold a UTC day, in quote currency; `used_today`
    what is used up of it; `per_order` the most of one order. From a `drawdown_stop` (0 to 1 of the
    highest value since it was granted) on it is suspended. No `symbols`: every tradable one.
    `signature` is Ed25519 over the policy, base64url, by the key `key_id` of execution.
    """

    mandate_id: str
    user_id: PersonId
    state: Literal["active", "revoked", "expired"]
    per_day: Amount
    used_today: Amount
    per_order: Amount | None = None
    drawdown_stop: Amount | None = None
    quote_currency: Symbol = "USDT"
    symbols: list[Symbol] = []
    granted_at: AwareDatetime
    granted_via: InterfaceName
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    revoked_via: InterfaceName | None = None
    suspended: Reason | None = None
    key_id: str | None = None
    signature: str | None = None


class LegInFlight(Model):
    """A leg that was claimed before the switch and may still reach the venue until `until`."""

    decision_id: str
    leg: int
    client_order_id: str
    symbol: Symbol
    until: AwareDatetime


class KillSwitch(Model):
    """Whether trading is stopped, for a person (`scope` person), an organisation or everybody.

    No leg is claimed after the switch was thrown; none is sent after `effective_at`.
    """

    on: bool
    rev: int
    user_id: PersonId
    scope: Literal["person", "organisation", "everybody"] = "person"
    changed_at: AwareDatetime | None = None
    changed_via: InterfaceName | None = None
    effective_at: AwareDatetime | None = None
    in_flight: list[LegInFlight] = []


OperationMode = Literal["manual", "assisted", "autonomous", "emergency"]
"""manual: the person acts alone; assisted: the AI proposes, the person approves; autonomous: inside
a mandate decisions approve themselves; emergency: only what lowers a risk."""

TradingState = Literal["active", "reducing", "halted"]
"""Of an account: trades, only sells, does nothing."""


class Trading(Model):
    """How a person trades now: the mode they chose, and what their account may do and why.

    `rev` counts the changes of the two together.
    """

    user_id: PersonId
    mode: OperationMode
    rev: int
    changed_at: AwareDatetime | None = None
    changed_via: InterfaceName | None = None
    state: TradingState = "active"
    reason: Reason | None = None
    kill_switch: KillSwitch | None = None
    mandate: Mandate | None = None


class RiskLimits(Model):
    """What a plan must keep to; money in quote currency, shares 0 to 1, times in seconds.

    `drawdown_share` is under the highest value ever, `gross_share` what may be invested at all.
    After `rejection_streak` refusals of the venue in a row, and after a stop that was hit, nothing
    is bought for `cooldown_s`. `four_eyes_above`: plans of more need a second person.
    """

    per_order: Amount
    per_asset_share: Amount
    daily_loss_share: Amount
    price_collar_bps: int
    orders_per_minute: int
    quote_currency: Symbol = "USDT"
    drawdown_share: Amount | None = None
    gross_share: Amount | None = None
    limit_away_bps: int = 500
    reference_age_s: int = 5
    rejection_streak: int = 5
    cooldown_s: int = 60
    symbols: list[Symbol] = []
    four_eyes_above: Amount | None = None
