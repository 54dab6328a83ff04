"""Sets, lists, snoozes and deletes a person's alerts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_contracts.trading import Alert, AlertRequest
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.alerts.crossing import holds, sided
from uchat_execution.domain.alerts.wording import Seen, waits_for
from uchat_execution.ports.alerts import Kept
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.alerts.measuring import Measuring, Worth
from uchat_execution.service.alerts.telling import change, release, tell_changed
from uchat_platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)

MOST: Final = 100
"""Alerts of a person that are not over."""
_KEPT_DONE: Final = 100
_LONGEST: Final = timedelta(days=31)
_LEAST_PERCENT: Final = Decimal("0.1")
"""Prices move by less all the time."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """A person's alerts. What is nobody's, or another person's, is not found."""

    books: Books
    keeper: AccountKeeper
    measuring: Measuring

    async def set(
        self, person: str, request: AlertRequest, *, via: str, op_id: str | None = None
    ) -> Alert:
        """Set an alert; the same `op_id` again gives the first one as it stands.

        An alert whose condition holds already is `beyond`: it is told when the market crosses the
        next time.

        Raises:
            InvalidInputError: the asset is not listed here (`symbol_not_listed`), or the percentage
                is less than 0.1 (`percent_too_small`).
            ConflictError: there are 100 already (`too_many_alerts`).
            UnavailableError: there is no price to compare with now (`market_data_unavailable`).
        """
        account = await self.keeper.of(person)
        await self._check(request)
        async with self.books.unit() as unit:
            active = await unit.alerts.of_person(person)
            known = await unit.alerts.by_op(person, op_id) if op_id else None
            if known is not None:
                return known
            _check_room(active)
            kept = await self._made(unit, account, request, via)
            await unit.alerts.forget_done(person, _KEPT_DONE)
            await unit.alerts.add(kept, op_id)
            await tell_changed(unit, kept.alert)
        return kept.alert

    async def page(
        self, person: str, *, active_only: bool, before: tuple[datetime, str] | None, limit: int
    ) -> list[Alert]:
        """Return a person's alerts, latest first."""
        async with self.books.unit() as unit:
            return await unit.alerts.page(
                person, active_only=active_only, before=before, limit=limit
            )

    async def get(self, person: str, alert_id: str) -> Alert:
        """Return one alert.

        Raises:
            NotFoundError: the person has none of that id (`alert_not_found`).
        """
        async with self.books.unit() as unit:
            return (await _mine(unit, person, alert_id)).alert

    async def snooze(self, person: str, alert_id: str, until: datetime | None) -> Alert:
        """Be silent until a time; if the condition holds then, it is told then. Idempotent.

        None: not silent any more. An alert that was told already waits for the next crossing; one
        on fills tells those of its silence at once.

        Raises:
            NotFoundError: the person has none of that id.
            InvalidInputError: a time that is over, or more than 31 days away.
            ConflictError: it was over, and there are 100 others.
        """
        async with self.books.unit() as unit:
            active = await unit.alerts.of_person(person)
            kept = await _mine(unit, person, alert_id, lock=True)
            alert, now = kept.alert, await unit.now()
            if alert.state == "done":
                _check_room(active)
            if until is None:
                if alert.state in ("armed", "fired"):
                    return alert
                if kept.held:
                    return await release(unit, kept, now)
                return await change(unit, kept, state="armed", snoozed_until=None)
            if not now < until <= now + _LONGEST:
                raise InvalidInputError(
                    "Expected a time within the next 31 days", code="invalid_snooze"
                )
            return await change(unit, kept, state="snoozed", snoozed_until=until)

    async def delete(self, person: str, alert_id: str) -> Alert:
        """Delete an alert and return it as it was.

        Raises:
            NotFoundError: the person has none of that id.
        """
        async with self.books.unit() as unit:
            kept = await _mine(unit, person, alert_id, lock=True)
            gone = kept.alert.model_copy(
                update={"state": "deleted", "rev": kept.alert.rev + 1, "snoozed_until": None}
            )
            await unit.alerts.delete(alert_id)
            await tell_changed(unit, gone)
        return gone

    async def _made(self, unit: Unit, account: Account, wished: AlertRequest, via: str) -> Kept:
        now = await unit.now()
        seen, mark = None, None
        if wished.kind != "fill":
            balances = await unit.accounts.balances(account.account)
            account = await unit.accounts.get(account.account)
            held = Worth(balances, account.deposited, account.simulated, account.quote_currency)
            seen = await self._seen(wished, held, now)
            wished = sided(wished, seen.value)
            if wished.kind == "drawdown" and seen.price is not None:
                mark = seen.price - account.deposited
        alert = Alert(
            **dict(wished),
            alert_id=f"alt_{new_ulid()}",
            user_id=account.person,
            rev=1,
            state="armed",
            text=waits_for(wished, account.quote_currency),
            quote_currency=account.quote_currency,
            beyond=seen is not None and holds(wished, seen.value),
            created_at=now,
            created_via=via,
        )
        return Kept(alert, mark)

    async def _seen(self, wished: AlertRequest, held: Worth, now: datetime) -> Seen:
        on_market = wished.kind in ("price", "percent")
        seen = await (
            self.measuring.of_market(wished, now)
            if on_market
            else self.measuring.of_worth(wished, held, now)
        )
        if seen is None:
            raise UnavailableError(
                "There is no fresh price to compare with; try again in a moment",
                code="market_data_unavailable",
            )
        return seen

    async def _check(self, request: AlertRequest) -> None:
        if request.percent is not None and request.percent < _LEAST_PERCENT:
            raise InvalidInputError(
                f"A move of less than {_LEAST_PERCENT} % happens all the time; choose a larger one",
                code="percent_too_small",
            )
        if request.symbol is None:
            return
        listed = {each.symbol for each in await self.measuring.desk.market.instruments()}
        if listed and request.symbol not in listed:
            raise InvalidInputError(
                f"{request.symbol} is not listed here", code="symbol_not_listed"
            )


async def _mine(unit: Unit, person: str, alert_id: str, *, lock: bool = False) -> Kept:
    kept = await unit.alerts.get(alert_id, lock=lock)
    if kept is None or kept.alert.user_id != person:
        raise NotFoundError("There is no such alert (any more)", code="alert_not_found")
    return kept


def _check_room(active: int) -> None:
    if active >= MOST:
        raise ConflictError(
            f"You have {MOST} alerts, which is the most there can be: delete one first",
            code="too_many_alerts",
        )
