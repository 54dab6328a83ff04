"""What the product costs beside what bare parts cost: `python -m tests.load.bench --help`.

Starts the product twice, with the planner and with an OpenAI-compatible endpoint that answers at
once. Exit code 0: every target is met.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import uvloop

from tests.load import bench_model, bench_trading, floors, long_talk, measure
from tests.load.figures import Figure, Repeated, table, total
from tests.support.stack import Stack
from uchat_platform.embedded.ports import free_port

SETTLE_S = 8.0
STAGES = (
    "latency", "memory", "model", "in-flight", "planner", "long-talk", "saturation", "trading",
)  # fmt: skip
QUESTIONS = (
    "hello",
    "What is the price of BTC?",
    "and ETH?",
    "Show me the portfolio allocation",
    "How is my portfolio doing?",
    "Compare BTC and SOL",
    "I have $5000 to invest",
    "How much did I say I have?",
    "What is my profit and loss?",
    "Which orders are open?",
    "buy 0.001 BTC",
    "What can you do?",
)
"""What people ask of a planner, from small talk to a proposal."""

MODULES = {service: f"uchat_{service.replace('-', '_')}.app" for service in measure.SERVICES}


class Bench:
    """One run: `repetitions` of each figure, `times` single measurements in each."""

    def __init__(self, directory: Path, repetitions: int, times: int, seconds: float) -> None:
        self._directory = directory
        self._repetitions, self._times, self._seconds = repetitions, times, seconds
        self.figures: list[Figure] = []

    def add(self, figure: Figure) -> None:
        """Keep a figure and show it at once."""
        self.figures.append(figure)
        print(f"  {figure.name}: {figure.value.median:.2f} {figure.unit}", flush=True)

    async def run(self, only: set[str]) -> None:
        """Measure everything, or only some of what `STAGES` names."""
        stages = {
            "memory": self._memory,
            "latency": self._latency,
            "planner": self._planner,
            "long-talk": self._long_talk,
            "trading": self._trading,
            "saturation": self._saturation,
        }
        if only & stages.keys():
            with Stack(self._directory / "planner") as stack:
                for name, measured in stages.items():
                    if name in only:
                        await measured(stack)
        if "model" in only:
            await bench_model.instant(
                self._directory,
                self.add,
                repetitions=self._repetitions,
                times=self._times,
                seconds=self._seconds,
            )
        if "in-flight" in only:
            await bench_model.slow(self._directory, self.add)

    async def _memory(self, stack: Stack) -> None:
        await asyncio.sleep(SETTLE_S)
        samples = [measure.memory_mib(stack)]
        for _ in range(self._repetitions - 1):
            await asyncio.sleep(1)
            samples.append(measure.memory_mib(stack))
        importing = {
            service: Repeated((await floors.import_floor_mib(module),))
            for service, module in MODULES.items()
        }
        product = [
            sum(size for name, size in sample.items() if name not in measure.SIMULATORS)
            for sample in samples
        ]
        note = ", ".join(f"{name} {size:.0f}" for name, size in sorted(samples[-1].items()))
        self.add(
            Figure(
                "idle memory, services and servers",
                "MiB",
                Repeated(tuple(product)),
                600,
                floor=total(list(importing.values())),
                floor_is="PSS of processes that only import what the services import",
                note=note,
            )
        )
        outside = [
            sum(size for name, size in sample.items() if name in measure.SIMULATORS)
            for sample in samples
        ]
        self.add(Figure("idle memory, simulators beside it", "MiB", Repeated(tuple(outside))))
        for service, floor in importing.items():
            for name in stack.names(service):
                value = Repeated(tuple(sample[name] for sample in samples))
                self.add(
                    Figure(
                        f"idle memory, {name}",
                        "MiB",
                        value,
                        round(1.2 * floor.median, 1),
                        floor=floor,
                        floor_is="PSS of a process that only imports what the service imports",
                    )
                )

    async def _latency(self, stack: Stack) -> None:
        reps, times = self._repetitions, self._times
        port = free_port()
        async with aiohttp.ClientSession() as http:
            async with floors.child("tests.load.floor_server", "--port", str(port), port=port):
                echo = await floors.echo_ms(http, port, reps, times)
                empty = await floors.empty_post_ms(http, port, reps, times)
        durable, hop = await floors.nats_ms(reps, times)
        commit = await floors.commit_ms(str(stack.endpoints()["postgres"]), reps, times)
        found = await measure.latency_ms(stack, reps, times)
        socket, stored = "echo WebSocket", "fsynced JetStream publish"
        steps = (
            ("accepted", "send to accepted", 3, [echo, durable], f"{socket} + {stored}"),
            (
                "second_device",
                "send to own message on a second device",
                10,
                [echo, durable, commit, hop],
                f"{socket} + {stored} + Postgres commit + core NATS hop",
            ),
            (
                "first_delta",
                "send to first delta",
                25,
                [echo, durable, commit, hop, hop],
                f"{socket} + {stored} + Postgres commit + 2 core NATS hops",
            ),
            (
                "complete",
                "send to complete answer",
                None,
                [echo, durable, durable, commit, commit, hop, hop],
                f"{socket} + 2 x ({stored} + Postgres commit + core NATS hop)",
            ),
        )
        for key, name, target, parts, floor_is in steps:
            p50, p99 = found[key]
            floor = total(parts)
            self.add(Figure(f"{name} p50", "ms", p50, target, floor=floor, floor_is=floor_is))
            self.add(Figure(f"{name} p99", "ms", p99))
        new = await measure.session_new_ms(stack, reps, times)
        self.add(
            Figure(
                "session/new p50",
                "ms",
                new,
                10,
                floor=empty,
                floor_is="FastAPI POST that validates and does nothing",
            )
        )

    async def _trading(self, stack: Stack) -> None:
        await bench_trading.measure(stack, self.add, self._repetitions, self._times)

    async def _planner(self, stack: Stack) -> None:
        turn = await measure.turn_cpu_ms(stack, QUESTIONS, self._repetitions)
        name = "CPU of ai-core for a turn of the planner"
        self.add(Figure(name, "ms", turn, 5, note=f"median over {len(QUESTIONS)} questions"))
        busy = await measure.busy_cpu_ms(stack, 50, self._seconds, self._repetitions)
        rate = Repeated(tuple(1000 / spent for spent in busy.values))
        note = "1000 ms over the CPU of a turn while 50 users ask as fast as they are answered"
        name = "turns that one core carries, planner"
        self.add(Figure(name, "turns/s", rate, 180, better="higher", note=note))

    async def _long_talk(self, stack: Stack) -> None:
        for figure in await long_talk.figures(stack, QUESTIONS, self._repetitions):
            self.add(figure)

    async def _saturation(self, stack: Stack) -> None:
        rate = await measure.saturation(stack, 50, self._seconds, self._repetitions)
        name = "saturation, 50 users, planner"
        self.add(Figure(name, "answers/s", rate, 200, better="higher"))


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="where the JSON goes")
    parser.add_argument("--only", default=",".join(STAGES), help=f"of {', '.join(STAGES)}")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--times", type=int, default=300, help="measurements in each repetition")
    parser.add_argument("--seconds", type=float, default=8, help="of each saturation run")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    args = _arguments(argv)
    with tempfile.TemporaryDirectory(prefix="uchat-bench-") as directory:
        bench = Bench(Path(directory), args.repetitions, args.times, args.seconds)
        uvloop.run(bench.run(set(args.only.split(","))))
    if args.out:
        report = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"cpus": os.cpu_count(), "kernel": platform.release()},
            "python": platform.python_version(),
            "figures": [figure.as_json() for figure in bench.figures],
        }
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(report, indent=2) + "\n")
    print("\n" + table(bench.figures))
    return 0 if all(figure.passed is not False for figure in bench.figures) else 1


if __name__ == "__main__":
    sys.exit(main())
