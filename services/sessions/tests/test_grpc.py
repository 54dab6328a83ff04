"""Who may call what, over a real gRPC server."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio

from uchat_contracts import ids
from uchat_contracts.events import LogEntry
from uchat_contracts.people import Link
from uchat_contracts.rpc.sessions.v1 import links_pb2
from uchat_contracts.rpc.sessions.v1 import sessions_pb2 as pb
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksStub, add_LinksServicer_to_server
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import (
    SessionsStub,
    add_SessionsServicer_to_server,
)
from uchat_contracts.state import LogState
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner, ActorVerifier
from uchat_platform.errors import NotFoundError, NotPermittedError, UchatError
from uchat_sessions.handlers.grpc.links import REQUIRES as LINKS
from uchat_sessions.handlers.grpc.links import LinksHandlers
from uchat_sessions.handlers.grpc.sessions import REQUIRES, SessionsHandlers

pytestmark = pytest.mark.integration


class Client:
    def __init__(self, stub: Any, servers: Any, links: Any = None) -> None:
        self.stub = stub
        self.servers = servers
        self.links = links

    async def __call__(
        self, method: str, request: Any, actor: Actor, service: str = "gateway"
    ) -> Any:
        signer = ActorSigner.load(service, self.servers.seeds[service])
        return await rpc.call(getattr(self.stub, method), request, signer=signer, actor=actor)


@pytest_asyncio.fixture
async def client(store: Any, servers: Any) -> AsyncIterator[Client]:
    handlers = SessionsHandlers(store.reading, store.writing, store.epoch)
    await store.epoch.read()
    registrations = [
        rpc.Registration(
            add_SessionsServicer_to_server, handlers, pb.DESCRIPTOR.services_by_name["Sessions"]
        ),
        rpc.Registration(
            add_LinksServicer_to_server,
            LinksHandlers(store.channels, store.linking),
            links_pb2.DESCRIPTOR.services_by_name["Links"],
        ),
    ]
    requires = REQUIRES | LINKS
    verifier = ActorVerifier.load(servers.service_keys_file)
    async with (
        rpc.server(registrations, requires, verifier, "127.0.0.1", 0) as port,
        rpc.channel(f"ipv4:127.0.0.1:{port}") as channel,
    ):
        yield Client(SessionsStub(channel), servers, LinksStub(channel))


async def person(client: Client) -> tuple[Actor, pb.Person]:
    request = pb.ResolveIdentityRequest(
        provider="account", external_id=ids.new_ulid(), display_name="Ada"
    )
    found = await client("ResolveIdentity", request, SERVICE_ACTOR)
    return Actor(found.person_id, frozenset({"trader"})), found


async def test_a_conversation_from_its_beginning_to_its_end(client: Client, store: Any):
    me, found = await person(client)
    assert found.created
    made = await client("CreateConversation", pb.CreateConversationRequest(key="k", title="T"), me)
    assert (made.title, made.last_seq, len(made.epoch)) == ("T", 1, 12)
    event = store.message(me.person_id, made.session_id, "c-1", "hello")
    appended = await client(
        "Append", pb.AppendRequest(message=event.json_bytes(), if_last_seq=1), me
    )
    assert (appended.status, appended.seq) == ("accepted", 2)
    verdict = pb.GetVerdictRequest(
        log=made.session_id, client_msg_id="c-1", body_hash=event.body_hash(), wait_ms=10
    )
    assert (await client("GetVerdict", verdict, me)).status == "duplicate"
    verdict.client_msg_id = "c-2"
    assert (await client("GetVerdict", verdict, me)).status == "unknown"
    read = await client("ReadLog", pb.ReadLogRequest(log=made.session_id, limit=10), me)
    assert (read.head, read.unanswered, read.epoch) == (2, 1, made.epoch)
    assert [LogEntry.model_validate_json(e).kind for e in read.entries] == [
        "session.created",
        "message",
    ]
    snapshot = await client("GetSnapshot", pb.GetSnapshotRequest(log=made.session_id), me)
    assert LogState.model_validate_json(snapshot.state).title == "T"
    page = await client("ListConversations", pb.ListConversationsRequest(limit=1), me)
    assert [c.session_id for c in page.conversations] == [made.session_id]
    page = await client("ListConversations", pb.ListConversationsRequest(cursor=page.next), me)
    assert [(c.session_id, c.home) for c in page.conversations] == [(found.home_session_id, True)]
    assert page.next == ""
    change = pb.UpdateConversationRequest(session_id=made.session_id, archived=True)
    changed = await client("UpdateConversation", change, me)
    assert (changed.archived, changed.title) == (True, "T")
    erase = pb.EraseConversationRequest(session_id=made.session_id)
    await client("EraseConversation", erase, me)
    with pytest.raises(NotFoundError):
        await client("GetConversation", pb.GetConversationRequest(session_id=made.session_id), me)


async def test_what_the_brain_asks_for_itself(client: Client, store: Any):
    me, found = await person(client)
    event = store.message(me.person_id, found.home_session_id, "c-1", "hello")
    await client("Append", pb.AppendRequest(message=event.json_bytes()), me)
    request = pb.GetContextRequest(log=found.home_session_id, limit=20)
    context = await client("GetContext", request, SERVICE_ACTOR, "ai-core")
    assert (context.person_id, context.head) == (me.person_id, 2)
    assert [u.message_id for u in context.unanswered] == [event.message_id]
    waiting = pb.ListUnansweredRequest(older_than_ms=0, limit=10)
    listed = await client("ListUnanswered", waiting, SERVICE_ACTOR, "ai-core")
    assert [(u.log, u.seq) for u in listed.unanswered] == [(found.home_session_id, 2)]
    heads = pb.GetHeadsRequest(logs=[found.home_session_id, me.person_id, "unified_x"])
    answer = await client("GetHeads", heads, SERVICE_ACTOR)
    assert {(h.log, h.seq) for h in answer.heads} == {
        (found.home_session_id, 2),
        (me.person_id, 1),
    }


async def test_nothing_is_found_that_is_not_ones_own(client: Client, store: Any):
    _, theirs = await person(client)
    eve, _ = await person(client)
    log = theirs.home_session_id
    for method, request in (
        ("ReadLog", pb.ReadLogRequest(log=log)),
        ("ReadLog", pb.ReadLogRequest(log=theirs.person_id)),
        ("GetSnapshot", pb.GetSnapshotRequest(log=log)),
        ("GetContext", pb.GetContextRequest(log=log)),
        ("GetConversation", pb.GetConversationRequest(session_id=log)),
        ("UpdateConversation", pb.UpdateConversationRequest(session_id=log, title="x")),
        ("EraseConversation", pb.EraseConversationRequest(session_id=log)),
        ("ReadLog", pb.ReadLogRequest(log=ids.new_conversation_id())),
    ):
        with pytest.raises(NotFoundError) as error:
            await client(method, request, eve)
        assert error.value.code == "not_found"
    assert not (await client("GetHeads", pb.GetHeadsRequest(logs=[log]), eve)).heads
    event = store.message(eve.person_id, log, "c-1")
    answer = await client("Append", pb.AppendRequest(message=event.json_bytes()), eve)
    assert (answer.status, answer.code) == ("rejected", "not_found")
    forged = store.message(theirs.person_id, log, "c-2")
    with pytest.raises(NotPermittedError):
        await client("Append", pb.AppendRequest(message=forged.json_bytes()), eve)


async def test_a_call_without_an_actor_or_the_right_is_refused(client: Client):
    me, found = await person(client)
    request = pb.ReadLogRequest(log=found.home_session_id)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await client.stub.ReadLog(request, timeout=2)
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    viewer = Actor(me.person_id, frozenset({"viewer"}))
    assert (await client("ReadLog", request, viewer)).head == 1
    for method, asked, actor, service in (
        ("CreateConversation", pb.CreateConversationRequest(key="k"), viewer, "gateway"),
        ("ListUnanswered", pb.ListUnansweredRequest(), SERVICE_ACTOR, "gateway"),
        ("ReadLog", request, me, "execution"),
        ("CreateConversation", pb.CreateConversationRequest(key="k"), SERVICE_ACTOR, "gateway"),
        ("ResolveIdentity", pb.ResolveIdentityRequest(), me, "ai-core"),
    ):
        with pytest.raises(NotPermittedError):
            await client(method, asked, actor, service)


async def test_bad_requests_are_named(client: Client):
    me, found = await person(client)
    for method, request, code in (
        ("Append", pb.AppendRequest(message=b"{}"), "malformed_event"),
        ("ReadLog", pb.ReadLogRequest(log=found.home_session_id, limit=1001), "invalid_limit"),
        ("ListConversations", pb.ListConversationsRequest(cursor="%%"), "invalid_cursor"),
        ("CreateConversation", pb.CreateConversationRequest(), "invalid_key"),
        ("GetSnapshot", pb.GetSnapshotRequest(log=found.home_session_id, at=9), "seq_unknown"),
        ("ReadLog", pb.ReadLogRequest(log="a\0b"), "not_found"),
        ("GetConversation", pb.GetConversationRequest(session_id="a\0b"), "invalid_value"),
        ("CreateConversation", pb.CreateConversationRequest(key="k", mode="A b"), "invalid_mode"),
    ):
        with pytest.raises(UchatError) as error:
            await client(method, request, me)
        assert error.value.code == code
        assert error.value.status in (400, 404)


async def links(client: Client) -> Client:
    return Client(client.links, client.servers)


async def test_a_person_is_brought_together_over_grpc(client: Client):
    calls = await links(client)
    me, _ = await person(client)
    made = await calls(
        "CreateLinkCode", links_pb2.CreateLinkCodeRequest(provider="telegram", account="a…"), me
    )
    claim = links_pb2.ClaimLinkCodeRequest(
        code=made.code, provider="telegram", external_id="7", display_name="Ada"
    )
    seen = await calls("ClaimLinkCode", claim, SERVICE_ACTOR, "telegram")
    assert (seen.masked_account, Link.model_validate_json(seen.link).state) == ("a…", "pending")
    claim.accept = True
    claimed = await calls("ClaimLinkCode", claim, SERVICE_ACTOR, "telegram")
    link = Link.model_validate_json(claimed.link)
    assert (claimed.masked_account, link.state) == ("a…", "awaiting_confirmation")
    listed = await calls("ListLinks", links_pb2.ListLinksRequest(limit=1), me)
    assert [Link.model_validate_json(each) for each in listed.links] == [link]
    found = await calls("GetLink", links_pb2.GetLinkRequest(link_id=link.id), me)
    assert found.other_person == ""
    confirm = links_pb2.ConfirmLinkRequest(link_id=link.id, may_approve=True)
    state = await calls("ConfirmLink", confirm, me)
    assert Link.model_validate_json(state.link).state == "active"
    request = links_pb2.ListChannelsRequest(person_id=me.person_id)
    channels = (await calls("ListChannels", request, SERVICE_ACTOR, "notifier")).channels
    assert [(c.provider, c.external_id, c.may_approve) for c in channels] == [
        ("telegram", "7", True)
    ]
    code = await calls("CreateContinueCode", links_pb2.CreateContinueCodeRequest(), me, "telegram")
    redeem = links_pb2.RedeemContinueCodeRequest(code=code.code)
    who = await calls("RedeemContinueCode", redeem, SERVICE_ACTOR)
    assert who.person_id == me.person_id
    with pytest.raises(UchatError) as error:
        await calls("RedeemContinueCode", redeem, SERVICE_ACTOR)
    assert error.value.code == "code_expired"
    await calls("RevokeLink", links_pb2.RevokeLinkRequest(link_id=link.id), me)
    assert not (await calls("ListChannels", request, SERVICE_ACTOR, "notifier")).channels


@pytest.mark.parametrize(
    ("method", "service"),
    [
        ("ListChannels", "ai-core"),
        ("ConfirmLink", "telegram"),
        ("ClaimLinkCode", "gateway"),
        ("RedeemContinueCode", "telegram"),
        ("CreateLinkCode", "telegram"),
    ],
)
async def test_links_are_not_for_every_service(client: Client, method: str, service: str):
    calls = await links(client)
    me, _ = await person(client)
    with pytest.raises(NotPermittedError):
        await calls(method, getattr(links_pb2, f"{method}Request")(), me, service)


async def test_nobody_sees_or_confirms_the_link_of_another(client: Client):
    calls = await links(client)
    (me, _), (them, _) = await person(client), await person(client)
    made = await calls("CreateLinkCode", links_pb2.CreateLinkCodeRequest(provider="telegram"), me)
    link = Link.model_validate_json(made.link).id
    for method in ("GetLink", "ConfirmLink", "RevokeLink"):
        with pytest.raises(NotFoundError):
            await calls(method, getattr(links_pb2, f"{method}Request")(link_id=link), them)
    assert not (await calls("ListLinks", links_pb2.ListLinksRequest(), them)).links


@pytest.mark.parametrize(
    "cursor", ["x", "w6Q=", "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSBh", "MjAyNi0xMS0yMyBhAA=="]
)
async def test_a_cursor_of_ones_own_making_is_bad_input(client: Client, cursor: str):
    me, _ = await person(client)
    for request, calls in (
        (pb.ListConversationsRequest(cursor=cursor), client),
        (links_pb2.ListLinksRequest(cursor=cursor), await links(client)),
    ):
        with pytest.raises(UchatError) as error:
            await calls(type(request).__name__.removesuffix("Request"), request, me)
        assert error.value.code == "invalid_cursor"
