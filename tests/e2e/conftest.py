"""Two running products for the whole run: `stack` to be hurt, `strict` with limits and a model."""

import itertools
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.support.api import Api
from tests.support.canary import CANARY
from tests.support.model import SteeredModel
from tests.support.spans import SpanReceiver, span_receiver
from tests.support.stack import NO_LIMITS, Stack, wait_for
from uchat_platform.embedded.ports import free_port

_addresses = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the outages of the suite, which are short, last as long as real ones."""
    parser.addoption("--outage", type=float, default=0, help="least seconds that Telegram is away")


class Halves(LoadScopeScheduling):
    """What is seen in a browser runs in one process; all else, and what needs `strict`, beside it.

    Each half has a `stack` of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        pages = "/browser/" in nodeid and "/browser/strict/" not in nodeid
        return "pages" if pages else "interfaces"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Divide the tests, if pytest has two processes, so that none starts what another has."""
    return Halves(config, log)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a product with two of each service, the planner as its brain and no limits."""
    directory = tmp_path_factory.mktemp("stack")
    with Stack(directory / "data", replicas=2) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Strict:
    """One of each service, the usual message limit, a model that the test steers, and traces."""

    stack: Stack
    model: SteeredModel
    spans: SpanReceiver


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strict]:
    """Return a product as it is set up for people."""
    directory = tmp_path_factory.mktemp("strict")
    model_port, spans_port = free_port(), free_port()
    command = [sys.executable, "-m", "tests.support.instant_model", "--port", str(model_port)]
    settings = {
        "UCHAT_LIMIT_REGISTER": NO_LIMITS["UCHAT_LIMIT_REGISTER"],
        "UCHAT_AI_MODELS": "openai-chat:instant",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        "OPENAI_API_KEY": "none",
        "UCHAT_OTLP_ENDPOINT": f"http://127.0.0.1:{spans_port}",
    }
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root) as process, span_receiver(spans_port) as spans:
        model = SteeredModel(f"http://127.0.0.1:{model_port}")
        try:
            wait_for("the model endpoint to answer", model.answers)
            with Stack(directory / "data", settings, limits={}) as running:
                yield Strict(running, model, spans)
        finally:
            process.kill()


def new_client() -> aiohttp.ClientSession:
    """Return an HTTP client that keeps no cookies."""
    timeout = aiohttp.ClientTimeout(total=20)
    return aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Return an HTTP client that keeps no cookies."""
    async with new_client() as session:
        yield session


@pytest.fixture
async def person(stack: Stack, http: aiohttp.ClientSession) -> Api:
    """Return a new guest of `stack`."""
    return await Api.guest(http, stack.url)


@pytest.fixture
async def stranger(stack: Stack, http: aiohttp.ClientSession) -> Api:
    """Return another new guest of `stack`."""
    return await Api.guest(http, stack.url)


@pytest.fixture
def canary() -> str:
    """Return a sentence that must be found nowhere in clear."""
    return CANARY
