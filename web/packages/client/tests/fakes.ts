import type { ClientFrame, Ev, ServerFrame } from "@uchat/contracts";
import type { Cancel, Clock } from "../src/clock";
import type { OpenSocket, SocketEvents } from "../src/socket";
import type { TokenSource } from "../src/link";

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 1_750_000_000_000;
  #tasks: { at: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Cancel {
    const entry = { at: this.#now + ms, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  get waiting(): number[] {
    return this.#tasks.map(({ at }) => at - this.#now).toSorted((a, b) => a - b);
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#tasks.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#now = next.at;
      next.task();
    }
    this.#now = end;
  }
}

/** The other end of every socket that the client opens. */
export class FakeServer {
  readonly connections: FakeConnection[] = [];

  readonly open: OpenSocket = (_url, protocol, events) => {
    const connection = new FakeConnection(protocol, events);
    this.connections.push(connection);
    return {
      send: (text) => connection.received.push(JSON.parse(text) as ClientFrame),
      close: () => {
        connection.open = false;
      },
    };
  };

  get last(): FakeConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("Nobody has connected");
    return connection;
  }
}

export class FakeConnection {
  readonly received: ClientFrame[] = [];
  open = true;
  readonly protocol: string;
  readonly #events: SocketEvents;

  constructor(protocol: string, events: SocketEvents) {
    this.protocol = protocol;
    this.#events = events;
  }

  /** Accept the connection and greet. */
  welcome(user = USER): void {
    if (this.sent("hello").length === 0) this.accept();
    this.say({
      t: "welcome",
      conn_id: "1",
      user,
      ping_ms: 25_000,
      token_exp: 0,
      server_time: "2026-11-22T00:00:00Z",
    });
  }

  accept(): void {
    this.#events.opened();
  }

  say(frame: ServerFrame): void {
    this.#events.message(JSON.stringify(frame));
  }

  sayText(text: string): void {
    this.#events.message(text);
  }

  cut(code = 1006): void {
    this.open = false;
    this.#events.closed(code);
  }

  sent<T extends ClientFrame["t"]>(type: T): Extract<ClientFrame, { t: T }>[] {
    return this.received.filter((frame): frame is Extract<ClientFrame, { t: T }> => frame.t === type);
  }
}

export const USER = "user_01HZZZZZZZZZZZZZZZZZZZZZZZ";
export const LOG = "unified_01HZZZZZZZZZZZZZZZZZZZZZZZ";

export function message(seq: number, data: Record<string, unknown> = {}): Ev {
  return {
    t: "ev",
    log: LOG,
    seq,
    ts: "2026-11-22T00:00:00Z",
    type: "message",
    data: {
      message_id: `msg_${seq}`,
      role: "user",
      parts: [{ type: "text", text: `number ${seq}` }],
      origin: { interface: "api" },
      ...data,
    },
  };
}

export class FakeTokens implements TokenSource {
  renewals = 0;
  failure: Error | null = null;

  access(): Promise<string> {
    return this.failure === null ? Promise.resolve("token-0") : Promise.reject(this.failure);
  }

  renew(): Promise<string> {
    this.renewals += 1;
    return this.failure === null
      ? Promise.resolve(`token-${this.renewals}`)
      : Promise.reject(this.failure);
  }
}

/** A repeatable source of chance (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Let promises that are settled already be heard. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}
