"""What waits for a slow client: nothing durable is lost, no order changes, no text disappears."""

from collections import defaultdict
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from uchat_gateway.doors.chat.outbound import Limits, Outbound
from uchat_gateway.service.live.frames import Chunk, Control, Durable, Frame, Hint, chunk

LOG = "unified_01"
LIMITS = Limits(high_water=2_000, limit=8_000, max_age_s=10)


def durable(seq: int, size: int = 300) -> Durable:
    return Durable(LOG, "e1", seq, "message", {}, f"ev {seq}", size)


def texts(frames: list[Frame]) -> dict[str, str]:
    found: defaultdict[str, str] = defaultdict(str)
    for frame in frames:
        if isinstance(frame, Chunk):
            found[frame.message_id] += frame.text
    return dict(found)


def drain(queue: Outbound) -> list[Frame]:
    frames = []
    while (frame := queue.take()) is not None:
        frames.append(frame)
        queue.sent()
    return frames


def kept(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if isinstance(frame, Durable | Control)]


def frames_of(steps) -> Iterator[Frame | None]:
    next_i: defaultdict[str, int] = defaultdict(int)
    for seq, step in enumerate(steps):
        match step:
            case "take":
                yield None
            case "durable":
                yield durable(seq)
            case "hint":
                yield Hint(f"hint {seq}", 50)
            case "control":
                yield Control(f"ack {seq}", 80)
            case (message_id, text):
                i = next_i[message_id]
                next_i[message_id] += 1
                yield chunk(LOG, message_id, "r1", i=i, n=1, text=text, reset=False)


@given(
    st.lists(
        st.one_of(
            st.just("durable"),
            st.just("hint"),
            st.just("control"),
            st.just("take"),
            st.tuples(st.sampled_from(["m1", "m2"]), st.text(min_size=1, max_size=40)),
        ),
        max_size=120,
    )
)
def test_everything_but_hints_arrives_in_order(steps):
    queue, offered, arrived = Outbound(LIMITS), [], []
    for frame in frames_of(steps):
        if frame is not None:
            offered.append(frame)
            queue.offer(frame, 0.0)
        elif (taken := queue.take()) is not None:
            arrived.append(taken)
            queue.sent()
    arrived += drain(queue)
    assert kept(arrived) == kept(offered)
    assert texts(arrived) == texts(offered)
    assert queue.unsent == 0
    order = {frame.body: place for place, frame in enumerate(offered)}
    places = [order[f.body] for f in arrived if f.body in order]
    assert places == sorted(places)
    for message_id in ("m1", "m2"):
        chunks = [f for f in arrived if isinstance(f, Chunk) and f.message_id == message_id]
        assert [c.i for c in chunks] == [sum(c.n for c in chunks[:k]) for k in range(len(chunks))]


def test_above_the_high_water_mark_deltas_merge_and_hints_go():
    queue = Outbound(LIMITS)
    for i in range(40):
        queue.offer(Hint("hint", 60), 0.0)
        queue.offer(chunk(LOG, "m1", "r1", i=i, n=1, text="ab", reset=False), 0.0)
    frames = drain(queue)
    chunks = [frame for frame in frames if isinstance(frame, Chunk)]
    assert len(chunks) < 5
    assert "".join(each.text for each in chunks) == "ab" * 40
    assert sum(isinstance(frame, Hint) for frame in frames) < 40


def test_a_durable_frame_between_two_deltas_keeps_them_apart():
    queue = Outbound(Limits(high_water=10))
    first, second = (chunk(LOG, "m1", "r1", i=i, n=1, text="x", reset=False) for i in (0, 1))
    for frame in (first, durable(1), second):
        queue.offer(frame, 0.0)
    assert drain(queue) == [first, durable(1), second]


def test_a_reset_never_merges_into_what_it_replaces():
    queue = Outbound(Limits(high_water=10))
    old = chunk(LOG, "m1", "r1", i=0, n=1, text="old", reset=False)
    new = chunk(LOG, "m1", "r2", i=0, n=1, text="new", reset=True)
    queue.offer(old, 0.0)
    queue.offer(new, 0.0)
    assert drain(queue) == [old, new]


def test_too_much_or_too_old_is_too_slow():
    queue = Outbound(LIMITS)
    for seq in range(26):
        queue.offer(durable(seq), 0.0)
    assert not queue.too_slow(1.0)
    assert queue.too_slow(10.1)
    queue.offer(durable(99), 1.0)
    assert queue.too_slow(1.0)


def test_a_paced_replay_does_not_count_towards_the_limit():
    queue = Outbound(LIMITS)
    queue.offer(Control("snapshot", 50_000), 0.0, bulk=True)
    assert not queue.has_room
    queue.offer(durable(1), 0.0)
    assert not queue.too_slow(1.0)
    assert queue.take() is not None
    assert not queue.has_room, "what is being sent still waits"
    queue.sent()
    assert queue.has_room
