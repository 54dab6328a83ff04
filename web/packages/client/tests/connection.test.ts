import type { LogEntry } from "@uchat/contracts";
import { beforeEach, describe, expect, test } from "vitest";
import { UchatConnection } from "../src/connection";
import { Outbox } from "../src/outbox";
import type { LinkStatus } from "../src/link";
import { memoryStorage } from "../src/storage";
import { FakeClock, FakeServer, FakeTokens, LOG, message, settle, USER } from "./fakes";

function make(storage = memoryStorage()) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const tokens = new FakeTokens();
  const outbox = new Outbox(storage);
  outbox.open(USER);
  const statuses: LinkStatus[] = [];
  const refused: string[] = [];
  const connection = new UchatConnection(
    {
      url: "ws://here/ws",
      iface: "web_chat",
      deviceId: "d1",
      tokens,
      outbox,
      clock,
      random: () => 0.5,
      open: server.open,
    },
    {
      status: (status) => statuses.push(status),
      greeted: () => undefined,
      subscribed: () => undefined,
      log: () => undefined,
      outbox: () => undefined,
      refused: (log, code) => refused.push(`${log} ${code}`),
    },
  );
  return { clock, server, tokens, outbox, statuses, refused, connection, storage };
}

type Made = ReturnType<typeof make>;

const CALM = { pending: [], presence: [], read: {}, live: [] };

function subscribe(made: Made, seq: number, entries: LogEntry[] = []): void {
  const settings = { title: "", archived: false, pinned: false, pending: [] };
  const state = { log: LOG, epoch: "e1", seq, ...settings, entries };
  const { last } = made.server;
  last.say({
    t: "sub_ok",
    log: LOG,
    epoch: "e1",
    from: seq + 1,
    to: seq,
    mode: "snapshot",
    state,
    ...CALM,
  });
  last.say({ t: "live", log: LOG, seq });
}

async function online(made: Made): Promise<void> {
  made.connection.follow(LOG);
  made.connection.start();
  await settle();
  made.server.last.welcome();
  subscribe(made, 0);
}

async function reconnected(made: Made): Promise<void> {
  made.clock.pass(10_000);
  await settle();
  made.server.last.welcome();
}

describe("the connection", () => {
  let made: Made;
  beforeEach(async () => {
    made = make();
    await online(made);
  });

  test("says hello with its token and what it follows", () => {
    const { last } = made.server;
    expect(last.protocol).toBe("uchat.v1.json");
    expect(last.received[0]).toEqual({
      t: "hello",
      v: 1,
      token: "token-0",
      device_id: "d1",
      iface: "web_chat",
      subs: [{ log: LOG }],
    });
  });

  test("resumes every log where it left off", async () => {
    made.server.last.say(message(1));
    made.server.last.say(message(2));
    made.server.last.cut();
    await reconnected(made);
    expect(made.server.last.sent("hello")[0]?.subs).toEqual([
      { log: LOG, epoch: "e1", seq: 2 },
      { log: USER },
    ]);
  });

  test("follows what was asked for between hello and welcome", async () => {
    const other = LOG.replace("Z", "A");
    made.server.last.cut();
    made.clock.pass(10_000);
    await settle();
    made.server.last.accept();
    made.connection.follow(other);
    made.server.last.welcome();
    expect(made.server.last.sent("sub")).toEqual([{ t: "sub", log: other }]);
  });

  test("tells of a log that it may not follow", () => {
    const other = LOG.replace("Z", "B");
    made.connection.follow(other);
    made.server.last.say({ t: "error", re: other, code: "not_found", retryable: false });
    expect(made.refused).toEqual([`${other} not_found`]);
    expect(made.connection.followed(other)).toBeUndefined();
  });

  test("ignores frames that it does not know, and frames of other logs", () => {
    made.server.last.sayText('{"t":"fireworks","log":"x"}');
    made.server.last.sayText("not json");
    made.server.last.say({ ...message(1), log: "unified_other" });
    expect(made.connection.followed(LOG)?.view.seq).toBe(0);
  });

  test("sends what is written, and the echo alone settles it", () => {
    const id = made.connection.sender.write(LOG, "hello", "quick");
    expect(made.server.last.sent("send")).toEqual([
      {
        t: "send",
        log: LOG,
        client_msg_id: id,
        parts: [{ type: "text", text: "hello" }],
        mode: "quick",
      },
    ]);
    expect(made.outbox.items[0]?.state).toBe("queued");
    made.server.last.say(message(1, { client_msg_id: id }));
    expect(made.outbox.items).toEqual([]);
    made.server.last.say({ t: "ack", re: id, status: "accepted" });
    expect(made.outbox.items).toEqual([]);
  });

  test("keeps an accepted message until its echo comes", () => {
    const id = made.connection.sender.write(LOG, "hello", null);
    made.server.last.say({ t: "ack", re: id, status: "accepted", message_id: "msg_1" });
    expect(made.outbox.items[0]?.state).toBe("accepted");
    made.clock.pass(5_000);
    made.server.last.say(message(1, { client_msg_id: id }));
    expect(made.outbox.items).toEqual([]);
  });

  test("sends one at a time and in order", () => {
    const ids = ["one", "two", "three"].map((text) => made.connection.sender.write(LOG, text, null));
    const sent = () => made.server.last.sent("send").map((frame) => frame.client_msg_id);
    expect(sent()).toEqual([ids[0]]);
    made.server.last.say({ t: "ack", re: ids[0] ?? "", status: "accepted" });
    expect(sent()).toEqual(ids.slice(0, 2));
    made.server.last.say(message(1, { client_msg_id: ids[1] }));
    expect(sent()).toEqual(ids);
  });

  test("sends again after a reconnect, under the same id, once the replay is over", async () => {
    const id = made.connection.sender.write(LOG, "hello", null);
    made.server.last.cut();
    await reconnected(made);
    expect(made.server.last.sent("send")).toEqual([]);
    subscribe(made, 0);
    expect(made.server.last.sent("send").map((frame) => frame.client_msg_id)).toEqual([id]);
    made.server.last.say({ t: "ack", re: id, status: "duplicate", message_id: "msg_1", seq: 1 });
    expect(made.server.last.sent("fill")).toEqual([{ t: "fill", log: LOG, after: 0, to: 1 }]);
    made.server.last.say(message(1, { client_msg_id: id }));
    expect(made.outbox.items).toEqual([]);
  });

  test("does not send again what the replay shows", async () => {
    const id = made.connection.sender.write(LOG, "hello", null);
    made.server.last.cut();
    await reconnected(made);
    const { last } = made.server;
    last.say({ t: "sub_ok", log: LOG, epoch: "e1", from: 1, to: 1, mode: "replay", ...CALM });
    last.say(message(1, { client_msg_id: id }));
    last.say({ t: "live", log: LOG, seq: 1 });
    expect(last.sent("send")).toEqual([]);
    expect(made.outbox.items).toEqual([]);
  });

  test("sends again when no answer comes", () => {
    made.connection.sender.write(LOG, "hello", null);
    made.clock.pass(10_000);
    const sent = made.server.last.sent("send");
    expect(sent).toHaveLength(2);
    expect(sent[0]).toEqual(sent[1]);
  });

  test("waits as long as a limit asks for, then sends the same again", () => {
    const id = made.connection.sender.write(LOG, "hello", null);
    const slow = { status: "rejected" as const, code: "rate_limited", retry_after_ms: 3_000 };
    made.server.last.say({ t: "ack", re: id, ...slow });
    made.clock.pass(2_900);
    expect(made.server.last.sent("send")).toHaveLength(1);
    made.clock.pass(200);
    expect(made.server.last.sent("send").map((frame) => frame.client_msg_id)).toEqual([id, id]);
  });

  test("shows a refusal also after the acceptance, and retries as a new message", () => {
    const id = made.connection.sender.write(LOG, "hello", null);
    made.server.last.say({ t: "ack", re: id, status: "accepted" });
    made.server.last.say({ t: "ack", re: id, status: "rejected", code: "not_permitted" });
    expect(made.outbox.items[0]).toMatchObject({ state: "failed", code: "not_permitted" });
    made.connection.sender.retry(id);
    expect(made.outbox.items).toHaveLength(1);
    expect(made.server.last.sent("send").at(-1)?.client_msg_id).not.toBe(id);
  });

  test("forgets what was meant for a conversation that is no more", () => {
    const id = made.connection.sender.write(LOG, "hello", null);
    made.server.last.say({ t: "ack", re: id, status: "rejected", code: "erased" });
    expect(made.outbox.items).toEqual([]);
  });

  test("sends what an earlier page left in the outbox", async () => {
    const id = made.connection.sender.write(LOG, "before the reload", null);
    const next = make(made.storage);
    await online(next);
    expect(next.server.last.sent("send").map((frame) => frame.client_msg_id)).toEqual([id]);
  });
});
