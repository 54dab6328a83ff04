"""What bare parts cost on this machine in this run: no figure of ours can be below these."""

import asyncio
import contextlib
import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import nats
import orjson

from tests.load.figures import Repeated, quantile
from tests.support import proc
from tests.support.instant_model import TOKENS
from uchat_platform.embedded.ports import free_port

PAYLOAD = b"x" * 400
STREAM = "FLOOR"


async def p50_ms(
    step: Callable[[], Awaitable[object]], *, repetitions: int, times: int, warm_up: int = 30
) -> Repeated:
    """Return the median time of one step in milliseconds, for each repetition."""
    for _ in range(warm_up):
        await step()
    medians: list[float] = []
    for _ in range(repetitions):
        took: list[float] = []
        for _ in range(times):
            begin = time.perf_counter()
            await step()
            took.append((time.perf_counter() - begin) * 1000)
        medians.append(quantile(took, 0.5))
    return Repeated(tuple(medians))


async def cpu_ms(
    step: Callable[[], Awaitable[object]], *, repetitions: int, times: int, warm_up: int = 20
) -> Repeated:
    """Return the CPU of one step in this process in milliseconds, for each repetition."""
    for _ in range(warm_up):
        await step()
    values: list[float] = []
    for _ in range(repetitions):
        begin = time.process_time()
        for _ in range(times):
            await step()
        values.append((time.process_time() - begin) * 1000 / times)
    return Repeated(tuple(values))


@asynccontextmanager
async def child(*arguments: str, port: int) -> AsyncIterator[int]:
    """Run a Python module as a process until left; yields its id once the port answers."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments)
    try:
        async with asyncio.timeout(20):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        await process.wait()


async def echo_ms(http: aiohttp.ClientSession, port: int, repetitions: int, times: int) -> Repeated:
    """Return the round trip over a bare echo WebSocket."""
    async with http.ws_connect(f"http://127.0.0.1:{port}/echo") as socket:
        frame = '{"t":"send","client_msg_id":"c-1","parts":[{"type":"text","text":"hello"}]}'

        async def step() -> None:
            await socket.send_str(frame)
            await socket.receive()

        return await p50_ms(step, repetitions=repetitions, times=times)


async def empty_post_ms(
    http: aiohttp.ClientSession, port: int, repetitions: int, times: int
) -> Repeated:
    """Return the time of a FastAPI POST that validates and does nothing."""

    async def step() -> None:
        async with http.post(f"http://127.0.0.1:{port}/empty", json={"title": "x"}) as response:
            await response.read()

    return await p50_ms(step, repetitions=repetitions, times=times)


async def nats_ms(repetitions: int, times: int) -> tuple[Repeated, Repeated]:
    """Return an fsynced JetStream publish with its ack, and a core publish to another client."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="uchat-floor-") as directory:
        config = Path(directory) / "nats.conf"
        store = json.dumps(str(Path(directory) / "store"))
        config.write_text(
            f"listen: 127.0.0.1:{port}\n"
            f'jetstream {{ store_dir: {store}, sync_interval: "always", '
            'cipher: chachapoly, key: "floor" }\n'
        )
        binary = Path(sysconfig.get_path("scripts")) / "nats-server"
        server = await asyncio.create_subprocess_exec(
            str(binary), "-c", str(config), stderr=subprocess.DEVNULL
        )
        try:
            return await _nats_steps(f"nats://127.0.0.1:{port}", repetitions, times)
        finally:
            server.kill()
            await server.wait()


async def _nats_steps(url: str, repetitions: int, times: int) -> tuple[Repeated, Repeated]:
    async def ignore(_: Exception) -> None:
        return None

    publisher = await nats.connect(url, error_cb=ignore, max_reconnect_attempts=100)
    reader = await nats.connect(url, error_cb=ignore, max_reconnect_attempts=100)
    stream = publisher.jetstream()
    await stream.add_stream(name=STREAM, subjects=["floor.>"])
    arrived = asyncio.Event()

    async def arrive(_: object) -> None:
        arrived.set()

    await reader.subscribe("hop", cb=arrive)
    await reader.flush()

    async def hop() -> None:
        arrived.clear()
        await publisher.publish("hop", PAYLOAD)
        await arrived.wait()

    durable = await p50_ms(
        lambda: stream.publish("floor.a", PAYLOAD, stream=STREAM),
        repetitions=repetitions,
        times=times,
    )
    core = await p50_ms(hop, repetitions=repetitions, times=times)
    await publisher.close()
    await reader.close()
    return durable, core


async def commit_ms(dsn: str, repetitions: int, times: int) -> Repeated:
    """Return the time of one insert with its commit in the running stack's own Postgres."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE SCHEMA bench_floor CREATE TABLE entry (body bytea)")
        insert = await connection.prepare("INSERT INTO bench_floor.entry VALUES ($1)")
        return await p50_ms(lambda: insert.fetch(PAYLOAD), repetitions=repetitions, times=times)
    finally:
        await connection.execute("DROP SCHEMA IF EXISTS bench_floor CASCADE")
        await connection.close()


async def stream_cpu_ms(
    http: aiohttp.ClientSession, base: str, repetitions: int, times: int
) -> Repeated:
    """Return the CPU of reading one streamed answer with no framework at all."""
    body = {"model": "instant", "stream": True, "messages": [{"role": "user", "content": "hi"}]}

    async def step() -> None:
        tokens = 0
        async with http.post(f"{base}/chat/completions", json=body) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    choices = orjson.loads(line[6:])["choices"]
                    tokens += bool(choices and choices[0]["delta"].get("content"))
        if tokens != TOKENS:
            raise ValueError(f"Expected {TOKENS} tokens, found {tokens}")

    return await cpu_ms(step, repetitions=repetitions, times=times)


_THIRD_PARTY = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
own = ("uchat_", "__main__")
print(json.dumps([name for name in sys.modules if not name.startswith(own)]))
"""
_IMPORT_ALL = """
import asyncio, importlib, json, sys
for name in json.loads(sys.stdin.readline()):
    try:
        importlib.import_module(name)
    except Exception:
        pass
import uvloop
print("ready", flush=True)
uvloop.run(asyncio.sleep(3600))
"""


async def import_floor_mib(module: str) -> float:
    """Return the memory (PSS) of a process that only imports what a service's code imports.

    It runs an idle event loop and none of the service's own code.
    """
    listing = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _THIRD_PARTY, module, stdout=subprocess.PIPE
    )
    names, _ = await listing.communicate()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _IMPORT_ALL, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("Expected pipes to the child")
        process.stdin.write(names)
        await process.stdout.readline()
        await asyncio.sleep(0.5)
        return proc.pss_mib(process.pid)
    finally:
        process.kill()
        await process.wait()
