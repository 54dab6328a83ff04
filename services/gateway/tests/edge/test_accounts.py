import asyncio
from datetime import timedelta

import asyncpg
import pytest

from uchat_gateway.domain.permissions import Role, permissions_of

pytestmark = pytest.mark.integration
ONE_SECOND = timedelta(seconds=1)


def code(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:uchat:problem:{problem['code']}"
    return problem["code"]


async def test_a_registered_person_signs_in_and_reads_who_they_are(gateway):
    registered = await gateway.register()
    assert registered.status_code == 201
    account = registered.json()
    assert account["id"].startswith("user_")
    assert (account["role"], account["status"]) == ("trader", "active")
    assert set(account) == {"id", "email", "full_name", "role", "status", "created_at"}

    tokens = (await gateway.login()).json()
    assert tokens["token_type"] == "bearer"
    assert tokens["user_id"] == account["id"]
    assert tokens["expires_in"] == 600
    assert tokens["permissions"] == sorted(p.value for p in permissions_of([Role.TRADER]))

    me = await gateway.me(tokens)
    assert me.status_code == 200
    assert me.json()["id"] == account["id"]
    assert me.json()["email"] == "ann@example.com"


async def test_an_address_has_one_account_whatever_its_case_and_however_many_try(gateway):
    answers = await asyncio.gather(
        *(gateway.register(email) for email in ("ann@example.com", "Ann@Example.com") * 3)
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409, 409]
    assert {code(a) for a in answers if a.status_code == 409} == {"email_taken"}
    assert (await gateway.login("ANN@example.COM")).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("password", "Short1", "weak_password"),
        ("password", "no-upper-case-1", "weak_password"),
        ("password", "NO-LOWER-CASE-1", "weak_password"),
        ("password", "No-digit-here", "weak_password"),
        ("email", "nobody", "invalid_email"),
        ("email", "a b@example.com", "invalid_email"),
        ("full_name", "   ", "string_too_short"),
        ("role", "admin", "extra_forbidden"),
    ],
)
async def test_a_bad_registration_names_the_field(gateway, field, value, problem):
    answer = await gateway.register(**{field: value})
    assert answer.status_code == 422
    assert code(answer) == "validation_failed"
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        (f"body.{field}", problem)
    ]
    assert value.strip() == "" or value not in answer.text


async def test_wrong_password_and_unknown_address_answer_alike(gateway):
    await gateway.register()
    wrong = await gateway.login(password="Wrong1password")
    unknown = await gateway.login("bob@example.com")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert code(wrong) == "invalid_credentials"


async def test_a_guest_trades_on_paper_without_a_password(gateway):
    tokens = await gateway.guest()
    assert tokens["role"] == "trader"
    me = (await gateway.me(tokens)).json()
    assert (me["email"], me["id"]) == (None, tokens["user_id"])
    assert (await gateway.guest())["user_id"] != tokens["user_id"]


async def refresh(gateway, token, agent="one"):
    return await gateway.http.post(
        "/api/v1/auth/refresh", json={"refresh_token": token}, headers={"User-Agent": agent}
    )


async def test_a_refresh_token_is_good_once_and_its_second_use_ends_the_sign_in(gateway):
    first = await gateway.guest()
    second = (await refresh(gateway, first["refresh_token"])).json()
    assert second["user_id"] == first["user_id"]
    assert second["refresh_token"] != first["refresh_token"]
    third = (await refresh(gateway, second["refresh_token"])).json()

    stolen = await refresh(gateway, first["refresh_token"])
    assert stolen.status_code == 401
    assert code(stolen) == "refresh_reused"
    for token in (first, second, third):
        again = await refresh(gateway, token["refresh_token"])
        assert again.status_code == 401
    assert code(await gateway.me(third)) == "token_revoked"
    other = await gateway.guest()
    assert (await gateway.me(other)).status_code == 200


async def test_the_same_client_gets_a_lost_answer_again(gateway):
    first = await gateway.guest()
    answers = await asyncio.gather(*(refresh(gateway, first["refresh_token"]) for _ in range(5)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["refresh_token"] for a in answers}) == 1
    successor = answers[0].json()
    assert (await refresh(gateway, successor["refresh_token"])).status_code == 200


async def test_another_client_with_the_same_token_is_a_thief(gateway):
    first = await gateway.guest()
    await refresh(gateway, first["refresh_token"], "one")
    assert code(await refresh(gateway, first["refresh_token"], "two")) == "refresh_reused"


async def test_after_the_grace_period_even_the_same_client_is_a_thief(settings, start_gateway):
    gateway = await start_gateway(settings.model_copy(update={"refresh_grace": -ONE_SECOND}))
    first = await gateway.guest()
    await refresh(gateway, first["refresh_token"])
    assert code(await refresh(gateway, first["refresh_token"])) == "refresh_reused"


async def test_a_made_up_refresh_token_is_refused(gateway):
    answer = await refresh(gateway, "0" * 64)
    assert (answer.status_code, code(answer)) == (401, "refresh_invalid")


async def test_logging_out_ends_the_sign_in_and_no_other(gateway):
    await gateway.register()
    one, two = (await gateway.login()).json(), (await gateway.login()).json()
    headers = {"Authorization": f"Bearer {one['access_token']}"}
    assert (await gateway.http.post("/api/v1/auth/logout", headers=headers)).status_code == 200
    assert code(await gateway.me(one)) == "token_revoked"
    assert code(await refresh(gateway, one["refresh_token"])) == "refresh_invalid"
    assert (await gateway.me(two)).status_code == 200


async def test_without_sessions_nobody_is_half_registered(settings, start_gateway, people_addr):
    away = settings.model_copy(update={"sessions_addr": "ipv4:127.0.0.1:9"})
    gateway = await start_gateway(away)
    answer = await gateway.register()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    await gateway.stop()
    gateway = await start_gateway(settings)
    assert (await gateway.register()).status_code == 201


async def test_a_viewer_reads_and_writes_nothing(gateway):
    await gateway.register()
    database = await asyncpg.connect(gateway.settings.postgres_dsn.get_secret_value())
    await database.execute("UPDATE accounts SET role = 'viewer'")
    await database.close()
    tokens = (await gateway.login()).json()
    assert (tokens["role"], tokens["permissions"]) == ("viewer", ["chat:read"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await gateway.http.post("/api/v1/unified-chat/session/new", headers=headers)
    assert (answer.status_code, code(answer)) == (403, "not_permitted")


async def test_a_disabled_account_signs_in_no_more(gateway):
    await gateway.register()
    tokens = (await gateway.login()).json()
    database = await asyncpg.connect(gateway.settings.postgres_dsn.get_secret_value())
    await database.execute("UPDATE accounts SET status = 'disabled'")
    await database.close()
    answer = await gateway.login()
    assert (answer.status_code, code(answer)) == (403, "account_disabled")
    assert code(await gateway.login(password="Wrong1password")) == "invalid_credentials"
    assert code(await refresh(gateway, tokens["refresh_token"])) == "refresh_invalid"
