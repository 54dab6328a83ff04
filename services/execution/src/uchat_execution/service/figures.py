"""Makes what people see of how an account did. Pure: everything is read already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import (
    AssetResult,
    CostMethod,
    Equity,
    EquityPoint,
    PeriodResult,
    Pnl,
    Portfolio,
    Worth,
)
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.lots import Result
from uchat_execution.domain.money import ZERO, exact, ratio
from uchat_execution.domain.performance import Valued, measured

_PERCENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as it is now, and how it is looked at: since when, in which time zone."""

    account: Account
    shown: Portfolio
    now: datetime
    since: datetime
    time_zone: str
    method: CostMethod = "average"

    @property
    def value(self) -> Valued | None:
        """Return what it is worth now; None: a price is missing."""
        total = self.shown.total
        return None if total is None else Valued(self.now, total, self.shown.deposited)

    def curve(self, notes: Sequence[Valued]) -> list[Valued]:
        """Return the notes as of `since` until now."""
        points = [replace(each, at=max(each.at, self.since)) for each in notes]
        return points if self.value is None else [*points, self.value]

    def realised(self, sums: Result) -> Decimal:
        """Return what trades realised, by the method."""
        return sums.realised if self.method == "average" else sums.realised_fifo


def assets(
    seen: Seen, by_asset: Mapping[str, Result], costs: Mapping[str, Decimal]
) -> list[AssetResult]:
    """Return what was traded or is held, by name. `costs`: of the open lots."""
    held = {each.symbol: each for each in seen.shown.holdings}
    made: list[AssetResult] = []
    for symbol in sorted({*held, *by_asset}):
        holding, sums = held.get(symbol), by_asset.get(symbol, Result())
        unrealised = holding.unrealised if holding else ZERO
        if seen.method == "fifo" and holding is not None and holding.value is not None:
            unrealised = exact(holding.value - costs.get(symbol, ZERO))
        made.append(
            AssetResult(
                symbol=symbol,
                trades=sums.trades,
                bought=sums.bought,
                sold=sums.sold,
                fees=sums.fees,
                realised=seen.realised(sums),
                unrealised=unrealised,
                slippage=sums.slippage,
                slippage_approved=sums.slippage_approved,
            )
        )
    return made


def pnl(seen: Seen, traded: Sequence[AssetResult], sums: Result, notes: Sequence[Valued]) -> Pnl:
    """Return profit and loss; the first note is of `since`."""
    account, total = seen.account, seen.shown.total
    then = notes[0] if notes else None
    before = None if then is None else exact(then.total + account.deposited - then.deposited)
    open_profits = [each.unrealised for each in traded]
    return Pnl(
        since=seen.since,
        realised=seen.realised(sums),
        unrealised=None if None in open_profits else sum(filter(None, open_profits), ZERO),
        fees=sums.fees,
        total_now=total,
        total_then=before,
        change_pct=_growth(total, before),
        points=[Worth(at=each.at, total=each.total) for each in seen.curve(notes)],
        method=seen.method,
        trades=sums.trades,
        slippage=sums.slippage,
        slippage_approved=sums.slippage_approved,
        time_zone=seen.time_zone,
        currency=account.quote_currency,
        simulated=account.simulated,
        assets=list(traded),
    )


def periods(
    seen: Seen,
    begins: Sequence[datetime],
    sums: Sequence[Result],
    notes: Sequence[Valued | None],
) -> list[PeriodResult]:
    """Return the results of the periods that begin at these times, latest first."""
    ends, values = [*begins[1:], seen.now], [*notes[1:], seen.value]
    made: list[PeriodResult] = []
    for n, (result, first, last) in enumerate(zip(sums, notes, values, strict=True)):
        traded = PeriodResult(
            start=max(begins[n], seen.account.opened_at),
            end=ends[n],
            trades=result.trades,
            fees=result.fees,
            realised=seen.realised(result),
            slippage=result.slippage,
        )
        made.append(traded.model_copy(update=_gained(first, last)))
    return made[::-1]


def equity(seen: Seen, notes: Sequence[Valued]) -> Equity:
    """Return the curve with its drawdown; the first note is of `since`."""
    curve = seen.curve(notes)
    stands = measured(curve)
    points = [
        EquityPoint(
            at=each.at,
            total=each.total,
            deposited=each.deposited,
            drawdown_pct=_percent(stand.drawdown),
        )
        for each, stand in zip(curve, stands, strict=True)
    ]
    made = Equity(
        since=seen.since,
        points=points,
        currency=seen.account.quote_currency,
        time_zone=seen.time_zone,
        simulated=seen.account.simulated,
    )
    if not points:
        return made
    deepest = max(points, key=lambda point: point.drawdown_pct)
    measures = {
        "change": _gained(curve[0], curve[-1])["change"],
        "return_pct": _percent(stands[-1].growth - 1),
        "drawdown_pct": points[-1].drawdown_pct,
        "max_drawdown_pct": deepest.drawdown_pct,
        "max_drawdown_at": deepest.at if deepest.drawdown_pct else None,
    }
    return made.model_copy(update=measures)


def _gained(first: Valued | None, last: Valued | None) -> dict[str, Decimal | None]:
    if first is None or last is None:
        return {}
    paid = last.deposited - first.deposited
    return {
        "deposited": exact(paid),
        "total_start": first.total,
        "total_end": last.total,
        "change": exact(last.total - paid - first.total),
        "change_pct": _growth(last.total - paid, first.total),
    }


def _growth(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return _percent(ratio(now - then, then)) if now is not None and then else None


def _percent(share: Decimal) -> Decimal:
    return (share * 100).quantize(_PERCENT)
