import {
  AuthApi,
  browserExclusive,
  browserStorage,
  ChatApi,
  newUlid,
  openBrowserSocket,
  Outbox,
  systemClock,
  Tokens,
  TradingApi,
  UchatConnection,
  type Clock,
  type ConnectionEvents,
  type KeyValue,
} from "@uchat/client";

/** All that the store needs from outside; tests build it from fakes. */
export interface ChatServices {
  auth: AuthApi;
  api: ChatApi;
  trading: TradingApi;
  tokens: Tokens;
  outbox: Outbox;
  /** Shared by the windows of this browser. */
  storage: KeyValue;
  /** This window's own; survives a reload. */
  windowStorage: KeyValue;
  clock: Clock;
  connect(events: ConnectionEvents): UchatConnection;
  /** Run a task before the next frame is painted, however often it is asked for. */
  nextFrame(task: () => void): void;
  /** Whether somebody can see the page. */
  visible(): boolean;
  /** The network is back, or the page is looked at again. */
  onAwake(task: () => void): void;
  /** Another window signed in or out. */
  onAccountChanged(task: () => void): void;
}

const INTERFACE = "web_chat";

// A bare `fetch` that is handed on loses its window: "Illegal invocation".
const fetcher = (input: string, init: RequestInit) => fetch(input, init);

/** The services of a page that the gateway at `base` serves ("" is the page's own origin). */
export function browserServices(base: string, signedOut: () => void): ChatServices {
  const storage = browserStorage(() => localStorage);
  const windowStorage = browserStorage(() => sessionStorage);
  const clock = systemClock;
  const auth = new AuthApi(base, fetcher);
  const tokens = new Tokens({
    storage,
    clock,
    exclusive: browserExclusive("uchat.renew"),
    refresh: (token) => auth.refresh(token),
    signedOut,
  });
  const outbox = new Outbox(storage);
  const deviceId = storage.get("uchat.device") ?? `web-${newUlid(clock.now())}`;
  storage.set("uchat.device", deviceId);
  const url = new URL(`${base}/api/v1/unified-chat/ws`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return {
    auth,
    api: new ChatApi(base, fetcher, tokens),
    trading: new TradingApi(base, fetcher, tokens),
    tokens,
    outbox,
    storage,
    windowStorage,
    clock,
    connect: (events) =>
      new UchatConnection(
        {
          url: url.href,
          iface: INTERFACE,
          deviceId,
          tokens,
          outbox,
          clock,
          random: Math.random,
          open: openBrowserSocket,
        },
        events,
      ),
    nextFrame,
    visible: () => !document.hidden,
    onAwake,
    onAccountChanged: (task) =>
      addEventListener("storage", (event) => {
        if (event.key === "uchat.account" || event.key === null) task();
      }),
  };
}

function nextFrame(task: () => void): void {
  // A hidden page paints no frames, yet its title and its tests want to be up to date.
  if (document.hidden) setTimeout(task);
  else requestAnimationFrame(task);
}

function onAwake(task: () => void): void {
  addEventListener("online", task);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) task();
  });
}
