import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nkeys
import pytest

from uchat_platform.embedded import nobody, roles
from uchat_platform.embedded.errors import StartError, WrongServerError
from uchat_platform.embedded.nats import NatsServer, NatsUser
from uchat_platform.embedded.ports import free_port, is_taken
from uchat_platform.embedded.postgres import PostgresServer
from uchat_platform.embedded.process import Child, Spec
from uchat_platform.embedded.valkey import ValkeyServer

pytestmark = pytest.mark.integration


@asynccontextmanager
async def running(spec: Spec) -> AsyncIterator[Child]:
    child = Child(spec)
    await child.start()
    try:
        yield child
    finally:
        await child.stop()


def postgres(folder: Path) -> PostgresServer:
    return PostgresServer(
        data=folder / "pg",
        port=free_port(),
        password="owner",
        log=folder / "postgres.log",
        durable=False,
    )


def nats(folder: Path, port: int) -> NatsServer:
    seed = nkeys.from_seed(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    return NatsServer(
        server_name="mine",
        port=port,
        store=folder / "store",
        config=folder / "nats.conf",
        log=folder / "nats.log",
        cipher_key="k" * 32,
        users=[NatsUser(seed.public_key.decode(), (">",), (">",))],
    )


@pytest.fixture
def private(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def public() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def test_postgres_comes_back_after_a_kill_and_beside_a_stale_pid_file(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    spec = await server.prepare()
    child = Child(spec)
    await child.start()
    os.kill(child.pid, signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL

    # The pid of the killed server now belongs to somebody else: this process.
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    async with running(spec):
        connection = await asyncpg.connect(server.dsn("postgres"))
        assert await connection.fetchval("SHOW data_directory") == str(server.data)
        await connection.close()


async def test_second_postgres_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    spec = await server.prepare()
    async with running(spec):
        with pytest.raises(StartError, match="another Postgres"):
            await Child(spec).start()


async def test_taken_port_ends_the_start_with_the_words_of_the_server(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    async with running(nats(tmp_path, server.port).spec()):
        assert is_taken(server.port)
        with pytest.raises(StartError, match="could not create any TCP/IP sockets"):
            await Child(await server.prepare()).start()


async def test_postgres_runs_as_nobody_where_user_namespaces_are_forbidden(
    private: Path, public: Path
) -> None:
    who = nobody.Identity(user=nobody.NOBODY)
    with pytest.raises(StartError, match="cannot reach"):
        await postgres(private).prepare(who)
    server = postgres(public)
    async with running(await server.prepare(who)) as child:
        assert uid_of(child.pid) == nobody.NOBODY
        connection = await asyncpg.connect(server.dsn("postgres"))
        await connection.close()


async def test_role_of_a_service_reaches_its_own_schema_only(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    async with running(await server.prepare()):
        await roles.ensure_database(server.dsn("postgres"), "uchat")
        for schema in ("sessions", "gateway"):
            await roles.ensure_service(server.dsn(), schema, "secret")
            await roles.ensure_service(server.dsn(), schema, "secret")
        owner = await asyncpg.connect(server.dsn())
        await owner.execute("CREATE TABLE sessions.t (id int); CREATE TABLE gateway.t (id int)")
        await owner.close()
        service = await asyncpg.connect(roles.service_dsn(server.dsn(), "sessions", "secret"))
        await service.execute("INSERT INTO t VALUES (1)")
        assert await service.fetchval("SELECT count(*) FROM sessions.t") == 1
        assert await service.fetchval("SELECT system_identifier FROM pg_control_system()")
        for statement in ("SELECT * FROM gateway.t", "CREATE TABLE sessions.x (id int)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(statement)
        await service.close()


async def test_nats_of_another_name_is_not_taken_for_ours(tmp_path: Path) -> None:
    theirs = nats(tmp_path, free_port())
    async with running(theirs.spec()):
        ours = nats(tmp_path / "ours", theirs.port)
        object.__setattr__(ours, "server_name", "other")
        with pytest.raises(WrongServerError):
            await ours.is_ready(os.getpid())


async def test_valkey_is_known_by_its_pid(tmp_path: Path) -> None:
    server = ValkeyServer(
        port=free_port(), password="pw", config=tmp_path / "v.conf", log=tmp_path / "v.log"
    )
    async with running(server.spec()) as child:
        assert await server.is_ready(child.pid)
        with pytest.raises(WrongServerError):
            await server.is_ready(os.getpid())
    assert not is_taken(server.port)


@pytest.mark.parametrize("greeting", [b"", b"INFO {", b"+OK\r\n", b"+OK\r\n$12"])
async def test_server_that_is_killed_while_it_answers_is_not_ready(
    tmp_path: Path, greeting: bytes
) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        valkey = ValkeyServer(
            port=port, password="pw", config=tmp_path / "v.conf", log=tmp_path / "v.log"
        )
        assert not await valkey.is_ready(os.getpid())
        if b"\n" not in greeting:
            assert not await nats(tmp_path, port).is_ready(os.getpid())


async def test_secrets_of_the_servers_are_private_files(tmp_path: Path) -> None:
    server = nats(tmp_path, free_port())
    server.config.write_text("")
    server.config.chmod(0o644)
    server.spec()
    assert server.config.stat().st_mode & 0o777 == 0o600
