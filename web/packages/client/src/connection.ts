import type { Ack, Hello, ServerFrame, SubOk, Welcome } from "@uchat/contracts";
import type { Clock } from "./clock";
import { Decider, type Answer } from "./decider";
import { FollowedLog } from "./followed-log";
import { Link, type LinkStatus, type TokenSource } from "./link";
import type { LogView } from "./log-view";
import type { Outbox } from "./outbox";
import { Sender } from "./sender";
import type { OpenSocket } from "./socket";

export interface ConnectionDeps {
  url: string;
  iface: string;
  deviceId: string;
  tokens: TokenSource;
  outbox: Outbox;
  clock: Clock;
  random: () => number;
  open: OpenSocket;
}

export interface ConnectionEvents {
  status(status: LinkStatus): void;
  /** The server greets: its time, in milliseconds since the Unix epoch. */
  greeted(serverTime: number): void;
  /** A log is followed from here; told before `log`. */
  subscribed(frame: SubOk): void;
  /** Something of this log changed: its entries, or a running answer. */
  log(log: FollowedLog): void;
  /** What was written but is not yet in the log changed. */
  outbox(): void;
  /** A log cannot be followed. */
  refused(log: string, code: string): void;
}

/**
 * The live connection of one window: follows logs, resumes where it left off, sends what was
 * written. Two windows are two connections; the server gives both the same log.
 */
export class UchatConnection {
  readonly sender: Sender;
  readonly #deps: ConnectionDeps;
  readonly #events: ConnectionEvents;
  readonly #link: Link;
  readonly #decider: Decider;
  readonly #logs = new Map<string, FollowedLog>();
  /** What the present hello asked to follow. */
  #greeted: ReadonlySet<string> = new Set();

  constructor(deps: ConnectionDeps, events: ConnectionEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#link = new Link({
      url: deps.url,
      tokens: deps.tokens,
      clock: deps.clock,
      random: deps.random,
      open: deps.open,
      hello: () => this.#hello(),
      status: (status) => events.status(status),
      up: (welcome) => this.#up(welcome),
      frame: (frame) => this.#received(frame),
      down: () => this.#down(),
    });
    this.sender = new Sender({
      clock: deps.clock,
      outbox: deps.outbox,
      transmit: (frame) => this.#link.send(frame),
      followed: (log) => this.#logs.get(log),
      changed: () => events.outbox(),
    });
    this.#decider = new Decider({
      clock: deps.clock,
      transmit: (frame) => this.#link.send(frame),
    });
  }

  start(): void {
    this.#link.start();
  }

  /** Disconnect and forget all logs. */
  stop(): void {
    this.#link.stop();
    this.#logs.clear();
  }

  hurry(): void {
    this.#link.hurry();
  }

  /** Answer a decision; null when the server was not heard. */
  decide(answer: Answer): Promise<Ack | null> {
    return this.#decider.decide(answer);
  }

  /** Ask for the running answer to end; false when there is nobody to ask. */
  stopRun(log: string, runId: string | null): boolean {
    return this.#link.send({ t: "stop", log, ...(runId === null ? {} : { run_id: runId }) });
  }

  /** Follow a log from now on, over every reconnect. */
  follow(log: string): FollowedLog {
    const known = this.#logs.get(log);
    if (known !== undefined) return known;
    const followed = this.#adopt(log);
    this.#link.send({ t: "sub", ...followed.subscription() });
    return followed;
  }

  unfollow(log: string): void {
    this.#logs.get(log)?.disconnected();
    if (this.#logs.delete(log)) this.#link.send({ t: "unsub", log });
  }

  followed(log: string): FollowedLog | undefined {
    return this.#logs.get(log);
  }

  #adopt(log: string): FollowedLog {
    const followed = new FollowedLog(log, this.#deps.clock, (frame) => this.#link.send(frame));
    this.#logs.set(log, followed);
    return followed;
  }

  #hello(): Omit<Hello, "t" | "v" | "token"> {
    const subs = Array.from(this.#logs.values(), (log) => log.subscription());
    this.#greeted = new Set(this.#logs.keys());
    return { device_id: this.#deps.deviceId, iface: this.#deps.iface, subs };
  }

  #up(welcome: Welcome): void {
    // What was asked for between hello and welcome could not be sent.
    for (const [id, log] of this.#logs) {
      if (!this.#greeted.has(id)) this.#link.send({ t: "sub", ...log.subscription() });
    }
    for (const log of this.#greeted) {
      if (!this.#logs.has(log)) this.#link.send({ t: "unsub", log });
    }
    // Every connection follows its person's own log without asking.
    if (!this.#logs.has(welcome.user)) this.#adopt(welcome.user);
    this.#events.greeted(Date.parse(welcome.server_time));
    this.sender.connected();
  }

  #down(): void {
    for (const log of this.#logs.values()) log.disconnected();
    this.sender.disconnected();
    this.#decider.disconnected();
  }

  #received(frame: ServerFrame): void {
    if (frame.t === "ack") this.#acked(frame);
    else if (frame.t === "error") this.#error(frame);
    else if ("log" in frame) {
      const log = this.#logs.get(frame.log);
      if (log !== undefined) this.#apply(log, frame);
    }
  }

  #acked(frame: Ack): void {
    this.sender.ack(frame);
    this.#decider.ack(frame);
  }

  #error(frame: Extract<ServerFrame, { t: "error" }>): void {
    this.sender.error(frame);
    this.#decider.error(frame);
    if (frame.re && frame.code === "not_running") {
      for (const log of this.#logs.values()) log.notRunning(frame.re);
    }
    const log = frame.re ? this.#logs.get(frame.re) : undefined;
    if (log === undefined || log.live || frame.retryable) return;
    this.#logs.delete(log.view.log);
    this.#events.refused(log.view.log, frame.code);
  }

  #apply(log: FollowedLog, frame: Extract<ServerFrame, { log: string }>): void {
    const before = log.view;
    switch (frame.t) {
      case "sub_ok":
        log.subscribed(frame);
        this.#events.subscribed(frame);
        break;
      case "ev":
        log.event(frame);
        break;
      case "live":
        log.live = true;
        log.head(frame);
        this.sender.pump();
        break;
      case "delta":
        log.delta(frame);
        break;
      case "run":
        log.run(frame);
        break;
      case "snap":
        log.snap(frame);
        break;
      default:
        return;
    }
    if (log.view !== before) this.#settle(log, before);
    this.#events.log(log);
  }

  #settle(log: FollowedLog, before: LogView): void {
    const fresh = log.view.entries.filter(
      (entry) => entry.seq > before.seq || entry.epoch !== before.epoch,
    );
    if (fresh.length > 0) this.sender.echoed(fresh);
  }
}
