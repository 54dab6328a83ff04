/** A store on a fake server and a fake API. */
import type { Ev, ServerFrame, TokensAnswer } from "@uchat/contracts";
import {
  AuthApi,
  ChatApi,
  memoryStorage,
  Outbox,
  Tokens,
  TradingApi,
  UchatConnection,
  type Fetch,
  type KeyValue,
} from "@uchat/client";
import { FakeClock, FakeServer, LOG, settle, USER } from "../../client/tests/fakes";
import { createChatStore } from "../src/store";

export const OTHER = LOG.replace("Z", "A");
export const NEW = LOG.replace("Z", "B");
export const SUMMARY = {
  title: "",
  mode: null,
  last_seq: 1,
  updated_at: "2026-11-22T10:00:00Z",
  epoch: "e1",
  unread: 0,
  archived: false,
  pinned: false,
};
export const SIGNED_IN: TokensAnswer = {
  access_token: "a",
  refresh_token: "r",
  expires_in: 900,
  user_id: USER,
  token_type: "bearer",
  role: "trader",
  permissions: [],
};

export function problem(status: number, code: string): Response {
  return Response.json({ status, code, title: "x", detail: "Something of the server's" }, { status });
}

export type Routes = Record<string, (body: unknown) => unknown>;

export function make(more: Routes = {}, storage: KeyValue = memoryStorage()) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const calls: string[] = [];
  const routes: Routes = {
    "POST auth/guest": () => SIGNED_IN,
    "POST auth/login": () => SIGNED_IN,
    "POST auth/refresh": () => SIGNED_IN,
    "GET auth/me": () => ({ id: USER, email: null, full_name: "Guest", role: "trader" }),
    "GET unified-chat/sessions?limit=200": () => ({
      sessions: [
        { session_id: OTHER, ...SUMMARY, title: "Older", home: false },
        { session_id: LOG, ...SUMMARY, home: true },
      ],
    }),
    [`PATCH unified-chat/session/${LOG}`]: (body) => ({ session_id: LOG, ...SUMMARY, ...(body as object) }),
    ...more,
  };
  const fetcher: Fetch = (url, init) => {
    const route = `${init.method} ${url.replace("/api/v1/", "")}`;
    calls.push(route);
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    const answer = routes[route]?.(body) ?? problem(404, "not_found");
    return Promise.resolve(answer instanceof Response ? answer : Response.json(answer));
  };
  const frames: (() => void)[] = [];
  const store = createChatStore((signedOut) => {
    const auth = new AuthApi("", fetcher);
    const tokens = new Tokens({
      storage,
      clock,
      exclusive: (task) => task(),
      refresh: (token) => auth.refresh(token),
      signedOut,
    });
    const outbox = new Outbox(storage);
    return {
      auth,
      api: new ChatApi("", fetcher, tokens),
      trading: new TradingApi("", fetcher, tokens),
      tokens,
      outbox,
      storage,
      windowStorage: memoryStorage(),
      clock,
      connect: (events) =>
        new UchatConnection(
          {
            url: "ws://here",
            iface: "web_chat",
            deviceId: "d",
            tokens,
            outbox,
            clock,
            random: Math.random,
            open: server.open,
          },
          events,
        ),
      nextFrame: (task) => frames.push(task),
      visible: () => true,
      onAwake: () => undefined,
      onAccountChanged: () => undefined,
    };
  });
  const paint = () => {
    for (const task of frames.splice(0)) task();
  };
  const state = () => store.getState();
  return { store, state, server, clock, calls, storage, paint };
}

export type Made = ReturnType<typeof make>;

export async function rest(): Promise<void> {
  // Response.json() takes turns of the event loop, not only of promises.
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setTimeout(resolve));
  await settle();
}

export function say(made: Made, ...frames: ServerFrame[]): void {
  for (const frame of frames) made.server.last.say(frame);
  made.paint();
}

export function subscribed(log: string, seq = 0): ServerFrame[] {
  const empty = { title: "", archived: false, pinned: false, entries: [], pending: [] };
  const state = { log, epoch: "e1", seq, ...empty };
  const calm = { live: [], pending: [], presence: [], read: {} };
  return [
    { t: "sub_ok", log, epoch: "e1", from: seq + 1, to: seq, mode: "snapshot", state, ...calm },
    { t: "live", log, seq },
  ];
}

export async function signedIn(more: Routes = {}): Promise<Made> {
  const made = make(more);
  await made.state().tryIt();
  await rest();
  made.server.last.welcome();
  say(made, ...subscribed(LOG), ...subscribed(USER));
  await rest();
  return made;
}

export function personal(seq: number, type: string, data: Record<string, unknown>): Ev {
  return { t: "ev", log: USER, seq, ts: "2026-11-22T11:00:00Z", type, data };
}
