"""Approved decisions while everything breaks: `python -m tests.load.chaos_execution --help`.

Starts two of each service, has orders proposed and approved by many people, kills and stops
workers, servers and the exchange, and lets the exchange fail in every way it can. When all has
settled, its journal must hold each leg of each approved decision once. Exit code 0: no promise was
broken, or, with --sabotage, orders were doubled and the judge found it.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from tests.load.exchange_nemesis import ExchangeNemesis
from tests.load.execution_sabotage import CONTROLS, Control
from tests.load.execution_truth import books_of, journal_of, settled, venue_of
from tests.load.nemesis import Nemesis
from tests.load.streams import dead_letters
from tests.load.traders import Tally, Trader, traders, wish
from tests.load.waiting_for_claims import until_claimed
from tests.support.orders.judge import FAULTS, Findings, judge_end
from tests.support.stack import Stack, wait_for

PROGRESS_S = 5.0
LONGEST = 1.3
SETTINGS = {"UCHAT_RISK_COLLAR_BPS": "2000", "UCHAT_RISK_DAILY_LOSS_SHARE": "0.9"}
"""Prices may move while the exchange is away: what was approved is carried out all the same."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does."""

    decisions: int
    people: int
    seconds: float
    seed: int
    pause_s: float
    mishap_s: float
    give_up_s: float
    sabotage: str | None = None

    @property
    def control(self) -> Control:
        """Return the faults of this run."""
        return CONTROLS[self.sabotage] if self.sabotage else Control()


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended."""

    findings: Findings
    complete: bool
    report: dict[str, Any]


async def run(stack: Stack, plan: Plan) -> Result:
    """Run the plan on a stack that is up, and judge it."""
    await asyncio.to_thread(wait_for, "the edge to be ready", stack.is_ready)
    control, began, tally = plan.control, time.monotonic(), Tally(plan.decisions)
    nemesis = Nemesis(
        stack, control.kinds, plan.seed, control.pause_s or plan.pause_s,
        stopped_s=control.stopped_s, before=until_claimed(stack, 4 if control.wave_s else 2),
    )  # fmt: skip
    exchange = ExchangeNemesis(
        str(stack.endpoints()["exchange"]), plan.seed, plan.mishap_s, control.mishaps
    )
    async with traders(stack, plan.people, tally, control.wave_s) as people:
        await _lag(exchange.url, control.lag_ms)
        watching = [asyncio.create_task(_progress(tally, nemesis, exchange, began))]
        if control.mishaps:
            watching.append(asyncio.create_task(exchange.run()))
        if control.kinds:
            nemesis.start()
        try:
            await _trade(people, plan, tally, exchange.url)
        finally:
            await asyncio.to_thread(nemesis.halt)
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        traded_s = time.monotonic() - began
        await asyncio.to_thread(wait_for, "the edge to be ready", stack.is_ready)
        await exchange.heal()
        complete, settled_s = await settled(stack, plan.give_up_s)
    books = await books_of(stack)
    findings = judge_end(books, await journal_of(stack), venue=await venue_of(stack, books))
    taken = {each.decision_id for each in books.approved}
    for decision_id in set(tally.approved) - taken:
        findings.add("forgotten", decision_id)
    report = {
        "plan": asdict(plan),
        "complete": complete and tally.is_done,
        "proposed": tally.proposed,
        "approved": len(taken),
        "approved_legs": sum(len(each.plan.legs) for each in books.approved),
        "orders_at_exchange": findings.orders,
        "not_placed": dict(findings.reasons),
        "otherwise": dict(tally.ended),
        "faults_found": {name: findings.counts[name] for name in FAULTS},
        "examples": findings.examples,
        "dead_letters": await dead_letters(stack),
        "seconds": round(traded_s, 1),
        "settled_after_s": round(settled_s, 1),
        "retries": tally.retries,
        "process_faults": _made(nemesis),
        "exchange_faults": dict(exchange.made),
    }
    return Result(findings, complete and tally.is_done, report)


async def _trade(people: list[Trader], plan: Plan, tally: Tally, exchange: str) -> None:
    chance, prices = random.Random(plan.seed), await _prices(exchange)
    begun, resting = time.monotonic(), plan.control.resting
    started = 0

    async def trade(trader: Trader) -> None:
        nonlocal started
        while not tally.is_done:
            # Spread over the time that the run is to take; in bursts, so that claims are under way
            # when something breaks.
            due = plan.decisions * (time.monotonic() - begun) / plan.seconds
            if started >= due + len(people) / 2:
                await asyncio.sleep(0.2)
                continue
            started += 1
            await trader.decide(wish(chance, prices, resting=resting))

    # Without a guard not everything comes to an end.
    trading = [asyncio.create_task(trade(trader)) for trader in people]
    limit = plan.seconds * LONGEST if plan.sabotage else None
    done, left = await asyncio.wait(trading, timeout=limit, return_when=asyncio.FIRST_EXCEPTION)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for task in done:
        task.result()


async def _prices(exchange: str) -> dict[str, Decimal]:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{exchange}/api/v3/ticker/price") as response:
            found = await response.json()
    return {each["symbol"].removesuffix("USDT"): Decimal(each["price"]) for each in found}


async def _lag(exchange: str, ms: int) -> None:
    if ms:
        async with aiohttp.ClientSession() as http:
            body = {"kind": "read_lag", "ms": ms}
            async with http.post(f"{exchange}/sim/faults", json=body) as response:
                response.raise_for_status()


async def _progress(
    tally: Tally, nemesis: Nemesis, exchange: ExchangeNemesis, began: float
) -> None:
    while True:
        await asyncio.sleep(PROGRESS_S)
        last = nemesis.faults[-1] if nemesis.faults else None
        print(
            f"{time.monotonic() - began:6.1f} s  proposed {tally.proposed}  approved "
            f"{len(tally.approved)}  otherwise {tally.ended.total()}  exchange faults "
            f"{exchange.made.total()}  process faults {len(nemesis.faults)}"
            + (f"  last {last.kind} {last.target}" if last else ""),
            flush=True,
        )


def _made(nemesis: Nemesis) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for fault in nemesis.faults:
        known = made.setdefault(fault.kind, {"made": 0, "failed": []})
        known["made"] += 1
        known["failed"] += [fault.error] if fault.error else []
    return made


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, help="to be approved; default 1000, or 250")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seconds", type=float, help="to spread them over; default 300, or 45")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between process faults")
    parser.add_argument(
        "--mishaps", type=float, default=0.7, help="seconds between exchange faults"
    )
    parser.add_argument("--sabotage", choices=sorted(CONTROLS), help="switch one guard off")
    parser.add_argument("--data-dir", type=Path, help="kept; default: a temporary directory")
    parser.add_argument("--out", type=Path, help="where the JSON report goes")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    args = _arguments(argv)
    plan = Plan(
        decisions=args.decisions or (250 if args.sabotage else 1000),
        people=args.people,
        seconds=args.seconds or (CONTROLS[args.sabotage].seconds if args.sabotage else 300),
        seed=args.seed,
        pause_s=args.pause,
        mishap_s=args.mishaps,
        give_up_s=30 if args.sabotage else 120,
        sabotage=args.sabotage,
    )
    with tempfile.TemporaryDirectory(prefix="uchat-chaos-") as temporary:
        settings = SETTINGS | plan.control.settings
        with Stack(args.data_dir or Path(temporary), settings, replicas=2) as stack:
            result = uvloop.run(run(stack, plan))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(result.report, indent=2) + "\n")
    return _verdict(result, plan)


def _verdict(result: Result, plan: Plan) -> int:
    report, findings = result.report, result.findings
    print(
        f"{report['approved']} decisions approved with {report['approved_legs']} legs, "
        f"{report['orders_at_exchange']} orders at the exchange in {report['seconds']} s, settled "
        f"{report['settled_after_s']} s later; not placed, for a reason: {report['not_placed']}"
    )
    for name in ("process_faults", "exchange_faults", "otherwise"):
        print(f"  {name}: {report[name]}")
    for name, count in findings.counts.items():
        print(f"  FAULT {name} x{count}: {FAULTS[name]}; {findings.examples[name][:2]}")
    if not result.complete:
        print("  Not everything was approved and settled in time.")
    if plan.sabotage:
        doubles = findings.counts["double"]
        print(f"With the guard {plan.sabotage!r} off the judge found {doubles} legs doubled.")
        return 0 if doubles else 1
    print("0 faults" if not findings.faults else f"{findings.faults} FAULTS")
    return 0 if result.complete and not findings.faults else 1


if __name__ == "__main__":
    sys.exit(main())
