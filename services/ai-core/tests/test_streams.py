from types import SimpleNamespace

from uchat_ai_core.service.streams import RunStream
from uchat_contracts import ids
from uchat_platform.testing import eventually


def stream(told):
    outlet = SimpleNamespace(tell=lambda _, event: told.append(event))
    log, message = ids.new_conversation_id(), ids.new_message_id()
    return RunStream(outlet, log, message, "run_1", epoch=1)


def kinds(told):
    return [getattr(event, "phase", "text") for event in told]


async def test_a_run_that_is_slow_to_speak_says_that_it_has_started():
    told = []
    run = stream(told)
    run.start()
    assert told == []
    assert await eventually(lambda: told)
    run.step("get_quotes")
    run.add("BTC is at 97,000.")
    run.end()
    assert kinds(told) == ["started", "step", "text", "finished"]


async def test_a_run_that_speaks_at_once_does_not_say_so_before():
    told = []
    run = stream(told)
    run.start()
    run.add("Hello")
    run.end()
    assert kinds(told) == ["text", "finished"]
