"""Limits that a person signed beforehand: inside one a decision approves itself."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from uchat_contracts.trading import Mandate, Plan
from uchat_execution.domain.money import BPS, ZERO, exact


def charged(plan: Plan) -> Decimal:
    """Return what a plan uses of a mandate: market orders at the worst price that they may get."""
    worst = 1 + Decimal(plan.collar.max_deviation_bps) / BPS
    parts = [leg.notional * (worst if leg.type == "market" else 1) for leg in plan.legs]
    return exact(sum(parts, ZERO))


@dataclass(frozen=True, slots=True)
class SignedLimit:
    """A mandate as it is stored. `used` was used on the UTC day `used_day`, in quote currency."""

    mandate_id: str
    person: str
    per_day: Decimal
    quote_currency: str
    symbols: tuple[str, ...]
    rev: int
    granted_at: datetime
    granted_via: str
    expires_at: datetime
    ended: Literal["revoked", "expired"] | None
    ended_at: datetime | None
    revoked_via: str | None
    used_day: date
    used: Decimal

    def used_on(self, day: date) -> Decimal:
        """Return what of the daily amount is used up on a UTC day."""
        return self.used if self.used_day == day else ZERO

    def covers(self, plan: Plan, now: datetime) -> bool:
        """Tell whether a plan may approve itself: symbols, currency, expiry and the day's rest."""
        if self.ended is not None or self.expires_at <= now:
            return False
        if plan.quote_currency != self.quote_currency:
            return False
        if self.symbols and any(leg.symbol not in self.symbols for leg in plan.legs):
            return False
        return self.used_on(now.date()) + charged(plan) <= self.per_day

    def as_shown(self, now: datetime) -> Mandate:
        """Return it as every interface shows it."""
        state = self.ended or ("expired" if self.expires_at <= now else "active")
        return Mandate(
            mandate_id=self.mandate_id,
            user_id=self.person,
            state=state,
            per_day=self.per_day,
            used_today=self.used_on(now.date()),
            quote_currency=self.quote_currency,
            symbols=list(self.symbols),
            granted_at=self.granted_at,
            granted_via=self.granted_via,
            expires_at=self.expires_at,
            revoked_at=self.ended_at if self.ended == "revoked" else None,
            revoked_via=self.revoked_via,
        )
