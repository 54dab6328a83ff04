import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from uchat_contracts import ids, subjects
from uchat_platform.bus import Bus, Received, dead_letters
from uchat_platform.clock import SystemClock
from uchat_platform.crypto import KeyRing
from uchat_platform.errors import InvalidInputError
from uchat_platform.health import Health
from uchat_platform.testing.servers import Servers
from uchat_stack.cli import main
from uchat_stack.layout import Layout, write_json
from uchat_stack.services import PROVISIONER

pytestmark = pytest.mark.integration

SAID = b'{"what": "a person said"}'


@pytest.fixture
def data_dir(provisioned: Servers, tmp_path: Path) -> Path:
    """A data directory whose product is the test session's servers."""
    layout = Layout(tmp_path / "data")
    layout.create()
    shutil.copy(provisioned.seeds[PROVISIONER], layout.seed(PROVISIONER))
    shutil.copy(provisioned.kek_file, layout.kek)
    write_json(layout.endpoints, {"nats": provisioned.nats_url})
    return layout.data


@pytest.fixture
def letters(provisioned: Servers) -> list[str]:
    return asyncio.run(put_aside(provisioned, 3))


async def put_aside(servers: Servers, count: int) -> list[str]:
    async with await Bus.connect(
        servers.settings("provisioner"), "provisioner", Health("provisioner")
    ) as bus:
        await bus.purge(subjects.DLQ, "uchat.>")
    log = ids.new_conversation_id()
    keys = KeyRing.load(servers.kek_file)
    async with await Bus.connect(
        servers.settings("sessions"), "sessions", Health("sessions")
    ) as bus:
        return [
            await dead_letters.put(
                bus,
                Received(
                    seq=number,
                    subject=subjects.proposed("message", log),
                    payload=SAID,
                    headers={},
                    published_at=SystemClock().now(),
                    stream=subjects.PROPOSED,
                ),
                log=log,
                error=InvalidInputError("Expected a text", code="schema"),
                keys=keys,
            )
            for number in range(1, count + 1)
        ]


def dlq(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["dlq", *words], env={"UCHAT_DATA_DIR": str(data_dir)})


def test_list_comes_by_page_and_says_how_to_get_the_next(
    data_dir: Path, letters: list[str]
) -> None:
    first = dlq(data_dir, "list", "--limit", "2")
    assert first.exit_code == 0, first.output
    *rows, more = first.output.splitlines()
    assert [row.split()[1] for row in rows] == letters[:2]
    rest = dlq(data_dir, *more.split()[3:])
    assert [row.split()[1] for row in rest.output.splitlines()] == letters[2:]
    assert "schema" in rest.output
    (as_json,) = json.loads(dlq(data_dir, *more.split()[3:], "--json").output)
    assert as_json["id"] == letters[2]
    assert "sealed" not in as_json


def test_show_tells_the_reason_and_the_body_only_if_asked(
    data_dir: Path, letters: list[str]
) -> None:
    assert "Expected a text" in dlq(data_dir, "show", letters[0]).output
    assert "a person said" not in dlq(data_dir, "show", letters[0]).output
    assert "a person said" in dlq(data_dir, "show", letters[0], "--body").output
    missing = dlq(data_dir, "show", "nothing")
    assert missing.exit_code == 1
    assert "(not_found)" in missing.output


def test_retried_message_is_no_dead_letter_any_more(data_dir: Path, letters: list[str]) -> None:
    result = dlq(data_dir, "retry", letters[1])
    assert result.exit_code == 0, result.output
    assert "published again as number " in result.output
    left = json.loads(dlq(data_dir, "list", "--json").output)
    assert [letter["id"] for letter in left] == [letters[0], letters[2]]
