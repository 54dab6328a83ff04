"""Which decisions a mandate approves, and how one ends: revoked, expired, suspended."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import OperationMode, Plan, Reason
from uchat_execution.domain import risk
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.mandates import FORGED, SignedLimit
from uchat_execution.ports.signing import PolicySigner
from uchat_execution.ports.store import Told, Unit
from uchat_execution.service.states import INTERNAL, tell_trading
from uchat_platform import logging
from uchat_platform.logging import hashed

OVER: Final = Reason(
    code="mandate_over", text="The mandate that approved it is over; now it is for you to decide."
)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a person's mandate makes of a plan.

    `mandate`: the plan may approve itself by it. `suspended`: a mandate that must not be used any
    more, and why; whoever holds the account's lock says so by `suspend`.
    """

    mandate: SignedLimit | None = None
    warnings: list[Reason] = field(default_factory=list[Reason])
    suspended: tuple[SignedLimit, Reason] | None = None


@dataclass(frozen=True, slots=True)
class Mandates:
    """Checks mandates before each use: signature, mode, drawdown, and what they cover."""

    signer: PolicySigner

    def signed(self, mandate: SignedLimit) -> SignedLimit:
        """Return the mandate with the signature of its policy."""
        key_id, signature = self.signer.sign(mandate.policy())
        return replace(mandate, key_id=key_id, signature=signature)

    def is_forged(self, mandate: SignedLimit) -> bool:
        """Tell whether it is not what was signed."""
        return not self.signer.verifies(mandate.policy(), mandate.key_id, mandate.signature)

    async def fit(
        self,
        unit: Unit,
        account: Account,
        plan: Plan,
        *,
        mode: OperationMode,
        total: Decimal | None,
        now: datetime,
    ) -> Fit:
        """Return what the person's mandate makes of a plan; `total` is what the account is worth.

        Reads only. No mandate counts but in autonomous mode.
        """
        if mode != "autonomous":
            return Fit()
        mandate = await unit.safety.active_mandate(account.person)
        if mandate is None or mandate.expires_at <= now:
            return Fit()
        if mandate.suspended is None:
            fault = await self.fault(unit, account, mandate, total)
            if fault is not None:
                stopped = replace(mandate, suspended=fault)
                return Fit(None, [_outside(stopped, plan, now)], (mandate, fault))
        if mandate.outside(plan, now) is not None:
            return Fit(None, [_outside(mandate, plan, now)])
        return Fit(mandate)

    async def fault(
        self, unit: Unit, account: Account, mandate: SignedLimit, total: Decimal | None
    ) -> Reason | None:
        """Return why a mandate must be suspended, if it must."""
        if self.is_forged(mandate):
            return FORGED
        if mandate.drawdown_stop is None or total is None:
            return None
        peak = await unit.states.peak_since(account.account, mandate.granted_at)
        return None if peak is None else mandate.stopped_by(risk.below(total, peak))

    async def over(self, unit: Unit, mandate_id: str, person: str, now: datetime) -> Reason | None:
        """Return why nothing may rest any more on the mandate that approved something."""
        mandate = await unit.safety.mandate(mandate_id, person)
        standing = await unit.states.standing(person, None)
        if mandate.is_over(now) or standing.mode != "autonomous" or self.is_forged(mandate):
            return OVER
        return None

    async def seen(self, unit: Unit, mandate: SignedLimit, now: datetime) -> SignedLimit:
        """Return a mandate that was read, suspended if it is not what was signed."""
        if mandate.ended or mandate.suspended or not self.is_forged(mandate):
            return mandate
        return await suspend(unit, mandate, FORGED, now)


async def suspend(unit: Unit, mandate: SignedLimit, why: Reason, now: datetime) -> SignedLimit:
    """Suspend a mandate for good and tell so; idempotent."""
    suspended = await unit.safety.suspend(mandate.mandate_id, why)
    if suspended is None:
        return mandate
    log = _log.error if why.code == FORGED.code else _log.warning
    log(
        "mandate_suspended",
        mandate=mandate.mandate_id,
        person=hashed(mandate.person),
        code=why.code,
    )
    await tell_mandate(unit, suspended, now)
    return suspended


async def end(
    unit: Unit, mandate: SignedLimit, how: str, via: str | None, now: datetime
) -> SignedLimit:
    """End a mandate and tell so; a person who had no other one is back in assisted mode."""
    ended = await unit.safety.end_mandate(mandate.mandate_id, how, via)
    await tell_mandate(unit, ended, now)
    standing = await unit.states.standing(mandate.person, None)
    if standing.mode == "autonomous":
        await unit.states.set_mode(mandate.person, "assisted", via or INTERNAL)
        account = await unit.accounts.of_person(mandate.person)
        standing = await unit.states.standing(mandate.person, account.account if account else None)
        await tell_trading(unit, mandate.person, standing)
    return ended


async def tell_mandate(unit: Unit, mandate: SignedLimit, now: datetime) -> None:
    """Announce a mandate as it stands."""
    await unit.tell(
        Told(
            about=f"mandate:{mandate.mandate_id}",
            rev=mandate.rev,
            what="mandate",
            person=mandate.person,
            session_id=None,
            body=mandate.as_shown(now).json_bytes(),
        )
    )


def _outside(mandate: SignedLimit, plan: Plan, now: datetime) -> Reason:
    why = mandate.outside(plan, now) or "the same was proposed just now"
    return Reason(
        code="outside_mandate", text=f"Your mandate does not cover this: {why}. You decide."
    )


def repeated(mandate: SignedLimit | None) -> list[Reason]:
    """Return what to say when the same was proposed just now: it does not approve itself twice."""
    if mandate is None:
        return []
    text = "Your mandate does not cover this: the same was proposed just now. You decide."
    return [Reason(code="outside_mandate", text=text)]
