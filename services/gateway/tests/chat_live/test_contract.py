"""What the door expects of the sessions service, of the one in memory and of the real one."""

import pytest

from uchat_contracts import ids
from uchat_contracts.events import MessageReceived
from uchat_contracts.parts import Origin, Part
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_contracts.state import LogState
from uchat_gateway.adapters.conversations_grpc import GrpcConversations
from uchat_gateway.adapters.people import GrpcPeople
from uchat_gateway.ports.conversations import ConversationChange
from uchat_platform import rpc
from uchat_platform.auth import Actor, ActorSigner
from uchat_platform.clock import SystemClock
from uchat_platform.errors import NotFoundError


@pytest.fixture(params=["memory", "grpc"])
def service(request):
    name = "memory_sessions" if request.param == "memory" else "sessions_service"
    return request.getfixturevalue(name)


@pytest.fixture
async def logs(service, servers):
    """Return the conversations and two people."""
    roles = frozenset({"trader"})
    if hasattr(service, "person"):
        yield service, Actor(service.person(), roles), Actor(service.person(), roles)
        return
    signer = ActorSigner.load("gateway", servers.seeds["gateway"])
    async with rpc.channel(f"ipv4:127.0.0.1:{service.env['UCHAT_GRPC_PORT']}") as channel:
        stub = SessionsStub(channel)
        people = GrpcPeople(stub, signer)
        found = [await people.person_of(ids.new_ulid(), "") for _ in range(2)]
        yield GrpcConversations(stub, signer), *(Actor(each, roles) for each in found)


def message(actor, log, cid, text="hi"):
    return MessageReceived(
        occurred_at=SystemClock().now(),
        session_id=log,
        user_id=actor.person_id,
        message_id=ids.received_message_id(actor.person_id, log, cid),
        client_msg_id=cid,
        parts=[Part(type="text", text=text)],
        origin=Origin(interface="api"),
    )


async def test_a_home_and_one_conversation_for_each_key(logs):
    conversations, actor, _ = logs
    first = await conversations.create(actor, key="k", title="T", mode="quick")
    again = await conversations.create(actor, key="k", title="T", mode="quick")
    assert first.session_id == again.session_id
    assert (first.title, first.mode, first.last_seq) == ("T", "quick", 1)
    page = await conversations.list(actor, cursor="", limit=1)
    rest = await conversations.list(actor, cursor=page.next, limit=10)
    found = [*page.conversations, *rest.conversations]
    assert rest.next is None
    assert sorted(each.home for each in found) == [False, True]


async def test_appending_once_and_telling_what_became_of_it(logs):
    conversations, actor, _ = logs
    log = (await conversations.create(actor, key="k", title="", mode=None)).session_id
    sent = message(actor, log, "c-1")
    made = await conversations.append(actor, sent, if_last_seq=1)
    assert (made.status, made.seq, made.message_id) == ("accepted", 2, sent.message_id)
    again = await conversations.append(actor, sent, if_last_seq=None)
    assert (again.status, again.seq) == ("duplicate", 2)
    late = await conversations.append(actor, message(actor, log, "c-2"), if_last_seq=1)
    assert late.status == "rejected"
    told = await conversations.verdict(actor, log, "c-1", sent.body_hash(), wait_ms=10)
    assert (told.status, told.seq) == ("duplicate", 2)
    other = await conversations.verdict(actor, log, "c-1", "0" * 32, wait_ms=10)
    assert (other.status, other.code) == ("rejected", "client_msg_id_conflict")
    unknown = await conversations.verdict(actor, log, "c-9", "0" * 32, wait_ms=10)
    assert unknown.status == "unknown"


async def test_reading_pages_snapshots_and_heads(logs):
    conversations, actor, _ = logs
    log = (await conversations.create(actor, key="k", title="", mode=None)).session_id
    for n in range(4):
        await conversations.append(actor, message(actor, log, f"c-{n}"), if_last_seq=None)
    page = await conversations.read(actor, log, after=1, limit=2)
    assert ([e["seq"] for e in page.entries], page.head) == ([2, 3], 5)
    page = await conversations.read(actor, log, after=0, before=4, limit=2)
    assert [e["seq"] for e in page.entries] == [2, 3]
    end = await conversations.read(actor, log, after=2**62, limit=1)
    assert (list(end.entries), end.head, end.epoch) == ([], 5, page.epoch)
    snapshot = await conversations.snapshot(actor, log)
    state = LogState.model_validate_json(snapshot.state)
    assert (snapshot.seq, snapshot.epoch, len(state.entries)) == (5, page.epoch, 5)
    assert len(snapshot.message_ids) == 4
    heads = await conversations.heads([log, ids.new_conversation_id()])
    assert (heads.epoch, dict(heads.seqs)) == (page.epoch, {log: 5})


async def test_changing_and_erasing(logs):
    conversations, actor, _ = logs
    log = (await conversations.create(actor, key="k", title="", mode=None)).session_id
    changed = await conversations.update(actor, log, ConversationChange(title="New", pinned=True))
    assert (changed.title, changed.pinned, changed.archived) == ("New", True, False)
    await conversations.erase(actor, log)
    with pytest.raises(NotFoundError):
        await conversations.get(actor, log)


async def test_nothing_of_a_stranger(logs):
    conversations, actor, stranger = logs
    log = (await conversations.create(actor, key="k", title="", mode=None)).session_id
    for ask in (
        conversations.get(stranger, log),
        conversations.read(stranger, log, after=0, limit=1),
        conversations.snapshot(stranger, log),
        conversations.update(stranger, log, ConversationChange(title="mine")),
        conversations.read(stranger, actor.person_id, after=0, limit=1),
    ):
        with pytest.raises(NotFoundError):
            await ask
