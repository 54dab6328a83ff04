from pathlib import Path

import pytest

from uchat_stack import services
from uchat_stack.caddy import Caddy
from uchat_stack.layout import Layout
from uchat_stack.services import Surroundings
from uchat_stack.settings import StackSettings
from uchat_stack.simulators import TELEGRAM_TOKEN, Simulators
from uchat_stack.venues import VenueWorker

USERS = {
    "PATH": "/usr/bin",
    "OPENAI_API_KEY": "secret",
    "UCHAT_LIMIT_LOGIN": "9/minute",
    "UCHAT_KEK_FILE": "/elsewhere",
    "AWS_SECRET": "not ours",
}


def around(folder: Path, replicas: int, **more: str) -> Surroundings:
    given = {**USERS, "UCHAT_DATA_DIR": str(folder), "UCHAT_PORT": "8123", **more}
    settings = StackSettings.read(given)
    return Surroundings(
        settings=settings,
        layout=Layout(folder),
        nats_url="nats://here",
        postgres={schema: f"postgresql://{schema}" for schema in services.SCHEMAS},
        valkey_url="redis://here",
        processes=services.processes(replicas, settings.port, range(9000, 9040)),
        simulators=Simulators(
            layout=Layout(folder), exchange_port=9050, telegram_port=8001, with_telegram=True
        ),
        venues=VenueWorker(layout=Layout(folder), settings=settings, port=9060, health_port=9061),
        behind_proxy=replicas > 1,
    )


def environments(folder: Path, replicas: int = 1) -> dict[str, dict[str, str]]:
    told = around(folder, replicas)
    return {p.name: services.environment(p, told) for p in told.processes}


def test_secrets_reach_only_the_service_that_needs_them(tmp_path: Path) -> None:
    told = environments(tmp_path)
    assert {n for n, e in told.items() if "OPENAI_API_KEY" in e} == {"ai-core"}
    assert {n for n, e in told.items() if "UCHAT_KEK_FILE" in e} == {"sessions"}
    assert {n for n, e in told.items() if "UCHAT_JWT_KEYS_FILE" in e} == {"gateway"}
    assert told["sessions"]["UCHAT_KEK_FILE"] == str(tmp_path / "keys" / "kek")
    assert told["sessions"]["UCHAT_POSTGRES_DSN"] == "postgresql://sessions"
    assert {n for n, e in told.items() if "UCHAT_TELEGRAM_TOKEN" in e} == {"telegram"}
    assert {n for n, e in told.items() if "UCHAT_PAPER_SECRET_FILE" in e} == {"execution"}
    assert {n for n, e in told.items() if "UCHAT_MANDATE_KEY_FILE" in e} == {"execution"}
    assert told["telegram"]["UCHAT_TELEGRAM_TOKEN"] == TELEGRAM_TOKEN
    assert "AWS_SECRET" not in told["gateway"]


def test_with_a_bot_of_ones_own_nothing_is_simulated(tmp_path: Path) -> None:
    told = around(tmp_path, 1, UCHAT_TELEGRAM_TOKEN="1:mine")
    by_name = {p.name: services.environment(p, told) for p in told.processes}
    assert by_name["telegram"]["UCHAT_TELEGRAM_TOKEN"] == "1:mine"
    assert "UCHAT_TELEGRAM_API" not in by_name["telegram"]
    assert "UCHAT_TELEGRAM_TOKEN" not in by_name["gateway"]


def test_settings_of_the_user_reach_every_service(tmp_path: Path) -> None:
    assert {e["UCHAT_LIMIT_LOGIN"] for e in environments(tmp_path).values()} == {"9/minute"}


def test_one_of_each_is_named_by_its_service_and_two_by_number(tmp_path: Path) -> None:
    assert list(environments(tmp_path)) == [
        *("sessions", "execution", "ai-core", "notifier", "telegram", "gateway")
    ]
    told = environments(tmp_path, replicas=2)
    assert list(told) == [
        *("sessions-0", "sessions-1", "execution-0", "execution-1", "ai-core-0", "ai-core-1"),
        *("notifier-0", "notifier-1", "telegram-0", "telegram-1", "gateway-0", "gateway-1"),
    ]
    assert told["gateway-0"]["UCHAT_SESSIONS_ADDR"].count("127.0.0.1:") == 2


@pytest.mark.parametrize("replicas", [1, 2])
def test_every_port_is_given_once(tmp_path: Path, replicas: int) -> None:
    given = [
        told[name]
        for told in environments(tmp_path, replicas).values()
        for name in ("UCHAT_HEALTH_PORT", "UCHAT_GRPC_PORT")
        if name in told
    ]
    ports = [
        told["UCHAT_PORT"] for n, told in environments(tmp_path, replicas).items() if "gateway" in n
    ]
    assert len(set(given + ports)) == len(given + ports)
    assert ("8123" in ports) == (replicas == 1)


def test_caddy_is_told_of_both_gateways_and_asks_whether_they_are_ready(tmp_path: Path) -> None:
    caddy = Caddy(
        bind="127.0.0.1",
        host="127.0.0.1",
        port=8123,
        gateways=[9001, 9002],
        layout=Layout(tmp_path),
    )
    text = caddy.render()
    assert "reverse_proxy 127.0.0.1:9001 127.0.0.1:9002 {" in text
    assert "health_uri /readyz" in text
    assert "http://:8123 {" in text


def test_the_venue_worker_runs_only_where_an_exchange_is_named(tmp_path: Path) -> None:
    told = around(tmp_path, 1)
    assert told.venues.specs({}) == []
    execution = next(p for p in told.processes if p.name == "execution")
    assert services.environment(execution, told)["UCHAT_VENUES_ADDR"] == ""
    told = around(tmp_path, 1, UCHAT_VENUES="binance")
    [spec] = told.venues.specs({"PATH": "/usr/bin"})
    assert spec.env is not None
    assert spec.env["UCHAT_VENUES"] == "binance"
    assert spec.env["UCHAT_VENUE_KEY_FILE"] == str(tmp_path / "keys" / "venues")
    assert not {"UCHAT_POSTGRES_DSN", "UCHAT_KEK_FILE", "UCHAT_NKEY_SEED_FILE"} & spec.env.keys()
    assert services.environment(execution, told)["UCHAT_VENUES_ADDR"] == "ipv4:127.0.0.1:9060"
