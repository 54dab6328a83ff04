import { beforeEach, describe, expect, test } from "vitest";
import { reconnectDelay } from "../src/backoff";
import { SignedOutError } from "../src/errors";
import { Link, type LinkStatus } from "../src/link";
import { FakeClock, FakeServer, FakeTokens, seeded, settle } from "./fakes";

function make(random: () => number = () => 0.5) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const tokens = new FakeTokens();
  const statuses: LinkStatus[] = [];
  const downs: number[] = [];
  const link = new Link({
    url: "ws://here/ws",
    tokens,
    clock,
    random,
    open: server.open,
    hello: () => ({ subs: [] }),
    status: (status) => statuses.push(status),
    up: () => undefined,
    frame: () => undefined,
    down: () => downs.push(clock.now()),
  });
  return { clock, server, tokens, statuses, downs, link };
}

describe("the wait before the next try", () => {
  test("is spread from 0.2 s to a ceiling that doubles up to 10 s", () => {
    const random = seeded(7);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const ceiling = Math.min(10_000, 400 * 2 ** attempt);
      for (let i = 0; i < 100; i += 1) {
        const delay = reconnectDelay(attempt, random);
        expect(delay).toBeGreaterThanOrEqual(200);
        expect(delay).toBeLessThanOrEqual(ceiling);
      }
    }
    expect(reconnectDelay(50, () => 1)).toBe(10_000);
  });

  test("is at least what the server asks for", () => {
    expect(reconnectDelay(0, () => 0, 4_000)).toBe(4_000);
  });
});

describe("the link", () => {
  let made: ReturnType<typeof make>;
  beforeEach(async () => {
    made = make();
    made.link.start();
    await settle();
  });

  const state = () => made.statuses.at(-1)?.state;
  const drop = async (code: number) => {
    made.server.last.cut(code);
    made.clock.pass(10_000);
    await settle();
  };

  test("is online once it is welcomed", () => {
    expect(state()).toBe("connecting");
    made.server.last.welcome();
    expect(state()).toBe("online");
  });

  test.each([1006, 4000, 4002, 4003, 4008, 4010, 4029, 4030])("comes back after %i", async (code) => {
    made.server.last.welcome();
    await drop(code);
    expect(made.server.connections).toHaveLength(2);
    expect(made.tokens.renewals).toBe(0);
  });

  test.each([4500, 4501, 4503, 4504, 4505, 4506])("stops after %i", async (code) => {
    made.server.last.welcome();
    await drop(code);
    expect(made.server.connections).toHaveLength(1);
    expect(made.statuses.at(-1)).toEqual({ state: "stopped", code });
    expect(made.clock.waiting).toEqual([]);
  });

  test("renews the token first after 4001", async () => {
    made.server.last.welcome();
    await drop(4001);
    made.server.last.welcome();
    expect(made.server.last.sent("hello")[0]?.token).toBe("token-1");
  });

  test("tries less and less often while nobody answers", async () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      made.server.last.cut();
      waits.push(made.clock.waiting[0] ?? 0);
      made.clock.pass(10_000);
      await settle();
    }
    expect(waits).toEqual([300, 500, 900, 1_700, 3_300, 5_100, 5_100, 5_100]);
    made.server.last.welcome();
    made.server.last.cut();
    expect(made.clock.waiting).toEqual([300]);
  });

  test("does not wait when the network is back", async () => {
    made.server.last.cut();
    made.link.hurry();
    await settle();
    expect(made.server.connections).toHaveLength(2);
  });

  test("answers a ping, and gives up after silence", async () => {
    made.server.last.welcome();
    made.server.last.say({ t: "ping" });
    expect(made.server.last.sent("pong")).toHaveLength(1);
    made.clock.pass(34_000);
    expect(state()).toBe("online");
    made.clock.pass(1_100);
    expect(made.server.last.open).toBe(false);
    expect(state()).toBe("waiting");
    expect(made.downs).toHaveLength(1);
  });

  test("gives up when nobody welcomes it", () => {
    made.server.last.accept();
    made.clock.pass(10_000);
    expect(state()).toBe("waiting");
  });

  test("moves to another server some time after drain, at the latest when it is closed", async () => {
    made.server.last.welcome();
    made.server.last.say({ t: "drain", retry_after_ms: 800 });
    expect(state()).toBe("online");
    made.clock.pass(1_200);
    await settle();
    expect(made.server.connections).toHaveLength(2);
    made.server.last.welcome();
    made.server.last.say({ t: "drain", retry_after_ms: 800 });
    made.server.last.cut(4000);
    expect(made.clock.waiting[0]).toBeGreaterThanOrEqual(800);
    made.link.hurry();
    await settle();
    expect(made.server.connections).toHaveLength(2);
  });

  test("renews its token in place", async () => {
    made.server.last.welcome();
    made.server.last.say({ t: "auth_expiring", in_ms: 60_000 });
    await settle();
    expect(made.server.last.sent("auth")).toEqual([{ t: "auth", token: "token-1" }]);
    expect(made.server.connections).toHaveLength(1);
  });

  test("stops when there is nobody signed in, but not when renewing merely fails", async () => {
    made.server.last.welcome();
    made.tokens.failure = new TypeError("no network");
    await drop(4001);
    expect(state()).toBe("waiting");
    made.tokens.failure = new SignedOutError();
    made.clock.pass(10_000);
    await settle();
    expect(made.statuses.at(-1)).toEqual({ state: "stopped", code: 4501 });
  });

  test("does not hear a socket that it has let go", () => {
    const old = made.server.last;
    old.welcome();
    made.link.stop();
    old.cut(4503);
    expect(state()).toBe("idle");
    expect(made.clock.waiting).toEqual([]);
  });
});
