import {
  Close,
  SUBPROTOCOL,
  type ClientFrame,
  type Hello,
  type ServerFrame,
  type Welcome,
} from "@uchat/contracts";
import { reconnectDelay } from "./backoff";
import type { Cancel, Clock } from "./clock";
import { SignedOutError } from "./errors";
import type { OpenSocket, Socket } from "./socket";

/** A connection that is not welcomed by then is given up. */
const WELCOME_MS = 10_000;
/** Silence for this long after a ping was due means that the other end is gone. */
const GRACE_MS = 10_000;
/** A token with less life than this is renewed before it is used. */
const TOKEN_LIFE_MS = 30_000;
const FIRST_STOP_CODE = 4500;
const NORMAL = 1000;

export type LinkStatus =
  | { state: "idle" }
  | { state: "connecting" }
  | { state: "online" }
  | { state: "waiting"; retryAt: number }
  | { state: "stopped"; code: number };

export interface TokenSource {
  /**
   * An access token that lives for `lifeMs` more, renewed when need be.
   *
   * Throws SignedOutError when there is none to be had; any other error means try again later.
   */
  access(lifeMs: number): Promise<string>;
  /** A new access token, whatever the present one looks like. Throws as `access`. */
  renew(): Promise<string>;
}

export interface LinkDeps {
  url: string;
  tokens: TokenSource;
  clock: Clock;
  random: () => number;
  open: OpenSocket;
  hello(): Omit<Hello, "t" | "v" | "token">;
  status(status: LinkStatus): void;
  up(welcome: Welcome): void;
  frame(frame: ServerFrame): void;
  down(): void;
}

/** One WebSocket at a time, opened again and again until the server says to stop. */
export class Link {
  readonly #deps: LinkDeps;
  #socket: Socket | null = null;
  #welcomed = false;
  #attempt = 0;
  /** Counts tries: what an older try still has to say is not heard. */
  #try = 0;
  #renewFirst = false;
  #notBefore = 0;
  #pingMs = 0;
  #wait: Cancel | null = null;
  #silence: Cancel | null = null;
  #drain: Cancel | null = null;
  #status: LinkStatus = { state: "idle" };

  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#status.state === "idle" || this.#status.state === "stopped") this.#connect();
  }

  stop(): void {
    this.#abandon();
    this.#attempt = 0;
    this.#say({ state: "idle" });
  }

  /** The network is back, or somebody looks again: do not wait any longer. */
  hurry(): void {
    if (this.#status.state === "waiting" && this.#deps.clock.now() >= this.#notBefore) {
      this.#connect();
    }
  }

  /** Returns false when there is nobody to send to. */
  send(frame: ClientFrame): boolean {
    if (this.#socket === null || !this.#welcomed) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect(): void {
    this.#abandon();
    const mine = this.#try;
    this.#say({ state: "connecting" });
    const { tokens } = this.#deps;
    const token = this.#renewFirst ? tokens.renew() : tokens.access(TOKEN_LIFE_MS);
    token.then(
      (value) => {
        if (mine === this.#try) this.#open(value);
      },
      (error: unknown) => {
        if (mine !== this.#try) return;
        if (error instanceof SignedOutError) this.#stopped(Close.UNAUTHORISED);
        else this.#retry();
      },
    );
  }

  #open(token: string): void {
    const mine = this.#try;
    this.#renewFirst = false;
    const current = () => mine === this.#try;
    this.#watch(WELCOME_MS);
    this.#socket = this.#deps.open(this.#deps.url, SUBPROTOCOL, {
      opened: () => {
        if (!current()) return;
        const hello: Hello = { t: "hello", v: 1, token, ...this.#deps.hello() };
        this.#socket?.send(JSON.stringify(hello));
      },
      message: (text) => {
        if (current()) this.#received(text);
      },
      closed: (code) => {
        if (current()) this.#closed(code);
      },
    });
  }

  #received(text: string): void {
    const frame = parse(text);
    if (frame === null) return;
    if (frame.t === "welcome") this.#welcome(frame);
    if (!this.#welcomed) return;
    // Any frame is a sign of life.
    this.#watch(this.#pingMs + GRACE_MS);
    if (frame.t === "ping") this.send({ t: "pong" });
    else if (frame.t === "auth_expiring") void this.#renewInPlace();
    else if (frame.t === "drain") this.#draining(frame.retry_after_ms);
    else if (frame.t !== "welcome") this.#deps.frame(frame);
  }

  #welcome(frame: Welcome): void {
    this.#welcomed = true;
    this.#attempt = 0;
    this.#notBefore = 0;
    this.#pingMs = frame.ping_ms;
    this.#say({ state: "online" });
    this.#deps.up(frame);
  }

  async #renewInPlace(): Promise<void> {
    const mine = this.#try;
    try {
      const token = await this.#deps.tokens.renew();
      if (mine === this.#try) this.send({ t: "auth", token });
    } catch (error) {
      // Any other failure is left to the server: it closes with 4001 and the next try renews.
      if (error instanceof SignedOutError && mine === this.#try) this.#stopped(Close.UNAUTHORISED);
    }
  }

  #draining(retryAfterMs: number): void {
    this.#notBefore = this.#deps.clock.now() + retryAfterMs;
    // The server finishes answers in flight before it closes; a new connection resumes them.
    this.#drain = this.#deps.clock.after(retryAfterMs + this.#deps.random() * retryAfterMs, () =>
      this.#connect(),
    );
  }

  #closed(code: number): void {
    this.#abandon();
    if (code >= FIRST_STOP_CODE && code < 5000) {
      this.#stopped(code);
      return;
    }
    this.#renewFirst = code === Close.TOKEN_EXPIRED;
    this.#retry();
  }

  #stopped(code: number): void {
    this.#abandon();
    this.#say({ state: "stopped", code });
  }

  #retry(): void {
    this.#abandon();
    const { clock, random } = this.#deps;
    const delay = reconnectDelay(this.#attempt, random, this.#notBefore - clock.now());
    this.#attempt += 1;
    this.#wait = clock.after(delay, () => this.#connect());
    this.#say({ state: "waiting", retryAt: clock.now() + delay });
  }

  /** Let go of the present try, its socket and its timers. */
  #abandon(): void {
    this.#try += 1;
    for (const cancel of [this.#wait, this.#silence, this.#drain]) cancel?.();
    this.#wait = this.#silence = this.#drain = null;
    const socket = this.#socket;
    const wasUp = this.#welcomed;
    this.#socket = null;
    this.#welcomed = false;
    socket?.close(NORMAL);
    if (wasUp) this.#deps.down();
  }

  #watch(ms: number): void {
    this.#silence?.();
    this.#silence = this.#deps.clock.after(ms, () => this.#retry());
  }

  #say(status: LinkStatus): void {
    this.#status = status;
    this.#deps.status(status);
  }
}

function parse(text: string): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(text);
    const known = typeof frame === "object" && frame !== null && "t" in frame;
    return known ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
