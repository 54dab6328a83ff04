import asyncio
import gzip
import os

import pytest
from jsonschema import Draft202012Validator

from uchat_gateway.adapters.tokens import TokenKeys
from uchat_gateway.service.status import Status
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
HEALTH = "/api/v1/unified-chat/health"


async def test_health_names_each_part_and_asks_it(gateway):
    answer = await gateway.http.get(HEALTH)
    assert answer.status_code == 200
    report = answer.json()
    assert report["components"] == {
        "nats": "up",
        "postgres": "up",
        "valkey": "up",
        "sessions": "up",
        "ai_core": "down",
        "execution": "down",
        "market": "down",
        "venue": "down",
        "notifier": "down",
    }
    assert report["status"] == "degraded"
    assert report["unified_ai_manager"] == "inactive"
    assert report["cross_platform_sync"] == "operational"
    assert report["active_sessions"] == 0
    assert report["version"]


async def test_ai_core_is_up_when_somebody_listens_for_it(gateway, bus_for):
    bus = await bus_for("ai-core")

    async def not_mine(message):
        return None

    await bus.serve("uchat.running.v1.*", not_mine)
    await bus.flush()

    async def is_up():
        return (await gateway.http.get(HEALTH)).json()["unified_ai_manager"] == "active"

    assert await eventually(is_up)


async def test_without_the_bus_it_is_unhealthy_and_not_ready_but_alive(gateway, nats_control):
    assert (await gateway.http.get("/readyz")).status_code == 200
    nats_control.kill()

    async def is_unready():
        return (await gateway.http.get("/readyz")).status_code == 503

    await eventually(is_unready)

    async def is_unhealthy():
        return (await gateway.http.get(HEALTH)).json()["status"] == "unhealthy"

    await eventually(is_unhealthy)
    assert (await gateway.http.get("/livez")).json() == {"status": "ok"}
    await nats_control.start()

    async def is_ready():
        return (await gateway.http.get("/readyz")).status_code == 200

    await eventually(is_ready)


async def test_however_many_ask_each_part_is_asked_once_a_second():
    asked = 0

    async def check():
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return True

    async def hangs():
        await asyncio.Event().wait()
        return True

    status = Status({"nats": check, "postgres": check, "sessions": check, "valkey": check})
    reports = await asyncio.gather(*(status.report() for _ in range(20)))
    assert asked == 4
    assert {report.state for report in reports} == {"healthy"}
    slow = Status({"nats": check, "postgres": hangs, "sessions": check})
    assert (await slow.report()).state == "unhealthy"


async def test_metrics_and_keys_are_public(gateway):
    metrics = await gateway.http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "process_resident_memory_bytes" in metrics.text
    keys = (await gateway.http.get("/.well-known/jwks.json")).json()
    assert keys == TokenKeys.load_or_make(gateway.settings.jwt_keys_file).public()


async def test_the_document_is_there_and_a_page_for_it_in_development_only(
    settings, gateway, start_gateway
):
    document = (await gateway.http.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/auth/login" in document["paths"]
    Draft202012Validator.check_schema(document["components"]["schemas"]["Problem"])
    assert "swagger" in (await gateway.http.get("/docs")).text.lower()
    production = await start_gateway(settings.model_copy(update={"environment": "production"}))
    assert (await production.http.get("/docs")).status_code == 404


async def test_the_web_app_is_served_with_its_policy(gateway):
    missing = await gateway.http.get("/")
    assert missing.status_code == 200
    assert "not built" in missing.text
    folder = gateway.settings.web_dir
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>the app")
    (folder / "assets" / "index-abc123.js").write_text("1")
    (folder.parent / "secret.txt").write_text("secret")
    for address in ("/", "/chat/unified_1", "/index.html"):
        page = await gateway.http.get(address)
        assert (page.status_code, page.text) == (200, "<!doctype html>the app")
        assert page.headers["cache-control"] == "no-cache"
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "connect-src 'self' ws: wss:" in policy
    script = await gateway.http.get("/assets/index-abc123.js")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    for address in (
        "/assets/index-old.js",
        "/api/v1/nowhere",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/.env",
        "/favicon.ico",
    ):
        answer = await gateway.http.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
    assert (await gateway.http.post("/")).status_code == 404
    assert (await gateway.http.get("/api/v1/auth/login")).status_code == 405


async def test_the_web_app_is_sent_compressed_to_who_takes_it(gateway):
    assets = gateway.settings.web_dir / "assets"
    assets.mkdir(parents=True)
    script, small = assets / "index-abc123.js", assets / "index-abc123.js.gz"
    script.write_text("the script")
    small.write_bytes(gzip.compress(b"the script"))
    answer = await gateway.http.get("/assets/index-abc123.js")
    assert (answer.headers["content-encoding"], answer.text) == ("gzip", "the script")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    plain = {"Accept-Encoding": "identity"}
    answer = await gateway.http.get("/assets/index-abc123.js", headers=plain)
    assert ("content-encoding" in answer.headers, answer.text) == (False, "the script")
    # Of an older build.
    os.utime(small, (1, 1))
    answer = await gateway.http.get("/assets/index-abc123.js")
    assert "content-encoding" not in answer.headers


async def test_telegram_is_named_where_there_is_a_bot(settings, start_gateway, bus_for):
    gateway = await start_gateway(settings.model_copy(update={"telegram_bot": "uchat_bot"}))

    async def telegram():
        return (await gateway.http.get(HEALTH)).json()["components"]["telegram"]

    assert await telegram() == "down"
    bus = await bus_for("telegram")

    async def here(message):
        return b"ok"

    await bus.serve("uchat.alive.v1.telegram", here)
    await bus.flush()

    async def is_up():
        return await telegram() == "up"

    assert await eventually(is_up)
