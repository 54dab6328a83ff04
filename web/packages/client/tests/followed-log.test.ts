import type { Ev, Fill, LogState, Snap, SubOk } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { FollowedLog } from "../src/followed-log";
import { entryOf, fold, viewOf, type LogView } from "../src/log-view";
import { card } from "./cards";
import { FakeClock, LOG, message, seeded, shuffled } from "./fakes";

const EPOCH = "e1";
const EVENTS: Ev[] = Array.from({ length: 30 }, (_, index) => {
  const said = message(index + 1);
  if (index % 7 === 3) return { ...said, type: "session.updated", data: session(index) };
  if (index % 5 === 2) return { ...said, type: "decision", data: decision(`d${index}`, false) };
  if (index % 10 === 4) {
    return { ...said, type: "decision.resolved", data: decision(`d${index - 2}`, true) };
  }
  return said;
});

function session(index: number): Record<string, unknown> {
  return {
    session_id: LOG,
    title: `title ${index}`,
    mode: "quick",
    home: false,
    archived: false,
    pinned: index > 20,
  };
}

function decision(id: string, resolved: boolean): Record<string, unknown> {
  return { ...card({ decision_id: id, ...(resolved ? { rev: 3, state: "rejected" } : {}) }) };
}

function snapshot(seq: number, epoch = EPOCH): LogState {
  let view: LogView = { ...viewOf(emptyState(epoch)) };
  for (const event of EVENTS.slice(0, seq)) view = fold(view, entryOf(event, epoch))[0];
  return { ...view, entries: [...view.entries], pending: [...view.pending] };
}

function emptyState(epoch: string): LogState {
  return {
    log: LOG,
    epoch,
    seq: 0,
    title: "",
    mode: null,
    archived: false,
    pinned: false,
    entries: [],
    pending: [],
  };
}

function subOk(frame: Partial<SubOk>): SubOk {
  return {
    t: "sub_ok",
    log: LOG,
    epoch: EPOCH,
    from: 1,
    to: 0,
    mode: "replay",
    live: [],
    pending: [],
    presence: [],
    read: {},
    ...frame,
  };
}

function follow(clock = new FakeClock()) {
  const asked: (Fill | Snap)[] = [];
  const log = new FollowedLog(LOG, clock, (frame) => asked.push(frame));
  return { log, asked, clock };
}

function started(seq: number, clock?: FakeClock) {
  const followed = follow(clock);
  followed.log.subscribed(subOk({ mode: "snapshot", state: snapshot(seq), to: seq }));
  return followed;
}

describe("a followed log", () => {
  test("is for every n the snapshot at n and the events after it", () => {
    const whole = viewOf(snapshot(EVENTS.length));
    for (let n = 0; n <= EVENTS.length; n += 1) {
      const { log } = started(n);
      for (const event of EVENTS.slice(n)) log.event(event);
      expect(log.view).toEqual(whole);
    }
  });

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "comes out the same when events are lost, doubled and swapped (seed %i)",
    (seed) => {
      const random = seeded(seed);
      const { log, asked, clock } = started(0);
      const told = EVENTS.flatMap((event) => (random() < 0.2 ? [event, event] : [event])).filter(
        () => random() > 0.3,
      );
      for (const event of shuffled(told, random)) log.event(event);
      log.head({ seq: EVENTS.length });
      for (let round = 0; round < 200 && log.view.seq < EVENTS.length; round += 1) {
        const fill = asked.shift();
        if (fill?.t === "fill") {
          const answer = EVENTS.slice(fill.after, fill.to).filter(() => random() > 0.3);
          for (const event of answer) log.event(event);
        }
        clock.pass(2_000);
      }
      expect(log.view).toEqual(viewOf(snapshot(EVENTS.length)));
      expect(clock.waiting).toEqual([]);
    },
  );

  test("asks once for what is missing, and only for that", () => {
    const { log, asked } = started(3);
    log.event(message(6));
    log.event(message(7));
    expect(asked).toEqual([{ t: "fill", log: LOG, after: 3, to: 5 }]);
    expect(log.view.seq).toBe(3);
  });

  test("ignores what it has", () => {
    const { log } = started(5);
    const before = log.view;
    log.event(message(4));
    expect(log.view).toBe(before);
  });

  test("a snapshot of another epoch replaces everything", () => {
    const { log } = started(20);
    log.delta(delta(0, 1, "half an answ"));
    const replaced = log.subscribed(
      subOk({ epoch: "e2", mode: "snapshot", state: snapshot(4, "e2"), to: 4 }),
    );
    expect(replaced).toBe(true);
    expect(log.view).toEqual(viewOf(snapshot(4, "e2")));
    expect(log.runs.size).toBe(0);
    expect(log.subscription()).toEqual({ log: LOG, epoch: "e2", seq: 4 });
  });

  test("asks for the whole when it has nothing, else for the rest", () => {
    expect(follow().log.subscription()).toEqual({ log: LOG });
    expect(started(8).log.subscription()).toEqual({ log: LOG, epoch: EPOCH, seq: 8 });
  });

  test("puts older entries before, if they fit", () => {
    const { log } = follow();
    const state = snapshot(30);
    log.subscribed(subOk({ mode: "snapshot", state: { ...state, entries: state.entries.slice(20) } }));
    const page = (from: number, to: number, epoch = EPOCH) => ({
      session_id: LOG,
      epoch,
      seq: 30,
      entries: EVENTS.slice(from, to),
    });
    log.older(page(0, 10));
    log.older(page(10, 20, "e0"));
    expect(log.view.entries[0]?.seq).toBe(21);
    log.older(page(10, 20));
    log.older(page(0, 12));
    expect(log.view.entries.map((entry) => entry.seq)).toEqual(EVENTS.map((event) => event.seq));
  });
});

const ANSWER = "msg_answer";

function delta(i: number, n: number, text: string, reset = false) {
  return { t: "delta" as const, log: LOG, message_id: ANSWER, run_id: "r1", i, n, text, reset };
}

const WORDS = Array.from({ length: 25 }, (_, index) => `w${index} `);
const FULL = WORDS.join("");

describe("a running answer", () => {
  test("is whole from whatever point one joins", () => {
    for (let joined = 0; joined <= WORDS.length; joined += 1) {
      const { log } = follow();
      const text = WORDS.slice(0, joined).join("");
      const live = [{ message_id: ANSWER, run_id: "r1", text, next_i: joined }];
      log.subscribed(subOk({ mode: "snapshot", state: snapshot(1), live }));
      for (const [i, word] of WORDS.entries()) log.delta(delta(i, 1, word));
      expect(log.runs.get(ANSWER)?.text).toBe(FULL);
    }
  });

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "is always a beginning of itself, and whole in the end (seed %i)",
    (seed) => {
      const random = seeded(seed);
      const { log, asked, clock } = started(1);
      const told = WORDS.map((word, i) => delta(i, 1, word)).filter(() => random() > 0.2);
      for (const frame of random() < 0.5 ? told : shuffled(told, random)) {
        log.delta(frame);
        expect(FULL.startsWith(log.runs.get(ANSWER)?.text ?? "")).toBe(true);
        if (random() < 0.2) clock.pass(2_000);
      }
      const snap = { message_id: ANSWER, run_id: "r1", text: FULL, next_i: WORDS.length };
      if (asked.length > 0) log.snap({ t: "snap", log: LOG, ...snap });
      else log.delta(delta(WORDS.length, 0, ""));
      log.event(message(2, { message_id: ANSWER, role: "assistant" }));
      expect(log.runs.size).toBe(0);
      expect(clock.waiting).toEqual([]);
    },
  );

  test("asks for the whole after a lost delta, once", () => {
    const { log, asked } = started(1);
    log.delta(delta(0, 1, "a"));
    log.delta(delta(2, 1, "c"));
    log.delta(delta(3, 1, "d"));
    expect(asked).toEqual([{ t: "snap", log: LOG, message_id: ANSWER }]);
    log.snap({ t: "snap", log: LOG, message_id: ANSWER, run_id: "r1", text: "abcd", next_i: 4 });
    log.delta(delta(4, 1, "e"));
    expect(log.runs.get(ANSWER)?.text).toBe("abcde");
  });

  test("asks for the whole when a delta overlaps, and ignores what it has", () => {
    const { log, asked } = started(1);
    log.delta(delta(0, 2, "ab"));
    log.delta(delta(1, 1, "b"));
    expect(asked).toEqual([]);
    log.delta(delta(1, 2, "bc"));
    expect(asked).toHaveLength(1);
  });

  test("starts anew after a reset", () => {
    const { log } = started(1);
    log.delta(delta(0, 3, "the first try"));
    log.delta(delta(0, 1, "the second", true));
    expect(log.runs.get(ANSWER)?.text).toBe("the second");
  });

  test("is replaced by its message, and comes back no more", () => {
    const { log } = started(1);
    log.delta(delta(0, 1, "streamed"));
    log.event(message(2, { message_id: ANSWER, role: "assistant" }));
    log.delta(delta(1, 1, "late"));
    log.run({ t: "run", log: LOG, message_id: ANSWER, run_id: "r1", phase: "step", step: "x" });
    log.snap({ t: "snap", log: LOG, message_id: ANSWER, run_id: "r1", text: "late", next_i: 9 });
    expect(log.runs.size).toBe(0);
  });

  test("shows its steps while no text comes", () => {
    const { log } = started(1);
    const run = { t: "run" as const, log: LOG, message_id: ANSWER, run_id: "r1" };
    log.run({ ...run, phase: "started" });
    expect(log.runs.get(ANSWER)).toMatchObject({ text: "", step: null });
    log.run({ ...run, phase: "step", step: "get_quote" });
    expect(log.runs.get(ANSWER)?.step).toBe("get_quote");
    log.delta(delta(0, 1, "BTC"));
    expect(log.runs.get(ANSWER)).toMatchObject({ text: "BTC", step: null });
    log.run({ ...run, phase: "finished" });
    expect(log.runs.get(ANSWER)?.text).toBe("BTC");
  });
});
