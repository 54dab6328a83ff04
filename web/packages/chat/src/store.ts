import type { TokensAnswer } from "@uchat/contracts";
import { create, type StoreApi, type UseBoundStore } from "zustand";
import { continuationActions } from "./continuation";
import { ChatController } from "./controller";
import { draftActions, Drafts } from "./drafts";
import { sentenceOf } from "./problems";
import type { ChatServices } from "./services";
import { nameFor, newSession, sessionOf, withSession } from "./sessions";
import { modeKey, signedOutData, type ChatState, type Surface } from "./state";
import { tradingActions } from "./trading-actions";

const OLDER = 50;

export type ChatStore = UseBoundStore<StoreApi<ChatState>>;

/** Make the one store of a page. `services` is told what to call when the sign-in has ended. */
export function createChatStore(services: (signedOut: () => void) => ChatServices): ChatStore {
  return create<ChatState>()((set, get) => {
    const controller: ChatController = new ChatController(
      services(() => controller.leave("You were signed out. Sign in again to go on.")),
      { get, set },
    );
    return { ...signedOutData, ...actions(controller, set, get) };
  });
}

type Set = (change: Partial<ChatState>) => void;

function actions(controller: ChatController, set: Set, get: () => ChatState) {
  const { api, auth, clock, outbox, storage, tokens } = controller.services;
  const drafts = new Drafts(storage, () => get().account?.userId ?? null);

  async function attempt(task: () => Promise<unknown>): Promise<boolean> {
    set({ problem: null });
    try {
      await task();
      return true;
    } catch (error) {
      set({ problem: sentenceOf(error) });
      return false;
    }
  }

  async function tried(task: () => Promise<unknown>): Promise<void> {
    await attempt(task);
  }

  /** A conversation without a name is called after its first message; the home keeps its own. */
  function nameAfter(sessionId: string, text: string): void {
    const session = get().sessions.find((one) => one.id === sessionId);
    if (session === undefined || session.home || session.title) return;
    // It is a nicety: without a name the list shows when the conversation began.
    api.change(sessionId, { title: nameFor(text) }).catch(() => undefined);
  }

  async function enter(signIn: () => Promise<TokensAnswer>): Promise<void> {
    set({ busy: true });
    await attempt(async () => controller.signedIn(await signIn()));
    set({ busy: false });
  }

  return {
    ...continuationActions(controller, { get, set }),
    ...draftActions(drafts),
    ...tradingActions(controller, { get, set }, attempt),
    setSurface: (surface: Surface) => controller.setSurface(surface),
    async stop() {
      const { sessionId, streaming } = get();
      if (sessionId === null) return;
      const asked = controller.connection?.stopRun(sessionId, streaming.at(-1)?.runId ?? null);
      if (asked !== true) await attempt(() => api.stopRun(sessionId));
    },
    tryIt: () => enter(() => auth.guest()),
    signIn: (email: string, password: string) => enter(() => auth.login(email, password)),
    register: (name: string, email: string, password: string) =>
      enter(async () => {
        await auth.register(email, password, name);
        return await auth.login(email, password);
      }),
    upgrade: (name: string, email: string, password: string) =>
      attempt(async () => {
        await api.upgrade({ email, password, full_name: name.trim() || null });
        await controller.loadAccount();
      }),
    async signOut() {
      // Whatever the server says: on this browser the sign-in ends.
      await api.logout().catch(() => undefined);
      for (const kept of [tokens, outbox, drafts]) kept.forget();
      controller.leave();
    },
    openSession: (sessionId: string) => controller.show(sessionId),
    newSession: () =>
      tried(async () => {
        const made = await api.newSession(get().currentMode);
        set({ sessions: withSession(get().sessions, newSession(made, clock.now())) });
        controller.show(made.session_id);
      }),
    rename: (sessionId: string, title: string) =>
      tried(async () => {
        const changed = sessionOf(await api.change(sessionId, { title }));
        set({ sessions: withSession(get().sessions, changed) });
      }),
    erase: (sessionId: string) => tried(() => api.erase(sessionId)),
    setMode: (mode: string) => {
      const { sessionId, currentMode, surface } = get();
      storage.set(modeKey(surface), mode);
      set({ currentMode: mode });
      return tried(async () => {
        if (sessionId === null || surface !== "web_chat") return;
        try {
          await api.change(sessionId, { mode });
        } catch (error) {
          set({ currentMode });
          throw error;
        }
      });
    },
    send(text: string) {
      const { sessionId, currentMode, surface } = get();
      if (sessionId === null || text.trim() === "") return;
      const first = get().messages.length === 0;
      const iface = surface === "web_chat" ? null : surface;
      controller.connection?.sender.write(sessionId, text.trim(), currentMode, iface);
      controller.flush();
      if (first) nameAfter(sessionId, text);
    },
    retry: (clientMsgId: string) => controller.connection?.sender.retry(clientMsgId),
    discard: (clientMsgId: string) => controller.connection?.sender.discard(clientMsgId),
    async loadOlder() {
      const { sessionId, loadingOlder } = get();
      const log = sessionId === null ? undefined : controller.connection?.followed(sessionId);
      const first = log?.view.entries[0]?.seq;
      if (log === undefined || first === undefined || first <= 1 || loadingOlder) return;
      set({ loadingOlder: true });
      await attempt(async () => {
        log.older(await api.history(log.view.log, first, OLDER));
        controller.desk.putFrom(log.view.entries);
      });
      set({ loadingOlder: false });
      controller.flush();
    },
    reconnect() {
      controller.connection?.start();
      controller.connection?.hurry();
    },
    dismissProblem: () => set({ problem: null }),
  };
}
