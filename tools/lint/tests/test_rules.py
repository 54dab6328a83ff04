import ast
from pathlib import Path

import pytest
from tools.lint import rules

GATEWAY = Path("services/gateway/src/uchat_gateway/app.py")
BUS = Path("libs/platform/src/uchat_platform/bus/client.py")


@pytest.mark.parametrize(
    ("rule", "path", "source", "count"),
    [
        (rules.subjects_in_one_place, GATEWAY, 'x = "uchat.log.v1.a"', 1),
        (rules.subjects_in_one_place, GATEWAY, '"""uchat.log.v1.a"""', 0),
        (rules.subjects_in_one_place, GATEWAY, 'x = "uchat.sessions.v1.Sessions"', 0),
        (rules.subjects_in_one_place, BUS, 'x = "uchat.log.v1.a"', 0),
        (rules.bus_client_in_platform, GATEWAY, "import nats", 1),
        (rules.bus_client_in_platform, GATEWAY, "from nats.js import api", 1),
        (rules.bus_client_in_platform, BUS, "import nats", 0),
        (rules.owned_tasks, GATEWAY, "asyncio.create_task(f())", 1),
        (rules.owned_tasks, GATEWAY, "group.create_task(f())", 0),
    ],
)
def test_a_rule_finds_what_it_forbids_and_nothing_else(rule, path, source, count):
    assert len(list(rule(path, ast.parse(source)))) == count


def test_a_long_module_is_found(tmp_path):
    path = tmp_path / "long.py"
    path.write_text("x = 1\n" * 401)
    assert list(rules.module_size(path, ast.parse("")))
