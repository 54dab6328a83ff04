import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from uchat_platform.embedded.errors import StartError
from uchat_platform.embedded.ports import free_port, is_taken
from uchat_platform.embedded.process import Spec, rotate
from uchat_stack.supervisor import Supervisor

pytestmark = pytest.mark.integration

SERVER = """
import signal, socket, sys
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    server.accept()[0].close()
"""


def spec(folder: Path, name: str, port: int, *words: str) -> Spec:
    async def ready(pid: int) -> bool:
        return is_taken(port)

    return Spec(
        name=name,
        argv=[sys.executable, "-c", SERVER, str(port), *(words or ("",))],
        log=folder / f"{name}.log",
        ready=ready,
        stop_timeout_s=0.5,
    )


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def alive(pid: int) -> bool:
    # Where process 1 reaps nobody, an orphan stays as a zombie.
    return exists(pid) and ") Z " not in Path(f"/proc/{pid}/stat").read_text()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - processes set no event
            await asyncio.sleep(0.01)


class Told:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.changes = 0

    def changed(self) -> None:
        self.changes += 1


@pytest.fixture
def told() -> Told:
    return Told()


@pytest_asyncio.fixture
async def supervisor(told: Told) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(told.lines.append, told.changed)
    yield supervisor
    await supervisor.stop([])


async def test_killed_child_is_reaped_and_comes_back_and_one_line_says_so(
    supervisor: Supervisor, told: Told, tmp_path: Path
) -> None:
    await supervisor.launch(
        [spec(tmp_path, "one", free_port()), spec(tmp_path, "two", free_port())]
    )
    first = supervisor.pids
    printed = len(told.lines)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(supervisor.watch())
        os.kill(first["one"], signal.SIGKILL)
        await eventually(lambda: told.changes == 1)
        watching.cancel()
    assert supervisor.pids["one"] != first["one"]
    assert supervisor.pids["two"] == first["two"]
    assert not exists(first["one"])
    (line,) = told.lines[printed:]
    assert line.startswith("  one          was killed by signal 9, back after ")


async def test_pause_grows_while_a_child_cannot_come_back(
    supervisor: Supervisor, told: Told, tmp_path: Path
) -> None:
    port = free_port()
    await supervisor.launch([spec(tmp_path, "one", port)])
    (tmp_path / "one.log").unlink()
    (tmp_path / "one.log").mkdir()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(supervisor.watch())
        os.kill(supervisor.pids["one"], signal.SIGKILL)
        await eventually(lambda: sum("not back yet" in line for line in told.lines) == 2)
        (tmp_path / "one.log").rmdir()
        await eventually(lambda: told.changes == 1)
        watching.cancel()
    pauses = [line.split("next in ")[1].split(" s")[0] for line in told.lines if "next" in line]
    assert pauses == ["0.4", "0.8"]


async def test_child_that_ends_at_once_fails_the_start_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    port = free_port()
    broken = spec(tmp_path, "broken", port)
    with pytest.raises(StartError, match=r"broken ended while starting.*ValueError"):
        await supervisor.launch(
            [
                Spec(
                    name="broken",
                    argv=[sys.executable, "-c", "raise ValueError('no')"],
                    log=broken.log,
                    ready=broken.ready,
                )
            ]
        )


async def test_stop_ends_a_child_that_ignores_sigterm_and_one_that_is_stopped(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    ports = [free_port(), free_port()]
    await supervisor.launch(
        [spec(tmp_path, "stubborn-0", ports[0], "stubborn"), spec(tmp_path, "frozen", ports[1])]
    )
    pids = supervisor.pids
    os.kill(pids["frozen"], signal.SIGSTOP)
    await supervisor.stop([["stubborn"]])
    assert not any(alive(pid) for pid in pids.values())


def test_log_that_has_grown_large_is_put_aside_while_it_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uchat_platform.embedded.process.ROTATE_ABOVE_BYTES", 4)
    log = tmp_path / "one.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"first")
        rotate(log)
        writer.write(b"more")
    assert log.read_bytes() == b"more"
    assert log.with_suffix(".log.1").read_bytes() == b"first"


def test_kill_9_of_the_supervisor_leaves_nobody(tmp_path: Path) -> None:
    port = free_port()
    script = textwrap.dedent(f"""
        import asyncio, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_supervisor import spec
        from uchat_stack.supervisor import Supervisor
        from pathlib import Path

        async def run():
            supervisor = Supervisor(print, print)
            await supervisor.launch([spec(Path({str(tmp_path)!r}), "one", {port})])
            print(supervisor.pids["one"], flush=True)
            await supervisor.watch()

        asyncio.run(run())
    """)
    supervisor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert supervisor.stdout is not None
    supervisor.stdout.readline()
    child = int(supervisor.stdout.readline())
    assert alive(child)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    asyncio.run(eventually(lambda: not alive(child)))
