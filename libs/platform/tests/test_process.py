import resource

import pytest

from uchat_platform import process
from uchat_platform.process import allow_open_files


@pytest.fixture
def limits():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_process_may_hold_as_many_connections_as_the_system_lets_it(limits):
    _, hard = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    allow_open_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(hard, 65_536), hard)


def test_a_limit_that_is_higher_already_stays(limits, monkeypatch):
    monkeypatch.setattr(process, "_OPEN_FILES", 64)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_open_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
