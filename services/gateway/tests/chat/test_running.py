"""The running answer: higher epochs reset, lower ones are dropped, holes are repaired."""

from uchat_contracts.events import Delta, RunChanged, Running
from uchat_contracts.ids import derived_message_id, new_conversation_id, new_message_id
from uchat_gateway.service.live.frames import Hint
from uchat_gateway.service.live.running import RunningAnswer

LOG = new_conversation_id()
ANSWER = derived_message_id(new_message_id())


def delta(i: int, text: str, *, epoch: int = 1, message_id: str = ANSWER, n: int = 1) -> Delta:
    return Delta(
        log=LOG, message_id=message_id, run_id=f"r{epoch}", epoch=epoch, i=i, n=n, text=text
    )


def so_far(running: RunningAnswer) -> tuple[str, int] | None:
    found = running.so_far()
    return None if found is None else (found.text, found.next_i)


def test_deltas_add_up():
    running = RunningAnswer()
    assert running.on_delta(delta(0, "BTC ")).text == "BTC "
    assert running.on_delta(delta(1, "is up", n=2)).n == 2
    assert so_far(running) == ("BTC is up", 3)


def test_a_delta_told_twice_is_dropped():
    running = RunningAnswer()
    running.on_delta(delta(0, "a"))
    assert running.on_delta(delta(0, "a")) is None
    assert so_far(running) == ("a", 1)


def test_a_higher_epoch_resets_and_the_lower_one_is_dropped_from_then_on():
    running = RunningAnswer()
    running.on_delta(delta(0, "old"))
    assert running.on_delta(delta(0, "new", epoch=2)).reset
    assert running.on_delta(delta(1, "er", epoch=1)) is None
    assert not running.on_delta(delta(1, "est", epoch=2)).reset
    assert so_far(running) == ("newest", 2)


def test_a_run_that_starts_anew_resets_with_its_first_text():
    running = RunningAnswer()
    running.on_delta(delta(0, "old"))
    change = RunChanged(log=LOG, message_id=ANSWER, run_id="r2", epoch=2, phase="started")
    assert isinstance(running.on_run(change), Hint)
    assert running.on_delta(delta(0, "new", epoch=2)).reset


def test_a_hole_is_repaired_by_the_whole_text_and_what_came_meanwhile():
    running = RunningAnswer()
    running.on_delta(delta(0, "a"))
    assert running.on_delta(delta(2, "c")) is None
    assert running.broken
    assert running.so_far() is None
    assert running.on_delta(delta(3, "d")) is None
    repair = running.on_repair(
        Running(log=LOG, message_id=ANSWER, run_id="r1", epoch=1, text="abc", next_i=3)
    )
    assert (repair.i, repair.n, repair.text, repair.reset) == (0, 4, "abcd", True)
    assert not running.broken
    assert so_far(running) == ("abcd", 4)


def test_joining_in_the_middle_asks_for_the_beginning():
    running = RunningAnswer()
    assert running.on_delta(delta(7, "later")) is None
    assert running.broken
    running.on_unknown()
    assert not running.broken


def test_the_durable_message_ends_it_and_late_deltas_are_dropped():
    running = RunningAnswer()
    running.on_delta(delta(0, "a"))
    running.finish(ANSWER)
    assert running.so_far() is None
    assert running.on_delta(delta(1, "b", epoch=9)) is None
    assert running.so_far() is None


def test_the_next_answer_of_the_same_lease_is_another_one():
    running = RunningAnswer()
    running.on_delta(delta(0, "first"))
    other = derived_message_id(new_message_id())
    assert not running.on_delta(delta(0, "second", message_id=other)).reset
    assert so_far(running) == ("second", 1)
