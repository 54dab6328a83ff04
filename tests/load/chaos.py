"""Messages from many senders while processes are killed: `python -m tests.load.chaos --help`.

Starts two of each service, sends numbered messages, makes faults in turn, and compares what every
sender did and saw with what the database holds. Exit code 0: no promise was broken, or, with
--sabotage, the checker found that one was.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

from tests.load import sabotage
from tests.load.checker import FAULTS, Findings, check
from tests.load.crowd import Crowd, crowd
from tests.load.nemesis import KINDS, Nemesis
from tests.load.streams import dead_letters
from tests.load.truth import CursorWatch, read_stored, read_truth
from tests.support.stack import Stack, wait_for

PROGRESS_S = 5.0
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. `seconds` 0: until all messages are sent."""

    messages: int
    senders: int
    seconds: float
    seed: int
    faults: int | None
    kinds: tuple[str, ...]
    pause_s: float
    window: int
    replicas: int
    sabotage: str | None
    stopped_s: float = 5.0
    give_up_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended."""

    findings: Findings
    complete: bool
    report: dict[str, Any]


async def _progress(people: Crowd, nemesis: Nemesis) -> None:
    before, answered = time.monotonic(), 0
    while True:
        await asyncio.sleep(PROGRESS_S)
        now = time.monotonic()
        rate = (len(people.answered) - answered) / (now - before)
        before, answered = now, len(people.answered)
        last = nemesis.faults[-1] if nemesis.faults else None
        print(
            f"{now - people.began:6.1f} s  sent {people.sent}  acked {people.acked}  "
            f"answered {answered} ({rate:.0f}/s)  faults {len(nemesis.faults)}"
            + (f"  last {last.kind} {last.target}" if last else ""),
            flush=True,
        )


async def run(stack: Stack, plan: Plan) -> Result:
    """Run the plan on a stack that is up, and judge it."""
    nemesis = Nemesis(stack, plan.kinds, plan.seed, plan.pause_s, plan.faults, plan.stopped_s)
    await asyncio.to_thread(wait_for, "the edge to be ready", stack.is_ready)
    if plan.sabotage == "unique":
        await sabotage.narrow_dedupe(stack)
    dsn = str(stack.endpoints()["postgres"])
    cursors = CursorWatch(dsn)
    async with crowd(stack.url, plan.senders, plan.window, plan.seed) as people:
        watch = [asyncio.create_task(cursors.run())]
        watch.append(asyncio.create_task(_progress(people, nemesis)))
        nemesis.start()
        try:
            sending = asyncio.create_task(people.run(plan.messages, plan.seconds, plan.give_up_s))
            complete = await sending
        finally:
            await asyncio.to_thread(nemesis.halt)
        complete = complete and await people.settle(plan.give_up_s)
        for task in watch:
            task.cancel()
        await asyncio.gather(*watch, return_exceptions=True)
        truth = await read_truth(people.senders)
        ledgers = [sender.evidence() for sender in people.senders]
        findings = check(ledgers, truth, cursors.readings, await read_stored(dsn))
        for number in range(await dead_letters(stack)):
            findings.add("dead_letter", f"letter {number + 1}")
        return Result(findings, complete, _report(plan, people, nemesis, findings, complete))


def _report(
    plan: Plan, people: Crowd, nemesis: Nemesis, findings: Findings, complete: bool
) -> dict[str, Any]:
    took = people.ended - people.began
    by_kind: dict[str, list[Any]] = {}
    for fault in nemesis.faults:
        by_kind.setdefault(fault.kind, []).append(fault)
    slowest = _slowest(people, nemesis)
    return {
        "plan": asdict(plan),
        "complete": complete,
        "messages": findings.messages,
        "answers": findings.answers,
        "entries": findings.entries,
        "faults_found": {name: findings.counts[name] for name in FAULTS},
        "examples": findings.examples,
        "seconds": round(took, 1),
        "answers_per_s": round(len(people.answered) / took, 1) if took else 0,
        "resends": sum(
            sent.attempts - 1 for s in people.senders for sent in s.ledger.sent.values()
        ),
        "reconnects": sum(s.ledger.reconnects for s in people.senders),
        "fills": sum(s.ledger.fills for s in people.senders),
        "slowest": _slowest_messages(people),
        "fault_times": [
            f"{f.at - people.began:.1f} s {f.kind} {f.target} back {f.back_s or 0:.1f} s"
            for f in nemesis.faults
        ],
        "nemesis": {
            kind: {
                "made": len(faults),
                "failed": [f.error for f in faults if f.error],
                "process_back_s": _spread([f.back_s for f in faults if f.back_s is not None]),
                "slowest_answer_s": _spread([slowest[id(f)] for f in faults]),
            }
            for kind, faults in sorted(by_kind.items())
        },
    }


def _slowest_messages(people: Crowd) -> list[dict[str, Any]]:
    began = people.began
    done = [(s, s.answered_at) for s in people.answered if s.answered_at is not None]
    done.sort(key=lambda pair: pair[1] - pair[0].first_at, reverse=True)
    return [
        {
            "cid": sent.cid,
            "sent_s": round(sent.first_at - began, 2),
            "acked_s": round((sent.acked_at or 0) - began, 2),
            "seen_s": round((sent.seen_at or 0) - began, 2),
            "answered_s": round(answered - began, 2),
            "attempts": sent.attempts,
        }
        for sent, answered in done[:SHOWN]
    ]


def _slowest(people: Crowd, nemesis: Nemesis) -> dict[int, float]:
    # How long the unluckiest message took among those under way while each fault lasted.
    spans = [(s.first_at, s.answered_at) for s in people.answered if s.answered_at is not None]
    slowest: dict[int, float] = {}
    for fault in nemesis.faults:
        end = fault.at + (fault.back_s or 0) + 1.0
        slowest[id(fault)] = max(
            (done - at for at, done in spans if at <= end and done >= fault.at), default=0.0
        )
    return slowest


def _spread(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {
        "median": round(statistics.median(values), 3),
        "max": round(max(values), 3),
    }


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--senders", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=0, help="stop sending after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, help="stop making faults after so many")
    parser.add_argument("--kinds", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--pause", type=float, help="seconds between faults; 10, of a control 5")
    parser.add_argument("--window", type=int, default=2, help="unanswered messages a sender")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument(
        "--sabotage", choices=sorted(sabotage.SETTINGS), help="switch one guard off"
    )
    parser.add_argument("--data-dir", type=Path, help="kept; default: a temporary directory")
    parser.add_argument("--out", type=Path, help="where the JSON report goes")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    args = _arguments(argv)
    plan = Plan(
        messages=args.messages,
        senders=args.senders,
        seconds=args.seconds,
        seed=args.seed,
        faults=args.faults,
        kinds=tuple(args.kinds.split(",")) if args.kinds else sabotage.kinds(args.sabotage),
        pause_s=args.pause or (5.0 if args.sabotage else 10.0),
        window=args.window,
        replicas=args.replicas,
        sabotage=args.sabotage,
        give_up_s=20 if args.sabotage else 60,
    )
    with tempfile.TemporaryDirectory(prefix="uchat-chaos-") as temporary:
        data_dir = args.data_dir or Path(temporary)
        settings = sabotage.SETTINGS.get(args.sabotage, {})
        with Stack(data_dir, settings, plan.replicas) as stack:
            result = uvloop.run(run(stack, plan))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(result.report, indent=2) + "\n")
    return _verdict(result, plan)


def _verdict(result: Result, plan: Plan) -> int:
    report, findings = result.report, result.findings
    print(
        f"{report['messages']} messages, {report['answers']} answers, {report['entries']} entries "
        f"in {report['seconds']} s ({report['answers_per_s']} answers/s); "
        f"{report['resends']} resends, {report['reconnects']} reconnects"
    )
    for kind, told in report["nemesis"].items():
        print(f"  {kind}: {told}")
    for name, count in findings.counts.items():
        print(f"  FAULT {name} x{count}: {FAULTS[name]}; {findings.examples[name][:2]}")
    if not result.complete:
        print("  Not every message was answered in time, or not every client was live again.")
    if plan.sabotage:
        found = findings.faults > 0
        print(f"With {plan.sabotage} switched off the checker found {findings.faults} faults.")
        return 0 if found else 1
    print("0 faults" if not findings.faults else f"{findings.faults} FAULTS")
    return 0 if result.complete and not findings.faults else 1


if __name__ == "__main__":
    sys.exit(main())
