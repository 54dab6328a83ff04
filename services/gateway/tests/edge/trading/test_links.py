"""Continuing on the web, linking two accounts, and the delivery ledger."""

import asyncpg
import pytest

from uchat_contracts import ids
from uchat_contracts.rpc.notifier.v1 import deliveries_pb2
from uchat_platform.errors import ConflictError, UnavailableError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
V1 = "/api/v1"


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def continued(gateway, outside, person, code="code-1"):
    outside.codes[code] = person
    answer = await gateway.http.post(f"{V1}/links/continue", json={"code": code})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def sql(gateway, statement, *arguments):
    connection = await asyncpg.connect(gateway.settings.postgres_dsn.get_secret_value())
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


async def test_a_code_signs_in_as_that_same_person_once(gateway, outside):
    person = ids.new_person_id()
    tokens = await continued(gateway, outside, person)
    assert (tokens["user_id"], tokens["role"]) == (person, "trader")
    assert tokens["session_id"].startswith("unified_")
    me = (await gateway.me(tokens)).json()
    assert (me["id"], me["email"], me["full_name"]) == (person, None, "Tess")
    assert (await gateway.http.get(f"{V1}/portfolio", headers=bearer(tokens))).status_code == 200
    refreshed = await gateway.http.post(
        f"{V1}/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
    )
    assert refreshed.json()["user_id"] == person
    again = await gateway.http.post(f"{V1}/links/continue", json={"code": "code-1"})
    assert (again.status_code, again.json()["code"]) == (410, "code_used")
    assert again.json()["url"] == "https://t.me/uchat_bot"
    unknown = await gateway.http.post(f"{V1}/links/continue", json={"code": "none"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "code_invalid")
    twice = await continued(gateway, outside, person, "code-2")
    assert twice["user_id"] == person
    assert len(await sql(gateway, "SELECT account_id FROM accounts")) == 1


async def test_a_closed_account_is_not_opened_by_a_code(gateway, outside):
    person = ids.new_person_id()
    await continued(gateway, outside, person)
    for status, code in (("disabled", "account_disabled"), ("merged", "account_merged")):
        await sql(gateway, "UPDATE accounts SET status = $1", status)
        outside.codes["again"] = person
        answer = await gateway.http.post(f"{V1}/links/continue", json={"code": "again"})
        assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_credentials_are_added_later_and_once(gateway, outside):
    tokens = await continued(gateway, outside, ids.new_person_id())
    wanted = {"email": "tess@example.com", "password": "Correct1horse"}

    async def upgrade(**other):
        return await gateway.http.post(
            f"{V1}/auth/upgrade", json=wanted | other, headers=bearer(tokens)
        )

    assert (await upgrade(password="weak")).status_code == 422
    await gateway.register("ann@example.com")
    taken = await upgrade(email="Ann@example.com")
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    added = await upgrade()
    assert added.status_code == 200, added.text
    assert (added.json()["id"], added.json()["full_name"]) == (tokens["user_id"], "Tess")
    again = await upgrade(email="other@example.com")
    assert (again.status_code, again.json()["code"]) == (409, "has_credentials")
    login = await gateway.login("tess@example.com")
    assert login.json()["user_id"] == tokens["user_id"]
    assert (await gateway.me(tokens)).json()["email"] == "tess@example.com"


async def test_a_link_code_shows_the_account_masked(gateway, outside):
    guest = await gateway.guest()
    made = await gateway.http.post(f"{V1}/links/telegram", headers=bearer(guest))
    assert made.status_code == 200, made.text
    assert made.json()["url"] == "https://t.me/uchat_bot?start=c0de"
    assert set(made.json()) == {"id", "code", "url", "expires_at"}
    await gateway.register("ann.other@mail.example.org")
    known = (await gateway.login("ann.other@mail.example.org")).json()
    await gateway.http.post(f"{V1}/links/telegram", headers=bearer(known))
    accounts = [r.account for name, _, r in outside.calls if name == "CreateLinkCode"]
    assert accounts == ["Guest", "a…@m….org"]
    links = (await gateway.http.get(f"{V1}/links", headers=bearer(guest))).json()
    assert [link["id"] for link in links["links"]] == [made.json()["id"]]
    gone = await gateway.http.delete(f"{V1}/links/{made.json()['id']}", headers=bearer(guest))
    assert gone.json()["state"] == "revoked"
    theirs = await gateway.http.delete(f"{V1}/links/{made.json()['id']}", headers=bearer(known))
    assert theirs.status_code == 404


async def confirm(gateway, tokens, link, **fields):
    return await gateway.http.post(
        f"{V1}/links/{link.id}/confirm", json=fields, headers=bearer(tokens)
    )


def order_of(execution, outside):
    wanted = ("BeginMerge", "ConfirmLink", "FinishMerge")
    return [name for name, _, _ in execution.calls if name in wanted], [
        name for name, _, _ in outside.calls if name in wanted
    ]


async def test_a_fresh_identity_is_linked_without_a_merge(gateway, outside, execution):
    guest = await gateway.guest()
    link = outside.add_link(guest["user_id"])
    answer = await confirm(gateway, guest, link, may_approve=True)
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    assert answer.json()["may_approve"] is True
    assert order_of(execution, outside) == ([], ["ConfirmLink"])


async def test_who_has_the_identity_becomes_part_of_who_confirms(gateway, outside, execution):
    await gateway.register()
    stays = (await gateway.login()).json()
    gone = await continued(gateway, outside, ids.new_person_id())
    link = outside.add_link(stays["user_id"])
    outside.others[link.id] = gone["user_id"]
    answer = await confirm(gateway, stays, link)
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    assert order_of(execution, outside) == (["BeginMerge", "FinishMerge"], ["ConfirmLink"])
    ((actor, begun),) = execution.of("BeginMerge")
    assert actor.person_id == stays["user_id"]
    assert (begun.link_id, begun.gone, begun.into) == (link.id, gone["user_id"], stays["user_id"])
    assert execution.of("FinishMerge")[0][1].gone == gone["user_id"]
    refused = await gateway.me(gone)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    (row,) = await sql(
        gateway, "SELECT status, merged_into FROM accounts WHERE person_id = $1", gone["user_id"]
    )
    assert (row["status"], row["merged_into"]) == ("merged", stays["user_id"])
    assert await sql(gateway, "SELECT * FROM merges") == []
    assert (await confirm(gateway, stays, link)).status_code == 200
    assert (await gateway.me(stays)).status_code == 200


async def test_a_guest_gets_the_credentials_of_whom_they_join(gateway, outside):
    registered = (await gateway.register()).json()
    stays = await gateway.guest()
    link = outside.add_link(stays["user_id"])
    outside.others[link.id] = registered["id"]
    assert (await confirm(gateway, stays, link)).status_code == 200
    assert (await gateway.login()).json()["user_id"] == stays["user_id"]


async def test_who_has_credentials_keeps_them_and_the_others_sign_in_no_more(gateway, outside):
    await gateway.register()
    other = (await gateway.register("bob@example.com")).json()
    stays = (await gateway.login()).json()
    link = outside.add_link(stays["user_id"])
    outside.others[link.id] = other["id"]
    assert (await confirm(gateway, stays, link)).status_code == 200
    assert (await gateway.login()).json()["user_id"] == stays["user_id"]
    closed = await gateway.login("bob@example.com")
    assert (closed.status_code, closed.json()["code"]) == (403, "account_merged")


async def test_a_refused_merge_tells_why_and_changes_nothing(gateway, outside, execution):
    stays = await gateway.guest()
    gone = await continued(gateway, outside, ids.new_person_id())
    link = outside.add_link(stays["user_id"])
    outside.others[link.id] = gone["user_id"]
    execution.refuses["BeginMerge"] = ConflictError("Orders are open", code="open_orders")
    answer = await confirm(gateway, stays, link)
    assert (answer.status_code, answer.json()["code"]) == (409, "open_orders")
    assert order_of(execution, outside) == (["BeginMerge"], [])
    assert (await gateway.me(gone)).status_code == 200
    assert await sql(gateway, "SELECT * FROM merges") == []


async def test_an_unconfirmable_link_merges_nobody(gateway, outside, execution):
    stays = await gateway.guest()
    link = outside.add_link(stays["user_id"], "pending")
    outside.others[link.id] = ids.new_person_id()
    answer = await confirm(gateway, stays, link)
    assert (answer.status_code, answer.json()["code"]) == (409, "link_not_confirmable")
    assert execution.calls == []


@pytest.mark.parametrize("step", ["BeginMerge", "ConfirmLink", "FinishMerge"])
async def test_a_merge_that_broke_off_is_finished_by_repeating(gateway, outside, execution, step):
    stays = await gateway.guest()
    gone = await continued(gateway, outside, ids.new_person_id())
    link = outside.add_link(stays["user_id"])
    outside.others[link.id] = gone["user_id"]
    world = outside if step == "ConfirmLink" else execution
    world.refuses[step] = UnavailableError("away")
    broken = await confirm(gateway, stays, link)
    assert broken.status_code == 503
    (row,) = await sql(gateway, "SELECT gone, stays FROM merges")
    assert (row["gone"], row["stays"]) == (gone["user_id"], stays["user_id"])
    stranger = await gateway.guest()
    assert (await confirm(gateway, stranger, link)).status_code == 404
    del world.refuses[step]
    assert (await confirm(gateway, stays, link)).json()["state"] == "active"
    assert execution.of("FinishMerge")[-1][1].gone == gone["user_id"]
    assert await sql(gateway, "SELECT * FROM merges") == []
    assert (await gateway.me(gone)).status_code == 401


async def test_a_merge_that_a_crash_left_over_is_finished_without_being_asked(
    settings, start_gateway, outside, execution
):
    first = await start_gateway(settings)
    stays = await first.guest()
    gone = await continued(first, outside, ids.new_person_id())
    link = outside.add_link(stays["user_id"])
    outside.others[link.id] = gone["user_id"]
    execution.refuses["FinishMerge"] = UnavailableError("away")
    assert (await confirm(first, stays, link)).status_code == 503
    await first.stop()
    del execution.refuses["FinishMerge"]
    await sql(first, "UPDATE merges SET touched_at = now() - interval '1 minute'")
    second = await start_gateway(settings)

    async def is_done():
        return await sql(second, "SELECT * FROM merges") == []

    assert await eventually(is_done, timeout_s=15)
    assert (await second.me(gone)).status_code == 401
    actor, _ = execution.of("FinishMerge")[-1]
    assert (actor.person_id, actor.roles) == (stays["user_id"], frozenset({"trader"}))


async def test_what_was_told_is_listed(gateway, outside):
    guest = await gateway.guest()
    outside.told = [
        deliveries_pb2.DeliveryRecord(
            delivery_id=f"d{n}",
            interface="telegram",
            kind="decision",
            about=f"decision:{n % 2}",
            status="delivered" if n else "queued",
            queued_at="2026-11-23T12:00:00Z",
            delivered_at="2026-11-23T12:00:01Z" if n else "",
        )
        for n in range(3)
    ]
    first = (
        await gateway.http.get(f"{V1}/deliveries", params={"limit": 2}, headers=bearer(guest))
    ).json()
    assert [each["delivery_id"] for each in first["deliveries"]] == ["d0", "d1"]
    assert first["deliveries"][0]["delivered_at"] is None
    assert first["next"] == "2"
    one = await gateway.http.get(
        f"{V1}/deliveries", params={"about": "decision:1"}, headers=bearer(guest)
    )
    assert [each["delivery_id"] for each in one.json()["deliveries"]] == ["d1"]
    bad = await gateway.http.get(f"{V1}/deliveries", params={"about": "a b"}, headers=bearer(guest))
    assert bad.status_code == 422
