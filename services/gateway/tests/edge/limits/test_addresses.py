"""Limits by address, before anybody is signed in."""

import pytest

from uchat_gateway.settings import GatewaySettings

pytestmark = pytest.mark.integration


async def test_an_unreadable_limit_stops_the_start():
    with pytest.raises(ValueError, match="limit_login"):
        GatewaySettings(limit_login="often")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("register", {"email": "a@example.com", "password": "Correct1horse", "full_name": "A"}),
        ("login", {"email": "a@example.com", "password": "wrong"}),
        ("guest", None),
        ("refresh", {"refresh_token": "made up"}),
    ],
)
async def test_an_address_is_limited_before_login(settings, start_gateway, path, body):
    limits = {"limit_register": "2/minute", "limit_login": "2/minute", "limit_refresh": "2/minute"}
    gateway = await start_gateway(settings.model_copy(update=limits))
    answers = [await gateway.http.post(f"/api/v1/auth/{path}", json=body) for _ in range(3)]
    assert [a.status_code == 429 for a in answers] == [False, False, True]
    assert answers[2].json()["code"] == "rate_limited"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60


async def test_behind_a_trusted_proxy_the_client_is_limited_and_elsewhere_not_its_claim(
    settings, start_gateway
):
    limits = {"limit_login": "1/minute", "trusted_proxies": "127.0.0.1/32"}
    body = {"email": "a@example.com", "password": "wrong"}

    async def statuses(gateway):
        return [
            (
                await gateway.http.post(
                    "/api/v1/auth/login", json=body, headers={"X-Forwarded-For": f"203.0.113.{n}"}
                )
            ).status_code
            for n in range(3)
        ]

    behind = await start_gateway(settings.model_copy(update=limits))
    assert await statuses(behind) == [401, 401, 401]
    direct = await start_gateway(settings.model_copy(update={"limit_login": "1/minute"}))
    assert await statuses(direct) == [401, 429, 429]
