"""Limits that a person signed beforehand: inside one a decision approves itself."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal

from uchat_contracts.trading import Leg, Mandate, Plan, Reason
from uchat_execution.domain.money import BPS, ZERO, exact, money, percent, quantity
from uchat_execution.domain.pricing import collar_bps

FORGED: Final = Reason(
    code="mandate_forged",
    text="It is not what was signed: somebody has changed it in the database. It is not used;"
    " grant it anew.",
)


def charged(plan: Plan) -> Decimal:
    """Return what a plan uses of a mandate: market orders at the worst price that they may get."""
    return exact(sum((_charged(leg, plan) for leg in plan.legs), ZERO))


def _charged(leg: Leg, plan: Plan) -> Decimal:
    worst = 1 + Decimal(collar_bps(leg, plan)) / BPS
    return leg.notional * (worst if leg.limit_price is None else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLimit:
    """A mandate as it is stored. `used` was used on the UTC day `used_day`, in quote currency.

    `signature` is Ed25519 over `policy()` by the key `key_id`, base64url. `suspended`: it is not
    used any more, and why; only granting anew helps.
    """

    mandate_id: str
    person: str
    per_day: Decimal
    per_order: Decimal | None = None
    drawdown_stop: Decimal | None = None
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
    key_id: str | None = None
    signature: str | None = None
    suspended: Reason | None = None

    def policy(self) -> bytes:
        """Return what is signed: everything that decides what it allows, as canonical JSON.

        Keys are sorted, nothing stands between them, decimals are written in one way only and times
        are in UTC to the microsecond.
        """
        whole = {
            "v": 1,
            "mandate_id": self.mandate_id,
            "person": self.person,
            "per_day": _canonical(self.per_day),
            "per_order": _canonical(self.per_order),
            "drawdown_stop": _canonical(self.drawdown_stop),
            "quote_currency": self.quote_currency,
            "symbols": sorted(self.symbols),
            "granted_at": _utc(self.granted_at),
            "granted_via": self.granted_via,
            "expires_at": _utc(self.expires_at),
        }
        return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()

    def used_on(self, day: date) -> Decimal:
        """Return what of the daily amount is used up on a UTC day."""
        return self.used if self.used_day == day else ZERO

    def is_over(self, now: datetime) -> bool:
        """Tell whether nothing may rest on it any more."""
        return self.ended is not None or self.suspended is not None or self.expires_at <= now

    def outside(self, plan: Plan, now: datetime) -> str | None:
        """Return why a plan may not approve itself by it; None: it may."""
        if self.suspended is not None:
            return f"it is suspended. {self.suspended.text}"
        if self.is_over(now):
            return "it is over"
        if plan.quote_currency != self.quote_currency:
            return f"it is for {self.quote_currency}"
        if self.symbols and any(leg.symbol not in self.symbols for leg in plan.legs):
            return "it is for " + ", ".join(self.symbols)
        return self._too_much(plan, now)

    def _too_much(self, plan: Plan, now: datetime) -> str | None:
        currency = self.quote_currency
        most = max(_charged(leg, plan) for leg in plan.legs)
        if self.per_order is not None and most > self.per_order:
            return (
                f"one order of it may be worth at most {money(self.per_order, currency)}, and this"
                f" may cost up to {money(exact(most), currency)} if the price moves"
            )
        left = max(self.per_day - self.used_on(now.date()), ZERO)
        if charged(plan) > left:
            return (
                f"it has {money(left, currency)} left today, and this may cost up to"
                f" {money(charged(plan), currency)} if the price moves"
            )
        return None

    def stopped_by(self, lost: Decimal) -> Reason | None:
        """Return why it is suspended when this share of the highest value was lost."""
        if self.drawdown_stop is None or lost < self.drawdown_stop:
            return None
        return Reason(
            code="mandate_drawdown",
            text=f"The portfolio is {percent(lost)} below the most that it was worth since the"
            f" mandate was granted; it stops at {percent(self.drawdown_stop)}. Grant it anew to go"
            " on.",
        )

    def as_shown(self, now: datetime) -> Mandate:
        """Return it as every interface shows it."""
        state = self.ended or ("expired" if self.expires_at <= now else "active")
        return Mandate(
            mandate_id=self.mandate_id,
            user_id=self.person,
            state=state,
            per_day=self.per_day,
            used_today=self.used_on(now.date()),
            per_order=self.per_order,
            drawdown_stop=self.drawdown_stop,
            quote_currency=self.quote_currency,
            symbols=list(self.symbols),
            granted_at=self.granted_at,
            granted_via=self.granted_via,
            expires_at=self.expires_at,
            revoked_at=self.ended_at if self.ended == "revoked" else None,
            revoked_via=self.revoked_via,
            suspended=self.suspended,
            key_id=self.key_id,
            signature=self.signature,
        )


def _canonical(value: Decimal | None) -> str | None:
    return None if value is None else quantity(exact(value))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
