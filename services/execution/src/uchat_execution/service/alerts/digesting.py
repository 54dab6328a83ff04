"""The digest of the day: at the person's hour, once a day, whatever replica is there then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Digest, DigestSettings, Mover
from uchat_execution.domain.accounts import Account, Balance, worth
from uchat_execution.domain.alerts.calendar import LATEST, day_of, due_after, zone_of
from uchat_execution.domain.alerts.summing import Day, in_words
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import exact, ratio
from uchat_execution.domain.terms import is_fresh
from uchat_execution.ports.alerts import DigestPlan
from uchat_execution.ports.store import Books, Told, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk
from uchat_execution.service.repeating import repeat
from uchat_platform import logging
from uchat_platform.errors import UnavailableError
from uchat_platform.logging import hashed

_EVERY_S: Final = 1.0
_MOVERS: Final = 3
_MOST: Final = 200
_PERCENT: Final = Decimal("0.01")
_DAY: Final = timedelta(days=1)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Digests:
    """Keeps when people are told the digest, and tells it: a row that is due is held by one."""

    books: Books
    keeper: AccountKeeper
    desk: Desk

    async def settings(self, person: str) -> DigestSettings:
        """Return when a person is told the digest: at first never, in the zone of their figures."""
        async with self.books.unit() as unit:
            plan = await unit.alerts.digest(person)
            told = await unit.results.told_in(person)
        if plan is not None:
            return _shown(plan)
        return DigestSettings() if told is None else DigestSettings(zone=told.time_zone)

    async def set(self, person: str, wanted: DigestSettings) -> DigestSettings:
        """Set when a person is told the digest, or that it is not told. Idempotent.

        Raises:
            InvalidInputError: there is no such time zone (`time_zone_unknown`).
        """
        zone, at = zone_of(wanted.zone), time.fromisoformat(wanted.time)
        await self.keeper.of(person)
        async with self.books.unit() as unit:
            known = await unit.alerts.digest(person, lock=True)
            now = await unit.now()
            next_at = due_after(now, at, zone) if wanted.on else None
            if known is not None and next_at and day_of(next_at, zone) == known.told:
                # Told today already: another hour does not make it two.
                next_at = due_after(next_at, at, zone)
            plan = known or DigestPlan(person, wanted.on, at, wanted.zone, next_at)
            plan = replace(plan, on=wanted.on, at=at, zone=wanted.zone, next_at=next_at)
            await unit.alerts.save_digest(plan)
        return _shown(plan)

    async def run(self) -> None:
        """Tell what is due until cancelled; at the start what a gap left, if it is not too old."""

        async def all_due() -> None:
            while await self.tell_one():
                pass

        await repeat(all_due, _EVERY_S, "digest_waits")

    async def tell_one(self) -> bool:
        """Tell one digest that is due, or leave it out; False: none is due.

        It is left out if it is too late, and if it cannot be made: that is one person's, and the
        others wait behind it.

        Raises:
            UnavailableError: the database is away.
        """
        due: DigestPlan | None = None
        try:
            async with self.books.unit() as unit:
                due = await unit.alerts.due_digest()
                return due is not None and await self._tell(unit, due)
        except (UnavailableError, OSError, TimeoutError):
            raise
        except Exception:
            # Whatever it is, the others are not to wait for it.
            if due is None:
                raise
            _log.exception("digest_stuck", person=hashed(due.person))
        await self._leave_out(due)
        return True

    async def _leave_out(self, plan: DigestPlan) -> None:
        async with self.books.unit() as unit:
            held = await unit.alerts.digest(plan.person, lock=True)
            if held is not None and held.next_at is not None and held.next_at == plan.next_at:
                # Its own zone may be what is wrong with it.
                days = max(timedelta(0), await unit.now() - held.next_at) // _DAY + 1
                after = replace(held, next_at=held.next_at + days * _DAY)
                await unit.alerts.save_digest(after)

    async def _tell(self, unit: Unit, plan: DigestPlan) -> bool:
        if plan.next_at is None:
            return False
        now, zone = await unit.now(), zone_of(plan.zone)
        day, due = day_of(plan.next_at, zone), plan.next_at
        after = replace(plan, next_at=due_after(max(now, due), plan.at, zone))
        account = await unit.accounts.of_person(plan.person)
        if account is None or day == plan.told or now - due > LATEST:
            await unit.alerts.save_digest(after)
            return True
        digest = await self._made(unit, account, plan, now)
        about = f"digest:{plan.person}:{day.isoformat()}"
        await unit.tell(Told(about, 1, "digest", plan.person, None, digest.json_bytes()))
        total = digest.total
        told = replace(after, told=day, told_at=now, total=total, deposited=account.deposited)
        await unit.alerts.save_digest(told)
        _log.info("digest_told", late_s=round((now - due).total_seconds(), 3))
        return True

    async def _made(self, unit: Unit, account: Account, plan: DigestPlan, now: datetime) -> Digest:
        balances = await unit.accounts.balances(account.account)
        listed = [each.symbol for each in await self.desk.market.instruments()]
        quotes = await self.desk.quotes([*balances, *listed])
        fresh = {
            symbol: quote
            for symbol, quote in quotes.items()
            if is_fresh(quote, now, self.desk.limits.reference_age_s)
        }
        prices = {symbol: quote.price for symbol, quote in fresh.items()}
        total = worth(balances, prices, account.quote_currency)
        since, then = await self._before(unit, account, plan, now)
        change = None if total is None or then is None else exact(total - then)
        orders = await unit.orders.open_of(account.account)
        cards = await unit.decisions.page(
            account.person, ["awaiting_approval"], before=None, limit=_MOST
        )
        day = Day(
            currency=account.quote_currency,
            total=None if total is None else exact(total),
            change=change,
            change_pct=_pct(change, then),
            since=since,
            movers=_movers(fresh.values(), balances),
            open_orders=len(orders),
            pending=len(cards),
            source=", ".join(sorted({quote.source for quote in fresh.values()})) or "books",
            simulated=account.simulated or any(quote.simulated for quote in fresh.values()),
            as_of=min((quote.as_of for quote in fresh.values()), default=now),
        )
        zone = zone_of(plan.zone)
        return Digest(
            user_id=account.person,
            day=day_of(plan.next_at or now, zone),
            zone=plan.zone,
            text=in_words(day, zone),
            quote_currency=day.currency,
            total=day.total,
            change=day.change,
            change_pct=day.change_pct,
            since=day.since if day.change is not None else None,
            movers=list(day.movers),
            open_orders=day.open_orders,
            pending=day.pending,
            source=day.source,
            simulated=day.simulated,
            as_of=day.as_of,
            at=now,
        )

    async def _before(
        self, unit: Unit, account: Account, plan: DigestPlan, now: datetime
    ) -> tuple[datetime, Decimal | None]:
        """Return since when it is compared, and the worth then with what came in since."""
        recent = plan.told_at is not None and now - plan.told_at < 2 * _DAY
        if recent and plan.told_at and plan.total is not None and plan.deposited is not None:
            return plan.told_at, plan.total + account.deposited - plan.deposited
        since = max(now - _DAY, account.opened_at)
        return since, await unit.accounts.worth_at(account.account, since)


def _movers(quotes: Iterable[Quote], balances: Mapping[str, Balance]) -> tuple[Mover, ...]:
    found = sorted(quotes, key=lambda quote: (-abs(quote.change_24h_pct), quote.symbol))
    return tuple(
        Mover(
            symbol=quote.symbol,
            price=quote.price,
            change_24h_pct=quote.change_24h_pct,
            held=quote.symbol in balances and balances[quote.symbol].quantity > 0,
        )
        for quote in found[:_MOVERS]
    )


def _pct(change: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if change is None or not then else (ratio(change, then) * 100).quantize(_PERCENT)


def _shown(plan: DigestPlan) -> DigestSettings:
    return DigestSettings(on=plan.on, time=f"{plan.at:%H:%M}", zone=plan.zone, next_at=plan.next_at)
