import asyncio

import pytest

from uchat_contracts import ids, subjects
from uchat_platform.bus import Bus
from uchat_platform.bus.provision import ProvisionError, provision, refuse_loss
from uchat_platform.bus.streams import streams
from uchat_platform.testing import Servers
from uchat_platform.testing.fixtures import BusFor


async def config(bus: Bus, stream: str) -> dict[str, object]:
    return (await bus.api(f"STREAM.INFO.{stream}"))["config"]


@pytest.mark.integration
async def test_provisioning_again_changes_nothing(clean_streams: Servers, bus_for: BusFor) -> None:
    bus = await bus_for("provisioner")
    assert await provision(bus) == [
        f"{name} unchanged" for name in ("PROPOSED", "LOG", "TRADING", "DELIVERIES", "DLQ")
    ]


@pytest.mark.integration
async def test_what_differs_is_updated_and_the_rest_kept(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    bus = await bus_for("provisioner")
    changed = {**await config(bus, "DLQ"), "max_age": 3_600_000_000_000, "description": "mine"}
    await bus.api("STREAM.UPDATE.DLQ", changed)
    assert "DLQ updated: max_age" in await provision(bus)
    now = await config(bus, "DLQ")
    assert now["description"] == "mine"
    assert now["max_age"] == 30 * 24 * 3600 * 1_000_000_000


@pytest.mark.integration
async def test_the_server_has_what_the_design_asks_for(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    bus = await bus_for("provisioner")
    proposed, log = await config(bus, "PROPOSED"), await config(bus, "LOG")
    assert proposed["discard"] == "new"
    assert proposed.get("persist_mode", "default") != "async"
    assert log["persist_mode"] == "async"
    assert log["allow_direct"] is True
    assert log["republish"] == {
        "src": "uchat.log.v1.*.*.*",
        "dest": "uchat.live.v1.{{wildcard(2)}}",
    }


@pytest.mark.integration
async def test_a_log_lies_in_one_partition_of_both_streams(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    admin = await bus_for("provisioner")
    logs = [ids.new_conversation_id() for _ in range(30)]
    await asyncio.gather(
        *(
            gateway.publish(
                subjects.proposed("message", log), b"", stream=subjects.PROPOSED, msg_id=log
            )
            for log in logs
        ),
        *(
            sessions.publish(subjects.log(log, "message"), b"", stream=subjects.LOG, msg_id=log)
            for log in logs
        ),
    )
    partitions: dict[str, set[str]] = {log: set() for log in logs}
    for stream, at in (("PROPOSED", 5), ("LOG", 4)):
        info = await admin.api(f"STREAM.INFO.{stream}", {"subjects_filter": ">"})
        for subject in info["state"]["subjects"]:
            tokens = subject.split(".")
            partitions[tokens[at]].add(tokens[3])
    assert all(len(found) == 1 for found in partitions.values())


@pytest.mark.parametrize(
    ("changes", "messages", "word"),
    [
        ({"storage": "memory"}, 0, "storage"),
        ({"persist_mode": "async"}, 0, "persist_mode"),
        ({"max_age": 1}, 5, "delete messages"),
        ({"subject_transform": {"src": "x", "dest": "y"}}, 5, "order"),
    ],
)
def test_a_change_that_would_lose_data_is_refused(
    changes: dict[str, object], messages: int, word: str
) -> None:
    have = streams(1)[0]
    with pytest.raises(ProvisionError, match=word):
        refuse_loss("PROPOSED", have, changes, messages=messages)


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"max_age": 1}, 0),
        ({"max_age": 0}, 5),
        ({"subject_transform": {"src": "x", "dest": "y"}}, 0),
        ({"subjects": ["a"]}, 5),
    ],
)
def test_a_change_that_loses_nothing_is_made(changes: dict[str, object], messages: int) -> None:
    refuse_loss("PROPOSED", streams(1)[0], changes, messages=messages)
